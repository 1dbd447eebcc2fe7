"""What an answer cost in tokens, and how likely its tokens were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hfi.types.raw import WireValue, short

__all__ = ["Logprobs", "TokenLogprob", "Usage"]


# Decoded once per token of a stream: msgspec fills a __dict__ twice as fast as attrs' slots. That
# holds for every class of hfi.types that is not slotted.
@attrs.frozen(kw_only=True, slots=False)
class Usage(WireValue):
    """Tokens, as the server counted them; None where it did not say.

    The details are passed on as sent: ``cached_tokens``, ``reasoning_tokens`` ... ``.raw`` has what
    else the server put beside them, such as a cost.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    completion_tokens_details: Mapping[str, Any] | None = attrs.field(default=None, repr=False)

    @property
    def raw(self) -> dict[str, Any] | None:
        """The usage object as the server sent it, or None if there is none."""
        # The parser keeps the text of the whole reply or chunk; decoding is put off until now.
        whole = super().raw
        usage = whole.get("usage") if whole is not None else None
        return usage if isinstance(usage, dict) else None


@attrs.frozen(kw_only=True, slots=False)
class TokenLogprob:
    """One token with its natural logarithm of probability.

    ``bytes`` are its UTF-8 bytes, which for part of a character are no text. ``top_logprobs`` holds
    the likeliest tokens at this place, themselves without alternatives.
    """

    token: str = ""
    logprob: float | None = None
    bytes: tuple[int, ...] | None = attrs.field(default=None, repr=False)
    top_logprobs: tuple[TokenLogprob, ...] = attrs.field(default=(), repr=short)


@attrs.frozen(kw_only=True, slots=False)
class Logprobs:
    """The tokens of a choice, or of a chunk of it, in order."""

    content: tuple[TokenLogprob, ...] | None = attrs.field(default=None, repr=short)
    refusal: tuple[TokenLogprob, ...] | None = attrs.field(default=None, repr=short)
