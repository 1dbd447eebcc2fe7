"""Values as JSON, strictly: what JSON cannot hold is named by its path, and never guessed at.

msgspec alone would send NaN as null, bytes as base64 and sets as lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from hfi.errors import ConfigurationError

__all__ = ["MAX_DEPTH", "encode", "json_text"]

# Deeper than any schema people write, and far from the interpreter's own limit.
MAX_DEPTH = 200

_PLAIN = frozenset({str, int, bool, type(None)})


def encode(value: Any, where: str = "") -> bytes:
    """Gives a value as JSON in UTF-8; the order of dicts is kept.

    Enums count as their values, mappings as dicts, numbers of other libraries as numbers, and
    values with ``to_dict()`` as what that gives.

    Args:
        value: What is to be encoded; it is not changed.
        where: What ``value`` is called in error messages.

    Raises:
        ConfigurationError: Something in it is no JSON; the message says where.
    """
    if not _is_plain(value, MAX_DEPTH):
        value = _plain(value, where, MAX_DEPTH)
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise _surrogate(value, where) from error


def json_text(value: Any, where: str) -> str:
    """Gives a value as JSON text; see ``encode``."""
    return encode(value, where).decode()


def _is_plain(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is float:
        return bool(value - value == 0)
    if not depth:
        return False
    if kind is dict:
        return all(type(key) is str for key in value) and all(
            _is_plain(item, depth - 1) for item in value.values()
        )
    return kind in (list, tuple) and all(_is_plain(item, depth - 1) for item in value)


def _plain(value: Any, path: str, depth: int) -> Any:
    """Copies ``value`` with everything in it made plain."""
    if not depth:
        raise ConfigurationError(
            f"{_short(path)} is nested deeper than {MAX_DEPTH} levels, or holds itself."
        )
    if isinstance(value, Enum):
        return _plain(value.value, path, depth - 1)
    if isinstance(value, Mapping):
        return {
            _key(key, path): _plain(item, _below(path, key), depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{path}[{index}]", depth - 1) for index, item in enumerate(value)]
    if isinstance(value, str):
        return str.__str__(value)  # msgspec refuses subclasses
    if value is None or isinstance(value, bool):
        return value
    return _number_or_other(value, path, depth)


def _number_or_other(value: Any, path: str, depth: int) -> Any:
    kind = type(value)
    if hasattr(kind, "__index__"):
        return int(value.__index__())
    # An array of one element has __float__ as well, and is none.
    if hasattr(kind, "__float__") and not hasattr(kind, "__len__"):
        number = float(value)
        if number - number == 0:
            return number
        raise ConfigurationError(f"{_named(path)} is {number}, which JSON cannot hold.")
    if callable(getattr(value, "to_dict", None)):
        return _plain(value.to_dict(), path, depth - 1)
    raise ConfigurationError(
        f"{_named(path)} is of type {kind.__name__!r}, which JSON cannot hold.",
        hint=_HINTS.get(kind.__name__),
    )


_HINTS = {
    "bytearray": "Give base64 text, or a data URL.",
    "bytes": "Give base64 text, or a data URL.",
    "date": "Give text: value.isoformat().",
    "datetime": "Give text: value.isoformat().",
    "frozenset": "Give a list.",
    "ndarray": "Give a list: value.tolist().",
    "set": "Give a list.",
}


def _key(key: Any, path: str) -> str:
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int(key))
    raise ConfigurationError(f"{_named(path)} has a key that is no text: {key!r}.")


def _surrogate(value: Any, path: str) -> ConfigurationError:
    place, character = _find_surrogate(value, path) or (path, "?")
    return ConfigurationError(
        f"{_named(place)} holds half a character ({character}), which UTF-8 cannot.",
        hint="It was cut in two, or decoded with 'surrogateescape'; clean it with"
        " text.encode('utf-8', 'replace').decode().",
    )


def _find_surrogate(value: Any, path: str) -> tuple[str, str] | None:
    if isinstance(value, str):
        found = next((c for c in value if "\ud800" <= c <= "\udfff"), None)
        return (path, f"U+{ord(found):04X}") if found else None
    if isinstance(value, Mapping):
        pairs = [(_below(path, key), item) for key, item in value.items()]
        pairs += [(path, key) for key in value]
    elif isinstance(value, (list, tuple)):
        pairs = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return None
    return next((hit for at, item in pairs if (hit := _find_surrogate(item, at))), None)


def _below(path: str, key: Any) -> str:
    name = str(key)
    if not name.isidentifier():
        return f"{path}[{_short(ascii(name))}]"
    return f"{path}.{name}" if path else name


def _named(path: str) -> str:
    return _short(path) or "The value"


def _short(path: str) -> str:
    return path if len(path) <= 120 else f"{path[:60]}...{path[-57:]}"
