"""Fixtures for pytest: ``pytest_plugins = ["hfi.testing.fixtures"]`` in a ``conftest.py``.

::

    def test_mine(hfi_server):
        hfi_server.faults = [faults.Status(429)]
        ask(Client(base_url=hfi_server.url))

    def test_recorded(hfi_tape):
        ask(Client(transport=hfi_tape, token="hf_any"))
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from hfi.errors import ConfigurationError
from hfi.testing.recording import Recorder, record
from hfi.testing.replaying import Replayer, replay
from hfi.testing.replies import echo
from hfi.testing.server import FakeServer

__all__ = ["hfi_server", "hfi_tape"]

# Set to anything but 0, it has the tests speak to real servers and writes down what is said.
RECORD = "HFI_RECORD"


@pytest.fixture
def hfi_server() -> Iterator[FakeServer]:
    """A running ``FakeServer`` that answers with what it is asked, until its faults are set."""
    with FakeServer(echo) as server:
        yield server
    if server.errors:
        raise server.errors[0]


@pytest.fixture
def hfi_tape(request: pytest.FixtureRequest) -> Iterator[Recorder | Replayer]:
    """A transport that replays ``tapes/<module>/<test>.json``, beside the test's file.

    With ``HFI_RECORD=1`` in the environment it records that file instead.
    """
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    path = request.path.parent / "tapes" / request.path.stem / f"{name}.json"
    if os.environ.get(RECORD, "0") != "0":
        path.parent.mkdir(parents=True, exist_ok=True)
        with record(path) as recorder:
            yield recorder
        return
    if not path.exists():
        raise ConfigurationError(
            f"There is no recording {path.name!r} for this test.",
            hint=f"Make it: {RECORD}=1 pytest {request.node.nodeid!r}",
        )
    with replay(path) as replayer:
        yield replayer
