"""Defects of other clients that cannot be shown on this one; each test names the defect.

D1 ... D14 are how the project's comparison with its peers counts them.
"""

from __future__ import annotations

import gc
import json
import warnings

import pytest

import hfi
from hfi import AsyncClient
from rawserver import Peer, RawServer, wait_until


def event(content: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    return json.dumps({"choices": [choice]}, ensure_ascii=False)


def streaming(*pieces: bytes):
    """A handler that streams these bytes as they are, and ends the reply properly."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream()
            for piece in pieces:
                peer.chunk(piece)
            peer.send(b"0\r\n\r\n")

    return handler


def answering(peer: Peer) -> None:
    """Answers every chat, streamed or not, with one word."""
    while peer.read_request():
        if json.loads(peer.body).get("stream"):
            peer.start_stream()
            peer.word("fine")
            peer.word("", "stop")
            peer.end_stream()
        else:
            message = {"role": "assistant", "content": "fine"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            peer.reply(json.dumps({"choices": [choice]}).encode())


async def text_of(url: str) -> str:
    async with AsyncClient(base_url=url) as client:
        stream = await client.chat("Hi", stream=True)
        completion = await stream.collect()
        return completion.text


async def test_d1_a_stream_outlives_a_client_that_nobody_holds() -> None:
    with RawServer(
        streaming(
            *(f"data: {event('x')}\n\n".encode() for _ in range(5)),
            f"data: {event('', 'stop')}\n\n".encode(),
        )
    ) as server:
        stream = await AsyncClient(base_url=server.url).chat("Hi", stream=True)
        gc.collect()
        assert "".join([str(chunk) async for chunk in stream]) == "xxxxx"


async def test_d2_line_separators_of_unicode_split_no_event() -> None:
    text = "one\u2028two\u2029three\x85four"
    data = f"data: {event(text)}\n\ndata: {event('', 'stop')}\n\n".encode()
    with RawServer(streaming(data)) as server:
        assert await text_of(server.url) == text


async def test_d3_no_space_is_needed_after_the_colon() -> None:
    data = f"data:{event('data:attack')}\n\ndata:{event('', 'stop')}\n\ndata:[DONE]\n\n".encode()
    with RawServer(streaming(data)) as server:
        assert await text_of(server.url) == "data:attack"


async def test_d4_an_event_may_have_several_data_lines() -> None:
    head, tail = '{"choices":[{"index":0,', '"delta":{"content":"ab"},"finish_reason":"stop"}]}'
    with RawServer(streaming(f"data: {head}\ndata: {tail}\n\n".encode())) as server:
        assert await text_of(server.url) == "ab"


async def test_d5_a_stream_that_ends_without_a_finish_is_an_error() -> None:
    with RawServer(streaming(f"data: {event('half an ans')}\n\n".encode())) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            first = await stream.__anext__()
            with pytest.raises(hfi.StreamInterruptedError) as caught:
                await stream.collect()
    assert first.text == "half an ans"
    assert caught.value.partial.text == "half an ans"


async def test_d6_a_slow_reply_is_our_timeout_error() -> None:
    def silent(peer: Peer) -> None:
        peer.read_request()
        peer.server.stop.wait(5)

    with RawServer(silent) as server:
        async with AsyncClient(base_url=server.url, max_retries=0, timeout=0.2) as client:
            for stream in (False, True):
                with pytest.raises(hfi.APITimeoutError) as caught:
                    await client.chat("Hi", stream=stream)
                assert isinstance(caught.value, TimeoutError)


async def test_d7_calls_leave_nothing_behind() -> None:
    def held() -> int:
        gc.collect()
        return sum(1 for thing in gc.get_objects() if str(type(thing).__module__).startswith("hfi"))

    async def work(client: AsyncClient) -> None:
        await client.chat("Hi")
        stream = await client.chat("Hi", stream=True)
        await stream.collect()

    with RawServer(answering) as server:
        async with AsyncClient(base_url=server.url) as client:
            await work(client)
            before = held()
            for _ in range(20):
                await work(client)
            assert held() <= before + 2
            assert server.connections == 1


async def test_d9_nothing_deprecated_is_used() -> None:
    with warnings.catch_warnings(), RawServer(answering) as server:
        warnings.simplefilter("error")
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
            await client.chat(
                [{"role": "user", "content": [{"type": "image", "image": b"GIF89a"}]}]
            )


async def test_d14_a_found_token_goes_to_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_found_in_the_environment")
    with RawServer(answering) as server:
        async with AsyncClient(base_url=server.url + "/v1") as client:
            await client.chat("Hi")
        async with AsyncClient(base_url=server.url + "/v1", token="sk-mine") as client:
            await client.chat("Hi")
    (_, target, first, _), (_, _, second, _) = server.seen
    assert target == "/v1/chat/completions"
    assert "authorization" not in first
    assert second["authorization"] == "Bearer sk-mine"


async def test_a_dropped_stream_frees_its_connection() -> None:
    def endless(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("one")
        peer.server.gone.append(peer.wait_gone(5))

    with RawServer(endless) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            async for chunk in stream:
                assert chunk.text == "one"
                break
            del stream
            gc.collect()
            assert wait_until(lambda: server.gone, 4)
    assert server.gone[0] is not None  # the client left while the server still had more
