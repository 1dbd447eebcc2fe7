"""What servers send of a text: each server's JSON, read into one kind of piece.

Which server wrote an object is told by its fields, so that a reply is read whoever sent it: TGI has
``token`` and ``generated_text``, OpenAI's ``choices``, llama.cpp ``content``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hfi._core.incoming.accumulate import fix
from hfi._core.incoming.decode import REFUSALS, Decoder
from hfi.errors import ResponseError
from hfi.types.raw import beginning
from hfi.types.text import TextDetails, Token
from hfi.types.usage import Usage

__all__ = ["Piece", "piece_of", "quick_piece", "read_value"]

# The seed that asks llama.cpp for a random one, which it then does not tell.
_RANDOM_SEED = 2**32 - 1
# llama.cpp's stop_type in TGI's words.
_STOP_TYPES = {"eos": "eos_token", "limit": "length", "word": "stop_sequence"}


@attrs.frozen(kw_only=True, slots=False)
class _Probability:
    """A token of llama.cpp with its alternatives."""

    id: int | None = None
    token: str = ""
    logprob: float | None = None
    prob: float | None = None
    top_logprobs: tuple[_Probability, ...] | None = None


@attrs.frozen(kw_only=True, slots=False)
class _Choice:
    index: int = 0
    text: str | None = None
    finish_reason: str | None = None
    seed: int | None = None
    logprobs: Any = None


@attrs.frozen(kw_only=True, slots=False)
class _Wire:
    """The fields of all three, which are few."""

    # TGI
    index: int | None = None
    token: Token | None = None
    top_tokens: tuple[Token, ...] | None = None
    generated_text: str | None = None
    details: TextDetails | None = None
    # OpenAI
    choices: tuple[_Choice, ...] | None = None
    usage: Usage | None = None
    model: str | None = None
    # llama.cpp
    content: str | None = None
    stop: bool = False
    stop_type: str | None = None
    tokens_predicted: int | None = None
    tokens_evaluated: int | None = None
    completion_probabilities: tuple[_Probability, ...] | None = None
    generation_settings: Mapping[str, Any] | None = None


_DECODER = Decoder(_Wire)


@attrs.frozen(kw_only=True)
class Piece:
    """What one object adds to a text.

    Attributes:
        text: The text it adds, special tokens included as none.
        whole: The whole text, where the object holds it.
        tokens: The tokens it stands for.
        top_tokens: The likeliest tokens at the place of each of them, or None.
        finish_reason: The server's own word for the end, or None.
        last: Whether it is the last object of the reply by this server's protocol.
    """

    text: str = ""
    whole: str | None = None
    tokens: tuple[Token, ...] = ()
    top_tokens: tuple[tuple[Token, ...], ...] | None = None
    index: int | None = None
    finish_reason: str | None = None
    details: TextDetails | None = None
    usage: Usage | None = None
    model: str | None = None
    last: bool = False

    @property
    def ends(self) -> bool:
        """Whether no more text follows."""
        return self.last or self.finish_reason is not None


def quick_piece(data: bytes) -> Piece | None:
    """Reads the JSON of an event if it is as it should be; else None."""
    try:
        return piece_of(_DECODER.typed(data), data)
    except (*REFUSALS, ResponseError):
        return None


def read_value(value: Any, data: bytes) -> Piece:
    """Reads a whole reply, decoded from ``data``: an object, or a list of one.

    Raises:
        ResponseError: It is neither, or nothing of a text.
    """
    if isinstance(value, list) and value:
        value = value[0]
    return piece_of(_DECODER.read(value, data), data)


def piece_of(wire: _Wire, data: bytes) -> Piece:
    """Tells by the fields whose object it is, and reads it."""
    if wire.usage is not None:
        fix(wire.usage, "_source", data)
    if wire.choices is not None:
        return _of_openai(wire, wire.choices)
    if wire.token is not None or wire.generated_text is not None:
        return _of_tgi(wire)
    if wire.content is not None:
        return _of_llamacpp(wire, wire.content)
    raise ResponseError(
        "The server sent JSON that holds no piece of a text.",
        hint="Check that the address leads to a text-generation route.",
        body=beginning(data),
    )


def _of_tgi(wire: _Wire) -> Piece:
    token, details = wire.token, wire.details
    shown = token is not None and not token.special
    return Piece(
        text=token.text if token is not None and shown else "",
        whole=wire.generated_text,
        tokens=() if token is None else (token,),
        top_tokens=None if wire.top_tokens is None else (wire.top_tokens,),
        index=wire.index,
        finish_reason=details.finish_reason if details is not None else None,
        details=details,
        usage=_usage(details),
        last=wire.generated_text is not None,
    )


def _usage(details: TextDetails | None) -> Usage | None:
    if details is None or details.generated_tokens is None:
        return None
    prompt = details.input_length
    if prompt is None and details.prefill:
        prompt = len(details.prefill)
    return _counted(prompt, details.generated_tokens)


def _counted(prompt: int | None, made: int | None) -> Usage:
    total = prompt + made if prompt is not None and made is not None else None
    return Usage(prompt_tokens=prompt, completion_tokens=made, total_tokens=total)


def _of_openai(wire: _Wire, choices: tuple[_Choice, ...]) -> Piece:
    # One prompt was sent and one answer asked for: there is one choice, or none beside usage.
    choice = next((choice for choice in choices if choice.index == 0), _Choice())
    tokens, top_tokens = _logprobs(choice.logprobs)
    reason = choice.finish_reason or None  # TGI sends "" for "not yet"
    details = None
    if reason is not None or choice.seed is not None:
        made = wire.usage.completion_tokens if wire.usage is not None else None
        details = TextDetails(finish_reason=reason, seed=choice.seed, generated_tokens=made)
    return Piece(
        text=choice.text or "",
        tokens=tokens,
        top_tokens=top_tokens,
        finish_reason=reason,
        details=details,
        usage=wire.usage,
        model=wire.model,
    )


def _logprobs(value: Any) -> tuple[tuple[Token, ...], tuple[tuple[Token, ...], ...] | None]:
    """Reads OpenAI's parallel lists, or the list of objects that llama.cpp sends in their place."""
    if not isinstance(value, dict):
        return (), None
    content = value.get("content")
    if isinstance(content, list):
        read = _DECODER.read({"content": "", "completion_probabilities": content})
        return _probabilities(read.completion_probabilities)
    texts, logprobs = _listed(value, "tokens"), _listed(value, "token_logprobs")
    tokens = tuple(
        _token(text, logprobs[place] if place < len(logprobs) else None)
        for place, text in enumerate(texts)
    )
    tops = [
        tuple(_token(text, logprob) for text, logprob in top.items())
        for top in _listed(value, "top_logprobs")
        if isinstance(top, dict)
    ]
    return tokens, tuple(tops) if tops else None


