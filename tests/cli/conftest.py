"""Runs of the command line: inside this process, and as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from click.testing import CliRunner, Result

from hfi.cli.commands import program
from rawserver import Handler, RawServer

SOURCE = Path(__file__).resolve().parents[2] / "src"

Serve = Callable[[Handler], RawServer]
Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
Web = Callable[[Callable[[httpx.Request], httpx.Response]], None]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers on loopback that end with the test."""
    servers: list[RawServer] = []

    def start(handler: Handler) -> RawServer:
        servers.append(RawServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def run() -> Run:
    """Runs ``hfi`` in this process; nothing on standard input unless ``input`` is given."""

    def invoke(*args: str, **options: Any) -> Result:
        return CliRunner().invoke(program, args, **options)

    return invoke


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Answers whatever this process asks of any host, and gives it a token."""
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_tests")
    with respx.mock(assert_all_called=False) as mock:
        yield lambda handler: mock.route().mock(side_effect=handler) and None


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts ``python -m hfi`` as a program of its own, which ends with the test at the latest."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*args: str, **options: Any) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        streams = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe}
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), **options.pop("env", {})}
        started.append(
            subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "hfi", *args],
                env=environment,
                **{**streams, **options},
            )
        )
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
