"""Parts of replies: objects out of whatever lists a backend wraps them in, and their fields.

Backends differ in nesting (a lone object for a list, a list around a list) and in the types of
fields. What can be read without guessing is; what is no such reply is a ``ResponseError``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hfi._core.incoming.decode import scalar
from hfi.errors import ResponseError

__all__ = ["label", "needed", "number", "objects", "odd", "unwrapped", "whole"]

_BODY = 500  # characters of a reply that an error shows


def odd(what: str, body: object) -> ResponseError:
    """The error for a reply that is not what its task promises."""
    try:
        shown = json.dumps(body, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError):  # deeper than can be written again
        shown = f"<{type(body).__name__}>"
    return ResponseError(
        f"{what}.",
        hint="Check that the model does this task; .body holds the beginning of the reply.",
        body=shown[:_BODY],
    )


def unwrapped(body: object) -> object:
    """Takes lists off that hold nothing but one list."""
    while isinstance(body, list) and len(body) == 1 and isinstance(body[0], list):
        body = body[0]
    return body


def objects(body: object, noun: str) -> list[Mapping[str, Any]]:
    """The objects of a reply, whether they come in a list, in lists around it, or alone.

    Args:
        body: The decoded JSON.
        noun: What they are, for errors: ``"classifications"``.

    Raises:
        ResponseError: There are other things among them.
    """
    inner = unwrapped(body)
    items = [inner] if isinstance(inner, dict) else inner
    if not isinstance(items, list):
        raise odd(f"The reply holds no {noun}", body)
    # A null among results is no result.
    found: list[Any] = [item for item in items if item is not None]
    if not all(isinstance(item, dict) for item in found):
        raise odd(f"The reply holds other things than {noun}", body)
    return found


def label(value: object) -> str | None:
    """A name; a model without names for its classes may number them."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return scalar(str, value)


def number(value: object) -> float | None:
    """A number, also where it came as text; None where it is none, NaN included."""
    return scalar(float, value)


def whole(value: object) -> int | None:
    """A whole number, also where it came as text or as ``1.0``; None where it is none."""
    return scalar(int, value)


def needed(item: Mapping[str, Any], *names: str, noun: str) -> str:
    """The first of some fields that is a text, which the object is nothing without.

    Raises:
        ResponseError: It has none of them.
    """
    for name in names:
        found = label(item.get(name))
        if found is not None:
            return found
    raise odd(f"A part of the reply is no {noun}: it has no {names[0]!r}", item)
