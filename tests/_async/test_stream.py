"""Streams against a server over real sockets: chunks, endings, faults, and who holds what."""

from __future__ import annotations

import gzip
import time
from typing import Any

import httpx
import pytest

from calls import NO_RETRY, PATIENT, RETRY, answers, post
from hfi import errors
from hfi._async.stream import AsyncChatStream
from hfi._async.transport import AsyncTransport
from hfi._concurrency import async_sleep
from hfi._core.incoming.streams import ChatStreamParser
from hfi.types.settings import Limits, Timeout
from rawserver import Peer, RawServer, wait_until

pytestmark = pytest.mark.usefixtures("each_engine")


def make(**options: Any) -> AsyncTransport:
    return AsyncTransport(user_agent="hfi/test", **{"limits": Limits(), **options})


async def stream_from(
    transport: AsyncTransport, url: str, *, timeout: Timeout = PATIENT, retry: Any = NO_RETRY
) -> AsyncChatStream:
    request = post(url, stream=True)
    reply = await transport.open(request, timeout=timeout, retry=retry)
    return AsyncChatStream(reply, ChatStreamParser(request, headers=reply.headers))


async def read(stream: AsyncChatStream, texts: list[str]) -> None:
    """Reads to the end, or to the error, and keeps what came."""
    async for chunk in stream:
        texts.append(chunk.text)


# -- the good end ----------------------------------------------------------------------------------


async def test_chunks_and_the_completion() -> None:
    with RawServer(answers("Hello", " world")) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        assert stream.status_code == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.completion is None
        assert [chunk.text async for chunk in stream] == ["Hello", " world", ""]
        completion = stream.completion
        assert completion is not None
        assert str(completion) == "Hello world"
        assert completion.finish_reason == "stop"
        assert completion.meta.first_token is not None
        assert completion.meta.total is not None
        assert 0 < completion.meta.first_token <= completion.meta.total
        assert completion.meta.attempts == 1
        assert [chunk async for chunk in stream] == []
        assert await stream.collect() is completion
        assert stream.closed
        await transport.aclose()


async def test_collect_goes_on_from_where_the_loop_was() -> None:
    with RawServer(answers("a", "b", "c")) as server:
        transport = make()
        async with await stream_from(transport, server.url) as stream:
            async for chunk in stream:
                assert chunk.text == "a"
                break
            completion = await stream.collect()
        assert completion.text == "abc"
        await transport.aclose()


async def test_the_text_alone() -> None:
    with RawServer(answers("a", "", "c")) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        assert [text async for text in stream.text_stream] == ["a", "c"]
        assert stream.completion is not None
        await transport.aclose()


async def test_the_connection_is_used_again_after_a_stream() -> None:
    with RawServer(answers("a")) as server:
        transport = make()
        for _ in range(3):
            stream = await stream_from(transport, server.url)
            await stream.collect()
        async with await stream_from(transport, server.url) as stream:
            async for _ in stream:
                pass
        assert server.connections == 1
        await transport.aclose()


async def test_a_server_that_never_ends_its_reply_is_left_soon() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("all", "stop")
        peer.event("[DONE]")
        peer.server.gone.append(peer.wait_gone(5))

    with RawServer(handler) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        start = time.monotonic()
        completion = await stream.collect()
        assert time.monotonic() - start < 1
        assert completion.text == "all"
        assert wait_until(lambda: server.gone)
        await transport.aclose()


async def test_a_drop_after_a_whole_answer_is_success() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("whole", "stop")
        time.sleep(0.05)
        peer.reset()

    with RawServer(handler) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        completion = await stream.collect()
        assert completion.text == "whole"
        await transport.aclose()


