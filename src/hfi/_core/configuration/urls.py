"""Reading the URLs users give, and building the ones requests go to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import is_normalized
from urllib.parse import quote, unquote, unquote_plus, urlencode, urlsplit

import attrs

from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ParsedURL",
    "is_url",
    "join_path",
    "openai_url",
    "parse_url",
    "safe_url",
    "split_login",
    "with_query",
]

CHAT_ROUTE = "/chat/completions"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
# "v1", "v3", "v4", "v1beta", "v1beta1": the segment that ends the base of an OpenAI-like API.
_VERSION = re.compile(r"v[0-9]+(?:(?:alpha|beta)[0-9]*)?", re.IGNORECASE)
# Parsers disagree about these in a URL, and a disagreement about the host would misplace a token.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_AUTHORITY = re.compile(r"(?:\[([^\[\]]*)\]|([^\[\]:@]*))(?::([0-9]{1,5})?)?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@attrs.frozen(kw_only=True)
class ParsedURL:
    """An http(s) URL in its parts, without a login or a fragment.

    ``host`` is in lower case, an IPv6 address without its brackets; ``port`` is never None;
    ``query`` has no question mark and may hold a key, so it is not shown.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    query: str = attrs.field(default="", repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host, and the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def text(self) -> str:
        """The whole URL."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.origin}{self.path}{query}"

    @property
    def safe(self) -> str:
        """The URL without its query, for messages and reprs."""
        return f"{self.origin}{self.path}"


def is_url(text: str) -> bool:
    """Whether ``text`` is meant as an http(s) URL: a ``model`` that is one acts as ``base_url``."""
    return text.lstrip()[:8].lower().startswith(("http://", "https://"))


def split_login(text: str) -> tuple[str, str | None]:
    """Cuts ``user:password`` out of a URL's authority; the text need not be a good URL."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text, None
    rest = text[scheme.end() :]
    end = re.search(r"[/?#]", rest)
    authority = rest[: end.start()] if end else rest
    login, at, host = authority.rpartition("@")
    if not at:
        return text, None
    return scheme[0] + host + rest[len(authority) :], login


def safe_url(text: str | None) -> str:
    """``text`` for a message or a repr: without login, query and fragment."""
    if text is None:
        return "None"
    shown = re.split(r"[?#]", split_login(text.strip())[0], maxsplit=1)[0]
    # What is no URL may still hold a password before an "@".
    return repr(shown.rpartition("@")[2])


def parse_url(text: object, *, name: str) -> ParsedURL:
    """Reads a URL given as ``name``; a login must have been cut out before.

    Raises:
        ConfigurationError: ``text`` is no http(s) URL with a host; the message says what to write.
    """
    if not isinstance(text, str):
        raise ConfigurationError(f"{name} must be a URL in a string, not {type(text).__name__}.")
    return _parsed(text, name)


@lru_cache(maxsize=128)  # a client reads the few URLs that it has over and over
def _parsed(text: str, name: str) -> ParsedURL:
    text = text.strip()
    if not text:
        raise ConfigurationError(f"{name} is empty.", hint="Give a URL, or leave it out.")
    shown = safe_url(text)
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() not in _DEFAULT_PORTS:
        raise ConfigurationError(
            f"{name} must begin with http:// or https://; it is {shown}.", hint=_scheme_hint(text)
        )
    if _FORBIDDEN.search(text):
        raise ConfigurationError(
            f"{name} holds a character that no URL may hold: {shown}.",
            hint="Percent-encode it, or remove it.",
        )
    parts = urlsplit(text) if _is_authority(_authority(text)) else None
    if parts is None or parts.hostname is None:
        raise ConfigurationError(
            f"{name} has no good host and port: {shown}.",
            hint='Write it like "http://localhost:8080" or "https://example.com/v1".',
        )
    known = parts.scheme.lower()
    return ParsedURL(
        scheme=known,
        host=parts.hostname.lower(),
        port=parts.port or _DEFAULT_PORTS[known],
        path=parts.path,
        query=parts.query,
    )


def _authority(text: str) -> str:
    """What stands between ``://`` and the path."""
    return re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]


