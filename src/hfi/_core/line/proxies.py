"""Which proxy a request goes through, by the rules of the environment's variables."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hfi._core.configuration.hosts import is_loopback
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_proxy", "proxy_for"]

SCHEMES = ("http", "https", "socks5", "socks5h")


def check_proxy(proxy: str) -> str:
    """A proxy's URL, with the scheme it needs.

    Raises:
        ConfigurationError: It is not the URL of a proxy. Its text is not repeated: it may hold a
            password.
    """
    url = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_proxy(url):
        del proxy, url  # so that no variable of a traceback shows the password
        raise ConfigurationError(
            "The proxy is not a URL that can be used.",
            hint="It looks like http://host:port; http, https, socks5 and socks5h are known.",
        )
    return url


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and url.isprintable()


def proxy_for(scheme: str, host: str, port: int | None, proxies: Mapping[str, str]) -> str | None:
    """The proxy for a URL, or None; the host is in lower case and without brackets.

    This decides as httpx does, but for one thing: this machine's own servers, the embedded model's
    among them, are asked directly.

    Args:
        scheme: ``http`` or ``https``.
        host: The URL's host.
        port: The URL's port where it is not the scheme's own.
        proxies: What ``urllib.request.getproxies`` gives: ``http``, ``https``, ``all``, ``no``.
    """
    exempt = [entry.strip().lower() for entry in proxies.get("no", "").split(",")]
    if "*" in exempt or is_loopback(host):
        return None
    if any(_matches(entry, scheme, host, port) for entry in exempt if entry):
        return None
    proxy = proxies.get(scheme) or proxies.get("all")
    return check_proxy(proxy) if proxy else None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(entry: str, scheme: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY names the host, as httpx reads it."""
    wildcard = False
    if "://" in entry:
        entry_scheme, _, entry = entry.partition("://")
        if entry_scheme not in ("all", scheme):
            return False
    elif _address(entry.split("/")[0]) is not None:
        # A network such as 10.0.0.0/8 counts as its first address alone.
        return entry.split("/")[0] == host
    elif entry != "localhost":
        wildcard = True
    name, _, suffix = entry.split("/")[0].partition(":")
    if suffix and (not suffix.isdigit() or int(suffix) != port):
        return False
    if wildcard or name.startswith("*"):
        name = name.lstrip("*")
        # ".example.com" names what is below it, "example.com" itself too.
        inner = re.escape(name[1:] if name.startswith(".") else name)
        pattern = rf".+\.{inner}" if name.startswith(".") else rf"(?:.+\.)?{inner}"
        return re.fullmatch(pattern, host) is not None
    return name == host
