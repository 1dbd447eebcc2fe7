"""The picture: what the clients need, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.table import NAMES, shown

SHOWN = {
    "burst-async": "streamed chunk (us)",
    "calls-async": "call, one by one (us)",
    "flight-100": "call, 100 in flight (us)",
    "flight-2000": "call, 2,000 in flight (us)",
    "client": "import and client (ms)",
    "memory": "open stream (kB)",
}
COLOURS = {
    "hfi_client": "#d9480f",
    "hfi_fast": "#f08c00",
    "raw_httpx": "#adb5bd",
    "raw_aiohttp": "#ced4da",
    "hub": "#1971c2",
    "openai_client": "#2f9e44",
}


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Writes benchmarks.png and benchmarks.svg."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "hfi"  # the same file for the same numbers
    from matplotlib import pyplot

    rows = [name for name in SHOWN if results.get(name)]
    figure, panels = pyplot.subplots(
        (len(rows) + 1) // 2, 2, figsize=(11, 2.2 * ((len(rows) + 1) // 2)), squeeze=False
    )
    for panel, name in zip(panels.flat, rows, strict=False):
        present = [key for key in COLOURS if key in results[name]]
        values = [results[name][key]["median"] for key in present]
        places = range(len(present), 0, -1)
        panel.barh(list(places), values, color=[COLOURS[key] for key in present], height=0.75)
        panel.set_yticks(list(places), [NAMES[key] for key in present])
        panel.set_title(SHOWN[name], loc="left", fontsize=10)
        for place, value in zip(places, values, strict=True):
            panel.annotate(
                shown(value), (value, place), (3, 0), textcoords="offset points", va="center"
            )
        panel.set_xlim(0, max(values) * 1.15)
        panel.spines[["top", "right"]].set_visible(False)
    for panel in list(panels.flat)[len(rows) :]:
        panel.set_axis_off()
    figure.suptitle("CPU time and memory of the client process; less is better", fontsize=11)
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "benchmarks.png", folder / "benchmarks.svg"]
    figure.savefig(written[0], dpi=120)
    figure.savefig(written[1], metadata={"Date": None})
    return written
