"""How alike sentences are: as a server says, or computed of their embeddings."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hfi._core.embeddings.parts import call_meta
from hfi.errors import ResponseError
from hfi.types.results import Results

if TYPE_CHECKING:
    from hfi.types.embeddings import Embeddings

__all__ = ["COMPUTED", "TOO_LONG", "compared", "joined_similarities", "read_similarities"]

COMPUTED = "There are only embeddings to be had, so their cosines were computed here."

TOO_LONG = "Shorten the text; with truncate=True, TEI and hf-inference cut it."

_FIELDS = ("similarities", "scores", "predictions")


def read_similarities(body: Any, *, sentences: int | None = None) -> Results[float]:
    """Reads a number for each sentence.

    Raises:
        ResponseError: There are more or fewer, or something else.
    """
    found = body
    if isinstance(body, dict):
        found = next((body[name] for name in _FIELDS if name in body), None)
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if not isinstance(found, list):
        raise _odd("The reply holds no similarities", body)
    if sentences is not None and len(found) != sentences:
        raise _odd(f"The reply holds {len(found)} numbers for {sentences} sentences", body)
    try:
        return Results([_number(item) for item in found], raw=body)
    except (TypeError, ValueError, OverflowError):
        raise _odd("The reply holds similarities that are no numbers", body) from None


def _number(item: Any) -> float:
    if item is None:  # Rust writes NaN so
        return math.nan
    if isinstance(item, bool):
        raise TypeError
    return float(item)


def joined_similarities(parts: Sequence[Results[float]]) -> Results[float]:
    """The numbers of all parts, and the facts of their calls."""
    if not parts:
        return Results()
    first = parts[0]
    if len(parts) == 1:
        return first
    return Results(
        [number for part in parts for number in part],
        inputs=first.inputs,
        model=first.model,
        provider=first.provider,
        meta=call_meta([part.meta for part in parts]),
        raw=[part.raw for part in parts],
    )


def compared(table: Embeddings) -> Results[float]:
    """How alike the first text is to each other, by the cosine of their embeddings.

    Raises:
        ConfigurationError: The model gives a vector for each token.
    """
    first, *others = table
    return Results(
        [first.similarity(other) for other in others],
        model=table.model,
        provider=table.provider,
        meta=table.meta,
        raw=list(table.raw),
    )


def _odd(what: str, body: Any) -> ResponseError:
    return ResponseError(
        f"{what}.",
        hint="Is this a model for similarities? .body holds the beginning of the reply.",
        body=json.dumps(body)[:500],
    )
