"""Words of others, made harmless for a terminal and for a line."""

from __future__ import annotations

__all__ = ["one_line", "visible"]

# A model's text may hold escape sequences, which a terminal would obey. They are shown as Unicode's
# control pictures; carriage returns, which would hide what stands before them, are left out.
_VISIBLE: dict[int, int | None] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    ord("\n"): ord("\n"),
    ord("\t"): ord("\t"),
    ord("\r"): None,
}


def visible(text: str) -> str:
    """Makes text safe for a terminal: what it would obey is shown instead."""
    return text.translate(_VISIBLE)


def one_line(value: object) -> str:
    """A value without tabs and line breaks; None is nothing."""
    return "" if value is None else " ".join(str(value).split())
