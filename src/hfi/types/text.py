"""What text generation gives: a whole text, or the chunks of one."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.changing import changed
from hfi.types.meta import CallMeta
from hfi.types.raw import WireValue, short
from hfi.types.usage import Usage

__all__ = ["BestOfSequence", "TextChunk", "TextDetails", "TextGeneration", "Token"]


@attrs.frozen(kw_only=True, slots=False)
class Token:
    """One token.

    Attributes:
        id: Its number in the model's vocabulary.
        text: Its text; part of a character may be a replacement character.
        logprob: The natural logarithm of its probability; None where it has none.
        special: Whether it is a mark for the model, such as the end of text, and not shown.
    """

    id: int | None = None
    text: str = ""
    logprob: float | None = None
    special: bool = False


@attrs.frozen(kw_only=True, slots=False)
class BestOfSequence:
    """One of the texts that ``best_of`` compared, without the one that was chosen."""

    generated_text: str = attrs.field(default="", repr=short)
    finish_reason: str | None = None
    generated_tokens: int | None = None
    seed: int | None = None
    prefill: tuple[Token, ...] = attrs.field(default=(), repr=short)
    tokens: tuple[Token, ...] = attrs.field(default=(), repr=short)
    top_tokens: tuple[tuple[Token, ...], ...] | None = attrs.field(default=None, repr=short)


@attrs.frozen(kw_only=True, slots=False)
class TextDetails:
    """How a text was made.

    Attributes:
        finish_reason: The server's own word: TGI says ``"length"``, ``"eos_token"`` or
            ``"stop_sequence"``, and llama.cpp's words are turned into these.
        generated_tokens: Tokens made.
        seed: The seed that was used; None where nothing was sampled.
        input_length: Tokens of the prompt, where the server tells.
        prefill: The prompt's tokens, where ``decoder_input_details`` asked for them.
        tokens: The tokens made, special ones included.
        top_tokens: For each of them the likeliest ones at its place, where ``top_n_tokens`` asked.
        best_of_sequences: The other texts, where ``best_of`` asked for several.
    """

    finish_reason: str | None = None
    generated_tokens: int | None = None
    seed: int | None = None
    input_length: int | None = None
    prefill: tuple[Token, ...] = attrs.field(default=(), repr=short)
    tokens: tuple[Token, ...] = attrs.field(default=(), repr=short)
    top_tokens: tuple[tuple[Token, ...], ...] | None = attrs.field(default=None, repr=short)
    best_of_sequences: tuple[BestOfSequence, ...] | None = attrs.field(default=None, repr=short)


@attrs.frozen(kw_only=True, slots=False, repr=False)
class TextGeneration(WireValue):
    """A text that a model made; ``str(generation)`` is the text.

    Attributes:
        text: The text, without special tokens, cut before the first stop sequence.
        finish_reason: ``"stop"`` (the model ended it, or a stop sequence did), ``"length"``, or
            None where the server does not say.
        details: What the server told about its making, or None.
        model: The model that answered, as the server calls it.
        usage: Tokens, or None where the server did not count them.
        provider: Who answered, where known.
        meta: The facts of the call.
        raw: The JSON object as sent, or None where the text was streamed.
    """

    text: str = ""
    finish_reason: str | None = None
    details: TextDetails | None = None
    model: str | None = None
    usage: Usage | None = None
    provider: str | None = None
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False)
    _source: Any = attrs.field(default=None, eq=False, alias="source")

    @property
    def generated_text(self) -> str:
        """The text, under the wire's name."""
        return self.text

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens made, where the server told them."""
        return self.details.tokens if self.details is not None else ()

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, for support tickets."""
        return self.meta.request_id

    def with_meta(self, meta: CallMeta) -> TextGeneration:
        """Gives this text with other facts of the call."""
        return changed(self, meta=meta)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        parts = [f"text={short(self.text)}", f"finish_reason={self.finish_reason!r}"]
        for name in ("model", "provider", "usage"):
            if (value := getattr(self, name)) is not None:
                parts.append(f"{name}={value!r}")
        return f"TextGeneration({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from hfi.types.rendering import text_html  # noqa: PLC0415 - for notebooks

        return text_html(self)


@attrs.frozen(kw_only=True, slots=False, repr=False)
class TextChunk(WireValue):
    """A piece of a text as it is made; ``str(chunk)`` is its text.

    Attributes:
        text: What it adds; empty for special tokens, and while a stop sequence may be coming.
        token: The token it stands for, where the server tells.
        top_tokens: The likeliest tokens at its place, where ``top_n_tokens`` asked for them.
        index: The server's number of the event.
        finish_reason: Why the text ended, on the chunk that ends it.
        generated_text: The whole text as the server sent it, on the last chunk of some servers.
        details: On the last chunk, where the server tells.
        usage: Tokens, on the chunk that tells them.
    """

    text: str = ""
    token: Token | None = None
    top_tokens: tuple[Token, ...] | None = None
    index: int | None = None
    finish_reason: str | None = None
    generated_text: str | None = None
    details: TextDetails | None = None
    usage: Usage | None = None
    _source: Any = attrs.field(default=None, eq=False, alias="source")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        parts = [f"text={short(self.text)}"]
        if self.finish_reason is not None:
            parts.append(f"finish_reason={self.finish_reason!r}")
        return f"TextChunk({', '.join(parts)})"
