"""Classes that a text, an image or a sound may belong to."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.raw import WireValue

__all__ = ["Classification"]


@attrs.frozen(slots=False)
class Classification(WireValue):
    """A class, and how sure the model is of it.

    Attributes:
        label: The name of the class, as the model or the caller gave it.
        score: Its probability, 0 to 1, where ``function_to_apply`` makes probabilities; None where
            the server told no number.
        raw: The JSON object as sent.
    """

    label: str
    score: float | None = None
    _source: Any = attrs.field(default=None, kw_only=True, eq=False, repr=False, alias="source")

    def __str__(self) -> str:
        return self.label
