"""Errors of ours for what httpx, httpcore, sockets and TLS raise."""

from __future__ import annotations

import socket
import ssl
import sys
from typing import TYPE_CHECKING

import httpcore

from hfi.errors import ConfigurationError, LimitExceededError
from hfi.types.hints import NO_API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfi._core.failures.line_failure import ConnectionKind
    from hfi._core.line.deadline import CallClock
    from hfi._core.request import Request
    from hfi.errors import HFIError

__all__ = ["cause_of", "is_line_failure", "line_error", "without_frames"]

# By name: who brings a transport of httpx's has imported it, and nobody else needs to.
TIMEOUT = ("TimeoutException",)
POOL = ("PoolTimeout",)
CONNECT_TIMEOUT = ("ConnectTimeout",)
CONNECT = ("ConnectError",)
PROXY = ("ProxyError",)
LOCAL = ("LocalProtocolError",)
REMOTE = ("RemoteProtocolError",)
BROKEN = ("NetworkError",)
BAD_URL = ("InvalidURL", "UnsupportedProtocol")
ANY = (
    *(*TIMEOUT, *BROKEN, *PROXY, "ProtocolError", "UnsupportedProtocol"),
    *("ConnectionNotAvailable", "HTTPError", "InvalidURL", "StreamError"),
)
BY_CAUSE: dict[ConnectionKind, tuple[type[BaseException], ...]] = {
    "dns": (socket.gaierror,),
    "refused": (ConnectionRefusedError,),
    "reset": (ConnectionResetError, BrokenPipeError),
}
# What TLS says of the line below it, and not of a certificate or a version.
LINE_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
LINE = (*LINE_ENDED, ssl.SSLWantReadError, ssl.SSLWantWriteError)
# How a peer's early goodbye reads in httpcore's and h11's words.
CLOSED_WORDS = ("disconnected", "peer closed connection", "closed connection")


def is_line_failure(error: BaseException) -> bool:
    """Whether this is a failure of the line, and not, say, of a user's own transport."""
    return isinstance(error, OSError) or _is(error, ANY)


def cause_of(error: Exception) -> Exception | None:
    """What may stand as the cause of an error of ours: not what repeats a header's value.

    Its frames are those of the libraries below, which hold the bytes that were to be written, the
    token among them; tools that print tracebacks with variables would print it.
    """
    without_frames(error)
    return None if _is(error, LOCAL) else error


def without_frames(error: BaseException) -> None:
    """An error to keep: what its tracebacks hold (requests, replies) is let go."""
    for cause in _causes(error):
        cause.__traceback__ = None


def line_error(
    error: Exception, request: Request, clock: CallClock, *, pool_wait: float | None = None
) -> HFIError:
    """The error of ours; raise it from the one that was given."""
    from hfi._core.failures.line_failure import connection_error  # noqa: PLC0415 - until it fails

    if _is(error, TIMEOUT):
        return _timeout(error, request, clock, pool_wait)
    if _is(error, BAD_URL):
        return ConfigurationError("The URL of the request cannot be used.", hint="Check base_url.")
    if _is(error, LOCAL):
        # Its text may hold a header's value.
        return ConfigurationError("The request has something in it that HTTP does not allow.")
    if _is(error, REMOTE) and "too long" in str(error):
        return LimitExceededError(
            "The head of the server's reply is larger than 100 kB.", hint=NO_API
        )
    detail = next((str(cause) for cause in _causes(error) if str(cause)), "")
    return connection_error(_kind(error), request, detail)


def _is(error: BaseException, names: tuple[str, ...]) -> bool:
    """Whether this is one of httpcore's exceptions of these names, or of httpx's."""
    libraries = (httpcore, sys.modules.get("httpx"))
    kinds = (getattr(library, name, None) for library in libraries for name in names)
    return isinstance(error, tuple(kind for kind in kinds if kind is not None))


def _timeout(
    error: Exception, request: Request, clock: CallClock, pool_wait: float | None
) -> HFIError:
    from hfi._core.failures.line_failure import timeout_error  # noqa: PLC0415 - until it fails

    timeout = clock.timeout
    if _is(error, POOL):
        # Whatever is shorter: the wait for a turn, or the whole call.
        if pool_wait is None or (timeout.total is not None and timeout.total < pool_wait):
            pool_wait = timeout.total
        return timeout_error("pool", pool_wait, request)
    if clock.phase is not None:
        return timeout_error(clock.phase, clock.limit, request)
    if _is(error, CONNECT_TIMEOUT):
        return timeout_error("connect", timeout.connect, request)
    if clock.first_token_at is None:
        return timeout_error("first_token", timeout.first_token, request)
    return timeout_error("between_tokens", timeout.between_tokens, request)


def _kind(error: Exception) -> ConnectionKind:
    connecting = _is(error, (*CONNECT, *PROXY))
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, LINE) for cause in causes):
        return "tls" if connecting else "reset"
    if _is(error, PROXY):
        return "proxy"
    for kind, classes in BY_CAUSE.items():
        if any(isinstance(cause, classes) for cause in causes):
            return kind
    if any(isinstance(cause, LINE_ENDED) for cause in causes):
        return "closed"
    if _is(error, REMOTE):
        text = str(error).lower()
        return "closed" if any(words in text for words in CLOSED_WORDS) else "protocol"
    return "reset" if _is(error, BROKEN) and not connecting else "other"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, the innermost first."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain and len(chain) < 10:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return reversed(chain)
