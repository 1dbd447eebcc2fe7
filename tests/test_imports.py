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
# hfi's own rooms that a client is made without.
ROOMS = (
    *(
        "hfi._async",
        "hfi._core.chat",
        "hfi._core.generation",
        "hfi._core.hub.hub",
        "hfi._core.images",
    ),
    *("hfi._core.incoming", "hfi._core.prompts", "hfi._core.resuming", "hfi._core.routing"),
    *("hfi._core.tasks", "hfi._core.failures.failure", "hfi._core.failures.error_table"),
    *("hfi._core.explain", "hfi._sync.conversation", "hfi._sync.drive", "hfi._sync.foreign"),
    *("hfi._sync.generation", "hfi._sync.metadata", "hfi._sync.prompting", "hfi._sync.stream"),
    *("hfi._tracing", "hfi.local", "hfi.testing", "hfi.cli", "hfi.notebook"),
    *("hfi.types.chat", "hfi.types.media", "hfi.types.models", "hfi.types.text"),
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


def test_making_a_client_loads_what_every_call_needs() -> None:
    found = loaded("from hfi import Client; Client(token=False)")
    assert early(found, HEAVY) == []
    assert early(found, ROOMS) == []


def test_making_a_client_of_the_other_colour_adds_the_event_loop_s() -> None:
    found = loaded("from hfi import AsyncClient; AsyncClient(token=False)")
    assert (
        early(found, tuple(name for name in HEAVY if name not in ("asyncio", "subprocess"))) == []
    )
    other = tuple(name.replace("_sync", "_async") for name in ROOMS if name != "hfi._async")
    assert early(found, (*other, "hfi._sync")) == []


@pytest.mark.parametrize("name", ["Timeout", "Message", "ChatCompletion", "Image"])
def test_a_value_loads_no_client(name: str) -> None:
    assert early(loaded(f"from hfi import {name}"), ("hfi._sync", "hfi._async", "httpcore")) == []
