"""What tasks and event loops do to the async half: cancelling, closing, asyncio and trio."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from calls import CERTIFICATE, NO_RETRY, PATIENT, answers, post, run_script, silent, stalls
from hfi import AsyncClient, errors
from hfi._async import resuming, transport
from hfi._async.stream import AsyncChatStream
from hfi._async.transport import AsyncTransport
from hfi._core.incoming.streams import ChatStreamParser
from hfi.types.settings import Limits
from rawserver import Peer, RawServer, wait_until
from servers.deserter import Deserter

pytestmark = pytest.mark.usefixtures("each_engine")

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def make(**options: Any) -> AsyncTransport:
    return AsyncTransport(user_agent="hfi/test", **{"limits": Limits(), **options})


async def stream_from(transport: AsyncTransport, url: str) -> AsyncChatStream:
    request = post(url, stream=True)
    reply = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
    return AsyncChatStream(reply, ChatStreamParser(request, headers=reply.headers))


def run(backend: str, main: Callable[[], Awaitable[None]]) -> None:
    anyio.run(main, backend=backend)


@BACKENDS
def test_eight_streams_at_once(backend: str) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream()
            for number in range(5):
                peer.word(f"{number} ")
                time.sleep(0.02)
            peer.word("", "stop")
            peer.end_stream()

    texts: list[str] = []

    async def main() -> None:
        transport = make()

        async def one() -> None:
            completion = await (await stream_from(transport, server.url)).collect()
            texts.append(completion.text)

        for _ in range(2):
            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(one)
        await transport.aclose()

    with RawServer(handler) as server:
        start = time.monotonic()
        run(backend, main)
        assert time.monotonic() - start < 1.5
        assert texts == ["0 1 2 3 4 "] * 16
        assert server.connections == 8


@BACKENDS
def test_closing_wakes_a_reader_in_another_task(backend: str) -> None:
    """D12."""
    woken: list[float] = []

    async def main() -> None:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()

        async def read() -> None:
            with pytest.raises(errors.StreamInterruptedError, match="closed") as caught:
                await stream.__anext__()
            woken.append(time.monotonic())
            assert caught.value.partial.text == "one"

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(0.1)
            closed = time.monotonic()
            await stream.aclose()
            await stream.aclose()
        assert woken[0] - closed < 0.1
        await transport.aclose()

    with RawServer(stalls) as server:
        run(backend, main)
        assert wait_until(lambda: server.gone, 0.5)


@BACKENDS
@pytest.mark.parametrize("how", ["in silence", "refusing", "mute"])
def test_closing_wakes_a_reader_whose_stream_is_taken_up_again(
    backend: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the next request is under way, and in the waits before it."""
    monkeypatch.setattr(resuming, "PAUSE", 5)
    monkeypatch.setattr(transport, "random", lambda: 1.0)
    woken: list[float] = []

    async def main() -> None:
        async with AsyncClient(base_url=server.url, token=False) as client:
            stream = await client.chat("Go on", stream=True, resume=3)

            async def read() -> None:
                with pytest.raises(errors.StreamInterruptedError):
                    await stream.collect()
                woken.append(time.monotonic())

            async with anyio.create_task_group() as group:
                group.start_soon(read)
                asked = 1 if how == "mute" else 2
                assert await anyio.to_thread.run_sync(
                    wait_until, lambda: len(server.bodies) == asked
                )
                await anyio.sleep(0.1)
                closed = time.monotonic()
                await stream.aclose()
            assert woken[0] - closed < 0.15

    with Deserter(how) as server:
        run(backend, main)


@BACKENDS
def test_aborting_from_another_thread_wakes_the_reader(backend: str) -> None:
    async def main() -> None:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()
        timer = threading.Timer(0.1, stream.abort)
        timer.start()
        start = time.monotonic()
        with pytest.raises(errors.StreamInterruptedError):
            await stream.__anext__()
        assert 0.05 < time.monotonic() - start < 0.25
        timer.join()
        await transport.aclose()

    with RawServer(stalls) as server:
        run(backend, main)
        assert wait_until(lambda: server.gone, 0.5)


@BACKENDS
def test_a_second_reader_is_told_and_does_no_harm(backend: str) -> None:
    async def main() -> None:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()
        async with anyio.create_task_group() as group:

            async def read() -> None:
                with pytest.raises(errors.StreamInterruptedError):
                    await stream.__anext__()

            group.start_soon(read)
            await anyio.sleep(0.05)
            with pytest.raises(errors.ConfigurationError, match="reading"):
                await stream.__anext__()
            await stream.aclose()
        await transport.aclose()

    with RawServer(stalls) as server:
        run(backend, main)


