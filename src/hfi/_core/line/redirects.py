"""Which redirects are followed, and what of the request goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import attrs

from hfi.errors import LimitExceededError, ResponseError
from hfi.types.hints import NO_API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.request import Request

__all__ = ["MAX_REDIRECTS", "redirected"]

MAX_REDIRECTS = 5
STATUSES = frozenset({301, 302, 303, 307, 308})
# These repeat method and body; after the others a POST would become a GET, which no inference
# route answers with what was asked.
KEEP_METHOD = frozenset({307, 308})
DEFAULT_PORTS = {"http": 80, "https": 443}
# Headers by which a user of ours may identify himself, beside the credential.
PRIVATE = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-hf-bill-to"}
    | {"api-key", "x-api-key", "xi-api-key", "x-key"}
)


def redirected(
    request: Request, status_code: int, headers: Mapping[str, str], *, hops: int = 0
) -> Request | None:
    """The request to send next, or None where the reply is not a redirect to follow.

    The credential, and headers like it, stay behind when scheme, host or port change.

    Args:
        request: The request that was answered.
        status_code: The answer's status.
        headers: The answer's headers, names in lower case.
        hops: Redirects followed so far.

    Raises:
        LimitExceededError: More than ``MAX_REDIRECTS`` in a row.
        ResponseError: It leads from https to http, or to no http URL at all.
    """
    location = headers.get("location")
    if status_code not in STATUSES or not location:
        return None
    if request.method not in ("GET", "HEAD") and status_code not in KEEP_METHOD:
        return None
    here = urlsplit(request.url)
    there = _target(request.url, location)
    if hops >= MAX_REDIRECTS:
        raise LimitExceededError(
            f"{here.hostname} redirected more than {MAX_REDIRECTS} times.",
            hint="Check the base_url: the server sends its callers in a circle.",
        )
    if here.scheme == "https" and there.scheme == "http":
        raise ResponseError(
            f"{here.hostname} redirected from https to http at {there.hostname}, "
            "which was not followed.",
            hint="Give the address it leads to as base_url if you trust it.",
        )
    url = urlunsplit(there)
    if _origin(here) == _origin(there):
        return attrs.evolve(request, url=url)
    kept = {name: value for name, value in request.headers.items() if name not in PRIVATE}
    return attrs.evolve(request, url=url, headers=kept, credential=None)


def _target(url: str, location: str) -> SplitResult:
    if not location.isprintable():
        raise ResponseError(
            "The server redirected to an address with control characters.", hint=NO_API
        )
    try:
        there = urlsplit(urljoin(url, location.strip()))
        host, port = there.hostname, there.port
    except ValueError as error:
        raise ResponseError(
            f"The server redirected to {location[:200]!r}: {error}.", hint=NO_API
        ) from error
    if there.scheme not in DEFAULT_PORTS or not host:
        raise ResponseError(
            f"The server redirected to a {there.scheme[:20]!r} address, which is not followed.",
            hint=NO_API,
        )
    # Neither a user name that the server made up nor a fragment belongs in a request.
    bare = f"[{host}]" if ":" in host else host
    netloc = bare if port is None else f"{bare}:{port}"
    return there._replace(netloc=netloc, path=there.path or "/", fragment="")


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or DEFAULT_PORTS.get(url.scheme)
