"""The parser of a stream that may come in several replies: it gives one answer."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from hfi._core.incoming.accumulate import fix
from hfi.errors import (
    APIStatusError,
    GenerationError,
    HFIError,
    ResponseError,
    StreamError,
    StreamInterruptedError,
)
from hfi.types.chat import AssistantMessage, ChatChunk, ChatCompletion, Choice, ChunkChoice
from hfi.types.text import TextChunk, TextGeneration, Token
from hfi.types.usage import Logprobs, TokenLogprob

if TYPE_CHECKING:
    from hfi._core.incoming.event_stream import EventStreamParser
    from hfi._core.resuming.seam import Seam

__all__ = ["ChatResumingParser", "ResumingParser", "TextResumingParser"]

Chunk = TypeVar("Chunk")


class ResumingParser(Generic[Chunk]):
    """Parses one reply after the other; see ``EventStreamParser`` for what each method gives.

    What a parser holds back (the beginning of a stop sequence, say) is not shown when a reply is
    cut: it is made anew with the rest, or shown by ``settle``.

    Attributes:
        error: What ended the answer before its time, with all that had come of it.
        obstacle: Why the answer cannot be gone on from, or None.
        at_limit: Whether all tokens that were asked for have come, so that only the word of it
            is missing.
    """

    def __init__(self, inner: EventStreamParser[Chunk], *, prefix: str = "") -> None:
        """Begins an answer.

        Args:
            inner: The parser of the first reply.
            prefix: What is shown before the answer, but not part of it.
        """
        self.error: HFIError | None = None
        self.obstacle: str | None = None
        self.at_limit = False
        self._inner = inner
        self._prefix = prefix
        self._pieces: list[str] = []
        self._starts: list[int] = []  # where in the answer each piece with text began
        self._length = -len(prefix)
        self._seam: Seam | None = None
        self._withheld: list[Chunk] = []

    @property
    def done(self) -> bool:
        """Whether the answer is whole and nothing more is expected."""
        return self._inner.done or self.at_limit

    @property
    def started(self) -> bool:
        """Whether any piece of the answer has come."""
        return self._inner.started or self._length > 0

    @property
    def text(self) -> str:
        """What was shown of the answer."""
        return "".join(self._pieces)[len(self._prefix) :]

    def tokens(self, length: int) -> int:
        """How many tokens so much of the answer took, at least: a piece has one or more."""
        return bisect_left(self._starts, length)

    def go_on(self, inner: EventStreamParser[Chunk], seam: Seam) -> None:
        """Goes on with another reply."""
        self._inner, self._seam = inner, seam
        self._withheld, self.error = [], None

    def feed(self, data: bytes) -> list[Chunk]:
        """Takes the next piece of the body and gives the chunks it completes."""
        chunks = [self._take(chunk) for chunk in self._inner.feed(data)]
        if self._inner.error is not None:
            self.error = self._whole_error(self._inner.error)
        return chunks

    def close(self) -> list[Chunk]:
        """Ends the body."""
        chunks = self._inner.close()
        if isinstance(self._inner.error, StreamInterruptedError):
            self._withheld, chunks = chunks, []
        chunks = [self._take(chunk) for chunk in chunks]
        if self._inner.error is not None:
            self.error = self._whole_error(self._inner.error)
        return chunks

    def settle(self) -> list[Chunk]:
        """Ends the answer where it is: gives what was held back to be made anew."""
        chunks, self._withheld = [self._take(chunk) for chunk in self._withheld], []
        if self.at_limit:
            self.error = None
            chunks.append(self._end())
        return chunks

    def completion(self) -> Any:
        """Gives the answer as far as it came."""
        whole = self._inner.completion()
        if self._seam is None and not self.at_limit:
            return whole
        seam = copy(self._seam)
        held = [self._text(chunk) for chunk in self._withheld]
        held = [seam.cut(text) if seam is not None else text for text in held]
        return self._joined(whole, "".join(self._pieces + held))

    def _whole_error(self, error: HFIError) -> HFIError:
        if self._seam is None:
            return error
        if isinstance(error, (StreamError, ResponseError)):
            error.partial = self.completion()
        elif isinstance(error, APIStatusError) and self.started:
            # To its own reply the error came first; to the answer it did not.
            broken = GenerationError(
                f"The server broke the answer off: {error.message}",
                hint=error.hint,
                partial=self.completion(),
            )
            broken.__cause__ = error
            return broken
        return error

    def _take(self, chunk: Chunk) -> Chunk:
        text = self._text(chunk)
        if text and self._seam is not None:
            new = self._seam.cut(text)
            if new != text:
                self._set_text(chunk, new)
                text = new
        if text:
            if self._length + len(text) > 0:  # more than what is shown before the answer
                self._starts.append(max(self._length, 0))
            self._length += len(text)
            self._pieces.append(text)
        self._keep(chunk)
        return chunk

    def _text(self, chunk: Chunk) -> str:
        raise NotImplementedError

    def _set_text(self, chunk: Chunk, text: str) -> None:
        """Changes the text of a chunk that nobody holds yet."""
        raise NotImplementedError

    def _keep(self, chunk: Chunk) -> None:
        """Keeps of a chunk what is not text."""
        raise NotImplementedError

    def _joined(self, whole: Any, text: str) -> Any:
        """The answer of the last reply with what came before."""
        raise NotImplementedError

    def _end(self) -> Chunk:
        """The chunk that says that the limit was reached."""
        raise NotImplementedError


class ChatResumingParser(ResumingParser[ChatChunk]):
    """The parser of a chat's stream."""

    def __init__(self, inner: EventStreamParser[ChatChunk]) -> None:
        """Begins an answer."""
        super().__init__(inner)
        self._logprobs: list[TokenLogprob] = []

    def _text(self, chunk: ChatChunk) -> str:
        return chunk.text

    def _set_text(self, chunk: ChatChunk, text: str) -> None:
        choice = chunk.choice
        if choice is not None:
            fix(choice.delta, "content", text)
            if not text:
                fix(choice, "logprobs", None)  # those of a token that was shown before

    def _keep(self, chunk: ChatChunk) -> None:
        for choice in chunk.choices:
            delta = choice.delta
            if delta.tool_calls:
                self.obstacle = "it calls a tool."
            elif delta.reasoning:
                self.obstacle = "it holds the model's reasoning, which servers take no half of."
            elif delta.refusal:
                self.obstacle = "it is a refusal."
            elif choice.index:
                self.obstacle = "there are several answers at once."
            if choice.logprobs is not None and choice.logprobs.content:
                self._logprobs += choice.logprobs.content

    def _joined(self, whole: ChatCompletion, text: str) -> ChatCompletion:
        # The reply may have broken off before its first choice.
        choice = whole.choices[0] if whole.choices else Choice(message=AssistantMessage())
        choice = attrs.evolve(choice, message=attrs.evolve(choice.message, content=text))
        if self.at_limit:
            choice = attrs.evolve(choice, finish_reason="length")
        if self._logprobs:
            choice = attrs.evolve(choice, logprobs=Logprobs(content=tuple(self._logprobs)))
        return attrs.evolve(whole, choices=(choice,))

    def _end(self) -> ChatChunk:
        return ChatChunk(choices=(ChunkChoice(finish_reason="length"),))


