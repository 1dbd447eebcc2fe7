"""What a task gives, in the three forms of output: for people, for pipes, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi.cli.shapes import json_line
from hfi.cli.tables import Column, tabbed, write_table
from hfi.types.medium import Medium

if TYPE_CHECKING:
    from hfi.cli.screen import Screen

__all__ = ["Result", "plain", "write"]

# The facts of a call stand beside its result.
_BESIDE = ("meta", "model", "provider", "inputs", "prompt", "url")


@attrs.frozen(kw_only=True)
class Result:
    """What came of one input.

    Attributes:
        task: What was done.
        name: The input, where there are several: a file's name or a text.
        value: What the client gave.
    """

    task: str
    name: str | None
    value: Any


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Medium):
        data = value.data_url().partition(",")[2]
        return {"content_type": value.content_type, "base64": data}
    if hasattr(value, "tolist"):
        return value.tolist()
    if attrs.has(type(value)) and not isinstance(value, Sequence):
        return {name: plain(inner) for name, inner in _fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(inner) for inner in value]
    return value


def _fields(value: Any) -> list[tuple[str, Any]]:
    names = [field.name for field in attrs.fields(type(value)) if not field.name.startswith("_")]
    return [(name, getattr(value, name)) for name in names if name not in _BESIDE]


def _object(result: Result) -> dict[str, Any]:
    named = {} if result.name is None else {"input": result.name}
    facts = {name: getattr(result.value, name, None) for name in ("model", "provider")}
    return {"task": result.task, **named, **facts, "result": plain(result.value)}


def write(screen: Screen, results: Sequence[Result], form: str) -> None:
    """Writes results: texts as they are, lists as lines or a table, or JSON.

    Raises:
        OutputError: They cannot be written.
    """
    if form == "json":
        several = len(results) != 1 or results[0].name is not None
        shown: Any = [_object(result) for result in results] if several else _object(results[0])
        screen.line(json_line(shown))
        return
    if form == "jsonl":
        for result in results:
            screen.line(json_line(_object(result)))
        return
    rows: list[list[Any]] = []
    headings: list[str] = []
    for result in results:
        told = _text(result.value)
        if told is not None and result.name is None:
            screen.line(told)
            continue
        found = [(("text", told),)] if told is not None else _rows(result.value)
        first = () if result.name is None else (("input", result.name),)
        for row in found:
            headings = [name for name, _ in (*first, *row)]
            rows.append([cell for _, cell in (*first, *row)])
    _write_rows(screen, headings, rows)


def _text(value: Any) -> str | None:
    """The one text that a value is about, or None for a list."""
    for name in ("text", "answer"):
        told = getattr(value, name, None)
        if isinstance(told, str):
            return told
    return None if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _rows(value: Any) -> list[tuple[tuple[str, Any], ...]]:
    """Each item's fields in order."""
    return [tuple(_fields(item)) if attrs.has(type(item)) else (("value", item),) for item in value]


def _write_rows(screen: Screen, headings: Sequence[str], rows: list[list[Any]]) -> None:
    if not screen.shown:
        for row in rows:
            screen.line(tabbed([_cell(cell, exact=True) for cell in row]))
        return
    if not rows:
        if headings:
            screen.note("nothing was found")
        return
    cells = [[_cell(cell, exact=False) for cell in row] for row in rows]
    kept = [index for index in range(len(headings)) if any(row[index] for row in cells)]
    columns = [
        Column(
            heading=headings[index],
            rank=index,
            least=12,
            right=all(isinstance(row[index], (int, float)) for row in rows),
        )
        for index in kept
    ]
    write_table(screen, columns, [[row[index] for index in kept] for row in cells])


def _cell(value: Any, *, exact: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Medium):
        return value.content_type
    if isinstance(value, float) and not exact:
        return f"{value:.4f}"
    if attrs.has(type(value)) and not isinstance(value, Sequence):
        return ",".join(_cell(inner, exact=exact) for _, inner in _fields(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(_cell(inner, exact=exact) for inner in value)
    return str(value)
