"""Answers to questions: about a text, a document, a picture or a table."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.raw import WireValue, short
from hfi.types.results import TaskValue

__all__ = ["Answer", "TableAnswer", "VisualAnswer"]


@attrs.frozen(kw_only=True, slots=False)
class Answer(TaskValue):
    """An answer found in a text or on a document; ``str(answer)`` is its text.

    Attributes:
        answer: The text; empty where the model says that there is no answer.
        score: Its probability, 0 to 1.
        start: Where it begins in the context, in characters; on a document, in words.
        end: Where it ends; in a context that is the character after it, on a document its last
            word.
    """

    answer: str = attrs.field(repr=short)
    score: float | None = None
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        return self.answer


@attrs.frozen(slots=False)
class VisualAnswer(WireValue):
    """An answer to a question about a picture; ``str(answer)`` is its text.

    Attributes:
        answer: The text; None where the model only scores.
        score: Its probability, 0 to 1.
        raw: The JSON object as sent.
    """

    answer: str | None = None
    score: float | None = None
    _source: Any = attrs.field(default=None, kw_only=True, eq=False, repr=False, alias="source")

    def __str__(self) -> str:
        return self.answer or ""


@attrs.frozen(kw_only=True, slots=False)
class TableAnswer(TaskValue):
    """An answer found in a table; ``str(answer)`` is its text.

    Attributes:
        answer: The text; where there is an aggregator, behind its name: ``"SUM > 1, 2"``. The model
            names what to compute; nobody computes it.
        coordinates: The cells that it stands on, as (row, column), both from 0.
        cells: Their texts.
        aggregator: ``"SUM"``, ``"AVERAGE"``, ``"COUNT"``, ``"NONE"``, or None where the model has
            none.
        inputs: The table that was asked about, by columns.
    """

    answer: str = attrs.field(repr=short)
    coordinates: tuple[tuple[int, int], ...] = ()
    cells: tuple[str, ...] = attrs.field(default=(), repr=short)
    aggregator: str | None = None
    inputs: Any = attrs.field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return self.answer

    def _repr_html_(self) -> str:
        """The table with its cells marked, for a notebook."""
        from hfi.types.drawings import table_answer  # noqa: PLC0415 - needed by who draws

        return table_answer(self)