def _listed(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _token(text: Any, logprob: Any) -> Token:
    number = isinstance(logprob, (int, float)) and not isinstance(logprob, bool)
    return Token(text=str(text), logprob=float(logprob) if number else None)


def _probabilities(
    items: tuple[_Probability, ...] | None,
) -> tuple[tuple[Token, ...], tuple[tuple[Token, ...], ...] | None]:
    items = items or ()
    tokens = tuple(_probable(item) for item in items)
    tops = tuple(tuple(map(_probable, item.top_logprobs or ())) for item in items)
    return tokens, tops if any(tops) else None


def _probable(item: _Probability) -> Token:
    return Token(id=item.id, text=item.token, logprob=item.logprob)


def _of_llamacpp(wire: _Wire, content: str) -> Piece:
    tokens, top_tokens = _probabilities(wire.completion_probabilities)
    if not wire.stop:
        return Piece(text=content, tokens=tokens, top_tokens=top_tokens)
    word = wire.stop_type
    reason = _STOP_TYPES.get(word or "", None if word in (None, "", "none") else word)
    seed = (wire.generation_settings or {}).get("seed")
    details = TextDetails(
        finish_reason=reason,
        generated_tokens=wire.tokens_predicted,
        seed=seed if isinstance(seed, int) and seed != _RANDOM_SEED else None,
        input_length=wire.tokens_evaluated,
    )
    counted = wire.tokens_predicted is not None or wire.tokens_evaluated is not None
    return Piece(
        text=content,
        tokens=tokens,
        top_tokens=top_tokens,
        finish_reason=reason,
        details=details,
        usage=_counted(wire.tokens_evaluated, wire.tokens_predicted) if counted else None,
        model=wire.model,
        last=True,
    )
