"""Colours by label, and scores for people to read."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from hfi.types.html import escape

__all__ = ["chips", "hues", "named", "percent"]

# Apart from one another for most eyes, and behind black as behind white letters.
_HUES = (210, 30, 140, 280, 0, 180, 330, 60)


def hues(labels: Iterable[str]) -> dict[str, int]:
    """A hue, in degrees, for each label; the same for the same label."""
    return {label: _HUES[place % len(_HUES)] for place, label in enumerate(dict.fromkeys(labels))}


def percent(score: float | None) -> str:
    """A percentage where a score is a probability, else the number; nothing for None."""
    if score is None or not isfinite(score):
        return ""
    return f"{score:.1%}" if 0 <= score <= 1 else f"{score:.4g}"


def named(label: str, score: float | None) -> str:
    """A label with its score."""
    return f"{label} {percent(score)}".strip()


def chips(texts: Iterable[tuple[str, int]]) -> str:
    """Small coloured plates side by side: texts, each with its hue."""
    plates = "".join(
        f'<span style="background:hsla({hue},75%,55%,0.35);border-radius:4px;padding:0.1em 0.5em">'
        f"{escape(text)}</span>"
        for text, hue in texts
    )
    style = "display:flex;flex-wrap:wrap;gap:0.3em;margin-top:0.5em"
    return f'<div style="{style}">{plates}</div>'
