"""The site, built once for all tests that look at it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> Path:
    """Build the site as ``scripts/docs`` does, and give its folder."""
    pytest.importorskip("sphinx", reason="the group docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E"),
            *("-d", str(folder / "trees"), str(project_dir / "docs"), str(folder / "html")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return folder / "html"
