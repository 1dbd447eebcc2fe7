"""A transport of httpx's, such as one that the user brought, in place of the connection pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from hfi._core.line.outgoing import Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hfi._core.line.outgoing import Outgoing

__all__ = ["AsyncForeignLine", "AsyncForeignReply", "parsed_address"]


def parsed_address(url: str) -> Address:
    """The address of a URL as httpx reads it, international names and all.

    Raises:
        httpx.InvalidURL: It is none.
    """
    parsed = httpx.URL(url)
    return Address(parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.raw_path)


class AsyncForeignLine:
    """Gives such a transport what it expects, and its replies the form of the pool's.

    The call's time limits hold for its single operations only.

    Args:
        transport: The transport.
        pool_wait: Seconds that its pool, if it has one, may let a request wait.
    """

    def __init__(self, transport: Any, *, pool_wait: float | None) -> None:
        self._transport = transport
        self._pool_wait = pool_wait

    async def send(self, request: Outgoing) -> AsyncForeignReply:
        """Sends a request."""
        timeout = request.clock.timeout
        response = await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                extensions={
                    "timeout": {
                        "connect": timeout.connect,
                        "read": timeout.first_token,
                        "write": timeout.first_token,
                        "pool": self._pool_wait,
                    },
                },
            )
        )
        return AsyncForeignReply(response)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self._transport.aclose()


class AsyncForeignReply:
    """A reply of such a transport."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers.raw
        self._stream: Any = response.stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        body: AsyncIterator[bytes] = self._stream.__aiter__()
        return body

    async def aclose(self) -> None:
        """Closes the reply."""
        await self._stream.aclose()
