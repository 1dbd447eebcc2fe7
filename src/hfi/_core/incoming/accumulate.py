"""The chunks of a chat, set right as they come and put together to a completion.

A decoded chunk still says things each server's way. ``ChatAccumulator.add`` normalises it in place,
before anybody else holds it, and keeps its pieces of the answer; no chunk is kept.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.incoming.calls import CallAccumulator
from hfi._core.incoming.reasoning import ThinkSplitter, split_think
from hfi.types.chat import (
    AssistantMessage,
    ChatChunk,
    ChatCompletion,
    Choice,
    ChunkChoice,
    Delta,
)
from hfi.types.usage import Logprobs, TokenLogprob, Usage

if TYPE_CHECKING:
    from hfi.types.meta import CallMeta

__all__ = ["ChatAccumulator", "finish_word", "fix"]

# TGI's own words, and those of Anthropic-like servers; "" is TGI's and Snowflake's "not yet".
_FINISH_WORDS = {
    "": None,
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
}


def finish_word(reason: str) -> str | None:
    """Gives a finish reason in the protocol's words; unknown ones stay."""
    return _FINISH_WORDS.get(reason, reason)


def fix(value: object, name: str, new: Any) -> None:
    """Sets a field of a frozen value that was decoded just now and handed to nobody yet."""
    object.__setattr__(value, name, new)


@attrs.define(kw_only=True)
class _Choice:
    role: str | None = None
    text: list[str] = attrs.field(factory=list)
    reasoning: list[str] = attrs.field(factory=list)
    refusal: list[str] = attrs.field(factory=list)
    calls: CallAccumulator | None = None
    tokens: list[TokenLogprob] | None = None
    refusal_tokens: list[TokenLogprob] | None = None
    finish_reason: str | None = None
    think: ThinkSplitter | None = None  # while <think> may come or lasts
    split: bool = False  # whether the reasoning has been told from the text already


class ChatAccumulator:
    """Builds a completion from chunks.

    Attributes:
        started: Whether any piece of an answer has come: text, reasoning, a call or a refusal.
        usage: The last usage the server sent.
    """

    def __init__(self, *, thinking: bool = False, plain: bool = False) -> None:
        """Begins an empty answer.

        Args:
            thinking: The prompt ended with ``<think>``.
            plain: All of the content is text, without reasoning at its beginning.
        """
        self.started = False
        self.usage: Usage | None = None
        self._thinking = thinking
        self._plain = plain
        self._choices: dict[int, _Choice] = {}
        self._id: str | None = None
        self._model: str | None = None
        self._created: int | None = None
        self._fingerprint: str | None = None

    @property
    def finished(self) -> bool:
        """Whether a choice was seen, and every choice seen has a finish reason."""
        choices = self._choices.values()
        return bool(choices) and all(choice.finish_reason is not None for choice in choices)

    def add(self, chunk: ChatChunk) -> None:
        """Sets a chunk right and keeps what it adds."""
        choices = chunk.choices
        if len(choices) > 1:
            _number(choices)
        for choice in choices:
            state = self._choices.get(choice.index)
            if state is None:
                state = self._new(choice)
            delta = choice.delta
            reasoning = delta.reasoning or delta.reasoning_content or delta.thinking
            if reasoning:
                self._add_reasoning(state, delta, reasoning)
            content = delta.content
            if content:
                self.started = True
                if state.think is None:
                    state.text.append(content)
                else:
                    _split(state, delta, *state.think.feed(content))
            if delta.tool_calls or delta.refusal or choice.logprobs is not None:
                self._add_rest(state, choice)
            if choice.finish_reason is not None:
                _finish(state, choice)
        if chunk.usage is not None:
            self.usage = chunk.usage
        if not self._id or not self._model or chunk.system_fingerprint is not None:
            self._identify(chunk)

    def flush(self) -> ChatChunk | None:
        """Ends the answer: gives what was held of choices that no finish reason ended, or None."""
        ended = []
        for index, state in self._choices.items():
            if state.think is not None:
                delta = Delta()
                _split(state, delta, *state.think.flush())
                if delta.content or delta.reasoning:
                    ended.append(ChunkChoice(index=index, delta=delta))
        if not ended:
            return None
        return ChatChunk(
            id=self._id, model=self._model, created=self._created, choices=tuple(ended)
        )

    def completion(
        self, *, ended: bool = False, provider: str | None, meta: CallMeta
    ) -> ChatCompletion:
        """Gives the completion as far as it came.

        ``ended`` says that the server ended the answer: calls without a finish reason are then
        finished ones (TGI never says so in a stream).
        """
        choices = self._choices.items()
        return ChatCompletion(
            id=self._id,
            choices=tuple(_choice(i, state, ended) for i, state in sorted(choices, key=_index)),
            created=self._created,
            model=self._model,
            system_fingerprint=self._fingerprint,
            usage=self.usage,
            provider=provider,
            meta=meta,
        )

    def _new(self, choice: ChunkChoice) -> _Choice:
        state = self._choices[choice.index] = _Choice()
        state.role = choice.delta.role
        state.split = self._plain
        if not self._plain:
            state.think = ThinkSplitter(thinking=self._thinking)
        return state

    def _identify(self, chunk: ChatChunk) -> None:
        self._id = self._id or chunk.id
        self._model = self._model or chunk.model
        self._created = self._created or chunk.created
        self._fingerprint = chunk.system_fingerprint or self._fingerprint

    def _add_reasoning(self, state: _Choice, delta: Delta, reasoning: str) -> None:
        """Keeps reasoning from a field of its own; two fields set say the same twice."""
        self.started = True
        if state.think is not None:
            # The server tells reasoning from text itself: nothing in the text is a tag.
            held, text = state.think.flush()
            state.think, state.split = None, True
            reasoning = held + reasoning
            if text:
                fix(delta, "content", text + (delta.content or ""))
        if delta.reasoning != reasoning:
            fix(delta, "reasoning", reasoning)
        state.reasoning.append(reasoning)

    def _add_rest(self, state: _Choice, choice: ChunkChoice) -> None:
        delta, logprobs = choice.delta, choice.logprobs
        if delta.tool_calls:
            self.started = True
            if state.calls is None:
                state.calls = CallAccumulator()
            state.calls.add(delta.tool_calls)
        if delta.refusal:
            self.started = True
            state.refusal.append(delta.refusal)
        if logprobs is not None:
            state.tokens = _extended(state.tokens, logprobs.content)
            state.refusal_tokens = _extended(state.refusal_tokens, logprobs.refusal)


