"""JSON into values: typed by msgspec, and field by field where a server was sloppy.

msgspec refuses a whole reply for one ``null`` in a number's place, a lone surrogate or NaN. Such a
reply is decoded untyped and read by one walker over the attrs fields: what has the wrong type
becomes the field's default, what can be read without loss is.
"""

from __future__ import annotations

import functools
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, Union

import attrs
import msgspec

from hfi._core.incoming.tidy import TIDIED
from hfi.errors import LimitExceededError, ResponseError
from hfi.types.hints import NO_API
from hfi.types.raw import beginning, loads

__all__ = ["REFUSALS", "Decoder", "read", "scalar", "untyped"]

T = TypeVar("T")

# What msgspec raises for what it does not read, broken UTF-8 included.
REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# What a value cannot be read as; None would be a value.
_WRONG: Any = object()
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")
_REPLACED_SURROGATES = re.compile("[\ud800-\udfff]")


class Decoder(Generic[T]):
    """Decodes the JSON of one attrs class.

    ``typed`` is the fast path alone, for callers that handle its ``REFUSALS`` themselves.
    """

    def __init__(self, cls: type[T]) -> None:
        """Prepares both paths for ``cls``."""
        self._cls = cls
        self.typed: Callable[[bytes], T] = msgspec.json.Decoder(cls).decode

    def __call__(self, data: bytes) -> T:
        """Decodes an object.

        Raises:
            ResponseError: This is no JSON, or no object.
            LimitExceededError: It is nested too deeply.
        """
        try:
            return self.typed(data)
        except RecursionError:
            raise LimitExceededError(
                "The server's JSON is nested deeper than hfi reads.",
                hint=NO_API,
                body=beginning(data),
            ) from None
        except REFUSALS:
            return self.read(untyped(data), data)

    def read(self, value: object, data: bytes = b"") -> T:
        """Reads a decoded object field by field; ``data`` is shown where it is none.

        Raises:
            ResponseError: This is no object.
        """
        if not isinstance(value, dict):
            kind = type(value).__name__
            raise ResponseError(
                f"The server sent JSON that is no object but a {kind}.",
                hint=NO_API,
                body=beginning(data),
            )
        return read(self._cls, value)


def untyped(data: bytes) -> Any:
    """Decodes JSON of any shape, tolerantly.

    Raises:
        ResponseError: This is no JSON.
        LimitExceededError: It is nested too deeply.
    """
    try:
        return loads(data)
    except ValueError:
        raise ResponseError(
            "The server sent what is no JSON.", hint=NO_API, body=beginning(data)
        ) from None


def read(cls: type[T], value: Mapping[str, Any]) -> T:
    """Reads an attrs value out of a decoded object; what is missing or wrong gets its default."""
    tidy = TIDIED.get(cls)
    if tidy is not None:
        value = tidy(value)
    fields: dict[str, Any] = {}
    hashable: Any = cls  # mypy takes the hash of a type for that of its instances
    for name, annotation in _fields(hashable):
        if name in value:
            found = _coerce(annotation, value[name])
            if found is not _WRONG:
                fields[name] = found
    return cls(**fields)


def scalar(kind: type[T], value: object) -> T | None:
    """Reads a str, int, float or bool as fields of values are read; None where it is none."""
    found = _SCALARS[kind](value)
    return None if found is _WRONG else found


@functools.cache
def _fields(cls: Any) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        (field.name, hints[field.name])
        for field in attrs.fields(cls)
        if not field.name.startswith("_")
    )


def _coerce(annotation: Any, value: Any) -> Any:
    if annotation is Any:
        return value
    origin = typing.get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _coerce_union(typing.get_args(annotation), value)
    if origin is tuple:
        return _coerce_items(typing.get_args(annotation)[0], value)
    if origin is not None:
        return value if isinstance(value, dict) else _WRONG
    if attrs.has(annotation):
        return read(annotation, value) if isinstance(value, dict) else _WRONG
    scalar = _SCALARS.get(annotation)
    return scalar(value) if scalar is not None else _WRONG


def _coerce_union(members: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None if types.NoneType in members else _WRONG
    for member in members:
        found = _coerce(member, value) if member is not types.NoneType else _WRONG
        if found is not _WRONG:
            return found
    return _WRONG


def _coerce_items(annotation: Any, value: Any) -> Any:
    if not isinstance(value, list):
        return _WRONG
    items = [_coerce(annotation, item) for item in value]
    if attrs.has(annotation):
        # A null among choices or calls is no choice; among bytes it would make others of them.
        return tuple(item for item in items if item is not _WRONG)
    return _WRONG if any(item is _WRONG for item in items) else tuple(items)


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return _WRONG
    # A lone surrogate can neither be printed nor sent back.
    return _REPLACED_SURROGATES.sub("\ufffd", value)


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool):
        return _WRONG
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    return _WRONG


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return _WRONG
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return _WRONG
    return _WRONG if math.isnan(number) else number


def _truth(value: Any) -> Any:
    return value if isinstance(value, bool) else _WRONG


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    int: _whole_number,
    float: _number,
    bool: _truth,
}
