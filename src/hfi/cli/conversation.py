"""A conversation as it stands in a file: JSON, or plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from hfi.cli.words import read_file

__all__ = ["Conversation", "read_conversation", "read_tools", "variable"]

# Nobody begins a text to a model like this.
_MEANT_AS_JSON = re.compile(r'\s*(\[\s*\{|\{\s*")')
_EXAMPLE = 'A conversation is a list such as [{"role": "user", "content": "Hello"}].'


@attrs.frozen(kw_only=True)
class Conversation:
    """What a prompt is made of.

    Attributes:
        messages: What ``Client.chat`` takes.
        tools: JSON schemas of tools, or None.
        documents: Dicts, or None.
        unused: The names of what else stood there.
    """

    messages: Any
    tools: Sequence[Any] | None = None
    documents: Sequence[Any] | None = None
    unused: tuple[str, ...] = ()


def read_conversation(path: str) -> Conversation:
    """Reads messages, or an object that holds them, or a text, which is one user turn.

    Raises:
        UsageError: There is nothing to read, or it is JSON of another shape.
    """
    where = "Standard input" if path == "-" else path
    text = read_file(path)
    if not text.strip():
        raise click.UsageError(f"{where} is empty. {_EXAMPLE}")
    named = Path(path).suffix == ".json"
    if not named and not _MEANT_AS_JSON.match(text):
        return Conversation(messages=text.rstrip("\r\n"))
    value = _json(text, where)
    fields = value if isinstance(value, Mapping) else {"messages": value}
    messages = fields.get("messages")
    if not isinstance(messages, (list, str)) or not messages:
        raise click.UsageError(f"{where} holds no messages. {_EXAMPLE}")
    known = ("messages", "tools", "documents")
    return Conversation(
        messages=messages,
        tools=_list(fields, "tools", where),
        documents=_list(fields, "documents", where),
        unused=tuple(name for name in fields if name not in known),
    )


def read_tools(path: str) -> Sequence[Any]:
    """Reads a list of tools, or an object that holds it.

    Raises:
        UsageError: It is no such thing.
    """
    value = _json(read_file(path), path)
    fields = value if isinstance(value, Mapping) else {"tools": value}
    tools = _list(fields, "tools", path)
    if tools is None:
        raise click.UsageError(f"{path} holds no list of tools.")
    return tools


def variable(text: str) -> tuple[str, Any]:
    """Reads ``name=value``; a value that is JSON is taken as such, anything else as text.

    Raises:
        UsageError: There is no name.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise click.UsageError(f"--var takes name=value, not {text!r}.")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise click.UsageError(f"{where} is no JSON: {error.msg} in {place}.") from None
    except (ValueError, RecursionError):  # digits without end, brackets without end
        raise click.UsageError(f"{where} is JSON beyond what can be read.") from None


def _list(fields: Mapping[str, Any], name: str, where: str) -> Sequence[Any] | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise click.UsageError(f"{name} in {where} is no list.")
    return value