def _index(item: tuple[int, _Choice]) -> int:
    return item[0]


def _number(choices: tuple[ChunkChoice, ...]) -> None:
    """Gives choices their place for an index where a server sends several without any."""
    if not any(choice.index for choice in choices):
        for index, choice in enumerate(choices):
            fix(choice, "index", index)


def _split(state: _Choice, delta: Delta, reasoning: str, text: str) -> None:
    """Puts the parts of a piece of text where they belong, in the chunk and in the answer."""
    if delta.content != text:
        fix(delta, "content", text)
    if text:
        state.text.append(text)
    if reasoning:
        fix(delta, "reasoning", reasoning)
        state.reasoning.append(reasoning)
    if state.think is not None and state.think.decided:
        state.split = state.think.split
        state.think = None


def _finish(state: _Choice, choice: ChunkChoice) -> None:
    reason = finish_word(choice.finish_reason or "")
    if reason != choice.finish_reason:
        fix(choice, "finish_reason", reason)
    if reason is None:
        return
    state.finish_reason = reason
    if state.think is not None:
        delta = choice.delta
        reasoning, text = state.think.flush()
        if reasoning:
            state.reasoning.append(reasoning)
            fix(delta, "reasoning", (delta.reasoning or "") + reasoning)
        if text:
            state.text.append(text)
            fix(delta, "content", (delta.content or "") + text)


def _extended(
    tokens: list[TokenLogprob] | None, more: tuple[TokenLogprob, ...] | None
) -> list[TokenLogprob] | None:
    if more is None:
        return tokens
    if tokens is None:
        return list(more)
    tokens.extend(more)
    return tokens


def _choice(index: int, state: _Choice, ended: bool) -> Choice:
    text, reasoning = "".join(state.text), "".join(state.reasoning)
    held = ("", "") if state.think is None else copy.copy(state.think).flush()
    reasoning, text = reasoning + held[0], text + held[1]
    split = state.split or (state.think is not None and state.think.split)
    if not split and "</think>" in text:
        found, text = split_think(text)
        reasoning = found or ""
    calls = state.calls.calls() if state.calls is not None else None
    finish_reason = state.finish_reason
    if finish_reason is None and ended and calls:
        finish_reason = "tool_calls"
    return Choice(
        index=index,
        message=AssistantMessage(
            role=state.role or "assistant",
            content=text if text or not (calls or reasoning) else None,
            reasoning=reasoning or None,
            tool_calls=calls,
            refusal="".join(state.refusal) or None,
        ),
        finish_reason=finish_reason,
        logprobs=_logprobs(state),
    )


def _logprobs(state: _Choice) -> Logprobs | None:
    if state.tokens is None and state.refusal_tokens is None:
        return None
    return Logprobs(
        content=None if state.tokens is None else tuple(state.tokens),
        refusal=None if state.refusal_tokens is None else tuple(state.refusal_tokens),
    )
