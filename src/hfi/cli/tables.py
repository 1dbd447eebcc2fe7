"""Tables: drawn by rich on a terminal, lines with tabs anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi.cli.harmless import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi.cli.screen import Screen

__all__ = ["Column", "short_number", "tabbed", "write_facts", "write_table"]

_GAP = 2


@attrs.frozen(kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        heading: Its name, on a terminal.
        rank: Where a terminal is too narrow for all, the highest ranks are left out.
        least: The least width worth showing; longer texts are broken. None breaks none.
        right: Whether its values stand at the right, as numbers do.
        tints: Styles of rich for some of its values.
    """

    heading: str
    rank: int = 0
    least: int | None = None
    right: bool = False
    tints: Mapping[str, str] = attrs.field(factory=dict)


def tabbed(values: Sequence[object]) -> str:
    """Values as one line that ``cut`` can read."""
    return "\t".join(map(one_line, values))


def short_number(number: int | None) -> str | None:
    """A number in at most five letters: 1234567 is 1.2M."""
    if number is None:
        return None
    size, unit = float(number), ""
    for unit in ("", "k", "M", "B", "T"):
        if abs(size) < 999.5 or unit == "T":
            break
        size /= 1000
    return f"{size:.0f}{unit}" if not unit or size >= 99.95 else f"{size:.1f}{unit}"


def write_table(
    screen: Screen,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | None]],
    *,
    headed: bool = True,
) -> None:
    """Draws a table as wide as the terminal, with the columns that it has room for.

    Raises:
        OutputError: It cannot be written.
    """
    texts = [[visible(one_line(cell)) for cell in row] for row in rows]
    screen.draw(lambda width: _table(columns, texts, width, headed=headed))


def write_facts(screen: Screen, facts: Sequence[tuple[str, str]]) -> None:
    """Draws names and values, one a line.

    Raises:
        OutputError: It cannot be written.
    """
    screen.draw(lambda _: _grid(facts))


def _table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, *, headed: bool
) -> Any:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    natural = [
        max(map(cell_len, (column.heading, *(row[index] for row in rows))))
        for index, column in enumerate(columns)
    ]
    widths = _widths(columns, natural, width)
    table = Table(
        box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold", show_header=headed
    )
    for index, given in widths.items():
        column = columns[index]
        justify: Any = "right" if column.right else "left"
        table.add_column(column.heading, justify=justify, width=given, overflow="fold")
    for row in rows:
        tints = (columns[index].tints.get(row[index], "") for index in widths)
        texts = (row[index] for index in widths)
        table.add_row(*(Text(text, tint) for text, tint in zip(texts, tints, strict=True)))
    return table


def _widths(columns: Sequence[Column], natural: Sequence[int], width: int) -> dict[int, int]:
    """The widths of the columns that there is room for."""
    widths: dict[int, int] = {}
    spare = width + _GAP
    for index in sorted(range(len(columns)), key=lambda index: columns[index].rank):
        need = _least(columns[index], natural[index]) + _GAP
        if widths and need > spare:
            break
        widths[index] = max(1, min(need, spare) - _GAP)
        spare -= need
    for index, least in widths.items():
        more = max(0, min(natural[index] - least, spare))
        widths[index] += more
        spare -= more
    return dict(sorted(widths.items()))


def _least(column: Column, natural: int) -> int:
    return natural if column.least is None else min(natural, column.least)


def _grid(facts: Sequence[tuple[str, str]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(name, Text(visible(one_line(value))))
    return grid
