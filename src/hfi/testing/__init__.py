"""For tests of code that uses hfi: ``FakeServer`` and its faults, ``record`` and ``replay``.

::

    from hfi import Client
    from hfi.testing import FakeServer, faults

    with FakeServer("Hello", faults=[faults.Status(503)]) as server:
        assert Client(base_url=server.url).chat("Hi").meta.attempts == 2

``pytest_plugins = ["hfi.testing.fixtures"]`` gives the fixture ``hfi_server``.
"""

from __future__ import annotations

from hfi.testing import faults
from hfi.testing.recording import record
from hfi.testing.replaying import replay
from hfi.testing.replies import Reply, echo
from hfi.testing.requests import ReceivedRequest
from hfi.testing.server import FakeServer

__all__ = ["FakeServer", "ReceivedRequest", "Reply", "echo", "faults", "record", "replay"]
