"""Long lists of texts: how many requests are under way, on trio too, and when cancelled."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx
import pytest
import trio

from hfi import AsyncClient, Client, Embeddings, Limits
from hfi._core.embeddings.parts import AT_ONCE
from servers.embedders import FakeServer, vector

URL = "http://127.0.0.1:9"
TEXTS = [f"text {number}" for number in range(64)]  # sixteen requests of four


class Busy:
    """TEI that takes a moment for each request, and counts those under way."""

    def __init__(self) -> None:
        self.tei = FakeServer("tei")
        self.lock = threading.Lock()
        self.now = self.most = 0

    def count(self, change: int) -> None:
        with self.lock:
            self.now += change
            self.most = max(self.most, self.now)

    async def later(self, request: httpx.Request) -> httpx.Response:
        self.count(1)
        try:
            await asyncio.sleep(0.02)
            return self.tei(request)
        finally:
            self.count(-1)

    async def later_on_trio(self, request: httpx.Request) -> httpx.Response:
        self.count(1)
        try:
            await trio.sleep(0.02)
            return self.tei(request)
        finally:
            self.count(-1)

    def blocking(self, request: httpx.Request) -> httpx.Response:
        self.count(1)
        try:
            time.sleep(0.02)
            return self.tei(request)
        finally:
            self.count(-1)


def check(table: Embeddings, busy: Busy, most: int) -> None:
    assert table == [vector(text) for text in TEXTS]
    assert busy.now == 0
    assert busy.most == most
    assert len(busy.tei.bodies("/embed")) == 16


@pytest.mark.parametrize(("limits", "most"), [(None, AT_ONCE), (Limits(max_connections=3), 3)])
def test_threads(limits: Limits | None, most: int) -> None:
    busy = Busy()
    with Client(
        base_url=URL, transport=httpx.MockTransport(busy.blocking), limits=limits
    ) as client:
        check(client.feature_extraction(TEXTS), busy, most)


@pytest.mark.parametrize(("limits", "most"), [(None, AT_ONCE), (Limits(max_connections=3), 3)])
async def test_tasks(limits: Limits | None, most: int) -> None:
    busy = Busy()
    transport = httpx.MockTransport(busy.later)
    async with AsyncClient(base_url=URL, transport=transport, limits=limits) as client:
        check(await client.feature_extraction(TEXTS), busy, most)


def test_tasks_on_trio() -> None:
    busy = Busy()

    async def main() -> None:
        transport = httpx.MockTransport(busy.later_on_trio)
        async with AsyncClient(base_url=URL, transport=transport) as client:
            check(await client.feature_extraction(TEXTS), busy, AT_ONCE)

    trio.run(main)


async def test_a_cancelled_list_leaves_no_request_behind() -> None:
    busy = Busy()
    async with AsyncClient(base_url=URL, transport=httpx.MockTransport(busy.later)) as client:
        task = asyncio.create_task(client.feature_extraction(TEXTS))
        for _ in range(400):
            if busy.most == AT_ONCE:
                break
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert busy.now == 0
        assert len(busy.tei.bodies("/embed")) < 16
