"""Errors of the line: no connection, a broken one, or a time limit that passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from hfi._core.failures.hints import Target, target_of
from hfi._core.failures.redact import clean, redact_urls, secrets_of
from hfi.errors import (
    APIConnectionError,
    APITimeoutError,
    PoolTimeoutError,
    StreamStalledError,
)

if TYPE_CHECKING:
    from hfi._core.request import Request

__all__ = ["ConnectionKind", "TimeoutPhase", "connection_error", "timeout_error"]

ConnectionKind = Literal["refused", "dns", "tls", "reset", "protocol", "proxy", "closed", "other"]
TimeoutPhase = Literal["connect", "first_token", "between_tokens", "total", "pool"]

_MAX_DETAIL = 200


@attrs.frozen
class _Texts:
    message: str
    hint: str
    loopback: str | None = None


_CONNECTION: dict[str, _Texts] = {
    "refused": _Texts(
        "{host} refused the connection",
        "Check host and port of base_url, and that nothing between blocks them.",
        "Is the server running? Check that it listens on port {port}, or use "
        'provider="local", which starts one.',
    ),
    "dns": _Texts(
        "The name {hostname} could not be resolved",
        "Check the spelling of base_url, the network and its DNS.",
    ),
    "tls": _Texts(
        "The TLS handshake with {host} failed",
        "Check the date of this machine, and whether a proxy replaces certificates (then give its "
        "own with verify=path); a server without TLS needs http:// in base_url.",
    ),
    "reset": _Texts(
        "The connection to {host} was reset",
        "Try again; if it stays so, check proxies and firewalls between.",
        "The server may have died: look at its log.",
    ),
    "protocol": _Texts(
        "{host} did not answer in valid HTTP",
        "Check scheme and port of base_url, and the proxies between.",
    ),
    "proxy": _Texts(
        "The proxy on the way to {host} failed",
        "Check proxy=, or HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names hosts that are "
        "asked directly.",
    ),
    "closed": _Texts(
        "{host} closed the connection before the reply was whole",
        "Try again; the server may have restarted.",
        "The server may have died: look at its log.",
    ),
    "other": _Texts(
        "No connection to {host}",
        "Check the network and base_url.",
        "Is the server running? Check base_url.",
    ),
}

_TIMEOUT: dict[str, _Texts] = {
    "connect": _Texts(
        "No connection to {host} within {seconds}",
        "Check the network and base_url, or raise Timeout(connect=...).",
        "Is the server running? Check base_url, or raise Timeout(connect=...).",
    ),
    "first_token": _Texts(
        "{host} sent nothing of the answer within {seconds}",
        "The model may be slow or busy: raise Timeout(first_token=...), or use stream=True, which "
        "shows an answer as it comes.",
    ),
    "between_tokens": _Texts(
        "{host} sent nothing more for {seconds}",
        "The server may have stalled: try again, or raise Timeout(between_tokens=...).",
    ),
    "total": _Texts(
        "The call to {host} took longer than the {seconds} allowed in all",
        "Raise Timeout(total=...), or ask for fewer tokens.",
    ),
    "pool": _Texts(
        "No connection to {host} became free within {seconds}: more calls at once than "
        "Limits.max_connections allows",
        "Raise Limits(max_connections=...) or Limits(wait=...), make fewer calls at once, and "
        "close streams that are not read to their end.",
    ),
}


def connection_error(
    kind: ConnectionKind, request: Request | None = None, detail: str = ""
) -> APIConnectionError:
    """Make the error of a connection that failed; ``detail`` is the cause's own text."""
    message, hint = _filled(_CONNECTION.get(kind, _CONNECTION["other"]), request)
    shown = redact_urls(detail[:4096], secrets_of(request))
    shown = clean(shown, _MAX_DETAIL, secrets_of(request)).rstrip(".")
    error = APIConnectionError(f"{message}: {shown}." if shown else f"{message}.", hint=hint)
    error.kind = kind
    return error


def timeout_error(
    phase: TimeoutPhase,
    seconds: float | None,
    request: Request | None = None,
    *,
    partial: Any = None,
) -> APITimeoutError:
    """Make the error of a time limit that passed.

    With ``partial``, what had arrived of a stream, it is a ``StreamStalledError`` that keeps it.
    """
    message, hint = _filled(_TIMEOUT[phase], request, _duration(seconds))
    error: APITimeoutError
    if phase == "pool":
        error = PoolTimeoutError(f"{message}.", hint=hint)
    elif partial is not None:
        error = StreamStalledError(f"{message}.", hint=hint, partial=partial)
    else:
        error = APITimeoutError(f"{message}.", hint=hint)
    error.phase = phase
    return error


def _filled(texts: _Texts, request: Request | None, seconds: str = "") -> tuple[str, str]:
    target = target_of(request)
    hint = texts.hint
    if target.kind == "loopback" and texts.loopback is not None:
        hint = texts.loopback
    facts = {
        "host": _host(target),
        "hostname": clean(target.hostname or "of the server", 255),
        "port": target.port,
        "seconds": seconds,
    }
    return texts.message.format(**facts) + _of_model(target), hint.format(**facts)


def _host(target: Target) -> str:
    # With its port even where that is the usual one: a wrong port is a frequent cause.
    if target.hostname is None:
        return "the server"
    host = f"[{target.hostname}]" if ":" in target.hostname else target.hostname
    return clean(f"{host}:{target.port}" if target.port is not None else host, 255)


def _of_model(target: Target) -> str:
    known = {"model": target.model, "provider": target.provider}
    facts = ", ".join(f"{name} {clean(value, 120)}" for name, value in known.items() if value)
    return f" ({facts})" if facts else ""


def _duration(seconds: float | None) -> str:
    return "the time allowed" if seconds is None else f"{round(seconds, 3):g} s"
