"""Between httpx and the pool: a transport of httpx's in its place, and the pool as a transport."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx

from hfi._core.line.deadline import CallClock
from hfi._core.line.outgoing import Address, Outgoing
from hfi.types.settings import Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hfi._async.pool import AsyncPool, AsyncPooledStream

__all__ = ["AsyncForeignLine", "AsyncForeignReply", "AsyncPoolTransport", "parsed_address"]

# The request extension in which the call's clock goes through a transport that ends in the pool.
CLOCK = "hfi.clock"
NO_LIMITS = Timeout(connect=None, first_token=None, between_tokens=None, total=None)


def parsed_address(url: str) -> Address:
    """The address of a URL as httpx reads it, international names and all.

    Raises:
        httpx.InvalidURL: It is none.
    """
    return _address(httpx.URL(url))


def _address(url: httpx.URL) -> Address:
    return Address(url.raw_scheme, url.raw_host, url.port, url.raw_path)


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
                    CLOCK: request.clock,
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
    """A reply of such a transport; ``abort`` and ``drop`` are None where its body has none."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers.raw
        self._stream: Any = response.stream
        self.abort: Any = getattr(self._stream, "abort", None)
        self.drop: Any = getattr(self._stream, "drop", None)

    def end(self) -> None:
        """The body was read to its end."""
        end = getattr(self._stream, "end", None)
        if end is not None:
            end()

    def __aiter__(self) -> AsyncIterator[bytes]:
        body: AsyncIterator[bytes] = self._stream.__aiter__()
        return body

    async def aclose(self) -> None:
        """Closes the reply."""
        await self._stream.aclose()


class AsyncPoolTransport(httpx.AsyncBaseTransport):
    """The connection pool, for who speaks httpx. Raises httpcore's exceptions."""

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, within the limits of the call's clock if one came along."""
        clock = request.extensions.get(CLOCK)
        reply = await self._pool.send(
            Outgoing(
                method=request.method,
                url=str(request.url),
                address=_address(request.url),
                headers=request.headers.raw,
                content=request.read(),
                clock=CallClock(NO_LIMITS, monotonic()) if clock is None else clock,
            )
        )
        return httpx.Response(reply.status, headers=reply.headers, stream=_AsyncBody(reply))

    async def aclose(self) -> None:
        """Closes every idle connection."""
        await self._pool.aclose()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, reply: AsyncPooledStream) -> None:
        self._reply = reply
        self.abort, self.drop, self.end = reply.abort, reply.drop, reply.end

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._reply.__aiter__()

    async def aclose(self) -> None:
        await self._reply.aclose()
