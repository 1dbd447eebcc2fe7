"""The fake server itself: protocols, replies, timing, what it records, and what it leaves."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import Any

import pytest
import trio

from hfi import AsyncClient, Client, ConfigurationError, RateLimitError, StreamInterruptedError
from hfi.testing import FakeServer, ReceivedRequest, Reply, echo, faults
from hfi.testing.answers import Answer, End, Send, cut_at, steps_of

pytest_plugins = ["hfi.testing.fixtures"]


def texts(stream: Any) -> list[str]:
    return [chunk.text for chunk in stream if chunk.text]


def test_chats_and_texts_whole_and_streamed() -> None:
    with FakeServer(echo) as server, Client(base_url=server.url) as client:
        assert client.chat("one two").text == "one two"
        assert texts(client.chat("one two", stream=True)) == ["one", " two"]
        assert client.text_generation("one two").text == "one two"
        assert texts(client.text_generation("one two", stream=True)) == ["one", " two"]
        chat, _, text, _ = server.calls
    assert (chat.method, chat.path) == ("POST", "/v1/chat/completions")
    assert (text.path, text.json["inputs"]) == ("/", "one two")


@pytest.mark.parametrize("kind", ["tgi", "llama.cpp", "openai"])
def test_it_is_found_to_be_what_it_says(kind: Any) -> None:
    routes = {"tgi": "/", "llama.cpp": "/completion", "openai": "/v1/completions"}
    with FakeServer(echo, kind=kind) as server, Client(base_url=server.url) as client:
        generation = client.text_generation("a b")
        assert (generation.text, generation.finish_reason) == ("a b", "stop")
        assert texts(client.text_generation("a b", stream=True)) == ["a", " b"]
        assert server.calls[0].path == routes[kind]


def test_all_that_a_reply_may_hold() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    reply = Reply(
        "done", reasoning="I think.", tool_calls=[call], finish_reason="tool_calls", pieces=["done"]
    )
    with FakeServer(reply) as server, Client(base_url=server.url) as client:
        for completion in (client.chat("x"), client.chat("x", stream=True).collect()):
            assert completion.text == "done"
            assert completion.reasoning == "I think."
            assert completion.tool_calls[0].function.name == "f"
            assert completion.finish_reason == "tool_calls"
            assert completion.usage is not None


def test_replies_one_after_the_other() -> None:
    with FakeServer(["a", Reply("b")]) as server, Client(base_url=server.url) as client:
        assert [client.chat("x").text for _ in range(3)] == ["a", "b", "b"]


def test_timing() -> None:
    reply = Reply("a b c", first_token=0.1, token_delay=0.05)
    with FakeServer(reply) as server, Client(base_url=server.url) as client:
        began = time.monotonic()
        stream = client.chat("x", stream=True)
        next(stream)
        assert time.monotonic() - began >= 0.1
        stream.collect()
        assert time.monotonic() - began >= 0.25
        meta = stream.meta
        assert meta.first_token is not None
        assert meta.first_token >= 0.1


async def _ask(url: str) -> None:
    async with AsyncClient(base_url=url) as client:
        assert (await client.chat("hello")).text == "hello"


def test_asyncio_and_trio() -> None:
    with FakeServer(echo) as server:
        asyncio.run(_ask(server.url))
        trio.run(_ask, server.url)


def test_secrets_do_not_show() -> None:
    with (
        FakeServer(echo) as server,
        Client(base_url=server.url, token="hf_verysecret", headers={"x-api-key": "k3y"}) as client,
    ):
        client.chat("x")
        request = server.requests[0]
    assert request.headers["authorization"] == "Bearer hf_verysecret"
    assert "hf_verysecret" not in repr(server.requests) + str(request) + repr(request.headers)
    assert "k3y" not in repr(request)


def test_a_callable_that_fails_is_told() -> None:
    def fail(_: ReceivedRequest) -> str:
        raise ZeroDivisionError

    with FakeServer(fail) as server, Client(base_url=server.url, max_retries=0) as client:
        with pytest.raises(Exception, match="closed"):
            client.chat("x")
        assert isinstance(server.errors[0], ZeroDivisionError)


def test_faults_in_turn_and_by_request(hfi_server: FakeServer) -> None:
    with Client(base_url=hfi_server.url, max_retries=0) as client:
        hfi_server.faults = [None, faults.Status(429)]
        assert client.chat("a").text == "a"
        with pytest.raises(RateLimitError):
            client.chat("b")
        assert client.chat("c").text == "c"

        def odd(request: ReceivedRequest) -> faults.Fault | None:
            return faults.Break(events=2) if request.headers.get("x-odd") else None

        hfi_server.faults = odd
        assert client.chat("d").text == "d"
        with pytest.raises(StreamInterruptedError) as caught:
            client.chat("e f", stream=True, extra_headers={"x-odd": "1"}).collect()
        assert caught.value.partial.text == "e"


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (faults.Hangup, {"how": "rst"}),
        (faults.Hangup, {"after": "response"}),
        (faults.CloseAfter, {"how": "stall"}),
        (faults.Break, {"events": 1, "how": "End"}),
    ],
)
def test_a_misspelt_fault_is_refused(fault: Any, options: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be one of"):
        fault(**options)


def test_nothing_is_left() -> None:
    before = threading.active_count()
    server = FakeServer(echo, faults=faults.Hangup(how="stall")).start()
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    body = json.dumps({"messages": []}).encode()
    for line in lines:
        line.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        line.sendall(body)
    while server.open_connections < 3:
        time.sleep(0.005)
    began = time.monotonic()
    server.close()
    server.close()
    assert time.monotonic() - began < 2
    assert server.open_connections == 0
    assert threading.active_count() == before
    for line in lines:
        line.settimeout(1)
        assert line.recv(1) == b""
        line.close()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url


def test_a_chunked_request_is_read() -> None:
    with FakeServer(echo) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=2) as line:
            line.sendall(
                b"POST /generate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                b'c\r\n{"inputs":"a\r\n4\r\n b"}\r\n0\r\n\r\n'
            )
            answer = b""
            while b'"generated_text"' not in answer:
                answer += line.recv(65536)
        assert b'"generated_text":"a b"' in answer
        assert server.requests[0].json == {"inputs": "a b"}


def test_breaking_off_is_exact() -> None:
    answer = Answer(parts=[b"abc", b"def"], framing="chunked", stream=True)
    whole = b"".join(step.data for step in steps_of(answer) if isinstance(step, Send))
    for size in range(len(whole)):
        steps = list(cut_at(steps_of(answer), size, End("reset")))
        sent = b"".join(step.data for step in steps if isinstance(step, Send))
        assert sent == whole[:size]
        assert steps[-1] == End("reset")
