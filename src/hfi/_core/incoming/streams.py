"""The stream of a chat: from pieces of bytes to chunks, and whether it is whole.

A stream is complete when every choice seen has a finish reason, or when ``[DONE]`` came after
content; what drops after that is success. Anything else is interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.incoming.accumulate import ChatAccumulator, fix
from hfi._core.incoming.completion import chunk_of, read_completion, reply_meta, reply_provider
from hfi._core.incoming.decode import REFUSALS, Decoder
from hfi._core.incoming.event_stream import EventStreamParser
from hfi._core.sse import MAX_EVENT_SIZE
from hfi.types.chat import ChatChunk

if TYPE_CHECKING:
    from hfi._core.request import Request
    from hfi.types.chat import ChatCompletion

__all__ = ["ChatStreamParser"]

_DECODER = Decoder(ChatChunk)


class ChatStreamParser(EventStreamParser[ChatChunk]):
    """Parses the body of a streamed chat, cut anywhere; see ``EventStreamParser``."""

    def __init__(
        self,
        request: Request | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        status_code: int = 200,
        thinking: bool = False,
        echo: str = "",
        plain: bool = False,
        max_size: int = MAX_EVENT_SIZE,
    ) -> None:
        """Begins a stream.

        Args:
            request: What it answers, for errors.
            headers: The reply's headers.
            status_code: The reply's status.
            thinking: The prompt ended with ``<think>``, so the text begins inside.
            echo: What the server repeats before an answer that comes whole, to be left out of it.
            plain: All of the content is text, without reasoning at its beginning.
            max_size: The largest event read, and the largest body that is no stream, in bytes.
        """
        super().__init__(request, headers=headers, status_code=status_code, max_size=max_size)
        self._thinking = thinking
        self._echo = echo
        self._answer = ChatAccumulator(thinking=thinking, plain=plain)
        self._whole: ChatCompletion | None = None

    @property
    def started(self) -> bool:
        """Whether any piece of the answer has come: text, reasoning, a call or a refusal."""
        return self._whole is not None or self._answer.started

    def feed(self, data: bytes) -> list[ChatChunk]:
        """Takes the next piece of the body and gives the chunks it completes."""
        chunks: list[ChatChunk] = []
        if self._is_over():
            return chunks
        if not self._is_stream:
            data = self._look(data)
            if not self._is_stream:
                return chunks
        add, decode = self._answer.add, _DECODER.typed
        for block in self._sse.feed_data(data):
            name, text, _, foreign = block
            # An error, a null one or "[DONE]" is rare; in a text the quotes of "error" are escaped.
            if text and name is None and foreign is None and text.find(b'"error"') < 0:
                try:
                    chunk = decode(text)
                except REFUSALS:
                    chunk = None
                if chunk and chunk.choices and chunk.choices[0].finish_reason is None:
                    _keep_source(chunk, text)
                    add(chunk)
                    chunks.append(chunk)
                    continue
            self._event(block, chunks)
            if self._is_over():
                return chunks
        if self._sse.fault is not None:
            self.error = self._sse.fault
        return chunks

    def completion(self) -> ChatCompletion:
        """Gives the answer as far as it came; whole if the stream is complete."""
        if self._whole is not None:
            return self._whole
        return self._answer.completion(
            ended=self.done,
            provider=reply_provider(self._headers, self._request),
            meta=reply_meta(self._headers, self._status_code),
        )

    def _finished(self) -> bool:
        return self._answer.finished

    def _flush(self, chunks: list[ChatChunk]) -> None:
        held = self._answer.flush()
        if held is not None:
            chunks.append(held)

    def _read(self, value: Any, text: bytes, chunks: list[ChatChunk]) -> None:
        # A server that cannot stream may send a whole message as its only event.
        whole = b'"message"' in text
        chunk = _DECODER.read(value, text) if whole else _DECODER(text)
        _keep_source(chunk, text)
        self._answer.add(chunk)
        chunks.append(chunk)

    def _read_body(self, body: bytes, chunks: list[ChatChunk]) -> None:
        self._whole = read_completion(
            body,
            self._request,
            headers=self._headers,
            status_code=self._status_code,
            thinking=self._thinking,
            echo=self._echo,
        )
        chunks.append(chunk_of(self._whole))


def _keep_source(chunk: ChatChunk, text: bytes) -> None:
    fix(chunk, "_source", text)
    if chunk.usage is not None:
        fix(chunk.usage, "_source", text)
