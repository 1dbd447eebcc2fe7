"""What wire values have in common: their unread form, and a repr that stays short."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hfi.errors import LimitExceededError
from hfi.types.hints import NO_API

__all__ = ["WireValue", "beginning", "loads", "short"]

_REPR_LENGTH = 60
# int() refuses more than 4,300 digits; no field of any protocol has that many.
_MAX_DIGITS = 4000


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def loads(data: bytes) -> Any:
    """Decodes JSON as sloppy servers write it: NaN, lone surrogates, broken UTF-8, a BOM.

    Raises:
        ValueError: This is no JSON at all.
        LimitExceededError: It is nested too deeply.
    """
    try:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = data.decode("utf-8-sig", "replace")
            return json.loads(text, parse_int=_integer)
    except RecursionError:
        raise LimitExceededError(
            "The server's JSON is nested deeper than hfi reads.", hint=NO_API, body=beginning(data)
        ) from None


def beginning(data: bytes, length: int = 500) -> str:
    """Gives the first characters of a reply, for an error's ``body``."""
    return data[: 4 * length].decode("utf-8", "replace")[:length]


def short(value: Any) -> str:
    """Gives a repr cut in the middle, so that a long answer does not fill the screen."""
    if not isinstance(value, (str, tuple)) or len(value) <= _REPR_LENGTH:
        return repr(value)
    if isinstance(value, tuple):
        return f"<{len(value)} items>"
    half = _REPR_LENGTH // 2
    return f"{value[:half]!r}...{value[-half:]!r}"


class WireValue:
    """A value read from JSON that keeps what it was read from.

    ``_source`` is set by the parser after decoding; it is the JSON text, or the object decoded
    from it once somebody has asked.
    """

    _source: Any = None

    @property
    def raw(self) -> dict[str, Any] | None:
        """The JSON object as the server sent it, unknown fields included, or None if there is none.

        It is decoded when it is first read.
        """
        source = self._source
        if isinstance(source, bytes):
            value = loads(source)
            source = value if isinstance(value, dict) else None
            object.__setattr__(self, "_source", source)
        return source if isinstance(source, dict) else None
