"""hfi, with its own engine."""

from __future__ import annotations

from typing import Any

from benchmarks.clients import CONNECTIONS, MESSAGES
from hfi import AsyncClient, Client, Limits

IMPORT = "import hfi"
MAKE = "from hfi import Client; Client()"
FIRST = "from hfi import Client; Client('m', base_url='{url}').chat('Hi')"
ENGINE = "default"


def options(base_url: str) -> dict[str, Any]:
    """What both clients are made with."""
    limits = Limits(max_connections=CONNECTIONS, max_idle=CONNECTIONS)
    return {"base_url": base_url, "model": "m", "limits": limits, "max_retries": 0}


class Sync:
    """``hfi.Client``."""

    def __init__(self, base_url: str, engine: str = ENGINE) -> None:
        self._client = Client(engine=engine, **options(base_url))

    def call(self) -> str:
        return self._client.chat(MESSAGES).text

    def stream(self) -> int:
        return sum(1 for _ in self._client.chat(MESSAGES, stream=True))

    def close(self) -> None:
        self._client.close()


class Async:
    """``hfi.AsyncClient``."""

    def __init__(self, base_url: str, engine: str = ENGINE) -> None:
        self._client = AsyncClient(engine=engine, **options(base_url))

    async def call(self) -> str:
        completion = await self._client.chat(MESSAGES)
        return completion.text

    async def stream(self) -> int:
        count = 0
        async for _ in await self._client.chat(MESSAGES, stream=True):
            count += 1
        return count

    async def hold(self) -> object:
        stream = await self._client.chat(MESSAGES, stream=True)
        await stream.__anext__()
        return stream

    async def close(self) -> None:
        await self._client.aclose()
