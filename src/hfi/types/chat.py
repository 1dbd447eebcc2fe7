"""What a chat gives: a whole completion, or the chunks of one."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.changing import changed
from hfi.types.meta import CallMeta
from hfi.types.raw import WireValue, short
from hfi.types.tool_call import FunctionCall, FunctionDelta, ToolCall, ToolCallDelta
from hfi.types.usage import Logprobs, TokenLogprob, Usage

__all__ = [
    "AssistantMessage",
    "ChatChunk",
    "ChatCompletion",
    "Choice",
    "ChunkChoice",
    "Delta",
    "FunctionCall",
    "FunctionDelta",
    "Logprobs",
    "TokenLogprob",
    "ToolCall",
    "ToolCallDelta",
    "Usage",
]


@attrs.frozen(kw_only=True, slots=False)
class AssistantMessage:
    """A model's turn. It can be put into the next call's messages as it is.

    Attributes:
        role: "assistant".
        content: The text, or None, as is usual beside tool calls.
        reasoning: What the model thought first, whichever way the server sends it.
        tool_calls: The calls it asks for, or None.
        refusal: Why it refused, where the server tells that apart from content.
        reasoning_content: ``reasoning``, where the server sent it under this name.
        thinking: Likewise.
    """

    role: str = "assistant"
    content: str | None = attrs.field(default=None, repr=short)
    reasoning: str | None = attrs.field(default=None, repr=short)
    tool_calls: tuple[ToolCall, ...] | None = attrs.field(default=None, repr=short)
    refusal: str | None = attrs.field(default=None, repr=short)
    reasoning_content: str | None = attrs.field(default=None, repr=False, eq=False)
    thinking: str | None = attrs.field(default=None, repr=False, eq=False)

    def to_dict(self, *, reasoning: str | None = None) -> dict[str, Any]:
        """Gives the wire form of the message, to be sent back.

        Args:
            reasoning: The field to send the reasoning in ("reasoning", "reasoning_content" ...).
                It is left out by default: several servers refuse a field they do not know.
        """
        # Null content is for tool calls; without them servers want a string.
        content = self.content if self.content is not None or self.tool_calls else ""
        message: dict[str, Any] = {"role": self.role, "content": content}
        if reasoning is not None and self.reasoning is not None:
            message[reasoning] = self.reasoning
        if self.tool_calls:
            message["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        return message


@attrs.frozen(kw_only=True, slots=False)
class Choice:
    """One of the answers; there are several where ``n`` asked for them."""

    index: int = 0
    message: AssistantMessage = attrs.field(factory=AssistantMessage)
    finish_reason: str | None = None
    logprobs: Logprobs | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True, slots=False, repr=False)
class ChatCompletion(WireValue):
    """A model's answer; ``str(completion)`` is its text.

    Attributes:
        id: The server's name for the answer; not every server's is unique.
        choices: The answers, by index.
        created: Seconds since 1970.
        model: The model that answered, as the server calls it.
        system_fingerprint: The server's or the model's version.
        usage: Tokens, or None where the server did not count them.
        provider: Who answered, where known.
        meta: The facts of the call.
        raw: The JSON object as sent, or None where the answer was streamed.
    """

    id: str | None = None
    choices: tuple[Choice, ...] = ()
    created: int | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None
    provider: str | None = None
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False)
    _source: Any = attrs.field(default=None, eq=False, alias="source")

    @property
    def choice(self) -> Choice:
        """Choice 0, which the properties below are about; an empty one if there is no choice."""
        for choice in self.choices:
            if choice.index == 0:
                return choice
        return self.choices[0] if self.choices else Choice()

    @property
    def message(self) -> AssistantMessage:
        """The message of choice 0."""
        return self.choice.message

    @property
    def text(self) -> str:
        """The text of choice 0; empty where there is none."""
        return self.message.content or ""

    @property
    def reasoning(self) -> str | None:
        """What the model thought before choice 0, or None."""
        return self.message.reasoning

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls choice 0 asks for; empty where there are none."""
        return self.message.tool_calls or ()

    @property
    def refusal(self) -> str | None:
        """Why the model refused, where the server tells that apart from text."""
        return self.message.refusal

    @property
    def finish_reason(self) -> str | None:
        """Why choice 0 ended: "stop", "length", "tool_calls", "content_filter" or another word."""
        return self.choice.finish_reason

    @property
    def logprobs(self) -> Logprobs | None:
        """The tokens of choice 0 with their probabilities, where they were asked for."""
        return self.choice.logprobs

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, for support tickets."""
        return self.meta.request_id

    def with_meta(self, meta: CallMeta, *, provider: str | None = None) -> ChatCompletion:
        """Gives this completion with other facts of the call."""
        return changed(self, meta=meta, provider=provider or self.provider)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        parts = [f"text={short(self.text)}", f"finish_reason={self.finish_reason!r}"]
        parts += _present(self, "reasoning", "tool_calls", "refusal")
        if len(self.choices) > 1:
            parts.append(f"choices=<{len(self.choices)} items>")
        parts += _present(self, "model", "provider", "usage", "id")
        return f"ChatCompletion({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from hfi.types.rendering import completion_html  # noqa: PLC0415 - for notebooks

        return completion_html(self)


@attrs.frozen(kw_only=True, slots=False)
class Delta:
    """What a chunk adds to a message; None is nothing.

    ``reasoning`` is set whichever of its three names the server uses.
    """

    role: str | None = None
    content: str | None = attrs.field(default=None, repr=short)
    reasoning: str | None = attrs.field(default=None, repr=short)
    tool_calls: tuple[ToolCallDelta, ...] | None = None
    refusal: str | None = None
    reasoning_content: str | None = attrs.field(default=None, repr=False, eq=False)
    thinking: str | None = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen(kw_only=True, slots=False)
class ChunkChoice:
    """What a chunk adds to choice number ``index``."""

    index: int = 0
    delta: Delta = attrs.field(factory=Delta)
    finish_reason: str | None = None
    logprobs: Logprobs | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True, slots=False, repr=False)
class ChatChunk(WireValue):
    """A piece of an answer as it is made; ``str(chunk)`` is its text.

    The properties are about choice 0 only; with ``n`` above 1 the others are in ``choices``.

    Attributes:
        id: The server's name for the answer, the same on all its chunks.
        choices: What the chunk adds to each answer; empty on one that tells the usage alone.
        created: Seconds since 1970.
        model: The model that answers, as the server calls it.
        system_fingerprint: The server's or the model's version.
        usage: Tokens, as a rule on the last chunk alone.
    """

    id: str | None = None
    choices: tuple[ChunkChoice, ...] = ()
    created: int | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None

    @property
    def choice(self) -> ChunkChoice | None:
        """What the chunk adds to choice 0, or None."""
        for choice in self.choices:
            if choice.index == 0:
                return choice
        return None

    @property
    def text(self) -> str:
        """The text it adds; empty where there is none."""
        for choice in self.choices:
            if choice.index == 0:
                return choice.delta.content or ""
        return ""

    @property
    def reasoning(self) -> str | None:
        """The reasoning it adds, or None."""
        choice = self.choice
        return choice.delta.reasoning if choice is not None else None

    @property
    def tool_calls(self) -> tuple[ToolCallDelta, ...]:
        """The pieces of calls it adds; empty where there are none."""
        choice = self.choice
        return (choice.delta.tool_calls or ()) if choice is not None else ()

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended, on the chunk that ends it."""
        choice = self.choice
        return choice.finish_reason if choice is not None else None

    @property
    def logprobs(self) -> Logprobs | None:
        """The tokens it adds with their probabilities, where they were asked for."""
        choice = self.choice
        return choice.logprobs if choice is not None else None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        parts = [f"text={short(self.text)}"]
        parts += _present(self, "reasoning", "tool_calls", "finish_reason", "usage")
        if [choice.index for choice in self.choices] not in ([], [0]):
            parts.append(f"choices={self.choices!r}")
        return f"ChatChunk({', '.join(parts)})"


def _present(value: object, *names: str) -> list[str]:
    return [f"{name}={short(found)}" for name in names if (found := getattr(value, name))]