@BACKENDS
@pytest.mark.parametrize("when", ["waiting", "reading", "connecting"])
def test_cancelling_closes_the_connection(backend: str, when: str) -> None:
    async def main() -> None:
        transport = make(verify=False)
        url = server.url.replace("http:", "https:") if when == "connecting" else server.url
        stream = await stream_from(transport, url) if when == "reading" else None
        with anyio.move_on_after(0.1) as scope:
            if stream is None:
                await transport.send(post(url), timeout=PATIENT, retry=NO_RETRY)
            else:
                await stream.collect()
        assert scope.cancelled_caught
        assert await anyio.to_thread.run_sync(wait_until, lambda: server.gone, 0.5)
        # The turn was given back, too.
        part = next(iter(transport._http._parts.values()))
        assert part.slots._free == Limits().max_connections
        await transport.aclose()

    with RawServer(stalls if when == "reading" else silent) as server:
        run(backend, main)


async def test_cancelling_a_task_of_asyncio_closes_the_connection() -> None:
    with RawServer(stalls) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        task = asyncio.create_task(stream.collect())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert wait_until(lambda: server.gone, 0.5)
        await transport.aclose()


@BACKENDS
def test_more_calls_than_connections_wait_in_order(backend: str) -> None:
    order: list[int] = []

    def handler(peer: Peer) -> None:
        while peer.read_request():
            time.sleep(0.01)
            peer.reply(peer.body)

    async def main() -> None:
        transport = make(limits=Limits(max_connections=2))

        async def one(number: int) -> None:
            request = post(server.url, content=str(number).encode())
            response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            assert response.content == request.content
            order.append(number)

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(one, number)
                await anyio.sleep(0.001)
        await transport.aclose()

    with RawServer(handler) as server:
        run(backend, main)
        assert server.connections <= 2
        assert all(abs(number - place) <= 2 for place, number in enumerate(order))


@BACKENDS
def test_a_dropped_stream_lets_a_waiting_call_go_on(backend: str) -> None:
    async def main() -> None:
        transport = make(limits=Limits(max_connections=1))
        streams = [await stream_from(transport, server.url)]
        async with anyio.create_task_group() as group:

            async def other() -> None:
                stream = await stream_from(transport, server.url)
                await stream.aclose()

            group.start_soon(other)
            await anyio.sleep(0.05)
            with anyio.fail_after(1):
                streams.clear()
                await anyio.sleep(0.05)
        await transport.aclose()

    with RawServer(stalls) as server:
        run(backend, main)


@pytest.mark.parametrize("first", ["asyncio", "trio"])
@pytest.mark.parametrize("second", ["asyncio", "trio"])
def test_a_transport_serves_one_event_loop_after_another(first: str, second: str) -> None:
    """D10."""
    with RawServer(answers("a")) as server:
        transport = make()

        async def main() -> None:
            for _ in range(2):
                stream = await stream_from(transport, server.url)
                await stream.collect()

        run(first, main)
        run(second, main)
        assert server.connections == 2
        assert len(transport._http._parts) == 1

        async def close() -> None:
            await transport.aclose()

        anyio.run(close)


def test_two_event_loops_at_the_same_time() -> None:
    with RawServer(answers("a")) as server:
        transport = make()

        async def main() -> None:
            for _ in range(20):
                stream = await stream_from(transport, server.url)
                await stream.collect()

        threads = [
            threading.Thread(target=run, args=(backend, main))
            for backend in ("asyncio", "asyncio", "trio")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.connections == 3
        asyncio.run(transport.aclose())


@BACKENDS
def test_tls_and_its_cancelling(backend: str) -> None:
    import ssl  # noqa: PLC0415

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)

    async def main() -> None:
        transport = make(verify=str(CERTIFICATE))
        stream = await stream_from(transport, server.url)
        assert (await stream.__anext__()).text == "one"
        with anyio.move_on_after(0.1):
            await stream.__anext__()
        assert await anyio.to_thread.run_sync(wait_until, lambda: server.gone, 0.5)
        stream = await stream_from(transport, server.url)
        async with anyio.create_task_group() as group:

            async def read() -> None:
                with pytest.raises(errors.StreamInterruptedError):
                    await stream.collect()

            group.start_soon(read)
            await anyio.sleep(0.1)
            await stream.aclose()
        await transport.aclose()

    with RawServer(stalls, tls=context) as server:
        run(backend, main)


