"""The targets, and the table of what was measured against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.measure import ROWS

NAMES = {
    "hfi_client": "hfi",
    "hfi_fast": "hfi, fast",
    "raw_httpx": "httpx",
    "raw_aiohttp": "aiohttp",
    "raw_socket": "socket",
    "hub": "huggingface_hub",
    "openai_client": "openai",
}

Results = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Target:
    """What a measurement is held against.

    Attributes:
        text: The target in words.
        row: The row that it is about, and ``client`` whose value counts.
        other: The row and the client that it is divided by; None for the value itself.
        most: What may come of that at most.
        plus: Added to the other value, in the row's unit, in place of a factor.
    """

    text: str
    row: str
    most: float
    other: tuple[str, str] | None = None
    client: str = "hfi_client"
    plus: float | None = None
    field: str = "median"

    def value(self, results: Results) -> float | None:
        """What was measured; None where something of it was not."""
        mine: float | None
        mine = results.get(self.row, {}).get(self.client, {}).get(self.field)
        if mine is None or self.other is None:
            return mine
        row, client = self.other
        base: float | None
        base = results.get(row, {}).get(client, {}).get("median")
        if base is None:
            return None
        return float(mine - base if self.plus is not None else mine / base)


def _streams() -> list[Target]:
    found = []
    for colour in ("sync", "async"):
        for kind, words in (("burst", "in bursts"), ("paced", "one by one")):
            row, what = f"{kind}-{colour}", f"chunk {words}, {colour}"
            found.append(Target(f"{what}, of the floor", row, 1.35, (row, "raw_httpx")))
            if kind == "burst":
                found.append(Target(f"{what}, of huggingface_hub", row, 1 / 5, (row, "hub")))
                found.append(Target(f"{what}, of openai", row, 1 / 7, (row, "openai_client")))
                fast = "hfi_fast"
                found += [
                    Target(f"{what}, fast, of the floor", row, 0.5, (row, "raw_httpx"), fast),
                    Target(f"{what}, fast, of huggingface_hub", row, 1 / 15, (row, "hub"), fast),
                    Target(f"{what}, fast, of openai", row, 1 / 25, (row, "openai_client"), fast),
                ]
    return found


def _calls() -> list[Target]:
    found = []
    for colour in ("sync", "async"):
        row = f"calls-{colour}"
        found.append(Target(f"call, {colour}, of httpx", row, 0.9, (row, "raw_httpx")))
        for peer in ("hub", "openai_client"):
            found.append(Target(f"call, {colour}, of {NAMES[peer]}", row, 1.0, (row, peer)))
    for size in (100, 500, 2000):
        row = f"flight-{size}"
        one = ("calls-async", "raw_httpx")
        found.append(Target(f"{size:,} in flight, of httpx one by one", row, 1.4, one))
        for peer in ("hub", "openai_client"):
            found.append(Target(f"{size:,} in flight, of {NAMES[peer]}", row, 1.0, (row, peer)))
    at_100 = ("flight-100", "raw_httpx")
    found.append(Target("100 in flight, of httpx", "flight-100", 0.1, at_100))
    for row in ("calls-async", "flight-10", "flight-100", "flight-500", "flight-2000"):
        text = f"{row}, fast, of huggingface_hub"
        found.append(Target(text, row, 0.5, (row, "hub"), "hfi_fast"))
    sixteen = ("threads-16", "hfi_client")
    found.append(Target("64 threads, of 16", "threads-64", 1.15, sixteen))
    found.append(Target("64 threads, of httpx", "threads-64", 0.5, ("threads-64", "raw_httpx")))
    return found


TARGETS = (
    *_streams(),
    *_calls(),
    Target("import hfi, of httpx", "import", 0.5, ("import", "raw_httpx")),
    Target("import and Client(), of httpx", "client", 1.1, ("client", "raw_httpx")),
    Target(
        "memory after Client(), MB over httpx",
        "client-memory",
        4.0,
        ("client-memory", "raw_httpx"),
        plus=4.0,
    ),
    Target("open stream, of httpx", "memory", 1.2, ("memory", "raw_httpx")),
    Target("template, median, of jinja2", "templates", 1.5),
    Target("template, worst, of jinja2", "templates", 2.0, field="worst"),
)


def shown(value: float | None) -> str:
    """A number in three digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def aligned(rows: list[list[str]]) -> str:
    """A table in Markdown that also reads well as it stands."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        first, *rest = zip(row, widths, strict=True)
        return "| " + " | ".join([first[0].ljust(first[1]), *(t.rjust(w) for t, w in rest)]) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(rows[0]), line(rule), *map(line, rows[1:])])


def costs(results: Results) -> str:
    """What each client needs for each work."""
    present = [key for key in NAMES if any(key in by_client for by_client in results.values())]
    rows = [["", *(NAMES[key] for key in present)]]
    for row in ROWS:
        measured = results.get(row.name)
        if measured:
            cells = [shown(measured.get(key, {}).get("median")) for key in present]
            rows.append([f"{row.title}, {row.unit}", *cells])
    return aligned(rows)


def judged(results: Results) -> list[tuple[Target, float, bool]]:
    """Each target that was measured, what came of it, and whether that is a hit."""
    values = ((target, target.value(results)) for target in TARGETS)
    return [(target, value, value <= target.most) for target, value in values if value is not None]


def targets(results: Results) -> str:
    """The targets, hit or missed."""
    rows = [["target", "at most", "measured", ""]]
    for target, value, hit in judged(results):
        rows.append([target.text, shown(target.most), shown(value), "pass" if hit else "miss"])
    return aligned(rows)
