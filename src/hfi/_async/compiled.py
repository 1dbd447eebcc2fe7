"""A connection of the fast engine: what goes out and what comes in, in order."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from hfi._network.compiled import FORGIVEN, CompiledConversation, CompiledReply, request_bytes
from hfi._network.tasks import AsyncWireBackend

if TYPE_CHECKING:
    from hfi._core.line.outgoing import Outgoing
    from hfi._network.wire import Wire

__all__ = ["AsyncCompiledConnection"]

READ_SIZE = 1 << 16


class AsyncCompiledConnection:
    """Serves one request after the other; does for the pool what one of httpcore's does."""

    def __init__(self, origin: tuple[bytes, bytes, int], ssl_context: Any, wire: Wire) -> None:
        self._conversation = wire.given = CompiledConversation()
        self._origin = origin
        self._ssl_context = ssl_context
        self._wire = wire
        self._stream: Any = None

    async def send(self, request: Outgoing) -> AsyncCompiledBody:
        """Sends a request; gives the head of its reply, with the body to be read.

        Raises httpcore's exceptions.
        """
        if self._stream is None:
            self._stream = await self._connect()
        stream = self._stream
        reply = self._conversation.reply = CompiledReply(request.method)
        try:
            with contextlib.suppress(FORGIVEN):
                await stream.write(request_bytes(request))
            while not reply.headed:
                reply.feed(await stream.read(READ_SIZE))
        except BaseException:
            reply.drop()
            raise
        return AsyncCompiledBody(stream, reply)

    def is_idle(self) -> bool:
        """Whether another request may follow, if the last reply was settled."""
        return self._stream is not None

    async def _connect(self) -> Any:
        scheme, host, port = self._origin
        name = host.decode("ascii")
        stream: Any = await AsyncWireBackend(self._wire).connect_tcp(name, port)
        if scheme == b"https":
            self._ssl_context.set_alpn_protocols(["http/1.1"])
            stream = await stream.start_tls(self._ssl_context, name)
        return stream


class AsyncCompiledBody:
    """A reply: its head, and the pieces of its body as they come."""

    def __init__(self, stream: Any, reply: CompiledReply) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self.extensions: dict[str, Any] = {}
        self._line = stream
        self._reply = reply

    @property
    def stream(self) -> AsyncCompiledBody:
        """The body, where httpcore's replies have it."""
        return self

    def __aiter__(self) -> AsyncCompiledBody:
        return self

    async def __anext__(self) -> bytes:
        reply = self._reply
        while True:
            piece = reply.take()
            if piece:
                return piece
            if reply.over:
                raise StopAsyncIteration
            reply.feed(await self._line.read(READ_SIZE))

    async def aclose(self) -> None:
        """Ends the reply; the pool holds the socket."""
        self._reply.drop()

    def __del__(self) -> None:
        self._reply.drop()
