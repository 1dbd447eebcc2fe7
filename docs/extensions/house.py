"""The picture of the house: floors, rooms and arrows, drawn from the imports.

The imports are read by the same functions as those of ``tests/test_layers.py``, which fails on an
arrow that points up; the picture shows what it lets pass.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from pathlib import Path

import test_layers as layers

WIDTH = 960
MARGIN = 24
LEFT = 128  # where boxes begin; the floors' names stand before it
GAP = 12
BOX = 34
CHIP = 22

FLOORS = {
    4: ("faces", "terminal, Jupyter"),
    3: ("colours", "sequence only"),
    2: ("the world", "sockets, clock"),
    1: ("pure", "bytes and values"),
    0: ("values", "what users hold"),
}
# Floors and rooms, dark enough for white text.
COLOURS = {4: "#7a4b94", 3: "#2f6f9f", 2: "#2c7a6b", 1: "#8a5a17", 0: "#5b6470"}
STYLE = """
text { font: 13px system-ui, sans-serif; }
.floor { font-weight: 600; font-size: 14px; }
.what { font-size: 11px; fill: #555; }
.room { fill: #fff; text-anchor: middle; }
.chip { fill: #3b2a08; font-size: 11px; text-anchor: middle; }
.arrow { fill: none; stroke-width: 1.1; opacity: 0.5; }
.up { stroke: #b3261e; stroke-dasharray: 4 3; opacity: 0.9; }
"""


def parts() -> dict[int, list[str]]:
    """Give the parts of each floor; the package itself, which names all of them, is left out."""
    found: dict[int, list[str]] = defaultdict(list)
    for part, floor in layers.LAYERS.items():
        if part not in ("hfi", "hfi.__main__"):
            found[floor].append(part)
    return found


def arrows() -> set[tuple[str, str]]:
    """Give who imports whom, part by part."""
    modules = layers.modules_under(layers.SOURCE)
    found = set()
    for name, path in modules.items():
        part = layers.part_of(name)
        for target, _ in layers.imports_of(name, path, modules):
            other = layers.part_of(target) if layers.within(target, "hfi") else None
            if part and other and part != other:
                found.add((part, other))
    return {pair for pair in found if not {"hfi", "hfi.__main__"} & set(pair)}


def rooms_of_core() -> list[str]:
    """Give the rooms and modules of the pure part."""
    core = layers.SOURCE / "_core"
    kept = [p for p in core.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()]
    return sorted(p.stem for p in kept if not p.stem.startswith("__"))


class Drawing:
    """Boxes from the top floor down, and then the arrows between them."""

    def __init__(self) -> None:
        self.boxes: dict[str, tuple[float, float, float, float]] = {}
        self.shapes: list[str] = []
        self.y = float(MARGIN)

    def floor(self, floor: int, names: list[str]) -> None:
        title, what = FLOORS[floor]
        rows = [names[:5], names[5:]] if len(names) > 5 else [names]
        chips = rooms_of_core() if floor == 1 else []
        self.shapes.append(text(MARGIN, self.y + 18, title, "floor"))
        self.shapes.append(text(MARGIN, self.y + 33, what, "what"))
        for row in filter(None, rows):
            wide = (WIDTH - LEFT - MARGIN - GAP * (len(row) - 1)) / len(row)
            high = BOX + (self.chips_high(chips) if chips else 0)
            for place, name in enumerate(row):
                x = LEFT + place * (wide + GAP)
                self.boxes[name] = (x, self.y, wide, high)
            self.y += high + GAP
        self.y += 52

    @staticmethod
    def chips_high(chips: list[str]) -> float:
        return -(-len(chips) // 7) * (CHIP + 6) + 8

    def rooms(self) -> None:
        for name, (x, y, wide, high) in self.boxes.items():
            colour = COLOURS[layers.LAYERS[name]]
            label = name.removeprefix("hfi.")
            self.shapes.append(rect(x, y, wide, high, colour, 6))
            self.shapes.append(text(x + wide / 2, y + 22, label, "room"))
            if label == "_core":
                self.chips(x, y + BOX, wide)

    def chips(self, x: float, y: float, wide: float) -> None:
        each = (wide - 16 - 6 * 6) / 7
        for number, name in enumerate(rooms_of_core()):
            left = x + 8 + number % 7 * (each + 6)
            top = y + number // 7 * (CHIP + 6)
            self.shapes.append(rect(left, top, each, CHIP, "#f4e3c3", 4))
            self.shapes.append(text(left + each / 2, top + 15, name, "chip"))

    def arrow(self, source: str, target: str, place: float) -> None:
        x1, y1, wide1, high1 = self.boxes[source]
        x2, y2, wide2, high2 = self.boxes[target]
        start, end = x1 + wide1 * place, x2 + wide2 * place
        colour = COLOURS[layers.LAYERS[source]]
        if layers.LAYERS[source] < layers.LAYERS[target]:
            curve = f"M{start:.0f} {y1:.0f} L{end:.0f} {y2 + high2 + 4:.0f}"
            self.shapes.append(f'<path class="arrow up" d="{curve}" marker-end="url(#up)"/>')
            return
        down = y2 > y1
        from_y = y1 + high1 if down else y1
        to_y = y2 - 4 if down else y2 + high2 + 4
        if y1 == y2:  # side by side: a bow below both
            from_y, to_y = y1 + high1, y2 + high2 + 4
            middle = from_y + 22
            curve = f"M{start:.0f} {from_y:.0f} C{start:.0f} {middle:.0f} {end:.0f} {middle:.0f}"
            curve += f" {end:.0f} {to_y:.0f}"
        else:
            bend = (from_y + to_y) / 2
            curve = f"M{start:.0f} {from_y:.0f} C{start:.0f} {bend:.0f} {end:.0f} {bend:.0f}"
            curve += f" {end:.0f} {to_y:.0f}"
        mark = f'stroke="{colour}" marker-end="url(#f{layers.LAYERS[source]})"'
        self.shapes.append(f'<path class="arrow" d="{curve}" {mark}/>')


def rect(x: float, y: float, wide: float, high: float, colour: str, round_by: int) -> str:
    """Give a box."""
    size = f'width="{wide:.0f}" height="{high:.0f}"'
    return f'<rect x="{x:.0f}" y="{y:.0f}" {size} rx="{round_by}" fill="{colour}"/>'


def text(x: float, y: float, words: str, kind: str) -> str:
    """Give a line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}">{escape(words)}</text>'


def head(name: str, colour: str) -> str:
    """Give the head of an arrow."""
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
    )


def picture() -> str:
    """Give the picture as SVG."""
    drawing = Drawing()
    for floor, names in sorted(parts().items(), reverse=True):
        drawing.floor(floor, names)
    known = sorted(arrows())
    count: dict[str, int] = defaultdict(int)
    for source, _ in known:
        count[source] += 1
    seen: dict[str, int] = defaultdict(int)
    for source, target in known:
        seen[source] += 1
        drawing.arrow(source, target, seen[source] / (count[source] + 1))
    drawing.rooms()  # over the arrows
    high = drawing.y - 30
    heads = "".join(head(f"f{floor}", colour) for floor, colour in COLOURS.items())
    heads += head("up", "#b3261e")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high:.0f}" role="img">',
            "<title>The parts of hfi by floor, and who imports whom</title>",
            f"<style>{STYLE}</style><defs>{heads}</defs>",
            f'<rect width="{WIDTH}" height="{high:.0f}" rx="10" fill="#fbfaf8"/>',
            *drawing.shapes,
            "</svg>\n",
        ]
    )


def write(path: Path) -> None:
    """Write the picture."""
    path.write_text(picture(), encoding="utf-8")
