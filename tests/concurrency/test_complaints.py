"""What users complained of in other clients: what is of one colour, or of a whole process.

The names, and what stands without a test, are told in the tests of both colours. Of one row a part
is not shown, as hfi has no such thing: a ``warm_up()`` (C35; a call imports what it needs away from
the event loop, but for that one's own part).
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import anyio
import pytest

from calls import SOURCE, run_script
from hfi import AsyncClient, Client, Limits, Timeout, errors
from hfi.testing import FakeServer, Reply, faults
from rawserver import Peer, RawServer, wait_until

pytestmark = pytest.mark.usefixtures("each_engine")

AT_ONCE = 200


def test_c15_waiting_to_try_again_holds_up_no_event_loop() -> None:
    wish = faults.Status(429, headers={"Retry-After": "1"})
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            start = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - start)

    async def main() -> None:
        watching = asyncio.create_task(watch())
        start = time.monotonic()
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
        assert time.monotonic() - start >= 1
        watching.cancel()

    with FakeServer("fine", faults=[wish]) as server:
        asyncio.run(main())
    assert 0 < longest < 0.5


def answers_together(expected: int) -> Any:
    """A handler that answers only once so many requests are there."""
    everyone = threading.Barrier(expected)
    body = json.dumps({"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]})

    def handler(peer: Peer) -> None:
        while peer.read_request():
            everyone.wait(8)
            peer.reply(body.encode())

    return handler


def test_c29_many_calls_are_under_way_at_once() -> None:
    texts: list[str] = []

    async def main() -> float:
        limits = Limits(max_idle=AT_ONCE)
        async with AsyncClient(
            base_url=server.url, limits=limits, timeout=9, max_retries=0
        ) as client:

            async def call() -> None:
                completion = await client.chat("Hi")
                texts.append(completion.text)

            # The second round has connections to choose from, which must not be slower.
            for _ in range(2):
                start = time.process_time()
                async with anyio.create_task_group() as group:
                    for _ in range(AT_ONCE):
                        group.start_soon(call)
            return time.process_time() - start

    with RawServer(answers_together(AT_ONCE)) as server:
        spent = asyncio.run(main())
        assert server.connections == AT_ONCE
    assert texts == ["fine"] * AT_ONCE * 2
    assert spent / AT_ONCE < 0.01  # seconds of a call, the server's share included


def test_c30_more_calls_than_connections_wait_and_nothing_is_spoilt() -> None:
    finished: list[str] = []
    too_long: list[errors.PoolTimeoutError] = []

    async def call(client: AsyncClient) -> None:
        try:
            completion = await client.chat("Hi")
            finished.append(completion.text)
        except errors.PoolTimeoutError as error:
            too_long.append(error)

    async def rush(client: AsyncClient) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(30):
                group.start_soon(call, client)

    async def main() -> None:
        # The last ones wait 0.7 s for their turn, which is no silence of the server.
        patient = Timeout(first_token=0.5, between_tokens=0.5)
        limits = Limits(max_connections=2)
        async with AsyncClient(base_url=server.url, limits=limits, timeout=patient) as client:
            await rush(client)
        assert (len(finished), len(too_long)) == (30, 0)
        limits = Limits(max_connections=2, wait=0.12)
        async with AsyncClient(base_url=server.url, limits=limits) as client:
            await rush(client)
            assert too_long
            assert len(finished) + len(too_long) == 60
            await anyio.sleep(0.06)
            await call(client)
            await call(client)
        assert finished[-2:] == ["fine", "fine"]
        assert len(finished) + len(too_long) == 62

    with FakeServer(Reply("fine", first_token=0.05)) as server:
        asyncio.run(main())
    assert "Limits(" in str(too_long[0])


def test_c33_a_client_outlives_its_event_loop() -> None:
    async def call() -> str:
        completion = await client.chat("Hi")
        return completion.text

    async def stream() -> str:
        completion = await (await client.chat("Hi", stream=True)).collect()
        return completion.text

    with FakeServer("fine") as server:
        client = AsyncClient(base_url=server.url)
        assert [asyncio.run(each()) for each in (call, stream, call)] == ["fine"] * 3
        assert anyio.run(call, backend="trio") == "fine"
        asyncio.run(client.aclose())
        gc.collect()
        assert wait_until(lambda: server.open_connections == 0)


def test_c34_the_plain_client_works_inside_a_running_loop() -> None:
    async def cell() -> str:
        with Client(base_url=server.url) as client:
            assert client.chat("Hi").text == "fine now"
            return "".join(chunk.text for chunk in client.chat("Hi", stream=True))

    with FakeServer("fine now") as server:
        assert asyncio.run(cell()) == "fine now"


def test_c34_the_plain_client_has_no_loop_of_its_own() -> None:
    script = """
