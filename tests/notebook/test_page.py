"""The examples of the page about notebooks, in a real kernel, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hfi.testing import FakeServer
from kernels import Kernel
from markup import Page

BLOCK = re.compile(r"^```(?:python|ipython)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def kernel(tmp_path: Path, project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """Give a kernel in which every call goes to a fake server."""
    with FakeServer("It **scatters** most.") as server:
        monkeypatch.setenv("HFI_BASE_URL", server.url)
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")  # the built-in list stands in
        kernel = Kernel(tmp_path, project_dir)
        yield kernel
        kernel.close()


def test_the_page_runs(kernel: Kernel, project_dir: Path) -> None:
    page = (project_dir / "docs" / "notebooks.md").read_text(encoding="utf-8")
    cells = BLOCK.findall(page)
    assert len(cells) == 8
    for cell in cells:
        output = kernel.run(cell)
        assert output.status == "ok", f"{cell}\n{output}"
        if "display()" in cell or cell.startswith("%%chat"):
            assert Page(output.html).text.startswith("It scatters most.")