async def test_a_stream_that_was_compressed_all_the_same() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        events = b'data: {"choices":[{"index":0,"delta":{"content":"zip"},"finish_reason":"stop"}]}'
        body = gzip.compress(events + b"\n\ndata: [DONE]\n\n")
        peer.start_stream({"Content-Encoding": "gzip"})
        for byte in body:
            peer.chunk(bytes([byte]))
        peer.send(b"0\r\n\r\n")

    with RawServer(handler) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        completion = await stream.collect()
        assert completion.text == "zip"
        await transport.aclose()


async def test_a_user_s_transport_streams() -> None:
    body = b'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    transport = make(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body)))
    stream = await stream_from(transport, "https://example.com")
    completion = await stream.collect()
    assert completion.text == "x"
    stream = await stream_from(transport, "https://example.com")
    await stream.aclose()
    await transport.aclose()


# -- who holds what --------------------------------------------------------------------------------


async def test_the_stream_works_although_nobody_holds_the_transport() -> None:
    """D1."""
    with RawServer(answers("a", "b")) as server:
        texts: list[str] = []
        await read(await stream_from(make(), server.url), texts)
        assert texts == ["a", "b", ""]


def endless(peer: Peer) -> None:
    while peer.read_request():
        peer.start_stream()
        peer.word("one")
        peer.word("two")
        peer.server.gone.append(peer.wait_gone(5))
        return


async def test_leaving_the_loop_and_dropping_the_stream_closes_the_connection() -> None:
    with RawServer(endless) as server:
        transport = make()
        stream: Any = await stream_from(transport, server.url)
        async for _ in stream:
            break
        del stream
        assert wait_until(lambda: server.gone, 0.5)
        # What was dropped does not stand in the way of the next call.
        stream = await stream_from(transport, server.url)
        await stream.aclose()
        await transport.aclose()


async def test_an_exception_in_the_block_closes_the_connection() -> None:
    with RawServer(endless) as server:
        transport = make()

        async def fail_midway() -> None:
            async with await stream_from(transport, server.url) as stream:
                async for _ in stream:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail_midway()
        assert wait_until(lambda: server.gone, 0.5)
        await transport.aclose()


async def test_closing_twice_and_after_the_transport() -> None:
    with RawServer(endless) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()
        await transport.aclose()
        chunk = await stream.__anext__()
        assert chunk.text == "two"  # it outlives its transport
        await stream.aclose()
        await stream.aclose()
        assert wait_until(lambda: server.gone, 0.5)
        assert stream.closed


async def test_a_dropped_stream_gives_its_turn_to_the_next() -> None:
    with RawServer(endless) as server:
        transport = make(limits=Limits(max_connections=1, wait=2))
        for _ in range(5):
            stream: Any = await stream_from(transport, server.url)
            await stream.__anext__()
            del stream
        await transport.aclose()


async def test_reading_on_after_closing_is_an_error() -> None:
    with RawServer(endless) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()
        await stream.aclose()
        texts: list[str] = []
        with pytest.raises(errors.StreamInterruptedError, match="closed") as caught:
            await read(stream, texts)
        assert caught.value.partial.text.startswith("one")
        assert stream.completion is None
        await transport.aclose()


async def test_abort() -> None:
    with RawServer(endless) as server:
        transport = make()
        stream = await stream_from(transport, server.url)
        await stream.__anext__()
        stream.abort()
        stream.abort()
        await stream.aclose()
        assert wait_until(lambda: server.gone, 0.5)
        await transport.aclose()


# -- bad ends --------------------------------------------------------------------------------------


def cut(peer: Peer) -> None:
    peer.read_request()
    peer.start_stream()
    peer.word("half")
    peer.word(" an")
    if peer.target == "/clean":
        peer.send(b"0\r\n\r\n")
    elif peer.target == "/reset":
        time.sleep(0.05)
        peer.reset()