import sys
from hfi import Client
with Client(base_url=sys.argv[1]) as client:
    client.chat("Hi")
    client.chat("Hi", stream=True).collect()
import threading
asyncio = sys.modules.get("asyncio")
print(threading.active_count(), asyncio is None or asyncio._get_running_loop() is None)
"""
    with FakeServer("fine") as server:
        assert run_script(script, server.url).split() == ["1", "True"]


def test_c35_importing_is_quick() -> None:
    script = """
import sys, time
before = time.process_time()
import hfi
print(time.process_time() - before)
heavy = {"httpx", "httpcore", "asyncio", "anyio", "ssl", "PIL", "numpy", "pydantic", "jinja2"}
print(*sorted(heavy & set(sys.modules)))
"""
    spent, *heavy = run_script(script).split()
    assert heavy == []
    assert float(spent) < 0.15


@pytest.mark.parametrize("stream", [False, True])
def test_c35_the_first_call_imports_away_from_the_loop(stream: bool) -> None:
    script = f"""
import asyncio, sys, threading
from hfi import AsyncClient

class Spy:
    held_up = set()
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            self.held_up.add(name)

async def main():
    client = AsyncClient(base_url=sys.argv[1])
    sys.meta_path.insert(0, Spy())
    answer = await client.chat("Hi", stream={stream})
    if {stream}:
        await answer.collect()
    print(*sorted(Spy.held_up))
    await client.aclose()

asyncio.run(main())
"""
    with FakeServer("fine") as server:
        held_up = run_script(script, server.url).split()
    # The rest is anyio's: what serves an event loop cannot be known before there is one.
    ours = {"hfi", "httpx", "httpcore", "h11", "attr", "msgspec"}
    assert {name.partition(".")[0] for name in held_up} & ours == set(), held_up


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors by /proc")
def test_c36_memory_stays_flat() -> None:
    def work(rounds: int) -> None:
        for number in range(rounds):
            client.chat("Hi")
            client.chat("Hi", stream=True).collect()
            next(client.chat("Hi", stream=True))  # and dropped
            if number % 5 == 0:
                with Client(base_url=server.url) as other:
                    other.chat("Hi")
        gc.collect()

    with FakeServer("one two three") as server, Client(base_url=server.url) as client:
        work(20)
        server.requests.clear()
        descriptors = open_descriptors()
        tracemalloc.start()
        try:
            work(10)
            server.requests.clear()
            before, _ = tracemalloc.get_traced_memory()
            work(60)
            server.requests.clear()
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert after - before < 200_000  # bytes, of some 190 calls and 12 clients
        assert wait_until(lambda: open_descriptors() <= descriptors + 4)


def test_c42_the_twins_are_one_source(project_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_sync.py", "--check"],
        cwd=project_dir,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert SOURCE.is_dir()
    for name in ("chat", "text_generation", "text_to_image", "models", "explain", "run"):
        mine, other = getattr(Client, name), getattr(AsyncClient, name)
        assert list(inspect.signature(mine).parameters) == list(inspect.signature(other).parameters)
