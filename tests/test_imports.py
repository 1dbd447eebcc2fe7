"""What importing hfi loads, and what making a client does: each is paid by every program.

The lists are of modules, read in a process of its own; nothing is timed here (``scripts/bench`` is
for that). A module that is missing from a list is not needed so early: enter it from a room, as
CONTRIBUTING.md tells.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

# What one call needs and another does not, and what no call needs.
HEAVY = (
    *("httpx", "jinja2", "msgspec", "pydantic", "numpy", "PIL", "IPython", "tqdm", "click", "rich"),
    *("opentelemetry", "urllib.request", "email", "http", "json", "pickle", "difflib"),
    *("asyncio", "multiprocessing", "subprocess", "sqlite3", "xml"),
)


def loaded(code: str) -> set[str]:
    """The modules that a program of this one line has imported at its end."""
    # Where trio is installed httpcore imports it, and with it half the standard library.
    start = "import sys; sys.modules['trio'] = None; before = set(sys.modules)"
    script = f"{start}\n{code}\nprint(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def early(found: set[str], unwanted: tuple[str, ...]) -> list[str]:
    return sorted(
        name for name in found if any(name == one or name.startswith(f"{one}.") for one in unwanted)
    )


def test_importing_hfi_loads_its_errors_alone() -> None:
    found = loaded("import hfi")
    assert {name for name in found if name.partition(".")[0] == "hfi"} == {"hfi", "hfi.errors"}
    assert early(found, (*HEAVY, "httpcore", "anyio", "attr", "inspect", "logging")) == []


@pytest.mark.parametrize("name", ["Timeout", "Message", "ChatCompletion", "Image"])
def test_a_value_loads_no_client(name: str) -> None:
    assert early(loaded(f"from hfi import {name}"), ("hfi._sync", "hfi._async", "httpcore")) == []
