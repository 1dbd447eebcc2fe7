"""Secrets out of texts, and control characters too: servers echo what they were sent."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hfi._core.request import Request

__all__ = [
    "clean",
    "redact",
    "redact_headers",
    "redact_json",
    "redact_urls",
    "secrets_of",
    "shown_url",
]

MASK = "***"

# Strings and levels of a body kept on an error; an echoed request may hold megabytes of pictures.
MAX_STRING = 65_536
MAX_DEPTH = 32

# A credential shorter than this ("x", "-") is a placeholder; replacing it would garble the text.
_SHORTEST_SECRET = 4

# "Bearer token missing" is prose, "Bearer abc" is not.
_PROSE = frozenset(
    {
        "access",
        "and",
        "are",
        "auth",
        "authentication",
        "authorization",
        "error",
        "expired",
        "format",
        "header",
        "headers",
        "in",
        "invalid",
        "is",
        "key",
        "keys",
        "missing",
        "must",
        "not",
        "only",
        "or",
        "prefix",
        "realm",
        "required",
        "scheme",
        "schema",
        "should",
        "string",
        "to",
        "token",
        "tokens",
        "type",
        "was",
        "with",
    }
)

_SENSITIVE_KEYS = re.compile(
    r"(?:proxy-)?authorization|(?:x-)?api[-_]?key|access[-_]token|auth[-_]token|refresh[-_]token"
    r"|password|secret|client[-_]secret|(?:set-)?cookie",
    re.IGNORECASE,
)


def _bearer(match: re.Match[str]) -> str:
    word = match[2]
    if word.strip(".,:;'\"`()<>").lower() in _PROSE:
        return match[0]
    return f"{match[1]}{MASK}"


def _assigned(match: re.Match[str]) -> str:
    # "token: expired" is prose and "token: 4096" a number; keys mix both, or are long.
    value = match[2]
    mixed = re.search(r"[0-9]", value) and re.search(r"[A-Za-z]", value)
    if len(value) < 6 or not (mixed or len(value) >= 24):
        return match[0]
    return f"{match[1]}{MASK}"


def _basic(match: re.Match[str]) -> str:
    if not re.search(r"[0-9=+/]|[a-z][A-Z]", match[2]):
        return match[0]
    return f"{match[1]}{MASK}"


# Each pattern eats the whole run it decides about, so that none is worse than linear.
_PATTERNS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"://[^/\s@]+@"), f"://{MASK}@"),
    (re.compile(r"hf_[A-Za-z0-9][A-Za-z0-9_.\-*]{3,}"), f"hf_{MASK}"),
    (re.compile(r"api_org_[A-Za-z0-9]{4,}"), f"api_org_{MASK}"),
    (re.compile(r"(?:(?<![A-Za-z])|(?<=%[0-9A-Fa-f]{2}))sk-[\w\-*]{4,}"), f"sk-{MASK}"),
    (re.compile(r"((?:gsk|fw|r8|tgp_v1)_|(?:csk|xai|nvapi|pplx)-|AIza)[\w\-*]{16,}"), rf"\1{MASK}"),
    (re.compile(r"eyJ[\w\-]{8,}(?:\.[\w\-]+)*"), MASK),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{16,}"), MASK),
    (re.compile(r"(\bbearer\s{1,8})([^\s\"',;{}\[\]]{2,})", re.IGNORECASE), _bearer),
    (re.compile(r"(\bbasic\s{1,8})([A-Za-z0-9+/=]{8,})", re.IGNORECASE), _basic),
    (
        re.compile(
            r"((?:api[-_ ]?key|token|password|passwd|secret|signature|\bsig|credential)"
            r"[\"'`]?\s{0,4}[=:]\s{0,4}[\"'`]?)([^\s\"'`&,;<>]+)",
            re.IGNORECASE,
        ),
        _assigned,
    ),
)

_SECRET_PARAMETER = re.compile(
    r"auth|code|cookie|cred|key|pass|policy|pwd|secret|session|sig|token", re.IGNORECASE
)
# Names of models, versions and revisions are shorter, or hold a mark that keys do not.
_LONG_VALUE = re.compile(r"[A-Za-z0-9+/=_~-]{32,}")

_URL = re.compile(r"([a-z][a-z0-9+.\-]{1,20}://)([^\s\"'<>]+)", re.IGNORECASE)


def secrets_of(request: Request | None) -> tuple[str, ...]:
    """Give the values that no text about this request may show."""
    credential = request.credential if request is not None else None
    if credential is None or not isinstance(credential.value, str):
        return ()
    value = credential.value.strip()
    return (value,) if len(value) >= _SHORTEST_SECRET else ()


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask ``secrets``, and whatever looks like a token, a password or a signature."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_urls(text: str, secrets: Iterable[str] = ()) -> str:
    """Redact, and cut every URL down to its host: paths and queries may be secrets too."""

    def host(match: re.Match[str]) -> str:
        authority = re.split(r"[/?#]", match[2], maxsplit=1)[0]
        return match[1] + authority.rpartition("@")[2]

    return redact(_URL.sub(host, text), secrets)


def shown_url(url: str) -> str:
    """A URL without its login, and with what may be a secret in its query masked.

    The links of file stores are secrets by their query alone.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no address; sending it will say so
        return MASK
    query = "&".join(map(_shown_parameter, parts.query.split("&"))) if parts.query else ""
    host = parts.netloc.rpartition("@")[2]
    return _printable_url(urlunsplit((parts.scheme, host, redact(parts.path), query, "")))


def _shown_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    secret = _SECRET_PARAMETER.search(name) or _LONG_VALUE.search(value) or redact(value) != value
    return f"{name}={MASK}" if equals and value and secret else parameter


def _printable_url(url: str) -> str:
    return "".join(
        char
        if char.isprintable()
        else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in url
    )


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Give the headers with lower-case names, without cookies and echoed credentials."""
    secrets = tuple(secrets)
    return {
        name.lower(): MASK if _SENSITIVE_KEYS.fullmatch(name) else redact(value, secrets)
        for name, value in headers.items()
    }


def redact_json(value: Any, secrets: Iterable[str] = (), *, _depth: int = 0) -> Any:
    """Redact every string of a decoded body, and bound its strings and its depth."""
    secrets = tuple(secrets)
    if isinstance(value, str):
        return redact(_cut(value, MAX_STRING), secrets)
    if isinstance(value, (dict, list, tuple)) and _depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, dict):
        return {
            redact(key, secrets) if isinstance(key, str) else key: (
                MASK
                if isinstance(key, str) and isinstance(item, str) and _SENSITIVE_KEYS.fullmatch(key)
                else redact_json(item, secrets, _depth=_depth + 1)
            )
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [redact_json(item, secrets, _depth=_depth + 1) for item in value]
    return value


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


def _visible(char: str) -> str:
    if char in "\u200c\u200d":  # joiners: emoji, Persian and Indic scripts need them
        return char
    # Cc and Cf: terminals obey them. Cs: lone surrogates, which cannot be printed.
    return " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char


def clean(text: str, limit: int, secrets: Iterable[str] = ()) -> str:
    """Make a server's text fit for one line: redacted, printable, at most ``limit`` characters."""
    secrets = tuple(secrets)
    # Enough is kept to recognise a secret that begins inside the limit.
    text = text[: 4 * limit + 2048 + 2 * max(map(len, secrets), default=0)]
    text = redact(text, secrets)
    return _cut(" ".join("".join(map(_visible, text)).split()), limit)
