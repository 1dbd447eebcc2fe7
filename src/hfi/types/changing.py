"""Values that differ in some fields."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["changed"]

Value = TypeVar("Value")


def changed(value: Value, **changes: Any) -> Value:
    """A copy of a frozen value without slots, with other values in some fields.

    ``attrs.evolve`` looks at every field of the class and checks them all again, which is a
    hundredth of a whole call each time.
    """
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__, **changes)
    return copy
