"""A stand-in for xllamacpp, so that the life of the child process is tested without weights."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Engine = Callable[[str], Path]

ENGINE = """
import ctypes, os, sys, time

class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = Some(), Some(), Some()

class Some:
    pass

class Server:
    listening_address = "http://127.0.0.1:9"
    def __init__(self, params):
{body}
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Install an engine whose loading does what the given lines do; return a weights file."""
    site = tmp_path / "engine"
    site.mkdir()
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(b"GGUF\x03\x00\x00\x00")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))

    def install(body: str) -> Path:
        lines = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
        (site / "xllamacpp.py").write_text(ENGINE.format(body=lines))
        return weights

    return install


def is_gone(pid: int, seconds: float) -> bool:
    """Whether a process ends within that time. A zombie that nobody reaps has ended too."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if stat == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def gone() -> Callable[[int, float], bool]:
    return is_gone
