"""The tests that the page about testing shows are run as a user's would be."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from hfi import Client
from hfi.testing import FakeServer, record

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_they_pass(tmp_path: Path) -> None:
    blocks = BLOCK.findall((PROJECT / "docs" / "testing.md").read_text(encoding="utf-8"))
    shown = [block for block in blocks if "\ndef test_" in block or block.startswith("def test_")]
    plugins = [block for block in blocks if block.startswith("pytest_plugins")]
    assert len(shown) == 2
    (tmp_path / "conftest.py").write_text(plugins[0])
    imports = "from hfi import Client\nfrom hfi.testing import faults\n"
    (tmp_path / "test_page.py").write_text(imports + "\n".join(shown))

    # What the real router would have said, under the name that the fixture looks for.
    tape = tmp_path / "tapes" / "test_page" / "test_recorded.json"
    tape.parent.mkdir(parents=True)
    with FakeServer("Air scatters blue light most.") as server, record(tape) as transport:
        client = Client("openai/gpt-oss-120b", base_url=server.url, transport=transport)
        client.chat("Why is the sky blue?", max_tokens=60)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-o", "asyncio_mode=auto", "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
