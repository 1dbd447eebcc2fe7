"""What every streamed answer's parser does, whatever its chunks are.

It tells an event stream from a body that is none, finds the errors in all their shapes, and says
whether the answer is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from hfi._core.failures.failure import error_from_body, find_error
from hfi._core.failures.hints import target_of
from hfi._core.incoming.body import (
    broken_error,
    foreign_error,
    is_blank,
    is_cut_json,
    is_event_stream,
    may_be_json,
)
from hfi._core.incoming.completion import masked, not_json
from hfi._core.incoming.decode import untyped
from hfi._core.sse import MAX_EVENT_SIZE, Block, SSEDecoder
from hfi.errors import (
    GenerationError,
    HFIError,
    LimitExceededError,
    ResponseError,
    StreamInterruptedError,
)
from hfi.types.hints import NO_API
from hfi.types.raw import beginning

if TYPE_CHECKING:
    from hfi._core.request import Request

__all__ = ["EventStreamParser"]

Chunk = TypeVar("Chunk")
# Enough of a body that is neither stream nor JSON to show its beginning.
_MAX_JUNK = 4096


class EventStreamParser(Generic[Chunk]):
    """Parses the body of a streamed answer, cut anywhere.

    Neither ``feed`` nor ``close`` raises for what the server sent: the chunks before a fault are
    given, and the fault is in ``error``. Nothing is parsed after it.

    A subclass says what an event means (``_read``), what a body means that is no stream
    (``_read_body``), and how far the answer is (``started``, ``_finished``, ``_flush``,
    ``completion``).

    Attributes:
        error: What ended the stream before its time, or None.
        done: The answer is complete and the server has said that nothing follows.
    """

    def __init__(
        self,
        request: Request | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        status_code: int = 200,
        max_size: int = MAX_EVENT_SIZE,
    ) -> None:
        """Begins a stream.

        Args:
            request: What it answers, for errors.
            headers: The reply's headers.
            status_code: The reply's status.
            max_size: The largest event read, and the largest body that is no stream, in bytes.
        """
        self.error: HFIError | None = None
        self.done = False
        self._request = request
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}
        self._status_code = status_code
        self._max_size = max_size
        self._sse = SSEDecoder(max_size=max_size)
        self._is_stream: bool | None = None  # None until the body's first bytes have told
        self._body = bytearray()  # the first bytes, or all of a body that is no stream
        self._blank = True  # whether they are white space so far

    @property
    def started(self) -> bool:
        """Whether any piece of the answer has come."""
        raise NotImplementedError

    def completion(self) -> Any:
        """Gives the answer as far as it came; whole if the stream is complete."""
        raise NotImplementedError

    def _finished(self) -> bool:
        """Whether the server has given a reason for the end of every answer begun."""
        raise NotImplementedError

    def _flush(self, chunks: list[Chunk]) -> None:
        """Gives what was held back, at the end of the answer."""

    def _read(self, value: Any, text: bytes, chunks: list[Chunk]) -> None:
        """Takes a decoded event that is no error; may raise ResponseError."""
        raise NotImplementedError

    def _read_plain(self, text: bytes, chunks: list[Chunk]) -> bool:  # noqa: ARG002
        """Takes an event quickly if it is one like most; gives whether it did."""
        return False

    def _read_body(self, body: bytes, chunks: list[Chunk]) -> None:
        """Takes a whole body that is no stream; may raise any HFIError."""
        raise NotImplementedError

    def _is_over(self) -> bool:
        return self.done or self.error is not None

    def feed(self, data: bytes) -> list[Chunk]:
        """Takes the next piece of the body and gives the chunks it completes."""
        chunks: list[Chunk] = []
        if self._is_over():
            return chunks
        if not self._is_stream:
            data = self._look(data)
            if not self._is_stream:
                return chunks
        for block in self._sse.feed_data(data):
            name, text, _, foreign = block
            # An error, a null one or "[DONE]" is rare; in a text the quotes of "error" are escaped.
            plain = text and name is None and foreign is None and text.find(b'"error"') < 0
            if not (plain and self._read_plain(text or b"", chunks)):
                self._event(block, chunks)
            if self._is_over():
                return chunks
        if self._sse.fault is not None:
            self.error = self._sse.fault
        return chunks

    def close(self) -> list[Chunk]:
        """Ends the body, and gives what an end without a blank line leaves."""
        chunks: list[Chunk] = []
        if self._is_over():
            return chunks
        if self._is_stream is None and is_event_stream(self._body, self._headers, ended=True):
            data, self._body, self._is_stream = bytes(self._body), bytearray(), True
            chunks = self.feed(data)
        if self._is_over():
            return chunks
        if self._is_stream:
            self._close_stream(chunks)
        elif self._body.strip():
            self._close_body(chunks)
        else:
            self._interrupt("before anything had come")
        return chunks

    def settle(self) -> list[Chunk]:
        """Gives what was held back for another reply: nothing."""
        return []

    def _look(self, data: bytes) -> bytes:
        """Collects the body until its beginning tells what it is; gives it back if a stream."""
        self._body += data
        if self._is_stream is None:
            # Looked at once only: white space may come without an end.
            self._blank = self._blank and not data.strip()
            if not self._blank:
                self._is_stream = is_event_stream(self._body, self._headers)
                self._blank = self._is_stream is None and is_blank(self._body)
            if self._blank and len(self._body) > self._max_size:
                self._refuse_body()
        if self._is_stream:
            data, self._body = bytes(self._body), bytearray()
            return data
        if self._is_stream is False and len(self._body) > self._most_body():
            self._refuse_body()
        return b""

    def _most_body(self) -> int:
        # What is no JSON is not worth collecting; a completion may be long.
        return self._max_size if may_be_json(self._body, self._headers) else _MAX_JUNK

    def _refuse_body(self) -> None:
        body = bytes(self._body[:_MAX_JUNK])
        if self._blank or may_be_json(body, self._headers):
            error: HFIError = LimitExceededError(
                f"The reply is larger than {self._max_size:,} bytes; hfi reads no more.",
                hint=NO_API,
                body=beginning(body),
            )
        else:
            error = not_json(body, self._request, self._headers.get("content-type", ""))
        self._stop(error)

    def _event(self, block: Block, chunks: list[Chunk], *, cut: bool = False) -> None:
        """Takes an event that may be more than a chunk; ``cut`` if its end never came."""
        name, text, _, foreign = block
        if text is None or not text.strip():
            told = foreign_error(foreign or ())
            if told is not None:
                self._fail(told)
            return
        if text.lstrip().startswith(b"[DONE]"):
            self._end(chunks)
            return
        try:
            value = untyped(text)
        except LimitExceededError as error:
            self._stop(error)
            return
        except ResponseError as error:
            told = broken_error(name, text, foreign or ())
            if told is not None:
                self._fail(told)
            elif not cut:
                self._stop(error)
            return
        self._object(name, value, text, chunks)
        if self.error is None and foreign is not None:
            told = foreign_error(foreign)
            if told is not None:
                self._fail(told)

    def _object(self, name: bytes | None, value: Any, text: bytes, chunks: list[Chunk]) -> None:
        error = find_error(value)
        if error is None and name == b"error":
            error = value
        if error is not None:
            self._fail(error)
        elif value is not None:
            try:
                self._read(value, text, chunks)
            except ResponseError as fault:
                self._stop(fault)

    def _end(self, chunks: list[Chunk]) -> None:
        """Takes the server's word that the answer is over."""
        self._flush(chunks)
        if self.started or self._finished():
            self.done = True
        else:
            self._interrupt("before any of it had come, although the server called it done")

    def _close_stream(self, chunks: list[Chunk]) -> None:
        # By the rules of event streams a block without its blank line is dropped; a server that
        # ends right after "data: [DONE]" meant it.
        pending = self._sse.pending()
        if pending is not None:
            self._event(pending, chunks, cut=True)
        if self._is_over():
            return
        self._flush(chunks)
        if self._finished():
            self.done = True
        elif self.started:
            self._interrupt("before it was finished")
        else:
            self._interrupt("before any of it had come")

    def _close_body(self, chunks: list[Chunk]) -> None:
        body = bytes(self._body)
        try:
            self._read_body(body, chunks)
        except HFIError as error:
            if type(error) is ResponseError and is_cut_json(body):
                self._interrupt("before it was whole")
            else:
                self._stop(error)
            return
        self.done = True

    def _stop(self, error: HFIError) -> None:
        self.error = masked(error, self._request)
        if isinstance(error, ResponseError) and self.started:
            error.partial = self.completion()

    def _fail(self, body: object) -> None:
        """Takes an error the server reported: as if unstreamed while nothing of the answer came."""
        error = error_from_body(
            body, status_code=self._status_code, headers=self._headers, request=self._request
        )
        if not self.started:
            self.error = error
            return
        self.error = GenerationError(
            f"The server broke the answer off: {error.message}",
            hint=error.hint,
            partial=self.completion(),
        )
        self.error.__cause__ = error

    def _interrupt(self, when: str) -> None:
        target = target_of(self._request)
        sender = f" from {target.host}" if target.host else ""
        self.error = StreamInterruptedError(
            f"The answer{sender} ended {when}.",
            hint="What had come is in the error's .partial; ask again."
            if self.started
            else "Ask again; if it stays so, look at the server's log.",
            partial=self.completion(),
        )
