"""Checks of inputs and options that tasks share; for ``Task.checks``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hfi._core.outgoing.option_values import checked
from hfi.errors import ConfigurationError

__all__ = ["SEEDS", "checked_seed", "checked_size", "checked_texts"]

SEEDS = 2**32
"""How many seeds there are: servers read an unsigned number of 32 bits."""


def checked_seed(name: str, value: Any) -> int:
    """A seed that every server can read.

    Raises:
        ConfigurationError: It is none.
    """
    seed: int = checked("seed", value)
    if not 0 <= seed < SEEDS:
        raise ConfigurationError(
            f"{name} must be a whole number from 0 to {SEEDS - 1}, not {seed}."
        )
    return seed


def checked_size(name: str, value: Any) -> Mapping[str, int]:
    """(width, height) in pixels, or an object of both, as an object.

    Raises:
        ConfigurationError: It is neither.
    """
    sides = value if isinstance(value, tuple) and len(value) == 2 else None
    if sides is None and isinstance(value, dict) and value.keys() == {"width", "height"}:
        sides = (value["width"], value["height"])
    if sides is None:
        raise ConfigurationError(
            f"{name} must be (width, height) in pixels, not {value!r:.60}.",
            hint='{"width": ..., "height": ...} means the same.',
        )
    pairs = zip(("width", "height"), sides, strict=True)
    return {side: checked(side, length) for side, length in pairs}


def checked_texts(name: str, value: Any) -> str | list[str]:
    """A text or several, as given.

    Raises:
        ConfigurationError: It is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return list(value)
    raise ConfigurationError(f"{name} must be a string or a list of strings, not {value!r:.60}.")
