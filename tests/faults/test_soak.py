"""The short form of the soak: after hundreds of calls, faults among them, nothing is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts by /proc, which is not here")
def test_the_short_soak_is_flat(project_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(project_dir / "scripts" / "soak"), "--short"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""  # where warnings of finalisers go
    assert "Everything is where it began." in done.stdout
    assert "0 connections open, []" in done.stdout
