"""Results as a notebook draws them: bars, marked words, tables; pictures stand in ``overlays``.

What a server or a user wrote is escaped; drawings hold no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from math import isfinite
from typing import Any

from hfi.types.answers import Answer, TableAnswer, VisualAnswer
from hfi.types.classes import Classification
from hfi.types.html import Cell, box, escape, facts, grid, plain, table
from hfi.types.legend import hues, named, percent
from hfi.types.overlays import boxes, masks
from hfi.types.results import Results
from hfi.types.vision import Detection, Segment
from hfi.types.words import Entity, FillMask

__all__ = ["bars", "drawn", "marked_table", "marked_text", "table_answer"]

_LINE = "1px solid rgba(128,128,128,0.35)"
_ROWS = 50  # of bars or of a table; a notebook is no place for more
_CHARACTERS = 50_000
_BAR = "rgba(66,133,244,0.75)"
_BELOW = "rgba(219,68,55,0.75)"  # a score below zero, which is no probability
_MARKED = "hsla(210,75%,55%,0.3)"


def drawn(results: Results[Any]) -> str:
    """Results as HTML, by what they are."""
    if not results:
        return facts("No results.")
    draw = _DRAWERS.get(type(results[0]))
    if draw is not None:
        return draw(results)
    if hasattr(results[0], "_repr_html_"):
        shown = [item._repr_html_() or escape(repr(item)) for item in results[:_ROWS]]
        return grid(shown) + _more(len(results))
    if isinstance(results.inputs, Mapping):
        return marked_table({**results.inputs, "result": list(results)}, ())
    return table(["result"], [[Cell(item)] for item in results[:_ROWS]]) + _more(len(results))


def bars(rows: Iterable[tuple[object, float | None]]) -> str:
    """Names with a bar each, as long as their scores."""
    shown = list(rows)
    sizes = [abs(score) for _, score in shown if score is not None and isfinite(score)]
    longest = max([1.0, *sizes])
    lines = "".join(_bar(name, score, longest) for name, score in shown[:_ROWS])
    # A grid, since front ends stripe and align the rows of tables.
    style = (
        "display:grid;grid-template-columns:minmax(4em,max-content) minmax(6em,24em) max-content;"
        "gap:0.25em 0.8em;align-items:center"
    )
    return f'<div style="{style}">{lines}</div>{_more(len(shown))}'


def _bar(name: object, score: float | None, longest: float) -> str:
    share = abs(score) / longest if score is not None and isfinite(score) else 0.0
    colour = _BELOW if score is not None and score < 0 else _BAR
    filled = f"width:{100 * share:.4g}%;height:100%;background:{colour};border-radius:3px"
    return (
        f'<div style="overflow-wrap:anywhere;max-width:20em">{escape(name)}</div>'
        '<div style="height:0.8em;background:rgba(128,128,128,0.2);border-radius:3px">'
        f'<div style="{filled}"></div></div>'
        f'<div style="text-align:right;font-variant-numeric:tabular-nums">{percent(score)}</div>'
    )


def _more(count: int) -> str:
    return facts(f"and {count - _ROWS} more") if count > _ROWS else ""


def marked_text(text: str, marks: Iterable[tuple[Any, Any, str, float | None]]) -> str:
    """A text with parts of it marked.

    Args:
        text: The text.
        marks: Where each begins and ends, in characters, with its name and score. What lies
            outside of the text, or over an earlier mark, is left out.
    """
    placed = [mark for mark in marks if mark[0] is not None and mark[1] is not None]
    placed.sort(key=lambda mark: mark[:2])
    colours = hues(name for _, _, name, _ in placed)
    pieces, at = [], 0
    for start, end, name, score in placed:
        if at <= start < end <= min(len(text), _CHARACTERS):
            pieces += [escape(text[at:start]), _mark(text[start:end], name, score, colours[name])]
            at = end
    pieces.append(escape(text[at:_CHARACTERS]))
    left = len(text) - _CHARACTERS
    rest = facts(f"and {left} more characters") if left > 0 else ""
    style = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:2"
    return f'<div style="{style}">{"".join(pieces)}</div>{rest}'


def _mark(text: str, name: str, score: float | None, hue: int) -> str:
    style = (
        f"background:hsla({hue},75%,55%,0.3);color:inherit;border-radius:4px;padding:0.15em 0.3em"
    )
    label = f'<span style="font-size:0.7em;opacity:0.75;margin-left:0.4em">{escape(name)}</span>'
    title = escape(named(name, score))
    return f'<mark style="{style}" title="{title}">{escape(text)}{label if name else ""}</mark>'


def marked_table(columns: Mapping[str, Sequence[object]], marked: Iterable[tuple[int, int]]) -> str:
    """A table with some cells marked.

    Args:
        columns: Fields by the names of their columns.
        marked: The cells as (row, column), both from 0.
    """
    cells = set(marked)
    cell = f"text-align:left;padding:0.2em 0.8em;border:{_LINE}"
    here = f"{cell};background:{_MARKED};font-weight:bold"
    head = "".join(f'<th style="{cell}">{escape(name)}</th>' for name in columns)
    count = max((len(column) for column in columns.values()), default=0)
    body = ""
    for row in range(min(count, _ROWS)):
        fields = (column[row] if row < len(column) else "" for column in columns.values())
        body += "<tr>" + "".join(
            f'<td style="{here if (row, place) in cells else cell}">{escape(field)}</td>'
            for place, field in enumerate(fields)
        )
        body += "</tr>"
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{_more(count)}"
    )


def table_answer(answer: TableAnswer) -> str:
    """An answer above the table that it was found in."""
    columns = answer.inputs if isinstance(answer.inputs, Mapping) else {}
    shown = marked_table(columns, answer.coordinates) if columns else ""
    return box(plain(answer.answer), shown)


def _entities(results: Results[Entity]) -> str:
    text = results.inputs if isinstance(results.inputs, str) else ""
    placed = [e for e in results if text and e.start is not None and e.end is not None]
    rest = [e for e in results if e not in placed]
    shown = marked_text(text, ((e.start, e.end, e.entity, e.score) for e in placed))
    # Slow tokenizers do not know where their words stood.
    other = bars((f"{e.word} ({e.entity})", e.score) for e in rest) if rest else ""
    return box(shown if text else "", other)


def _answers(results: Results[Answer]) -> str:
    text = results.inputs if isinstance(results.inputs, str) else ""
    context = marked_text(text, ((a.start, a.end, "", a.score) for a in results)) if text else ""
    rows = [
        [Cell(a.answer or "(none)"), Cell(percent(a.score), a.score), Cell(_span(a), a.start)]
        for a in islice(results, _ROWS)
    ]
    return box(table(["answer", "score", "place"], rows), context, _more(len(results)))


def _span(answer: Answer) -> str:
    return f"{answer.start} to {answer.end}" if answer.start is not None else ""


_DRAWERS: dict[type, Callable[[Results[Any]], str]] = {
    Answer: _answers,
    Classification: lambda results: bars((c.label, c.score) for c in results),
    Detection: boxes,
    Entity: _entities,
    FillMask: lambda results: bars((w.token_str or w.sequence, w.score) for w in results),
    Segment: masks,
    VisualAnswer: lambda results: bars((a.answer or "", a.score) for a in results),
}
