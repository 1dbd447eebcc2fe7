"""The reply to a chat over text generation: a text's chunks as those of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.incoming.accumulate import ChatAccumulator, fix
from hfi.errors import HFIError, ResponseError, StreamError
from hfi.types.chat import ChatChunk, ChatCompletion, ChunkChoice, Delta
from hfi.types.usage import Logprobs, TokenLogprob

if TYPE_CHECKING:
    from hfi._core.generation.stream import TextStreamParser
    from hfi._core.resuming.parsers import TextResumingParser
    from hfi.types.text import TextChunk, Token

__all__ = ["ChatTextParser"]


class ChatTextParser:
    """Parses a text's reply and gives it as a chat's.

    Reasoning between ``<think>`` and ``</think>`` is told from the answer, as on a chat route.
    """

    def __init__(
        self,
        text: TextStreamParser | TextResumingParser,
        *,
        thinking: bool,
        trim: bool,
        logprobs: bool = False,
    ) -> None:
        """Begins an empty answer.

        Args:
            text: The parser of the text.
            thinking: Whether the prompt ended inside ``<think>``.
            trim: Whether white space at the beginning is dropped: it is the tokenizer's, where
                an answer was opened.
            logprobs: Whether the tokens' probabilities were asked for.
        """
        self._text = text
        self._answer = ChatAccumulator(thinking=thinking)
        self._trim = trim
        self._logprobs = logprobs

    @property
    def done(self) -> bool:
        """Whether the answer is whole and nothing more is expected."""
        return self._text.done

    @property
    def started(self) -> bool:
        """Whether any piece of the answer has come."""
        return self._answer.started or self._text.started

    @property
    def error(self) -> HFIError | None:
        """What ended the answer before its time, with the chat's partial answer."""
        error = self._text.error
        if isinstance(error, (StreamError, ResponseError)):
            # A reply that is no answer has a partial one only where some of it had come.
            bare = error.partial is None and isinstance(error, ResponseError)
            if not bare and not isinstance(error.partial, ChatCompletion):
                error.partial = self.completion()
        return error

    def feed(self, data: bytes) -> list[ChatChunk]:
        """Takes the next piece of the body and gives the chunks it completes."""
        return self._chat(self._text.feed(data))

    def close(self) -> list[ChatChunk]:
        """Ends the body, and gives what was left."""
        return self._chat(self._text.close())

    def settle(self) -> list[ChatChunk]:
        """Gives what was held back for another reply."""
        return self._chat(self._text.settle())

    def completion(self, *, source: Any = None) -> ChatCompletion:
        """Gives the answer as far as it came."""
        text = self._text.completion()
        completion = self._answer.completion(
            ended=self.done, provider=text.provider, meta=text.meta
        )
        return attrs.evolve(completion, model=completion.model or text.model, source=source)

    def _chat(self, chunks: list[TextChunk]) -> list[ChatChunk]:
        given = [self._chunk(chunk) for chunk in chunks]
        if self._text.done:
            held = self._answer.flush()
            if held is not None:
                given.append(held)
        return given

    def _chunk(self, chunk: TextChunk) -> ChatChunk:
        content = chunk.text
        if self._trim:
            content = content.lstrip()
            self._trim = not content
        choice = ChunkChoice(
            delta=Delta(
                role=None if self._answer.started else "assistant", content=content or None
            ),
            finish_reason=chunk.finish_reason,
            logprobs=_logprobs(chunk) if self._logprobs else None,
        )
        given = ChatChunk(choices=(choice,), usage=chunk.usage)
        fix(given, "_source", chunk._source)
        self._answer.add(given)
        return given


def _logprobs(chunk: TextChunk) -> Logprobs | None:
    """The tokens of a chunk; those of a whole text stand in its details."""
    details = chunk.details
    if details is not None and details.tokens:
        tokens, tops = details.tokens, details.top_tokens or ()
    elif chunk.token is not None:
        tokens, tops = (chunk.token,), (chunk.top_tokens or (),)
    else:
        return None
    return Logprobs(
        content=tuple(
            attrs.evolve(
                _logprob(token),
                top_logprobs=tuple(map(_logprob, tops[place] if place < len(tops) else ())),
            )
            for place, token in enumerate(tokens)
            if not token.special
        )
    )


def _logprob(token: Token) -> TokenLogprob:
    return TokenLogprob(
        token=token.text, logprob=token.logprob, bytes=tuple(token.text.encode("utf-8", "replace"))
    )
