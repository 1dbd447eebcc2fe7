"""What callers hand to a template, turned into plain JSON values, and its size.

As transformers 5 does it: templates are untrusted, and objects have methods a sandbox cannot know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from hfi.errors import ConfigurationError

from .meter import InputSize

_SCALARS = frozenset({int, float, bool, type(None)})
#: Names under which messages carry reasoning, the standard one first.
REASONING_FIELDS = ("reasoning_content", "thinking", "reasoning")


class Tally:
    """Counts characters and containers while values are copied."""

    __slots__ = ("chars", "containers")

    def __init__(self) -> None:
        self.chars = 0
        self.containers = 0

    def size(self) -> InputSize:
        return InputSize(self.chars, self.containers)


def plain(value: Any, tally: Tally) -> Any:
    """The value as plain JSON types; what has none becomes ``"<TypeName>"``."""
    kind = type(value)
    if kind is str:
        tally.chars += len(value)
        return value
    if kind in _SCALARS:
        return value
    if kind is dict:
        return _plain_dict(value, tally)
    if kind is list:
        tally.containers += 1
        return [plain(item, tally) for item in value]
    return _plain_other(value, tally)


def _plain_dict(value: dict[Any, Any], tally: Tally) -> dict[Any, Any]:
    tally.containers += 1
    copy: dict[Any, Any] = {}
    for key, item in value.items():
        if type(key) is not str:
            key = plain(key, tally)  # noqa: PLW2901
        else:
            tally.chars += len(key)
        if type(item) is str:
            tally.chars += len(item)
            copy[key] = item
        else:
            copy[key] = plain(item, tally)
    return copy


def _plain_other(value: Any, tally: Tally) -> Any:
    if isinstance(value, str):  # an enum, a str of numpy: their own methods go
        return plain(str.__str__(value), tally)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, Mapping):
        return _plain_dict(dict(value), tally)
    if isinstance(value, list):
        return plain(list(value), tally)
    if isinstance(value, tuple):
        tally.containers += 1
        return tuple(plain(item, tally) for item in value)
    if _is_numpy_scalar(value):
        return plain(value.item(), tally)
    fields = _fields(value)
    if fields is not None:
        return _plain_dict(fields, tally)
    return f"<{type(value).__name__}>"


def _is_numpy_scalar(value: Any) -> bool:
    return any(
        base.__name__ == "generic" and base.__module__ == "numpy" for base in type(value).__mro__
    )


def _fields(value: Any) -> dict[str, Any] | None:
    """The fields of a dataclass, attrs or pydantic object, one level deep."""
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    # hfi's own values know their wire form; pydantic's method is the one transformers asks.
    for name in ("to_dict", "model_dump") if attrs.has(type(value)) else ("model_dump",):
        dump = getattr(value, name, None)
        dumped = dump() if callable(dump) else None
        if isinstance(dumped, Mapping):
            return dict(dumped)
    return None


def plain_messages(messages: Any, tally: Tally) -> list[dict[str, Any]]:
    """The conversation as new plain dicts, without the keys whose value is None.

    A string is one user message. Raises:
        ConfigurationError: It is no list of messages.
    """
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    if isinstance(messages, (Mapping, bytes)) or not isinstance(messages, Iterable):
        raise ConfigurationError(
            f"messages is {type(messages).__name__!r}, not a list of messages.",
            hint="Pass a string, or a list of dicts such as {'role': 'user', 'content': 'Hi'}.",
        )
    tally.containers += 1
    try:
        return [_plain_message(message, tally) for message in messages]
    except RecursionError:
        raise ConfigurationError("A message is nested too deeply, or holds itself.") from None


def _plain_message(message: Any, tally: Tally) -> dict[str, Any]:
    if type(message) is not dict:
        message = _message_fields(message)
    copy: dict[str, Any] = {}
    chars = 0
    for key, item in message.items():
        kind = type(item)
        if kind is str:
            chars += len(item)
        elif item is None:
            continue
        elif kind not in _SCALARS:
            item = plain(item, tally)  # noqa: PLW2901
        copy[key if type(key) is str else plain(key, tally)] = item
    tally.chars += chars
    tally.containers += 1
    if "reasoning_content" in copy or "thinking" in copy or "reasoning" in copy:
        reasoning = next(copy[name] for name in REASONING_FIELDS if name in copy)
        return {"thinking": reasoning, **copy, "reasoning_content": reasoning}
    return copy


def _message_fields(message: Any) -> dict[Any, Any]:
    if isinstance(message, Mapping):
        return dict(message)
    value = getattr(message, "message", message)  # a whole reply has its message
    give = getattr(value, "to_dict", None)
    fields = give() if callable(give) else _fields(value)
    if not isinstance(fields, Mapping):
        raise ConfigurationError(
            f"A message is {type(message).__name__!r}, not a dict or Message.",
            hint="Give each message a role and a content.",
        )
    return dict(fields)


def plain_documents(documents: Any, tally: Tally) -> list[Any] | None:
    """The documents as plain dicts. Raises ConfigurationError where one is no mapping."""
    if documents is None:
        return None
    if isinstance(documents, (str, bytes, Mapping)) or not isinstance(documents, Sequence):
        raise ConfigurationError(
            f"documents is {type(documents).__name__!r}, not a list of dicts.",
            hint="Give each document a title and a text.",
        )
    for document in documents:
        if not isinstance(document, Mapping):
            raise ConfigurationError(
                f"A document is {type(document).__name__!r}, not a dict.",
                hint="Give each document a title and a text.",
            )
    return [plain(document, tally) for document in documents]


def special_variables(special_tokens: Any) -> dict[str, str]:
    """Special tokens by name, as strings; unset ones are left out, so templates see none.

    A token may be a string or the ``{"content": ...}`` of tokenizer_config.json.
    """
    if special_tokens is None:
        return {}
    if not isinstance(special_tokens, Mapping):
        raise ConfigurationError(
            f"special_tokens is {type(special_tokens).__name__!r}, not a mapping.",
            hint="Pass names and tokens, such as {'eos_token': '</s>'}.",
        )
    tokens = {}
    for name, value in special_tokens.items():
        token = value if type(value) is str else _token_text(value)
        if token is not None:
            tokens[str(name)] = token
    return tokens


def _token_text(value: Any) -> str | None:
    token = value.get("content") if isinstance(value, Mapping) else value
    return str.__str__(token) if isinstance(token, str) else None
