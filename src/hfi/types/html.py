"""The HTML that values show themselves with in a notebook: small pieces, from text to text.

What a model or a server wrote is data here: it is escaped wherever it stands, so that no markup of
its own reaches the page. A notebook trusts the output of a cell that was just run and would run a
script in it. Styles stand in the elements, since front ends take ``<style>`` and ids away from
outputs they do not trust, and they follow the front end's colours, light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as _escape

import attrs

__all__ = [
    "Cell",
    "box",
    "card",
    "escape",
    "facts",
    "figure",
    "folded",
    "grid",
    "link",
    "plain",
    "preformatted",
    "table",
]

_LINE = "1px solid rgba(128,128,128,0.35)"
_QUIET = "opacity:0.7;font-size:0.85em"
_PRE = "white-space:pre-wrap;overflow-wrap:anywhere"

# A click on a heading sorts the rows by the keys of its column, and again the other way: numbers
# from the greatest down at first, words from A, rows without a key last. It reads keys, and writes
# only the order. Where a front end takes handlers away, the rows stay as they came.
_SORT = (
    "var h=this.parentNode,t=h.closest('table'),b=t.tBodies[0],i=h.cellIndex,"
    "s=h.getAttribute('aria-sort'),"
    "d=(s&&s!=='none'?s==='descending':!h.hasAttribute('data-down'))?1:-1,"
    "k=function(r){var v=r.cells[i].getAttribute('data-key');return v===''?null:v},"
    "c=function(x,y){var p=k(x),q=k(y);if(p===null||q===null)return (p===null)-(q===null);"
    "var u=Number(p),v=Number(q);return d*(isNaN(u)||isNaN(v)?p.localeCompare(q):u-v)},"
    "m=function(x,s,a){x.setAttribute('aria-sort',s);x.querySelector('span').textContent=a};"
    "Array.prototype.forEach.call(h.parentNode.cells,function(x){m(x,'none','')});"
    "m(h,d>0?'ascending':'descending',d>0?' \\u2191':' \\u2193');"
    "Array.prototype.slice.call(b.rows).sort(c).forEach(function(r){b.appendChild(r)})"
)
_BUTTON = (
    "border:none;background:none;padding:0;font:inherit;font-weight:bold;color:inherit;"
    "cursor:pointer"
)


def escape(text: object) -> str:
    """Text as HTML shows it literally, in an element or in a quoted attribute."""
    # A lone surrogate cannot leave the kernel, whose messages are UTF-8.
    return _escape(str(text).encode("utf-8", "replace").decode("utf-8"), quote=True)


def plain(text: object) -> str:
    """Text that keeps its line breaks and is not Markdown."""
    return f'<div style="{_PRE}">{escape(text)}</div>'


def preformatted(text: object) -> str:
    """Text in a fixed-width font, such as JSON or a prompt."""
    return f'<pre style="{_PRE};margin:0.3em 0">{escape(text)}</pre>'


def facts(*parts: object) -> str:
    """The quiet line below a result; parts that are None or empty are left out."""
    shown = [escape(part) for part in parts if part is not None and part != ""]
    return f'<div style="{_QUIET};margin-top:0.4em">{" · ".join(shown)}</div>' if shown else ""


def folded(summary: object, body: str, *, is_open: bool = False) -> str:
    """HTML that is hidden behind a summary until it is clicked.

    Args:
        summary: Text, escaped here.
        body: HTML.
        is_open: Whether it is shown at first.
    """
    state = " open" if is_open else ""
    return (
        f'<details{state} style="margin:0.3em 0"><summary style="{_QUIET};cursor:pointer">'
        f'{escape(summary)}</summary><div style="border-left:3px solid rgba(128,128,128,0.35);'
        f'padding-left:0.8em;opacity:0.85">{body}</div></details>'
    )


def box(*parts: str) -> str:
    """Pieces of HTML as one output."""
    return f"<div>{''.join(parts)}</div>"


def card(title: object, rows: Iterable[tuple[object, object]], *more: str) -> str:
    """A title, and facts under it with their names.

    Args:
        title: Text.
        rows: Names and values, as text; values that are None or empty are left out.
        *more: HTML below them.
    """
    lines = "".join(
        f'<tr style="background:none"><td style="text-align:left;vertical-align:baseline;{_QUIET};'
        f'padding:0.1em 1.2em 0.1em 0">{escape(name)}</td><td style="text-align:left;'
        f'vertical-align:baseline;padding:0.1em 0;{_PRE}">{escape(value)}</td></tr>'
        for name, value in rows
        if value is not None and value != ""
    )
    body = f'<table style="border:none;margin:0.3em 0 0">{lines}</table>' if lines else ""
    return (
        f'<div style="border:{_LINE};border-radius:6px;padding:0.6em 0.9em;max-width:52em">'
        f'<div style="font-weight:bold;overflow-wrap:anywhere">{escape(title)}</div>'
        f"{body}{''.join(more)}</div>"
    )


def figure(media: str, *caption: object) -> str:
    """A picture or a player with a quiet line below.

    Args:
        media: HTML.
        *caption: Text; parts that are None or empty are left out.
    """
    return f'<figure style="margin:0;max-width:100%">{media}{facts(*caption)}</figure>'


def grid(cells: Iterable[str], *, width: str = "15em") -> str:
    """HTML side by side, as many in a row as there is room for.

    Args:
        cells: HTML.
        width: The least width of one, as CSS says it.
    """
    inside = "".join(f"<div>{cell}</div>" for cell in cells)
    columns = f"repeat(auto-fill,minmax(min({width},100%),1fr))"
    return f'<div style="display:grid;grid-template-columns:{columns};gap:0.8em">{inside}</div>'


def link(url: str, text: object) -> str:
    """A link that opens elsewhere; only its text where the address is not one of the web."""
    if not url.lower().startswith(("https://", "http://")):
        return escape(text)
    rel = "noopener noreferrer"
    return f'<a href="{escape(url)}" target="_blank" rel="{rel}">{escape(text)}</a>'


@attrs.frozen
class Cell:
    """One field of a table.

    Attributes:
        text: What it shows.
        key: What its column is sorted by; None is last. The text, where it is not given.
        href: Where it leads, or None.
    """

    text: object
    key: object = attrs.field(default=attrs.Factory(lambda self: self.text, takes_self=True))
    href: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether its column is sorted as numbers are."""
        return isinstance(self.key, (int, float))

    def html(self) -> str:
        """The field with what sorts it."""
        key = "" if self.key is None else escape(self.key)
        shown = link(self.href, self.text) if self.href else escape(self.text)
        align = "right" if self.is_number else "left"
        style = f"text-align:{align};padding:0.2em 0.8em;vertical-align:top"
        return f'<td data-key="{key}" style="{style}">{shown}</td>'


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table that a click on a heading sorts; it has no script where that is not allowed.

    Args:
        columns: The headings, as text.
        rows: A field for each column.
    """
    lines = list(rows)
    head = "".join(
        f"<th{' data-down' if any(row[place].is_number for row in lines) else ''} "
        'style="text-align:left;padding:0.2em 0.8em"><button type="button" title="Sort" '
        f'style="{_BUTTON}" onclick="{escape(_SORT)}">{escape(name)}'
        '<span aria-hidden="true"></span></button></th>'
        for place, name in enumerate(columns)
    )
    body = "".join(f"<tr>{''.join(cell.html() for cell in row)}</tr>" for row in lines)
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;border:{_LINE}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
