"""One kernel for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path_factory.mktemp("kernel"), project_dir)
    try:
        kernel.run("from hfi import AsyncClient, Client")
        yield kernel
    finally:
        kernel.close()
