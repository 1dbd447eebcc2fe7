"""Plain httpx: the floor of what is built on it. A stream is split and decoded, no more."""

from __future__ import annotations

import httpx
import msgspec

from benchmarks.clients import BODY, CONNECTIONS

IMPORT = "import httpx"
MAKE = "import httpx; httpx.Client()"
FIRST = "import httpx; httpx.Client().post('{url}/chat/completions', json={body}).json()"
UNBOUND = httpx.Limits(max_connections=CONNECTIONS)
STREAMED = {**BODY, "stream": True}


class Events:
    """Counts the events of a stream, each split off and decoded."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Reads some bytes."""
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            payload = event[6:]
            if payload != b"[DONE]":
                msgspec.json.decode(payload)
                self.count += 1


class Sync:
    """``httpx.Client``."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/chat/completions"
        self._client = httpx.Client(timeout=60)

    def call(self) -> str:
        reply = self._client.post(self._url, json=BODY).json()
        return str(reply["choices"][0]["message"]["content"])

    def stream(self) -> int:
        events = Events()
        with self._client.stream("POST", self._url, json=STREAMED) as response:
            for data in response.iter_raw():
                events.feed(data)
        return events.count

    def close(self) -> None:
        self._client.close()


class Async:
    """``httpx.AsyncClient``."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/chat/completions"
        self._client = httpx.AsyncClient(timeout=60)
        self._holds = False

    async def call(self) -> str:
        reply = (await self._client.post(self._url, json=BODY)).json()
        return str(reply["choices"][0]["message"]["content"])

    async def stream(self) -> int:
        events = Events()
        async with self._client.stream("POST", self._url, json=STREAMED) as response:
            async for data in response.aiter_raw():
                events.feed(data)
        return events.count

    async def hold(self) -> object:
        if not self._holds:
            self._holds = True
            self._client = httpx.AsyncClient(timeout=60, limits=UNBOUND)
        request = self._client.build_request("POST", self._url, json=STREAMED)
        response = await self._client.send(request, stream=True)
        pieces, events = response.aiter_raw(), Events()
        events.feed(await pieces.__anext__())
        return response, pieces, events

    async def close(self) -> None:
        await self._client.aclose()