@pytest.mark.parametrize("how", ["clean", "closed", "reset"])
async def test_a_cut_never_looks_like_success(how: str) -> None:
    """D5: the chunks first, then the error with what had arrived, and again."""
    with RawServer(cut) as server:
        transport = make()
        stream = await stream_from(transport, f"{server.url}/{how}", retry=RETRY)
        texts: list[str] = []
        with pytest.raises(errors.StreamInterruptedError) as caught:
            await read(stream, texts)
        assert texts == ["half", " an"]
        assert caught.value.partial.text == "half an"
        assert isinstance(caught.value, errors.APIConnectionError)
        assert stream.completion is None
        with pytest.raises(errors.StreamInterruptedError):
            await stream.collect()
        assert len(server.seen) == 1  # never again once a chunk was handed out
        await transport.aclose()


async def test_an_error_in_the_stream() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        if peer.target == "/late":
            peer.word("some")
        peer.event('{"error": {"message": "it broke", "code": 500}}')
        peer.server.gone.append(peer.wait_gone(5))

    with RawServer(handler) as server:
        transport = make()
        texts: list[str] = []
        with pytest.raises(errors.GenerationError) as caught:
            await read(await stream_from(transport, f"{server.url}/late"), texts)
        assert texts == ["some"]
        assert caught.value.partial.text == "some"
        assert isinstance(caught.value.__cause__, errors.ServerError)
        with pytest.raises(errors.ServerError, match="it broke"):
            await read(await stream_from(transport, f"{server.url}/early"), texts)
        assert wait_until(lambda: len(server.gone) == 2)
        await transport.aclose()


async def test_silence_within_an_answer() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("so")
        peer.word(" far")
        while not peer.server.stop.wait(0.02):
            peer.chunk(b": keep-alive\n\n")  # no token

    with RawServer(handler) as server:
        transport = make()
        limits = Timeout(connect=5, first_token=5, between_tokens=0.3, total=10)
        stream = await stream_from(transport, server.url, timeout=limits)
        start = time.monotonic()
        texts: list[str] = []
        with pytest.raises(errors.StreamStalledError, match=r"0\.3 s") as caught:
            await read(stream, texts)
        assert 0.25 < time.monotonic() - start < 1.5
        assert texts == ["so", " far"]
        assert caught.value.partial.text == "so far"
        assert isinstance(caught.value, TimeoutError)
        await transport.aclose()


@pytest.mark.parametrize("which", ["first_token", "total"])
async def test_keep_alive_comments_are_no_answer(which: str) -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        while not peer.server.stop.wait(0.02):
            peer.chunk(b": keep-alive\n\n")

    limits: dict[str, Any] = {"connect": 5, "first_token": 5, "total": 5, which: 0.3}
    with RawServer(handler) as server:
        transport = make()
        start = time.monotonic()
        stream = await stream_from(transport, server.url, timeout=Timeout(**limits))
        with pytest.raises(errors.APITimeoutError, match=r"0\.3 s") as caught:
            await read(stream, [])
        assert 0.25 < time.monotonic() - start < 1.5
        assert not isinstance(caught.value, errors.StreamStalledError)
        assert caught.value.phase == which
        await transport.aclose()


async def test_the_total_holds_while_tokens_come() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        while not peer.server.stop.wait(0.02):
            peer.word("more ")

    with RawServer(handler) as server:
        transport = make()
        stream = await stream_from(transport, server.url, timeout=Timeout(total=0.3))
        start = time.monotonic()
        with pytest.raises(errors.APITimeoutError, match=r"0\.3 s") as caught:
            await stream.collect()
        assert time.monotonic() - start < 1.5
        assert caught.value.partial.text.startswith("more more ")
        await transport.aclose()


async def test_a_slow_reader_is_not_the_server_s_silence() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        for _ in range(3):
            peer.word("tick ")
            time.sleep(0.05)
        peer.word("", "stop")
        peer.end_stream()

    with RawServer(handler) as server:
        transport = make()
        limits = Timeout(first_token=0.3, between_tokens=0.3)
        stream = await stream_from(transport, server.url, timeout=limits)
        await async_sleep(0.4)
        async for _ in stream:
            await async_sleep(0.4)
        assert stream.completion is not None
        await transport.aclose()
