"""Tables as users hold and as servers take them, and replies to tasks about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any

from hfi._core.tasks.elements import label, needed, number, objects, odd, unwrapped, whole
from hfi._core.tasks.task import Task, checked_text
from hfi.errors import ConfigurationError
from hfi.types.answers import TableAnswer
from hfi.types.results import Results
from hfi.types.task_options import TableQuestionAnsweringArguments, TabularArguments

__all__ = ["TASKS", "read_labels", "read_numbers", "read_table_answer", "table_of"]


def table_of(name: str, table: Any, *, as_text: bool) -> dict[str, list[Any]]:
    """A table by columns; for ``Task.checks``.

    Args:
        name: What it is called in error messages.
        table: Columns by name, rows as mappings, or a pandas DataFrame.
        as_text: Whether every field is made a text, as models that answer questions need it.

    Raises:
        ConfigurationError: It is none, is empty, or its columns are of different lengths.
    """
    columns = _columns(name, table)
    if not columns:
        raise ConfigurationError(f"{name} has no columns.")
    found = {}
    for heading, column in columns.items():
        if isinstance(column, (str, bytes)) or not hasattr(column, "__iter__"):
            raise ConfigurationError(
                f"{name}[{heading!r}] must be a list of fields, not {type(column).__name__!r}."
            )
        # NumPy's and pandas' numbers are not JSON; their columns know how to become Python's.
        fields = column.tolist() if hasattr(column, "tolist") else list(column)
        # pandas writes NaN where there is no field; JSON has none.
        known = [None if isinstance(f, float) and isnan(f) else f for f in fields]
        found[str(heading)] = [_text(field) for field in known] if as_text else known
    lengths = {heading: len(column) for heading, column in found.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{heading!r} has {length}" for heading, length in lengths.items())
        raise ConfigurationError(f"The columns of {name} are of different lengths: {told}.")
    return found


def _columns(name: str, table: Any) -> Mapping[Any, Any]:
    if isinstance(table, Mapping):
        return table
    if hasattr(table, "columns") and callable(getattr(table, "to_dict", None)):  # pandas
        found = table.to_dict("list")
        return found if isinstance(found, Mapping) else {}
    if isinstance(table, Sequence) and not isinstance(table, (str, bytes)):
        rows = list(table)
        if all(isinstance(row, Mapping) for row in rows):
            headings = dict.fromkeys(heading for row in rows for heading in row)
            return {heading: [row.get(heading) for row in rows] for heading in headings}
    raise ConfigurationError(
        f"{name} must be a mapping of columns, not {type(table).__name__!r}.",
        hint='Give {"Name": ["Ann", "Bob"], "Age": ["30", "40"]}, a list of rows, or a DataFrame.',
    )


def _text(field: Any) -> str:
    return "" if field is None else str(field)


def read_table_answer(body: Any) -> TableAnswer:
    """Reads ``{"answer", "coordinates", "cells", "aggregator"}``, or the first of a list."""
    found = objects(body, "answers")
    if not found:
        raise odd("The reply holds no answer", body)
    item = found[0]
    cells = item.get("cells")
    return TableAnswer(
        answer=needed(item, "answer", noun="answer"),
        coordinates=_coordinates(item.get("coordinates")),
        cells=tuple(label(cell) or "" for cell in cells) if isinstance(cells, list) else (),
        aggregator=label(item.get("aggregator")),
        source=item,
    )


def _coordinates(value: object) -> tuple[tuple[int, int], ...]:
    found = []
    for pair in value if isinstance(value, list) else []:
        row, column = (
            map(whole, pair) if isinstance(pair, list) and len(pair) == 2 else (None, None)
        )
        if row is None or column is None:
            return ()  # a part of the cells would be wrong rather than little
        found.append((row, column))
    return tuple(found)


def read_labels(body: Any) -> Results[str | float]:
    """Reads the class of each row: names, or numbers where the model has no names."""
    rows = _rows(body, "classes")
    if not all(isinstance(row, (str, int, float)) for row in rows):
        raise odd("The reply holds other things than classes of rows", body)
    return Results(rows, raw=body)


def read_numbers(body: Any) -> Results[float]:
    """Reads the number of each row; NaN where the server has none for it."""
    found = []
    for row in _rows(body, "numbers"):
        value = float("nan") if row is None else number(row)
        if value is None:
            if not isinstance(row, float):
                raise odd("The reply holds other things than numbers of rows", body)
            value = row
        found.append(value)
    return Results(found, raw=body)


def _rows(body: Any, noun: str) -> list[Any]:
    """The results in the order of the rows; a list of one for a row is that one."""
    inner = unwrapped(body)
    rows = [inner] if isinstance(inner, (str, int, float)) else inner
    if not isinstance(rows, list):
        raise odd(f"The reply holds no {noun}", body)
    return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in rows]


def _truncation(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigurationError(f"{name} must be True or False, not {value!r:.60}.")


TASKS = (
    Task(
        name="table-question-answering",
        method="table_question_answering",
        inputs=("table", "query"),
        arguments=TableQuestionAnsweringArguments,
        read=read_table_answer,
        checks={
            "table": partial(table_of, as_text=True),
            "query": checked_text,
            "truncation": _truncation,
        },
        keeps="table",
    ),
    Task(
        name="tabular-classification",
        method="tabular_classification",
        inputs=("table",),
        arguments=TabularArguments,
        read=read_labels,
        checks={"table": partial(table_of, as_text=False)},
        keeps="table",
    ),
    Task(
        name="tabular-regression",
        method="tabular_regression",
        inputs=("table",),
        arguments=TabularArguments,
        read=read_numbers,
        checks={"table": partial(table_of, as_text=False)},
        keeps="table",
    ),
)
