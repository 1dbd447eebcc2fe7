"""``run``: one call for any model, in the origin's spelling and in ours."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import hfi
from hfi import AsyncClient
from rawserver import Peer, RawServer
from servers.hub import EARS, LINES, PAINTER, POET, FakeHub
from servers.images import PNG


def client_of(hub: FakeHub, **options: Any) -> AsyncClient:
    return AsyncClient(transport=httpx.MockTransport(hub), **{"token": "hf_t", **options})


async def test_a_text_model_answers_in_the_origins_spelling() -> None:
    hub = FakeHub()
    async with client_of(hub, token=None) as client:
        answer = await client.run(
            [{"role": "user", "content": "Напиши стих о весне."}],
            model=POET,
            api_key="hf_given",
            max_tokens=50,
            temperature=0.5,
            seed=7,
            extra_data={"min_p": 0.1},
            aspect_ratio="1:1",
        )
    assert isinstance(answer, hfi.ChatCompletion)
    assert answer.text == "".join(LINES)
    body = json.loads(hub.seen[-1].content)
    assert body["model"] == POET
    assert (body["max_tokens"], body["temperature"], body["seed"], body["min_p"]) == (
        50,
        0.5,
        7,
        0.1,
    )
    assert "aspect_ratio" not in body
    assert hub.seen[-1].headers["authorization"] == "Bearer hf_given"


async def test_text_is_streamed_if_asked() -> None:
    hub = FakeHub()
    async with client_of(hub) as client:
        stream = await client.run("Стих о весне", model=POET, stream=True)
        assert isinstance(stream, hfi.AsyncChatStream)
        assert [chunk.text async for chunk in stream if chunk.text] == LINES


async def test_an_image_model_paints_the_last_words_of_the_user() -> None:
    hub = FakeHub()
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "A beautiful landscape."},
    ]
    async with client_of(hub) as client:
        image = await client.run(messages, model=PAINTER, aspect_ratio="16:9", seed=3, max_tokens=9)
    assert isinstance(image, hfi.Image)
    assert image.bytes == PNG
    body = json.loads(hub.seen[-1].content)
    assert body["inputs"] == "A beautiful landscape."
    assert body["parameters"] == {"width": 1024, "height": 576, "seed": 3}


async def test_a_prompt_takes_the_messages_place() -> None:
    hub = FakeHub()
    async with client_of(hub) as client:
        await client.run("ignored", prompt="a cat", model=PAINTER)
        assert json.loads(hub.seen[-1].content)["inputs"] == "a cat"
        await client.run(prompt="a question", model=POET)
        last = json.loads(hub.seen[-1].content)["messages"]
        assert last == [{"role": "user", "content": "a question"}]


async def test_a_model_for_something_else_is_refused_before_anything_is_sent() -> None:
    hub = FakeHub()
    async with client_of(hub) as client:
        with pytest.raises(hfi.ModelNotSupportedError, match="automatic-speech-recognition"):
            await client.run("Hi", model=EARS)
        with pytest.raises(hfi.ModelNotFoundError):
            await client.run("Hi", model="org/none")
        with pytest.raises(hfi.ConfigurationError, match="nothing to answer"):
            await client.run(model=POET)
    assert {request.method for request in hub.seen} == {"GET"}


async def test_half_an_answer_is_continued() -> None:
    hub = FakeHub()
    messages = [
        {"role": "user", "content": "Count."},
        {"role": "assistant", "content": "one, two,"},
    ]
    async with client_of(hub) as client:
        await client.run(messages, model=POET, action="continue")
    body = json.loads(hub.seen[-1].content)
    assert body["messages"][-1] == messages[-1]
    assert body["continue_final_message"] is True


async def test_misspelt_arguments_name_the_nearest() -> None:
    async with client_of(FakeHub()) as client:
        with pytest.raises(hfi.ConfigurationError, match="'aspect_ratio'"):
            await client.run("Hi", model=PAINTER, aspect_ration="1:1")  # type: ignore[call-overload]


def proxying(peer: Peer) -> None:
    while peer.read_request():
        message = {"role": "assistant", "content": "through"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        peer.reply(json.dumps({"choices": [choice]}).encode())


async def test_a_proxy_of_a_call_has_connections_of_its_own_closed_with_the_client() -> None:
    with RawServer(proxying) as proxy:
        async with AsyncClient() as client:
            for _ in range(2):
                answer = await client.run(
                    "Hi", api_base="http://model.test/v1", proxy=proxy.url, api_key=False
                )
                assert str(answer) == "through"
            assert proxy.connections == 1
        assert {target for _, target, _, _ in proxy.seen} == {
            "http://model.test/v1/chat/completions"
        }
        with pytest.raises(hfi.ClientClosedError):
            await client.run("Hi", api_base="http://model.test/v1", proxy=proxy.url)
