"""The stream of a text: from pieces of bytes to chunks, and whether it is whole.

It is complete when the event with the whole text came (TGI), the one that says ``stop`` (llama.cpp)
or the one with a finish reason (OpenAI), or when ``[DONE]`` came after text. Anything else is
interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.generation.answer import TextAnswer, TextReading
from hfi._core.generation.events import quick_piece, read_value
from hfi._core.generation.replies import whole_piece
from hfi._core.incoming.body import is_event_stream
from hfi._core.incoming.completion import masked, reply_meta, reply_provider
from hfi._core.incoming.event_stream import EventStreamParser
from hfi._core.sse import MAX_EVENT_SIZE
from hfi.errors import ResponseError
from hfi.types.text import TextChunk

if TYPE_CHECKING:
    from hfi._core.generation.events import Piece
    from hfi._core.request import Request, Response
    from hfi.types.text import TextGeneration

__all__ = ["TextStreamParser", "text_generation"]


class TextStreamParser(EventStreamParser[TextChunk]):
    """Parses the body of a streamed text, cut anywhere; see ``EventStreamParser``."""

    def __init__(
        self,
        request: Request | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        status_code: int = 200,
        reading: TextReading | None = None,
        max_size: int = MAX_EVENT_SIZE,
    ) -> None:
        """Begins a stream.

        Args:
            request: What it answers, for errors.
            headers: The reply's headers.
            status_code: The reply's status.
            reading: What the call's options mean for the reading.
            max_size: The largest event read, and the largest body that is no stream, in bytes.
        """
        super().__init__(request, headers=headers, status_code=status_code, max_size=max_size)
        self._answer = TextAnswer(reading or TextReading())
        self._source: Any = None

    @property
    def started(self) -> bool:
        """Whether any text or token has come."""
        return self._answer.started

    def completion(self) -> TextGeneration:
        """Gives the text as far as it came; whole if the stream is complete."""
        return self._answer.generation(
            provider=reply_provider(self._headers, self._request),
            meta=reply_meta(self._headers, self._status_code),
            source=self._source,
        )

    def whole(self, body: bytes) -> TextGeneration:
        """Reads a body that is no stream.

        Raises:
            APIStatusError: The body is an error, although the status is 200.
            ResponseError: It is no text generation.
        """
        self._read_body(body, [])
        return self.completion()

    def _finished(self) -> bool:
        return self._answer.finished

    def _flush(self, chunks: list[TextChunk]) -> None:
        held = self._answer.flush()
        if held is not None:
            chunks.append(held)

    def _read_plain(self, text: bytes, chunks: list[TextChunk]) -> bool:
        piece = quick_piece(text)
        if piece is not None:
            self._add(piece, text, chunks)
        return piece is not None

    def _read(self, value: Any, text: bytes, chunks: list[TextChunk]) -> None:
        self._add(read_value(value, text), text, chunks)

    def _add(self, piece: Piece, text: bytes, chunks: list[TextChunk]) -> None:
        chunks.append(self._answer.add(piece, text))
        if piece.last:
            self.done = True

    def _read_body(self, body: bytes, chunks: list[TextChunk]) -> None:
        piece = whole_piece(
            body, self._request, headers=self._headers, status_code=self._status_code
        )
        self._source = body
        chunks.append(self._answer.add(piece, body))
        self._flush(chunks)


def text_generation(
    response: Response, request: Request | None = None, *, reading: TextReading | None = None
) -> TextGeneration:
    """Reads a reply that was read to its end.

    A server may stream although it was not asked to: such a reply is put together.

    Raises:
        APIStatusError: The body is an error, although the status is 200.
        ResponseError: It is no text generation.
        LimitExceededError: It is nested too deeply.
        StreamError: It is a stream that broke off.
    """
    parser = TextStreamParser(
        request, headers=response.headers, status_code=response.status_code, reading=reading
    )
    if not is_event_stream(response.content, response.headers, ended=True):
        try:
            return parser.whole(response.content)
        except ResponseError as error:
            raise masked(error, request) from None
    parser.feed(response.content)
    parser.close()
    if parser.error is not None:
        raise parser.error
    return parser.completion()
