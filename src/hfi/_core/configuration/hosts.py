"""Which hosts are Hugging Face's own, and which are this machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from hfi._core.configuration.urls import ParsedURL, parse_url

__all__ = [
    "HUB",
    "ROUTER",
    "is_hugging_face",
    "is_loopback",
    "is_router",
    "same_origin",
]

HUB = "https://huggingface.co"
ROUTER = "https://router.huggingface.co"

# A found token goes to these two and nowhere else: not to subdomains (hf.space and the endpoints
# of other users live on such), not to mirrors, not to another port.
_TRUSTED = (("huggingface", "co"), ("router", "huggingface", "co"))


def _labels(host: str) -> tuple[str, ...]:
    # A host that is not ASCII is mapped by the transport, later; until then it is nobody we know.
    if not host.isascii():
        return ()
    # The dot at the end is the DNS root: the same name.
    return tuple(host.lower().removesuffix(".").split("."))


def _parsed(url: str | ParsedURL) -> ParsedURL:
    return url if isinstance(url, ParsedURL) else parse_url(url, name="url")


def is_hugging_face(url: str | ParsedURL) -> bool:
    """Whether a token that was found, not given, may go to ``url``."""
    parsed = _parsed(url)
    return parsed.scheme == "https" and parsed.port == 443 and _labels(parsed.host) in _TRUSTED


def is_router(url: str | ParsedURL) -> bool:
    """Whether ``url`` is on Hugging Face's router."""
    parsed = _parsed(url)
    return is_hugging_face(parsed) and _labels(parsed.host) == _TRUSTED[1]


def is_hugging_face_host(host: str) -> bool:
    """Whether ``host`` is Hugging Face's, whatever the scheme and port: for offline mode."""
    return _labels(host)[-2:] in (("huggingface", "co"), ("huggingface", "cloud"), ("hf", "space"))


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, so that plain http shows nothing to others."""
    if _labels(host)[-1:] == ("localhost",):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def same_origin(one: str | ParsedURL, other: str | ParsedURL) -> bool:
    """Whether both URLs have the same scheme, host and port."""
    first, second = _parsed(one), _parsed(other)
    return (first.scheme, first.port) == (second.scheme, second.port) and (
        first.host == second.host
        or (_labels(first.host) != () and _labels(first.host) == _labels(second.host))
    )