SCRIPT = """
import asyncio, gc, sys
import anyio
from calls import NO_RETRY, PATIENT, post
from hfi._async.stream import AsyncChatStream
from hfi._async.transport import AsyncTransport
from hfi._core.incoming.streams import ChatStreamParser
from hfi.types.settings import Limits

url, backend = sys.argv[1:3]
transport = AsyncTransport(user_agent="hfi/test", limits=Limits())

async def stream_from():
    request = post(url, stream=True)
    reply = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
    return AsyncChatStream(reply, ChatStreamParser(request, headers=reply.headers))
"""

SCRIPTS = {
    "broken off, dropped, never closed": """
async def main():
    async for chunk in await stream_from():
        print(chunk)
        break
    gc.collect()
    await anyio.sleep(0.05)
anyio.run(main, backend=backend)
""",
    "dropped, and called again": """
async def main():
    for _ in range(3):
        async for chunk in await stream_from():
            print(chunk)
            break
        gc.collect()
anyio.run(main, backend=backend)
""",
    "held beyond the event loop": """
async def main():
    global stream
    stream = await stream_from()
    print(await stream.__anext__())
anyio.run(main, backend=backend)
""",
    "held, then dropped in the next event loop": """
async def main():
    global stream
    stream = await stream_from()
    print(await stream.__anext__())
anyio.run(main, backend=backend)
async def again():
    global stream
    stream = None
    gc.collect()
    stream = await stream_from()
    print(await stream.__anext__())
    await stream.aclose()
anyio.run(again, backend=backend)
""",
    "an exception in the loop": """
async def main():
    try:
        async for chunk in await stream_from():
            print(chunk)
            raise KeyError
    except KeyError:
        pass
anyio.run(main, backend=backend)
""",
    "cancelled in the middle": """
async def main():
    stream = await stream_from()
    with anyio.move_on_after(0.1):
        async for chunk in stream:
            print(chunk)
anyio.run(main, backend=backend)
""",
    "the transport dropped with a stream": """
async def main():
    global transport
    stream = await stream_from()
    print(await stream.__anext__())
    transport = None
    stream = None
    gc.collect()
    await anyio.sleep(0.02)
anyio.run(main, backend=backend)
""",
    "an idle connection left behind by a loop that was only closed": """
async def main():
    stream = await stream_from()
    print(await stream.__anext__())
    await stream.aclose()
    await transport.send(post(url + "/whole"), timeout=PATIENT, retry=NO_RETRY)
if backend == "asyncio":
    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        loop.close()
        del loop
        gc.collect()
else:
    anyio.run(main, backend=backend)
    anyio.run(main, backend="asyncio")
""",
}


@BACKENDS
@pytest.mark.parametrize("name", SCRIPTS)
def test_no_warning_is_printed(backend: str, name: str) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.target == "/whole":
                peer.reply()
                continue
            peer.start_stream()
            peer.word("one")
            peer.server.gone.append(peer.wait_gone(10))
            return

    with RawServer(handler) as server:
        printed = run_script(SCRIPT + SCRIPTS[name], server.url, backend)
        assert set(printed.split()) == {"one"}
        assert wait_until(lambda: len(server.gone) == printed.count("one"))


def test_ctrl_c_ends_cleanly() -> None:
    script = """
import os, signal, threading
async def main():
    stream = await stream_from()
    print(await stream.__anext__())
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    await stream.__anext__()
try:
    # Not anyio's runner: under Python 3.10 it raises CancelledError here.
    asyncio.run(main()) if backend == "asyncio" else anyio.run(main, backend=backend)
except KeyboardInterrupt:
    print("interrupted")
"""
    with RawServer(stalls) as server:
        for backend in ("asyncio", "trio"):
            printed = run_script(SCRIPT + script, server.url, backend)
            assert printed.split() == ["one", "interrupted"]
        assert wait_until(lambda: len(server.gone) == 2)


def test_the_event_loop_is_never_held_up() -> None:
    """A slow name look-up, a token that takes its time, the first SSL context."""

    def slow_token() -> str:
        time.sleep(0.3)
        return "hf_slow"

    async def main() -> None:
        from calls import credential  # noqa: PLC0415

        longest = 0.0
        done = anyio.Event()

        async def watch() -> None:
            nonlocal longest
            while not done.is_set():
                start = time.monotonic()
                await anyio.sleep(0.005)
                longest = max(longest, time.monotonic() - start)

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            transport = make()
            request = post(server.url, credential=credential(slow_token))
            await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            with contextlib.suppress(errors.APIConnectionError):
                await transport.send(post("https://127.0.0.1:9"), timeout=PATIENT, retry=NO_RETRY)
            done.set()
        assert longest < 0.2
        await transport.aclose()

    with RawServer(answers("a")) as server:
        anyio.run(main)
