"""A job whose caller gives up: asking ends at once, and nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

from hfi import AsyncClient
from servers.jobs import JobServer, known_to


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within 5 seconds")


KEY = "own-key-" + "a" * 20


@pytest.mark.parametrize("interval", [0.01, 30.0], ids=["while asking", "while waiting"])
async def test_a_cancelled_call_asks_no_more(
    interval: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    with (
        JobServer("fal-ai", "text-to-image", ("IN_QUEUE",)) as server,
        known_to("fal-ai", server, monkeypatch, interval=interval, longest=interval),
    ):
        async with AsyncClient("a/b/c", provider="fal-ai", token=KEY) as client:
            call = asyncio.create_task(client.text_to_image("a cat", on_wait=told.append))
            await until(lambda: len(told) >= (3 if interval < 1 else 1))
            began = monotonic()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert monotonic() - began < 1
            asked = len(server.asked)
            await asyncio.sleep(0.1)
            assert len(server.asked) == asked
            # The client's connections are as good as before.
            server._words = [None]
            image = await client.text_to_image("a cat")
    assert image.provider == "fal-ai"


async def test_of_several_images_none_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        JobServer("replicate", "text-to-image", ("starting",)) as server,
        known_to("replicate", server, monkeypatch),
    ):
        async with AsyncClient("a/b/c", provider="replicate", token=KEY) as client:
            call = asyncio.create_task(client.text_to_image("a cat", n=4))
            await until(lambda: len(server.asked) >= 8)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            asked = len(server.asked)
            await asyncio.sleep(0.1)
            assert len(server.asked) <= asked + 4  # those that were on the way