class TextResumingParser(ResumingParser[TextChunk]):
    """The parser of a text's stream."""

    def __init__(self, inner: EventStreamParser[TextChunk], *, prefix: str = "") -> None:
        """Begins a text; ``prefix`` is shown before it."""
        super().__init__(inner, prefix=prefix)
        self._tokens: list[Token] = []
        self._top_tokens: list[tuple[Token, ...]] = []

    def _text(self, chunk: TextChunk) -> str:
        return chunk.text

    def _set_text(self, chunk: TextChunk, text: str) -> None:
        fix(chunk, "text", text)

    def _keep(self, chunk: TextChunk) -> None:
        if chunk.token is not None:
            self._tokens.append(chunk.token)
        if chunk.top_tokens:
            self._top_tokens.append(chunk.top_tokens)
        if self._seam is not None and chunk.generated_text is not None:
            fix(chunk, "generated_text", self.text)

    def _joined(self, whole: TextGeneration, text: str) -> TextGeneration:
        if self.at_limit:
            whole = attrs.evolve(whole, finish_reason="length")
        details = whole.details
        if details is not None and details.tokens:
            tops = tuple(self._top_tokens) or details.top_tokens
            details = attrs.evolve(details, tokens=tuple(self._tokens), top_tokens=tops)
        return attrs.evolve(whole, text=text, details=details)

    def _end(self) -> TextChunk:
        return TextChunk(finish_reason="length")
