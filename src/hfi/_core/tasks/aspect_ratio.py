"""From an aspect ratio to pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from math import sqrt

from hfi.errors import ConfigurationError

__all__ = ["SIZES", "pixels"]

SIZES: Mapping[str, tuple[int, int]] = {
    "1:1": (1024, 1024),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
    "4:3": (1024, 768),
    "3:4": (768, 1024),
    "3:2": (1024, 682),
    "2:3": (682, 1024),
    "21:9": (1024, 440),
    "9:21": (440, 1024),
    "4:5": (832, 1040),
    "5:4": (1040, 832),
    "2:1": (1024, 512),
    "1:2": (512, 1024),
}
"""The usual ratios and their (width, height) in pixels."""

_AREA = 1024 * 1024  # pixels that today's models are trained on
_STEP = 16  # pixels; latents are 8 to a side, and packed in twos by some models
_WIDEST = 8
_FORM = re.compile(r"\s*([0-9]{1,5}(?:\.[0-9]{1,5})?)\s*[:x/]\s*([0-9]{1,5}(?:\.[0-9]{1,5})?)\s*")


def pixels(
    aspect_ratio: str | None, width: int | None = None, height: int | None = None
) -> tuple[int | None, int | None]:
    """Gives (width, height) in pixels, each None where nothing decides it.

    What is given of width and height wins. One of the usual ratios has its fixed size; any other
    gets about a megapixel, in multiples of 16.

    Args:
        aspect_ratio: Such as ``"16:9"`` or ``"2.39:1"``.
        width: The width that was asked for.
        height: The height that was asked for.

    Raises:
        ConfigurationError: It is no ratio, or a more extreme one than 8:1.
    """
    if aspect_ratio is None:
        return width, height
    ratio = _ratio(aspect_ratio)
    if width is not None and height is not None:
        return width, height
    if width is not None:
        return width, _stepped(width / ratio)
    if height is not None:
        return _stepped(height * ratio), height
    for name, size in SIZES.items():
        if _ratio(name) == ratio:
            return size
    return _stepped(sqrt(_AREA * ratio)), _stepped(sqrt(_AREA / ratio))


def _ratio(text: str) -> Fraction:
    match = _FORM.fullmatch(text)
    wide, high = (Fraction(match[1]), Fraction(match[2])) if match else (0, 0)
    if not wide or not high:
        raise ConfigurationError(
            f"aspect_ratio must be width to height, not {text[:40]!r}.",
            hint=f'Write it like "16:9"; the usual ones are {", ".join(SIZES)}.',
        )
    ratio = Fraction(wide) / Fraction(high)
    if not 1 <= ratio * _WIDEST <= _WIDEST * _WIDEST:
        raise ConfigurationError(
            f"aspect_ratio {text.strip()!r} is more extreme than {_WIDEST}:1.",
            hint="Give width and height if the model can make such an image.",
        )
    return ratio


def _stepped(size: float | Fraction) -> int:
    return max(_STEP, round(size / _STEP) * _STEP)
