"""Streams: an answer, piece by piece, that owns the reply it comes from."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hfi._core.line.closing import Closing
from hfi.errors import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    HFIError,
    StreamError,
    StreamInterruptedError,
    StreamStalledError,
)
from hfi.types.chat import ChatChunk, ChatCompletion
from hfi.types.text import TextChunk, TextGeneration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from hfi._async.reply import AsyncReply
    from hfi._async.resuming import AsyncResuming
    from hfi.types.meta import CallMeta

if sys.version_info >= (3, 11):
    from typing import Self
else:
    from typing_extensions import Self

__all__ = ["AsyncChatStream", "AsyncStream", "AsyncTextPieces", "AsyncTextStream"]

MOST_HELD = 16  # chunks that say nothing, before the first that says something

Chunk = TypeVar("Chunk")
Final = TypeVar("Final", bound="Answer")


class Answer(Protocol):
    """What a stream adds up to."""

    def with_meta(self, meta: CallMeta) -> Any:
        """The same answer with the facts of the call."""


class Parser(Protocol[Chunk]):
    """Turns the bytes of a reply into chunks; it raises nothing and keeps the fault instead."""

    @property
    def error(self) -> HFIError | None:
        """What ended the stream early, after the chunks that came before."""
        ...

    @property
    def done(self) -> bool:
        """Whether the answer is whole and nothing more is expected."""
        ...

    @property
    def started(self) -> bool:
        """Whether any content came."""
        ...

    def feed(self, data: bytes) -> list[Chunk]:
        """The chunks that these bytes complete."""
        ...

    def close(self) -> list[Chunk]:
        """The chunks left when no more bytes come; says whether the answer is whole."""
        ...

    def settle(self) -> list[Chunk]:
        """The chunks held back for an answer that might have been taken up again."""
        ...

    def completion(self) -> Any:
        """The answer so far."""
        ...


class AsyncStream(Generic[Chunk, Final]):
    """An answer as it is made: iterate over it for its chunks.

    It is a context manager and closes itself at its end. Leaving the loop early and dropping the
    stream closes the connection at once; ``aclose`` does so from any task or thread, also twice.

    An error comes after the chunks that came before it, and again if it is asked for more. An
    answer that was cut never looks like a whole one: a stream that was closed early raises
    ``StreamInterruptedError`` when it is read on.
    """

    def __init__(
        self,
        reply: AsyncReply,
        parser: Parser[Chunk],
        renew: Callable[[AsyncReply], Parser[Chunk]] | None = None,
        resuming: AsyncResuming | None = None,
    ) -> None:
        """Begins to read a reply.

        Args:
            reply: The reply.
            parser: What reads it.
            renew: Gives the parser for the reply to another attempt; with it, an answer that
                breaks before its first chunk is tried again as the call's retries allow.
            resuming: Takes an answer up again that breaks off later.
        """
        self._reply = reply
        self._parser = parser
        self._renew = renew
        self._resuming = resuming
        self._closing = Closing()
        reply.closes_with(self._closing)
        self._ready: deque[Chunk] = deque()
        self._failure: HFIError | None = None
        self._completion: Final | None = None
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        if self._ready:
            return self._ready.popleft()
        return await self._read_on()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def begin(self) -> None:
        """Waits until the answer has begun and keeps what came; raises what came in its place."""
        # Whoever waits for it has another request in mind, rather than the same once more.
        resuming, self._resuming = self._resuming, None
        while not self._parser.started and not self._over:
            with suppress(StopAsyncIteration):
                self._ready.appendleft(await self._read_on())
        self._resuming = resuming
        if self._failure is not None and not self._parser.started:
            await self._end()
            raise self._failure

    async def collect(self) -> Final:
        """Reads to the end and gives the whole answer, with what was read before.

        Raises:
            StreamError: The answer broke off; ``.partial`` holds what had arrived.
            APIStatusError: The server reported an error before the answer began.
        """
        async for _ in self:
            pass
        assert self._completion is not None  # noqa: S101 - the loop ends so, or raises
        return self._completion

    async def display(self) -> Final:
        """Shows the answer in a notebook while it is made, and gives the whole of it at the end.

        Its Markdown is rendered in place, some ten times a second. Where the kernel is interrupted,
        what had arrived is left, and the connection is closed. Outside a notebook the text is
        printed as it comes.

        Raises:
            StreamError: The answer broke off; ``.partial`` holds what had arrived.
            APIStatusError: The server reported an error before the answer began.
        """
        from hfi.notebook.screen import Screen

        with Screen(self) as screen:
            async for chunk in self:
                screen.draw(chunk)
        return await self.collect()

    async def aclose(self) -> None:
        """Closes the stream; whoever is reading it in another task or thread gets an error."""
        self._closing.ask()
        if self._over and not self._reply.closed:
            await self._end()
        await self._reply.aclose()

    def abort(self) -> None:
        """Closes the stream from any thread, without waiting for anything."""
        self._closing.ask()
        self._reply.abort()

    @property
    def completion(self) -> Final | None:
        """The whole answer after the end of the stream; None before, and where it was cut."""
        return self._completion

    @property
    def partial(self) -> Final:
        """The answer as far as it has come, whole or not."""
        answer: Final = self._parser.completion().with_meta(self._reply.meta)
        return answer

    @property
    def meta(self) -> CallMeta:
        """The facts of the call; the times in it are complete at the end."""
        return self._reply.meta

    @property
    def status_code(self) -> int:
        """The HTTP status of the reply."""
        return self._reply.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the reply, names in lower case."""
        return self._reply.headers

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, for support tickets."""
        return self._reply.request_id

    @property
    def closed(self) -> bool:
        """Whether the stream is at its end or was closed."""
        return self._over or self._reply.closed

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<{type(self).__name__} {state}, status {self.status_code}>"

    async def _read_on(self) -> Chunk:
        begun = True
        while begun:
            while not self._over:
                self._ready.extend(await self._next_chunks())
                if self._ready and self._may_hand_out():
                    self._renew = None  # never again once a chunk was handed out
                    return self._ready.popleft()
            begun = await self._begin_again() or await self._go_on()
        if self._ready:
            return self._ready.popleft()
        await self._end()
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration

    def _may_hand_out(self) -> bool:
        """Whether the answer has begun: a chunk that only names the role waits for what it says.

        Many servers send it at once; an answer that breaks after it has lost nothing, and is tried
        again like one that breaks before it.
        """
        return self._renew is None or self._parser.started or len(self._ready) > MOST_HELD

    async def _begin_again(self) -> bool:
        """Makes another attempt after one that failed before its first chunk, if it may be."""
        error, renew = self._failure, self._renew
        self._renew = None
        if error is None or renew is None or self._closing.asked():
            return False
        try:
            reply = await self._reply.again(error)
        except HFIError as failure:
            self._failure = failure
            return False
        if reply is None:
            return False
        self._reply = reply
        if self._closing.asked():  # by somebody who knew the reply before only
            await reply.aclose()
        self._parser, self._renew = renew(reply), renew
        self._ready.clear()
        self._failure, self._over = None, False
        return True

    async def _go_on(self) -> bool:
        """Takes an answer that broke off up again, if it may be."""
        error, resuming, self._resuming = self._failure, self._resuming, None
        if error is None or resuming is None:
            return False
        reply = await resuming.go_on(self._reply, error, self._closing)
        if reply is None:
            self._ready.extend(self._parser.settle())
            if isinstance(error, StreamError):
                error.partial = self._parser.completion()
            self._failure = None if self._parser.done else error
            return False
        self._reply = reply
        if self._closing.asked():  # by somebody who knew the reply before only
            await reply.aclose()
        self._resuming = resuming
        self._failure, self._over = None, False
        return True

    async def _next_chunks(self) -> list[Chunk]:
        line: HFIError | None = None
        try:
            data = await self._reply.read()
        except ConfigurationError:  # there is another reader: the stream is not to blame
            raise
        except HFIError as error:
            data, line = b"", error
        if not data:
            chunks = self._parser.close()
            self._failure = self._fault(line)
            self._over = True
            return chunks
        chunks = self._parser.feed(data)
        if chunks and self._parser.started:
            self._reply.touch()
        self._failure = self._parser.error
        self._over = self._parser.done or self._failure is not None
        return chunks

    def _fault(self, line: HFIError | None) -> HFIError | None:
        """What to raise after no more bytes came: what broke the line, with what had arrived."""
        fault = self._parser.error
        # What drops after a whole answer is success, and what the server said itself counts more.
        if line is None or not isinstance(fault, StreamInterruptedError):
            return fault
        if not self._parser.started and not _is_break(line):
            return line
        broken: StreamStalledError | StreamInterruptedError
        if isinstance(line, APITimeoutError):
            broken = StreamStalledError(line.message, hint=line.hint, partial=fault.partial)
            broken.phase = line.phase
        else:
            broken = StreamInterruptedError(line.message, hint=line.hint, partial=fault.partial)
        broken.kind = getattr(line, "kind", None)
        broken.__cause__ = line
        return broken

    async def _end(self) -> None:
        """Settles the stream, after its last chunk or before it is closed."""
        if self._failure is not None and not self._failure.earlier:
            self._failure.earlier = self._reply.facts.earlier
        watch = self._reply.watch
        if self._failure is None and self._completion is None:
            if watch is not None:
                watch.answered(self._parser.completion(), self._reply.meta)
            await self._reply.finish()
            self._completion = self._parser.completion().with_meta(self._reply.meta)
        elif self._failure is not None and watch is not None:
            watch.failed(self._failure)
        await self._reply.aclose()


class AsyncChatStream(AsyncStream[ChatChunk, ChatCompletion]):
    """A chat's answer as it is made: ``print(chunk, end="")`` for each chunk shows it.

    ``collect`` gives the whole ``ChatCompletion``, as does ``completion`` after the end.
    """

    __module__ = "hfi"

    @property
    def text_stream(self) -> AsyncTextPieces:
        """The answer's text alone, piece by piece, without the empty ones."""
        return AsyncTextPieces(self)


class AsyncTextStream(AsyncStream[TextChunk, TextGeneration]):
    """A text as it is made: ``print(chunk, end="")`` for each chunk shows it.

    ``collect`` gives the whole ``TextGeneration``, as does ``completion`` after the end.
    """

    __module__ = "hfi"

    @property
    def text_stream(self) -> AsyncTextPieces:
        """The text alone, piece by piece, without the empty ones."""
        return AsyncTextPieces(self)


class AsyncTextPieces:
    """The text of a stream's chunks."""

    def __init__(self, stream: AsyncChatStream | AsyncTextStream) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while True:
            chunk = await self._stream.__anext__()
            if chunk.text:
                return chunk.text


def _is_break(line: HFIError) -> bool:
    return isinstance(line, APIConnectionError) and not isinstance(line, APITimeoutError)
