"""The fixtures for users' tests, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hfi.testing import FakeServer

TEST = """
import os, pytest
from hfi import Client

@pytest.mark.parametrize("word", ["one", "a/b c"])
def test_mine(hfi_tape, word):
    client = Client(base_url=os.environ["SERVER"], transport=hfi_tape)
    assert client.chat(word).text == "fine"
"""


def run(folder: Path, **environ: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "hfi.testing.fixtures", str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def test_a_test_is_recorded_once_and_replayed_then(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TEST)
    assert "HFI_RECORD=1 pytest" in run(tmp_path, SERVER="https://x.invalid")
    with FakeServer("fine") as server:
        assert "2 passed" in run(tmp_path, SERVER=server.url, HFI_RECORD="1")
        assert len(server.calls) == 2
    names = sorted(path.name for path in (tmp_path / "tapes" / "test_mine").iterdir())
    assert names == ["test_mine-a-b-c.json", "test_mine-one.json"]
    assert "2 passed" in run(tmp_path, SERVER="https://x.invalid")
