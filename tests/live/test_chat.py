"""Chats with a real model behind a real server, in both colours.

What the model says is never compared word for word: it differs between builds of llama.cpp.
"""

from __future__ import annotations

import asyncio
import json

import anyio
import attrs
import pytest

import hfi
from hfi import AsyncClient, Client
from hfi.local import LocalServer

pytestmark = pytest.mark.live

POEM = "Write a short poem about spring."


@pytest.fixture(params=["provider", "base_url"])
def options(request: pytest.FixtureRequest, live_server: LocalServer) -> dict[str, str]:
    """The embedded model as a provider, and the same server as one started by hand."""
    if request.param == "provider":
        return {"provider": "local"}
    return {"base_url": live_server.url, "token": live_server.api_key}


def test_a_chat_is_answered(options: dict[str, str]) -> None:
    with Client(**options) as client:
        completion = client.chat("What is the capital of France?", max_tokens=12)
    assert completion.text
    assert str(completion) == completion.text
    assert completion.finish_reason in ("stop", "length")
    assert completion.usage is not None
    assert completion.usage.completion_tokens > 0
    assert completion.meta.attempts == 1


def test_a_chat_is_streamed_as_it_is_made(options: dict[str, str]) -> None:
    chunks = []
    for chunk in Client(**options).chat(POEM, stream=True, max_tokens=24):
        chunks.append(chunk)
    assert sum(1 for chunk in chunks if chunk.text) > 5
    assert chunks[-1].usage is not None or chunks[-1].finish_reason


async def test_the_async_client_does_the_same(options: dict[str, str]) -> None:
    async with AsyncClient(**options) as client:
        stream = await client.chat(POEM, stream=True, max_tokens=24)
        text = "".join([str(chunk) async for chunk in stream])
        assert stream.completion is not None
        assert stream.completion.text == text
        whole = await client.chat(POEM, max_tokens=8)
        assert whole.text


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_eight_streams_at_once(backend: str, options: dict[str, str]) -> None:
    texts: list[str] = []

    async def one(client: AsyncClient, number: int) -> None:
        stream = await client.chat(f"Count to {number}.", stream=True, max_tokens=12)
        completion = await stream.collect()
        texts.append(completion.text)

    async def main() -> None:
        async with AsyncClient(**options) as client, anyio.create_task_group() as group:
            for number in range(3, 11):
                group.start_soon(one, client, number)

    anyio.run(main, backend=backend)
    assert len(texts) == 8
    assert all(texts)


def test_streaming_and_whole_agree_at_temperature_zero(options: dict[str, str]) -> None:
    with Client(**options) as client:
        whole = client.chat(POEM, max_tokens=16, temperature=0, seed=1)
        streamed = client.chat(POEM, max_tokens=16, temperature=0, seed=1, stream=True).collect()
    assert streamed.text == whole.text
    assert streamed.finish_reason == whole.finish_reason == "length"


def test_an_answer_in_the_shape_of_a_class(options: dict[str, str]) -> None:
    @attrs.define
    class Person:
        name: str
        city: str

    with Client(**options) as client:
        completion = client.chat(
            "Alice lives in Paris. Extract the person.", response_format=Person, max_tokens=60
        )
    assert json.loads(completion.text).keys() == {"name", "city"}


def test_several_choices_and_their_logprobs(options: dict[str, str]) -> None:
    with Client(**options) as client:
        completion = client.chat("Hi", n=2, max_tokens=4, logprobs=True, top_logprobs=2)
        stream = client.chat("Hi", n=2, max_tokens=4, stream=True)
        streamed = stream.collect()
    assert len(completion.choices) == len(streamed.choices) == 2
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert len(logprobs.content) == 4
    assert len(logprobs.content[0].top_logprobs) == 2


def test_a_half_written_answer_is_continued(options: dict[str, str]) -> None:
    messages = [
        {"role": "user", "content": "Say: The capital of France is Paris."},
        {"role": "assistant", "content": "The capital of France"},
    ]
    with Client(**options) as client:
        completion = client.chat(messages, continue_final_message=True, max_tokens=8, temperature=0)
    assert not completion.text.lstrip().startswith("The capital of France")


def test_a_wrong_key_is_our_authentication_error(live_server: LocalServer) -> None:
    with (
        Client(base_url=live_server.url, token="wrong") as client,
        pytest.raises(hfi.AuthenticationError) as caught,
    ):
        client.chat("Hi", max_tokens=2)
    assert caught.value.status_code == 401
    assert "127.0.0.1" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_prompt_that_is_too_long_says_the_numbers(options: dict[str, str]) -> None:
    with Client(**options) as client, pytest.raises(hfi.ContextLengthError) as caught:
        client.chat("word " * 9000, max_tokens=4)
    error = caught.value
    assert error.prompt_tokens is not None
    assert error.max_tokens is not None
    assert error.prompt_tokens > error.max_tokens


def test_the_server_dies_midway_and_the_words_are_kept() -> None:
    with LocalServer() as server, Client(base_url=server.url, token=server.api_key) as client:
        stream = client.chat(POEM, stream=True, max_tokens=400)
        words = [next(stream).text for _ in range(5)]
        server.stop()
        with pytest.raises(hfi.StreamInterruptedError) as caught:
            stream.collect()
    assert caught.value.partial.text.startswith("".join(words))


def test_the_async_client_starts_the_server_off_the_loop(live_weights: object) -> None:
    """While a server starts, the loop goes on."""

    async def main() -> float:
        worst = 0.0
        done = asyncio.Event()

        async def tick() -> None:
            nonlocal worst
            loop = asyncio.get_running_loop()
            while not done.is_set():
                before = loop.time()
                await asyncio.sleep(0.01)
                worst = max(worst, loop.time() - before)

        ticking = asyncio.create_task(tick())
        async with AsyncClient(provider="local") as client:
            await client.chat("Hi", max_tokens=2)
        done.set()
        await ticking
        return worst

    assert asyncio.run(main()) < 0.5


def test_explain_tells_what_the_call_sends(options: dict[str, str]) -> None:
    sent: list[object] = []
    with Client(**options, event_hooks={"request": [sent.append]}) as client:
        explanation = client.explain("chat", "Hi", max_tokens=3, temperature=0)
        assert not sent
        client.chat("Hi", max_tokens=3, temperature=0)
    (request,) = sent
    assert json.loads(request.content) == explanation.payload  # type: ignore[attr-defined]
    assert request.url == explanation.url  # type: ignore[attr-defined]
