"""Boxes and masks drawn over the picture that they were found in.

The picture stays as it is; what is drawn lies above it, and scales with it. There are no ids: a
page holds the outputs of many cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hfi.types.html import Cell, box, escape, facts, table
from hfi.types.legend import chips, hues, named, percent
from hfi.types.media import Image
from hfi.types.results import Results
from hfi.types.vision import Detection, Segment

__all__ = ["boxes", "masks"]

_SHAPES = 100  # over one picture


def boxes(results: Results[Detection]) -> str:
    """The picture with a rectangle and a name for each detection."""
    picture, found = results.inputs, results[:_SHAPES]
    if not isinstance(picture, Image) or not picture.width or not picture.height:
        return _listed(results, [[Cell(_corners(each))] for each in found])
    colours = hues(each.label for each in found)
    width, height = picture.width, picture.height
    letters = max(width, height) / 40
    shapes = "".join(_rectangle(each, colours[each.label], letters, width) for each in found)
    # Over another ratio than its own, were the size read wrongly, the drawing still covers all.
    drawing = (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        f'style="position:absolute;left:0;top:0;width:100%;height:100%">{shapes}</svg>'
    )
    return _over(picture, drawing, _legend(results, colours))


def _rectangle(found: Detection, hue: int, letters: float, width: float) -> str:
    x, y = found.box.xmin, found.box.ymin
    colour = f"hsl({hue},75%,36%)"  # dark enough for white letters
    name = named(found.label, found.score)
    # Letters have about these proportions; the plate behind them must not leave the picture.
    plate = 0.62 * letters * (len(name) + 1)
    left = max(0.0, min(float(x), width - plate))
    top = y - 1.4 * letters if y >= 1.4 * letters else float(y)
    return (
        f'<g><title>{escape(name)}</title><rect x="{x}" y="{y}" width="{max(found.box.width, 0)}" '
        f'height="{max(found.box.height, 0)}" fill="hsla({hue},75%,55%,0.12)" stroke="{colour}" '
        'stroke-width="2" vector-effect="non-scaling-stroke"/>'
        f'<rect x="{left:g}" y="{top:g}" width="{plate:g}" height="{1.4 * letters:g}" '
        f'fill="{colour}"/><text x="{left + 0.3 * letters:g}" y="{top + letters:g}" '
        f'font-size="{letters:g}" font-family="sans-serif" fill="white">{escape(name)}</text></g>'
    )


def masks(results: Results[Segment]) -> str:
    """The picture with each segment in a colour of its own."""
    picture, found = results.inputs, results[:_SHAPES]
    if not isinstance(picture, Image):
        return _listed(results, [[] for _ in found])
    colours = hues(each.label for each in found)
    layers = "".join(_layer(each, colours[each.label]) for each in found)
    return _over(picture, layers, _legend(results, colours))


def _layer(found: Segment, hue: int) -> str:
    url = escape(found.mask.data_url())
    style = (
        "position:absolute;left:0;top:0;width:100%;height:100%;"
        f"background:hsla({hue},85%,50%,0.5);mask-image:url({url});mask-size:100% 100%;"
        # The masks are grey, without transparency: what is white is the part.
        "mask-mode:luminance"
    )
    return f'<div title="{escape(found.label)}" style="{style}"></div>'


def _over(picture: Image, layers: str, legend: str) -> str:
    source = escape(picture.data_url())
    return box(
        '<div style="position:relative;display:inline-block;max-width:100%;line-height:0">'
        f'<img src="{source}" alt="" style="display:block;max-width:100%;margin:0">'
        f"{layers}</div>",
        legend,
    )


def _legend(results: Results[Any], colours: Mapping[str, int]) -> str:
    shown = results[:_SHAPES]
    more = len(results) - _SHAPES
    rest = facts(f"and {more} more") if more > 0 else ""
    return chips((named(each.label, each.score), colours[each.label]) for each in shown) + rest


def _listed(results: Results[Any], more: Sequence[Sequence[Cell]]) -> str:
    """Without the picture, or its size, a table."""
    columns = ["label", "score", "place"][: 2 + len(more[0])]
    rows = [
        [Cell(each.label), Cell(percent(each.score), each.score), *cells]
        for each, cells in zip(results, more, strict=False)
    ]
    return table(columns, rows)


def _corners(found: Detection) -> str:
    place = found.box
    return f"({place.xmin}, {place.ymin}) to ({place.xmax}, {place.ymax})"
