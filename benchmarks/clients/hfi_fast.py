"""hfi, with the compiled engine of its extra ``fast``."""

from __future__ import annotations

from benchmarks.clients import hfi_client

FIRST = "from hfi import Client; Client('m', base_url='{url}', engine='fast').chat('Hi')"
MAKE = "from hfi import Client; Client(engine='fast')"


class Sync(hfi_client.Sync):
    """``hfi.Client(engine="fast")``."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, "fast")


class Async(hfi_client.Async):
    """``hfi.AsyncClient(engine="fast")``."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, "fast")
