"""Text generation and chat over it, against a server of TGI's shapes on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hfi import errors
from hfi._async.client import AsyncClient
from rawserver import Peer, RawServer
from servers.tgi import TGIServer

MODEL_FILE = "hub/composed-modelinfo-meta-llama-Llama-3.1-8B-Instruct.json"
MODEL = "meta-llama/Llama-3.1-8B-Instruct"
BOS = "<|begin_of_text|>"


@pytest.fixture
def server(fixtures_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TGIServer]:
    model = json.loads((fixtures_dir / MODEL_FILE).read_text())["body"]
    with TGIServer(fixtures_dir, model=model) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
        assert server.complaints == []


def expected_prompt(fixtures: Path, conversation: str) -> tuple[Any, str]:
    """A conversation of the fixtures, and what transformers makes of it."""
    cases = json.loads((fixtures / f"cases/{MODEL.replace('/', '-')}.json").read_text())["cases"]
    found = next(
        case
        for case in cases
        if case["conversation"] == conversation and case["add_generation_prompt"]
    )
    told = json.loads((fixtures / "conversations.json").read_text())["conversations"]
    messages = next(entry["messages"] for entry in told if entry["id"] == conversation)
    return messages, found["expected"]


async def whole_text(client: AsyncClient, prompt: str, stream: bool) -> str:
    answer = await client.text_generation(prompt, max_new_tokens=5, stream=stream)
    return str(await answer.collect() if stream else answer)


async def test_a_text_comes_whole(server: TGIServer) -> None:
    async with AsyncClient(base_url=server.url) as client:
        text = await client.text_generation("What is", max_new_tokens=10, temperature=0, top_p=1.0)
        assert str(text) == text.text == text.generated_text == server.text
        assert text.finish_reason == "length"
        assert len(text.tokens) == 10
        assert text.details is not None
        assert text.details.generated_tokens == 10
        assert server.bodies[0]["parameters"] == {
            "max_new_tokens": 10,
            "do_sample": False,
            "return_full_text": False,
            "details": True,
        }


async def test_what_was_adjusted_is_told(server: TGIServer) -> None:
    async with AsyncClient(base_url=server.url) as client:
        told = await client.explain("text_generation", "What is", temperature=0, top_p=1.0)
        assert any("do_sample=False" in note for note in told.notes)
        assert any("top_p=1" in note for note in told.notes)
        assert server.bodies == []


async def test_a_text_comes_as_a_stream(server: TGIServer) -> None:
    async with AsyncClient(base_url=server.url) as client:
        stream = await client.text_generation("What is", stream=True, details=True)
        pieces = [str(chunk) async for chunk in stream]
        assert "".join(pieces) == server.text
        assert len(pieces) == 10
        assert stream.completion is not None
        assert stream.completion.finish_reason == "length"
        assert len(stream.completion.tokens) == 10
        assert stream.completion.usage is not None
        assert stream.completion.usage.completion_tokens == 10


async def test_the_full_text_begins_with_the_prompt(server: TGIServer) -> None:
    async with AsyncClient(base_url=server.url) as client:
        whole = await client.text_generation("What is", return_full_text=True)
        stream = await client.text_generation("What is", return_full_text=True, stream=True)
        streamed = await stream.collect()
        assert whole.text == streamed.text == "What is" + server.text
        assert all(body["parameters"]["return_full_text"] is False for body in server.bodies)


async def test_a_stop_sequence_is_no_part_of_the_text(server: TGIServer) -> None:
    async with AsyncClient(base_url=server.url) as client:
        cut = server.text.partition(" Deep")[0]
        stream = await client.text_generation("What is", stop=[" Deep"], stream=True)
        whole = await client.text_generation("What is", stop=" Deep")
        streamed = await stream.collect()
        assert whole.text == streamed.text == cut


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_that_is_too_long_is_the_same_error_either_way(
    server: TGIServer, stream: bool
) -> None:
    async with AsyncClient(base_url=server.url) as client:
        prompt = "word " * 3000
        with pytest.raises(errors.ContextLengthError) as caught:
            await whole_text(client, prompt, stream)
        assert caught.value.prompt_tokens == 3000
        assert caught.value.max_tokens == 2048


async def test_options_that_do_not_fit_together_are_refused_before_they_are_sent(
    server: TGIServer,
) -> None:
    async with AsyncClient(base_url=server.url) as client:
        for options in (
            {"best_of": 2, "stream": True, "do_sample": True},
            {"best_of": 2, "seed": 1, "do_sample": True},
            {"best_of": 2},
            {"decoder_input_details": True, "stream": True},
            {"seed": -1},
            {"seed": 2**64},
            {"max_new_tokens": 0},
            {"max_tokens": 5},
        ):
            with pytest.raises(errors.ConfigurationError):
                await client.text_generation("What is", **options)
        assert server.bodies == []


async def test_chat_over_text_generation(server: TGIServer, fixtures_dir: Path) -> None:
    messages, expected = expected_prompt(fixtures_dir, "single_user")
    async with AsyncClient(base_url=server.url) as client:
        answer = await client.chat(messages, protocol="text-generation", max_tokens=10)
        stream = await client.chat(messages, protocol="text-generation", max_tokens=10, stream=True)
        streamed = await stream.collect()
        assert answer.text == streamed.text == server.text.lstrip()
        assert answer.finish_reason == streamed.finish_reason == "length"
        for completion in (answer, streamed):
            assert completion.meta.protocol == "text-generation"
            assert "given" in (completion.meta.protocol_reason or "")
        # The tokenizer of TGI puts the BOS token before the prompt.
        assert server.bodies[0]["inputs"] == expected.removeprefix(BOS)
        assert server.bodies[0]["inputs"] == await client.format_prompt(messages)
        assert await client.format_prompt(messages, repair=False) == expected
        assert server.template_asked == 1


async def test_the_bos_token_stays_where_the_server_adds_none(
    server: TGIServer, fixtures_dir: Path
) -> None:
    messages, expected = expected_prompt(fixtures_dir, "single_user")
    server.adds_bos = False
    async with AsyncClient(base_url=server.url) as client:
        assert await client.format_prompt(messages) == expected


async def test_a_server_without_a_chat_route_is_chatted_with_all_the_same(
    server: TGIServer,
) -> None:
    async with AsyncClient(base_url=server.url) as client:
        first = await client.chat("Hello")
        again = await client.chat("Hello")
        assert first.text == again.text == server.text.lstrip()
        assert "404" in (first.meta.protocol_reason or "")
        asked = [target for method, target, _, _ in server.seen if "chat" in target]
        assert asked == ["/v1/chat/completions"]
        told = await client.explain("chat", "Hello")
        assert told.protocol == "text-generation"
        assert told.prompt is not None
        with pytest.raises(errors.ConfigurationError, match="tools"):
            await client.chat("Hello", tools=[{"type": "function", "function": {"name": "f"}}])


async def test_a_plain_404_is_no_evidence() -> None:
    def nothing(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(b'{"error": "not found"}', "404 Not Found")

    with RawServer(nothing) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.ModelNotFoundError):
                await client.chat("Hello")


async def test_a_chat_that_is_too_long_is_trimmed_when_asked(server: TGIServer) -> None:
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be brief."}]
    for number in range(6):
        messages.append({"role": "user", "content": f"question{number} " + "word " * 300})
        messages.append({"role": "assistant", "content": "word " * 200})
    messages.append({"role": "user", "content": "And now?"})
    async with AsyncClient(base_url=server.url, max_retries=0) as client:
        with pytest.raises(errors.ContextLengthError) as caught:
            await client.chat(messages, protocol="text-generation", max_tokens=10)
        assert caught.value.max_tokens == 2048
        for stream in (False, True):
            answer = await client.chat(
                messages, protocol="text-generation", max_tokens=10, fit="trim", stream=stream
            )
            answer = await answer.collect() if stream else answer
            assert len(answer.meta.trimmed) == 4
            assert [message["role"] for message in answer.meta.trimmed] == 2 * [
                "user",
                "assistant",
            ]
            sent = server.bodies[-1]["inputs"]
            assert "Be brief." in sent
            assert "And now?" in sent
            assert "question1" not in sent
            assert "question2" in sent


async def test_refused_model_kwargs_are_left_out_once_and_for_all() -> None:
    bodies: list[dict[str, Any]] = []

    def pipeline(peer: Peer) -> None:
        while peer.read_request():
            body = json.loads(peer.body or b"{}")
            parameters = body.get("parameters", {})
            if peer.method == "GET":
                peer.reply(b"", "404 Not Found")
                continue
            bodies.append(body)
            if unused := sorted({"details", "watermark"} & set(parameters)):
                text = f"The following `model_kwargs` are not used by the model: {unused} (note)"
                peer.reply(json.dumps({"error": text}).encode(), "400 Bad Request")
            else:
                peer.reply(b'[{"generated_text": " a time"}]')

    with RawServer(pipeline) as server:
        async with AsyncClient(base_url=server.url, max_retries=0) as client:
            with pytest.warns(UserWarning, match="does not use watermark"):
                text = await client.text_generation("Once upon", watermark=True)
            assert text.text == " a time"
            await client.text_generation("Once upon")
            assert len(bodies) == 3


@pytest.mark.parametrize("ending", ["", "/v1", "/v1/completions", "/v1/chat/completions"])
async def test_openai_completions(ending: str) -> None:
    bodies: list[dict[str, Any]] = []

    def openai(peer: Peer) -> None:
        while peer.read_request():
            if peer.target == "/v1/models":
                peer.reply(b'{"object": "list", "data": [{"id": "m", "owned_by": "vllm"}]}')
            elif peer.target == "/v1/completions":
                bodies.append(json.loads(peer.body))
                choice = {"index": 0, "text": " a time", "finish_reason": "length"}
                peer.reply(json.dumps({"choices": [choice], "model": "m"}).encode())
            else:
                peer.reply(b"", "404 Not Found")

    with RawServer(openai) as server:
        async with AsyncClient(base_url=server.url + ending, model="m") as client:
            text = await client.text_generation("Once upon", max_new_tokens=2)
            assert (text.text, text.finish_reason, text.model) == (" a time", "length", "m")
            assert bodies == [{"prompt": "Once upon", "model": "m", "max_tokens": 2}]
