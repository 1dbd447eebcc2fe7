"""What a program pays for notebooks: nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_nothing_of_notebooks_is_imported_without_one(project_dir: Path) -> None:
    code = (
        "import sys, hfi; client = hfi.Client(base_url='http://127.0.0.1:1'); client._config;"
        "print([name for name in sys.modules if name.startswith(('hfi.notebook', 'IPython', "
        "'tqdm', 'markdown_it'))], client._config.on_wait)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(project_dir / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "[] None\n"
