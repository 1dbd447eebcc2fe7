"""Words of a text: names found in it, and words that fit its gaps."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.raw import WireValue, short

__all__ = ["Entity", "FillMask"]


@attrs.frozen(kw_only=True, slots=False)
class Entity(WireValue):
    """A token, or a group of them, that the model put a name to.

    Attributes:
        entity: The name: of the group (``"PER"``), or of the single token (``"B-PER"``) where
            nothing was grouped.
        score: Its probability, 0 to 1.
        word: The text, as the tokenizer writes it.
        start: Where it begins in the text, in characters; None where the tokenizer does not know.
        end: The character after it.
        raw: The JSON object as sent.
    """

    entity: str
    score: float | None = None
    word: str = ""
    start: int | None = None
    end: int | None = None
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    @property
    def entity_group(self) -> str:
        """The same as ``entity``, under the wire's name for groups."""
        return self.entity

    def __str__(self) -> str:
        return self.word


@attrs.frozen(kw_only=True, slots=False)
class FillMask(WireValue):
    """A word for a gap.

    Attributes:
        sequence: The text with the word in place.
        score: Its probability, 0 to 1.
        token: The number of the token in the model's vocabulary.
        token_str: The word.
        mask: Which gap, from 0, where the text has several; the other gaps then stay open in
            ``sequence``.
        raw: The JSON object as sent.
    """

    sequence: str = attrs.field(default="", repr=short)
    score: float | None = None
    token: int | None = None
    token_str: str = ""
    mask: int = 0
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    def __str__(self) -> str:
        return self.token_str
