"""A kernel for the tests of a module, and one JupyterLab for all that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import Lab
from kernels import Kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path_factory.mktemp("kernel"), project_dir)
    try:
        kernel.run("from hfi import AsyncClient, Client")
        yield kernel
    finally:
        kernel.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"), project_dir)
    try:
        yield lab
    finally:
        lab.close()