def _scheme_hint(text: str) -> str:
    if "://" in text or text.startswith(("/", ".")):
        return "Only http and https servers can be called."
    host = re.split(r"[/?#]", text, maxsplit=1)[0].rpartition("@")[2]
    bare = host.partition(":")[0]
    # Names without a dot and plain addresses are servers nearby, which seldom speak TLS.
    near = "." not in bare or bare.replace(".", "").isdigit()
    return f'Did you mean "{"http" if near else "https"}://{host}"?'


def _is_authority(text: str) -> bool:
    """Whether ``text`` is a host with or without a port, without a login."""
    match = _AUTHORITY.fullmatch(text)
    if match is None or not (match[3] is None or 0 < int(match[3]) < 65536):
        return False
    if match[1] is None:
        return _is_name(match[2])
    from ipaddress import IPv6Address  # noqa: PLC0415 - only IPv6 needs it

    try:
        IPv6Address(match[1])
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    # Fullwidth letters and their like are other hosts to one parser and ASCII ones to the next.
    if not is_normalized("NFKC", host):
        return False
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(
        0 < len(label) <= 63 and all(char.isalnum() or char in "-_" for char in label)
        for label in labels
    )


@lru_cache(maxsize=128)
def openai_url(base: str, route: str = CHAT_ROUTE) -> str:
    """The URL of ``route`` (``"/chat/completions"``, ``"/models"`` ...) below a base URL.

    A base may be a server's root, the API's own base (``.../v1``, ``/api/v3``, ``/openai/v1``,
    ``/v1beta/openai``), or the full chat URL, which is kept. Its query is kept too.
    """
    url = parse_url(base, name="base_url")
    path = url.path.rstrip("/")
    if path.endswith(CHAT_ROUTE):
        path = path.removesuffix(CHAT_ROUTE)
    elif not _is_api_base(path.split("/")):
        path += "/v1"
    return attrs.evolve(url, path=path + route).text


def _is_api_base(segments: list[str]) -> bool:
    if _VERSION.fullmatch(segments[-1]):
        return True
    before = segments[-2] if len(segments) > 1 else ""
    # ".../v1beta/openai" (Google), "/v3/openai" (novita), "/v1/openai" (deepinfra); Azure names a
    # deployment where others have a version.
    return (segments[-1] == "openai" and bool(_VERSION.fullmatch(before))) or (
        before == "deployments" and bool(segments[-1])
    )


def join_path(base: str, path: str) -> str:
    """``base`` with ``path`` behind its own path; the query of ``base`` is kept."""
    url = parse_url(base, name="base_url")
    return attrs.evolve(url, path=url.path.rstrip("/") + path).text


def quote_id(model: str) -> str:
    """A model id for use inside a path.

    Raises:
        ConfigurationError: The id has an empty or dotted segment, which would name another path.
    """
    if any(segment in ("", ".", "..") for segment in model.split("/")):
        raise ConfigurationError(f"{model!r} is not the id of a model.", hint='Write "org/name".')
    return quote(model, safe="/")


def basic_login(login: str) -> bytes:
    """The bytes of ``user:password`` as HTTP Basic takes them, from a URL's login.

    Raises:
        ConfigurationError: The login is no Unicode text.
    """
    # Asked before: the error of encode() would hold the password.
    if _SURROGATE.search(login):
        del login
        raise ConfigurationError(
            "The login in a URL holds a character that is no text.",
            hint="Percent-encode it, as the bytes of its UTF-8 form.",
        )
    user, _, password = login.partition(":")
    return f"{unquote(user)}:{unquote(password)}".encode()


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Adds ``query`` to ``url``; it replaces what the URL has under the same names.

    A sequence repeats its name; None leaves the name out.
    """
    if not query:
        return url
    head, _, kept = url.partition("?")
    pairs = [pair for pair in kept.split("&") if pair and _pair_name(pair) not in query]
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs.extend(urlencode({name: _query_text(item)}) for item in values if item is not None)
    return f"{head}?{'&'.join(pairs)}" if pairs else head


def _pair_name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
