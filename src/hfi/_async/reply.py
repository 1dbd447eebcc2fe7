"""A reply that is being read."""

from __future__ import annotations

from threading import Lock
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from hfi._concurrency import async_shield
from hfi._core.line.inflate import inflater_for
from hfi._core.line.sending import header_fields
from hfi._network.failures import cause_of, is_line_failure, line_error
from hfi.errors import ConfigurationError, HFIError, LimitExceededError
from hfi.types.changing import changed
from hfi.types.hints import NO_API
from hfi.types.meta import CallMeta

if TYPE_CHECKING:
    from hfi._async.transport import AsyncCall
    from hfi._core.line.closing import Closing
    from hfi._core.line.deadline import CallClock
    from hfi._core.line.inflate import Inflater
    from hfi._core.request import Request
    from hfi._tracing import Watch
    from hfi.errors import APIStatusError

__all__ = ["AsyncReply"]

NOTHING_KNOWN = CallMeta(attempts=0)
MAX_ERROR_BODY = 1 << 20  # bytes read of it; what counts stands at the beginning
# After the last event of a stream little is left but the end of its last chunk: worth so much
# waiting that the connection can be used again.
DRAIN_SECONDS = 0.1
DRAIN_READS = 16


class AsyncReply:
    """A reply whose body is read piece by piece.

    One reads; anybody may close it, from any task or thread, more than once. Dropping it closes it.
    """

    def __init__(self, response: Any, request: Request, clock: CallClock) -> None:
        self.status_code: int = response.status
        self.headers = header_fields(response.headers)
        self.request = request
        self.facts = NOTHING_KNOWN
        self.watch: Watch | None = None
        self.call: AsyncCall | None = None
        self.before = 0.0  # seconds of the call before this request
        self._clock = clock
        self._stream = response
        self._iterator: Any = response.__aiter__()
        self._next = self._iterator.__anext__
        self._inflater: Inflater | None = None
        self._encoding = self.headers.get("content-encoding")
        self._lock = Lock()
        self._reading = False
        self._closed = False
        self._ended = False
        self._released = False
        clock.pause(monotonic())

    @property
    def meta(self) -> CallMeta:
        """How the reply came about, with the times known so far."""
        first, total = self._clock.first_token, self._clock.total
        # The first token of an answer may have come with another reply.
        known = self.facts.first_token
        return changed(
            self.facts,
            first_token=known if known is not None or first is None else self.before + first,
            total=None if total is None else self.before + total,
        )

    @property
    def request_id(self) -> str | None:
        """The server's name for the request."""
        return self.facts.request_id

    @property
    def closed(self) -> bool:
        """Whether it was closed, by whomever."""
        return self._closed

    async def read(self) -> bytes:
        """The next piece of the body, inflated; empty at its end.

        Raises:
            APIConnectionError: The line broke, a time limit passed, or somebody closed the reply.
            ResponseError: The body is not encoded as its headers say.
        """
        if self._encoding is not None:
            return await self._read_inflated()
        return await self._read_raw()

    def touch(self) -> None:
        """A piece of the answer came, not only bytes."""
        self._clock.touch(monotonic())

    def closes_with(self, closing: Closing) -> None:
        """Says whose closing ends further attempts too, and the waits before them."""
        self._clock.closing = closing

    async def finish(self) -> None:
        """The answer is whole: keeps the connection if the reply ends at once, else closes it."""
        self._clock.end(monotonic())
        self._clock.hurry(monotonic(), DRAIN_SECONDS)
        try:
            # Without a pool's clock under it a read might wait for ever.
            for _ in range(DRAIN_READS if self._stream.abort is not None else 0):
                if self._ended or not await self._read_raw():
                    break
        except HFIError:
            pass
        await self.aclose()

    async def again(self, error: HFIError) -> AsyncReply | None:
        """Closes the reply and gives that to another attempt, or None where there is to be none.

        Only while nothing of the answer has been handed out.

        Raises:
            HFIError: The further attempts failed too.
        """
        watch, self.watch = self.watch, None  # the call goes on
        await self.aclose()
        other: AsyncReply | None = None
        try:
            if self.call is not None:
                other = await self.call.again(error)
        finally:
            (other or self).watch = watch
        return other

    async def aclose(self) -> None:
        """Closes the reply; a reader in another task or thread wakes with an error."""
        with self._lock:
            self._closed = True
            reading = self._reading
        self._tell()
        if reading:
            self._wake()
        else:
            await self._release()

    def abort(self) -> None:
        """Closes the reply at once, from any thread and without waiting."""
        with self._lock:
            self._closed = True
            reading = self._reading
        self._tell()
        if reading:
            self._wake()
        elif self._stream.drop is not None:
            self._clock.end(monotonic())
            self._stream.drop()

    async def whole(self, limit: int) -> bytes:
        """The body to its end; the reply is closed then, whatever happens."""
        pieces: list[bytes] = []
        size = 0
        try:
            # The answer to a HEAD announces a body that does not come.
            head = self.request.method == "HEAD"
            announced = "" if head else self.headers.get("content-length", "")
            self._check_size(int(announced) if announced.isdecimal() else 0, limit)
            while piece := await self.read():
                pieces.append(piece)
                size += len(piece)
                self._check_size(size, limit)
            if self._inflater is not None:
                self._inflater.close()
            self._clock.end(monotonic())
        finally:
            await self.aclose()
        return b"".join(pieces)

    async def error(self) -> APIStatusError:
        """The error that the reply stands for, with what its body tells; closes the reply."""
        pieces: list[bytes] = []
        try:
            while sum(map(len, pieces)) < MAX_ERROR_BODY and (piece := await self.read()):
                pieces.append(piece)
        except HFIError:
            pass  # the status and what there is of the body say enough
        finally:
            await self.aclose()
        from hfi._core.failures.failure import error_from_response

        return error_from_response(
            self.status_code, self.headers, b"".join(pieces), request=self.request, now=time()
        )

    async def _read_inflated(self) -> bytes:
        if self._inflater is None:
            self._inflater = inflater_for(self._encoding)
            if self._inflater is None:
                self._encoding = None
                return await self._read_raw()
        while True:
            if self._inflater.pending:
                data = b""
            elif not (data := await self._read_raw()):
                return b""
            if piece := self._inflater.feed(data):
                return piece

    async def _read_raw(self) -> bytes:
        with self._lock:
            if self._reading:
                raise ConfigurationError("Another task or thread is reading this reply already.")
            if self._ended:
                return b""
            if self._closed:
                raise self._closed_error()
            self._reading = True
        self._clock.resume(monotonic())
        try:
            data: bytes = await self._next()
            while not data:
                data = await self._next()
        except StopAsyncIteration:
            data = b""
            self._ended = True
            self._stream.end()
        except BaseException as error:
            with self._lock:
                self._reading = False
                closed, self._closed = self._closed, True
            with async_shield():
                await self._release()
            if not isinstance(error, Exception) or not is_line_failure(error):
                self._tell(error)
                raise
            if closed:
                raise self._closed_error() from cause_of(error)
            raise line_error(error, self.request, self._clock) from cause_of(error)
        self._clock.pause(monotonic())
        with self._lock:
            self._reading = False
            closed = self._closed
        if closed or self._ended:
            await self._release()
        if closed:
            raise self._closed_error()
        return data

    async def _release(self) -> None:
        with self._lock:
            released, self._released = self._released, True
        if released:
            return
        self._clock.end(monotonic())
        if self._stream.drop is not None:
            await self._stream.aclose()
            return
        # A user's transport: its body may be a generator, which wants to be finished itself.
        finish = getattr(self._iterator, "aclose", None)
        if finish is not None:
            await finish()
        await self._stream.aclose()

    def _tell(self, error: BaseException | None = None) -> None:
        """Ends the call's span, unless it has ended already."""
        if self.watch is None:
            return
        if error is None:
            self.watch.close()
        else:
            self.watch.failed(error)

    def _wake(self) -> None:
        if self._stream.abort is not None:
            self._stream.abort()

    def _closed_error(self) -> HFIError:
        from hfi._core.failures.line_failure import connection_error

        return connection_error("other", self.request, "the reply was closed while it was read")

    def _check_size(self, size: int, limit: int) -> None:
        if size > limit:
            raise LimitExceededError(
                f"The reply of {size:,} bytes or more is larger than the {limit:,} bytes allowed.",
                hint=NO_API,
            )
