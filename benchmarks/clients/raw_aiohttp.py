"""Plain aiohttp, whose parser is compiled. A stream is split and decoded, no more."""

from __future__ import annotations

import aiohttp

from benchmarks.clients import BODY, CONNECTIONS
from benchmarks.clients.raw_httpx import STREAMED, Events

IMPORT = "import aiohttp"


class Async:
    """``aiohttp.ClientSession``."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/chat/completions"
        self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))

    async def call(self) -> str:
        async with self._client.post(self._url, json=BODY) as response:
            reply = await response.json()
        return str(reply["choices"][0]["message"]["content"])

    async def stream(self) -> int:
        events = Events()
        async with self._client.post(self._url, json=STREAMED) as response:
            async for data in response.content.iter_any():
                events.feed(data)
        return events.count

    async def hold(self) -> object:
        response = await self._client.post(self._url, json=STREAMED)
        events = Events()
        events.feed(await response.content.readany())
        return response, events

    async def close(self) -> None:
        await self._client.close()
