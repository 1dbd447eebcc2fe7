"""``scripts/bench``: measures, prints the table, writes the page, the numbers and the picture."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import plot, table
from benchmarks.measure import ALL, ROOT, ROWS, measure

PACKAGES = ("hfi", "httpx", "httpcore", "aiohttp", "huggingface_hub", "httpx2", "openai")
FAST = ("pyreqwest", "httpx-aiohttp")
NUMBERS = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "img"


def versions() -> dict[str, str]:
    """What is compared."""
    found = {}
    for package in (*PACKAGES, *FAST):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """Where it is measured."""
    model = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        pass
    return {
        "processor": model,
        "processors": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def page(measured: dict[str, Any]) -> str:
    """The page of the documentation, made of the numbers alone."""
    results = measured["results"]
    compared = ", ".join(f"{name} {version}" for name, version in measured["versions"].items())
    where = measured["machine"]
    judged = table.judged(results)
    hits = sum(hit for _, _, hit in judged)
    titles = {row.name: row.title for row in ROWS}
    gaps = [
        f"- {titles[row]}, {table.NAMES[client]}: {reason}"
        for row, why in measured["gaps"].items()
        for client, reason in why.items()
    ]
    missing = "\n".join(["", "Not measured:", "", *gaps, ""]) if gaps else ""
    rendered = results.get("templates", {}).get("hfi_client")
    slowest = ""
    if rendered:
        slowest = (
            f"\nThe slowest template is {rendered['slowest']}, of {len(rendered['rounds'])}.\n"
        )
    return f"""# Benchmarks

<!-- Written by scripts/bench from docs/benchmarks.json: change benchmarks/ and run that. -->

![CPU time and memory, side by side](img/benchmarks.svg)

`scripts/bench` measured this on {measured["made"]}: medians of {measured["rounds"]} rounds, every
client once in each. Times are CPU time of the client's process, a process for each measurement; the
server is another process on the same machine, so that the network costs nothing and hides nothing.
httpx, aiohttp and socket stand for floors: they send the same requests, split a stream's events and
decode their JSON, and no more.

Compared were {compared}, on Python {where["python"]}, {where["system"]}, with
{where["processors"]} processors ({where["processor"]}).

{table.costs(results)}

A cell is empty where a client has no such thing, or would take minutes.
{missing}
## Targets

{hits} of {len(judged)} are hit. A ratio is hfi's cost, divided by that of who is named.

{table.targets(results)}
{slowest}"""


def main() -> None:
    """Runs what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, fewer calls, no files")
    parser.add_argument("--rounds", type=int, help="rounds of measurements (5, quick 1)")
    parser.add_argument("--only", action="append", metavar="NAME", help="a row, may be repeated")
    parser.add_argument("--client", action="append", choices=ALL, help="a client, may be repeated")
    parser.add_argument("--page", action="store_true", help="write the page anew from the numbers")
    arguments = parser.parse_args()
    if arguments.page:
        measured = json.loads(NUMBERS.read_text(encoding="utf-8"))
        PAGE.write_text(page(measured), encoding="utf-8")
        plot.draw(measured["results"], PICTURES)
        return
    names = [row.name for row in ROWS]
    for name in arguments.only or ():
        if name not in names:
            parser.error(f"there is no row {name!r}; there are {', '.join(names)}")
    rows = tuple(row for row in ROWS if not arguments.only or row.name in arguments.only)
    print(", ".join(f"{name} {version}" for name, version in versions().items()), flush=True)
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    clients = tuple(arguments.client or ALL)
    measured = {
        "made": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "rounds": rounds,
        "machine": machine(),
        "versions": versions(),
        **measure(rows, clients, rounds=rounds, quick=arguments.quick),
    }
    print(table.costs(measured["results"]))
    print()
    print(table.targets(measured["results"]))
    for row, why in measured["gaps"].items():
        for client, reason in why.items():
            print(f"not measured: {row}, {table.NAMES[client]}: {reason}")
    whole = not (arguments.quick or arguments.only or arguments.client)
    if whole:
        NUMBERS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(measured), encoding="utf-8")
        plot.draw(measured["results"], PICTURES)


if __name__ == "__main__":
    main()
