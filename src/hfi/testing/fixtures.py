"""Fixtures for pytest: ``pytest_plugins = ["hfi.testing.fixtures"]`` in a ``conftest.py``.

::

    def test_mine(hfi_server):
        hfi_server.faults = [faults.Status(429)]
        ask(Client(base_url=hfi_server.url))
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hfi.testing.replies import echo
from hfi.testing.server import FakeServer

__all__ = ["hfi_server"]


@pytest.fixture
def hfi_server() -> Iterator[FakeServer]:
    """A running ``FakeServer`` that answers with what it is asked, until its faults are set."""
    with FakeServer(echo) as server:
        yield server
    if server.errors:
        raise server.errors[0]
