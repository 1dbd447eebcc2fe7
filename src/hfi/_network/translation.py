"""Requests and proxies as httpcore has them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import httpcore

from hfi.errors import MissingExtraError

if TYPE_CHECKING:
    import ssl

    from hfi._core.line.outgoing import Outgoing

__all__ = ["httpcore_proxy", "httpcore_request"]


def httpcore_request(request: Outgoing) -> httpcore.Request:
    """The request as httpcore's connections take it."""
    address = request.address
    return httpcore.Request(
        request.method,
        httpcore.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=address.target
        ),
        headers=request.headers,
        content=request.content,
    )


def httpcore_proxy(proxy: str, ssl_context: ssl.SSLContext | None) -> httpcore.Proxy:
    """The proxy at a URL that was checked.

    Raises:
        MissingExtraError: It is a SOCKS proxy, and the package for those is not installed.
    """
    import httpx  # noqa: PLC0415 - who has no proxy does without it

    url = httpx.URL(proxy)
    if url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise MissingExtraError(  # httpcore would fail in mid-call
            "A SOCKS proxy needs the package socksio.",
            hint="Install it: pip install 'httpx[socks]'.",
        )
    auth = (url.username, url.password) if url.username or url.password else None
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=auth,
        ssl_context=ssl_context if url.scheme == "https" else None,
    )
