"""Markdown of a model for a terminal: cut into what is finished and what still grows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions

__all__ = ["Lines", "blocks", "newest", "render"]


def _parser() -> Any:
    from markdown_it import MarkdownIt

    # HTML is text here: nothing shows it, and what a model wrote must not vanish.
    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")


def blocks(text: str) -> list[str]:
    """A document's blocks, in order; together they are the text.

    While it grows only the last one is still open, by CommonMark's own rules ("Phase 1: block
    structure"), so that the others can be printed for good.
    """
    starts = [
        token.map[0]
        for token in _parser().parse(text)
        if token.level == 0 and token.map is not None and token.nesting >= 0
    ]
    lines = text.split("\n")
    cuts = [0, *starts[1:], len(lines)]
    parts = ["\n".join(lines[start:end]) for start, end in pairwise(cuts)]
    return [f"{part}\n" for part in parts[:-1]] + parts[-1:]


def newest(text: str, lines: int) -> str:
    """The last lines of a block that grows, in the same fence, where it has many more.

    So that showing it costs the same however long it becomes.
    """
    all_lines = text.split("\n")
    if len(all_lines) <= lines:
        return text
    fence = all_lines[0].lstrip()[:3] in ("```", "~~~")
    return "\n".join([*(all_lines[:1] if fence else ()), *all_lines[-lines:]])


def render(text: str) -> Any:
    """What rich shows of a block; line breaks stay where the model made them."""
    from rich.markdown import Markdown

    # Links show their address: behind a text of the model's it could be any.
    shown = Markdown("", code_theme="ansi_dark", hyperlinks=False)
    shown.markup, shown.parsed = text, _parser().parse(text)
    for token in shown.parsed:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type = "hardbreak"
    return Lines(shown)


class Lines:
    """Something's lines without the empty ones at its ends; the last ``most`` of them, if given.

    Each kind of block leaves other empty lines around itself.
    """

    def __init__(self, shown: Any, most: int | None = None) -> None:
        self._shown = shown
        self._most = most

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        from rich.segment import Segment

        lines = console.render_lines(self._shown, options.update(height=None), pad=False)
        while lines and _is_empty(lines[0]):
            lines.pop(0)
        while lines and _is_empty(lines[-1]):
            lines.pop()
        for line in lines[-self._most :] if self._most else lines:
            yield from line
            yield Segment.line()


def _is_empty(line: list[Any]) -> bool:
    return not "".join(segment.text for segment in line).strip()
