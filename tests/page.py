"""The page about the terminal, for tests of what stands in it."""

from __future__ import annotations

import re
from pathlib import Path


def page_lines(project: Path, *commands: str) -> list[str]:
    """The lines of some commands that the live test of the docs cannot run: they need the Hub."""
    page = (project / "docs" / "terminal.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("hfi ")]
    return [line for line in lines if line.split()[1] in commands]
