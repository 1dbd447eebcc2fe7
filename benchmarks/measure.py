"""Rounds of measurements: every client once in each round, medians in the end."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clients import BODY

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT.parent / "shared" / "fixtures" / "templates"
LONGEST = 90  # seconds for one measurement

ALL = ("hfi_client", "hfi_fast", "raw_httpx", "raw_aiohttp", "raw_socket", "hub", "openai_client")
PEERS = ("hub", "openai_client")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: Its name, for ``--only``.
        title: What is measured.
        unit: ``us``, ``ms``, ``kB`` or ``x``.
        work: What the child does.
        size: Chunks of a stream, calls in flight, threads or open streams.
        count: Streams or calls in all; a quick run makes a quarter of them.
        without: Clients that would take minutes, or have no such thing.
    """

    name: str
    title: str
    unit: str
    work: str
    size: int = 0
    count: int = 0
    without: tuple[str, ...] = ()


ROWS = (
    Row("burst-sync", "streamed chunk, in bursts, sync", "us", "burst-sync", 2000, 5),
    Row("burst-async", "streamed chunk, in bursts, async", "us", "burst-async", 2000, 5),
    Row("paced-sync", "streamed chunk, one by one, sync", "us", "paced-sync", 500, 1),
    Row("paced-async", "streamed chunk, one by one, async", "us", "paced-async", 500, 1),
    Row("calls-sync", "call, one after the other, sync", "us", "calls-sync", 1, 400),
    Row("calls-async", "call, one after the other, async", "us", "calls-async", 1, 400),
    Row("flight-10", "call, 10 in flight", "us", "calls-async", 10, 400),
    Row("flight-100", "call, 100 in flight", "us", "calls-async", 100, 600),
    Row("flight-500", "call, 500 in flight", "us", "calls-async", 500, 1000, ("raw_httpx",)),
    Row("flight-2000", "call, 2,000 in flight", "us", "calls-async", 2000, 2000, ("raw_httpx",)),
    Row("threads-1", "call, 1 thread", "us", "calls-sync", 1, 400, ("raw_socket",)),
    Row("threads-16", "call, 16 threads", "us", "calls-sync", 16, 640, ("raw_socket",)),
    Row("threads-64", "call, 64 threads", "us", "calls-sync", 64, 1280, ("raw_socket",)),
    Row("import", "import", "ms", "IMPORT"),
    Row("client", "import and a client", "ms", "MAKE"),
    Row("client-memory", "memory after import and a client", "MB", "MAKE"),
    Row("first-call", "import, client and the first call", "ms", "FIRST"),
    Row("memory", "memory of an open stream, of 1,000", "kB", "memory-async", 1000, 1, PEERS),
    Row("templates", "rendering a cached template, in jinja2's", "x", "templates"),
)


@contextmanager
def serving() -> Iterator[int]:
    """The server, in its own process; gives its port."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def is_wanted(name: str) -> bool:
    """Whether a variable is for children: no proxy, and nothing that makes Python compile anew."""
    return "proxy" not in name.lower() and name != "PYTHONDONTWRITEBYTECODE"


def run(*arguments: str) -> str:
    """What a child says; its own words where it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=LONGEST,
        check=False,
        env={name: value for name, value in os.environ.items() if is_wanted(name)},
    )
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
    return done.stdout


def program(code: str) -> tuple[float, float]:
    """CPU milliseconds of a whole program of one line, and megabytes in the end."""
    tail = (
        "\nimport resource, pathlib\nused = resource.getrusage(resource.RUSAGE_SELF)\n"
        "pages = int(pathlib.Path('/proc/self/statm').read_text().split()[1])\n"
        "print((used.ru_utime + used.ru_stime) * 1000, pages * 4096 / 1e6)"
    )
    spent, memory = run("-c", code + tail).split()
    return float(spent), float(memory)


def once(row: Row, client: str, port: int, *, quick: bool) -> float | None:
    """One measurement; None where the client has no such thing."""
    if client in row.without:
        return None
    source = (ROOT / "benchmarks" / "clients" / f"{client}.py").read_text(encoding="utf-8")
    if row.work in ("IMPORT", "MAKE", "FIRST"):
        line = constant(source, row.work)
        if line is None:
            return None
        url = f"http://127.0.0.1:{port}/after/0/v1"
        spent, memory = program(line.format(url=url, body=BODY) if row.work == "FIRST" else line)
        return memory if row.unit == "MB" else spent
    kind, _, colour = row.work.partition("-")
    method = {"memory": "hold", "calls": "call"}.get(kind, "stream")
    which = source.partition("class Async" if colour == "async" else "class Sync")
    inherits = client == "hfi_fast"
    if not which[1] or (not inherits and f"def {method}(" not in which[2]):
        return None
    count = max(row.count // 4, row.size if kind == "calls" else 1) if quick else row.count
    arguments = (row.work, client, str(row.size), str(count), str(port))
    value = float(run("-m", "benchmarks.child", *arguments))
    return value / 1000 if row.unit == "kB" else value


def constant(source: str, name: str) -> str | None:
    """The value of a constant of a client's module, which is not imported here."""
    space: dict[str, Any] = {}
    head = source.partition("\nclass ")[0]
    lines = head[head.find(f"\n{name} = ") + 1 :] if f"\n{name} = " in head else ""
    if not lines:
        return None
    end = lines.find("\n)\n") + 2 if lines.startswith(f"{name} = (") else lines.find("\n")
    exec(lines[: end if end > 1 else None], space)
    return str(space[name])


def templates(rounds: int) -> dict[str, float] | str:
    """The ratio for each template, or why there is none."""
    if not TEMPLATES.is_dir():
        return "../shared/fixtures is not there"
    found: dict[str, float] = json.loads(
        run("-m", "benchmarks.templates", str(TEMPLATES), str(rounds))
    )
    return found


def measure(
    rows: tuple[Row, ...], clients: tuple[str, ...], *, rounds: int, quick: bool
) -> dict[str, Any]:
    """Every row: ``{row: {client: {"median": ..., "rounds": [...]}}}``, or the reason of a gap."""
    taken: dict[str, dict[str, list[float]]] = {row.name: {} for row in rows}
    gaps: dict[str, dict[str, str]] = {row.name: {} for row in rows}
    run("-m", "compileall", "-q", str(ROOT / "src"))  # as an installer does
    with serving() as port:
        for number in range(rounds):
            for row in rows:
                if row.work == "templates":
                    continue
                for client in clients:
                    if client in gaps[row.name]:
                        continue
                    print(f"\r\033[K{number + 1}/{rounds} {row.name} {client}", end="")
                    sys.stdout.flush()
                    try:
                        value = once(row, client, port, quick=quick)
                    except (RuntimeError, subprocess.TimeoutExpired) as error:
                        gaps[row.name][client] = str(error)[:200]
                        continue
                    if value is not None:
                        taken[row.name].setdefault(client, []).append(value)
    print("\r\033[K", end="")
    results: dict[str, Any] = {
        row: {
            client: {"median": statistics.median(values), "rounds": values}
            for client, values in by_client.items()
        }
        for row, by_client in taken.items()
    }
    if any(row.work == "templates" for row in rows):
        ratios = templates(3 if quick else 7)
        if isinstance(ratios, str):
            gaps["templates"]["hfi_client"] = ratios
        else:
            values = sorted(ratios.values())
            results["templates"]["hfi_client"] = {
                "median": statistics.median(values),
                "worst": values[-1],
                "slowest": max(ratios, key=lambda name: ratios[name]),
                "rounds": values,
            }
    return {"results": results, "gaps": {row: why for row, why in gaps.items() if why}}
