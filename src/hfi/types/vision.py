"""What a model sees in a picture, and where."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.media import Image
from hfi.types.raw import WireValue

__all__ = ["Box", "Detection", "Segment"]


@attrs.frozen(kw_only=True)
class Box:
    """A rectangle in a picture, in pixels from its upper left corner.

    Attributes:
        xmin: Its left side.
        ymin: Its upper side.
        xmax: Its right side.
        ymax: Its lower side.
    """

    xmin: int | float
    ymin: int | float
    xmax: int | float
    ymax: int | float

    @property
    def width(self) -> int | float:
        """Of the rectangle, in pixels."""
        return self.xmax - self.xmin

    @property
    def height(self) -> int | float:
        """Of the rectangle, in pixels."""
        return self.ymax - self.ymin


@attrs.frozen(kw_only=True, slots=False)
class Detection(WireValue):
    """A thing in a picture.

    Attributes:
        label: What it is.
        score: The probability of that, 0 to 1.
        box: Where it is.
        raw: The JSON object as sent.
    """

    label: str
    score: float | None = None
    box: Box
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    def __str__(self) -> str:
        return self.label


@attrs.frozen(kw_only=True, slots=False)
class Segment(WireValue):
    """A part of a picture.

    Attributes:
        label: What it is.
        score: The probability of that, 0 to 1; None where the model gives none.
        mask: A grey image as large as the picture, white where the part is.
        raw: The JSON object as sent.
    """

    label: str
    score: float | None = None
    mask: Image
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    def __str__(self) -> str:
        return self.label
