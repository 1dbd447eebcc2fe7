"""Text generation, and chat over it, with a real model behind llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import hfi
from hfi import AsyncClient, Client
from hfi.local import LocalServer, Weights

pytestmark = pytest.mark.live

QUESTION: list[dict[str, Any]] = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture
def options(live_server: LocalServer) -> dict[str, Any]:
    return {"base_url": live_server.url, "token": live_server.api_key}


def test_a_text_is_gone_on_from(options: dict[str, Any]) -> None:
    with Client(**options) as client:
        text = client.text_generation(
            "The capital of France is", max_new_tokens=6, temperature=0, details=True
        )
        assert text.text
        assert text.finish_reason == "length"
        assert len(text.tokens) == 6
        stream = client.text_generation(
            "The capital of France is", max_new_tokens=6, temperature=0, stream=True
        )
        assert "".join(map(str, stream)) == text.text
        assert text.meta.url == f"{options['base_url']}/completion"


async def test_the_async_client_does_the_same(options: dict[str, Any]) -> None:
    async with AsyncClient(**options) as client:
        stream = await client.text_generation("One, two,", max_new_tokens=6, stream=True)
        text = await stream.collect()
        assert text.text
        assert text.usage is not None
        assert text.usage.completion_tokens == 6


def test_a_grammar_is_followed(options: dict[str, Any]) -> None:
    # Finite: a schema with a number lets a small model write digits or spaces until it is cut.
    schema = {"enum": ["spring", "autumn"]}
    with Client(**options) as client:
        text = client.text_generation(
            "A season as JSON:", grammar={"type": "json", "value": schema}, max_new_tokens=30
        )
        assert json.loads(text.text) in schema["enum"]


@pytest.mark.parametrize("stream", [False, True])
def test_both_protocols_give_the_same_chat(options: dict[str, Any], stream: bool) -> None:
    with Client(provider="local") as client:
        answers = []
        for protocol in ("chat-completions", "text-generation"):
            answer = client.chat(
                QUESTION, protocol=protocol, max_tokens=8, temperature=0, stream=stream
            )
            answers.append(answer.collect() if stream else answer)
        first, second = answers
        assert first.text == second.text
        assert first.finish_reason == second.finish_reason
        assert first.usage is not None
        assert second.usage is not None
        assert first.usage.total_tokens == second.usage.total_tokens
        assert (first.meta.protocol, second.meta.protocol) == (
            "chat-completions",
            "text-generation",
        )


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("local", [False, True])
def test_both_protocols_go_on_from_a_half_written_answer(
    options: dict[str, Any], local: bool, stream: bool
) -> None:
    begun = [*QUESTION, {"role": "assistant", "content": "The capital of"}]
    with Client(provider="local") if local else Client(**options) as client:
        texts = []
        for protocol in ("chat-completions", "text-generation"):
            answer = client.chat(
                begun,
                protocol=protocol,
                max_tokens=4,
                temperature=0,
                continue_final_message=True,
                stream=stream,
            )
            texts.append((answer.collect() if stream else answer).text)
        assert texts[0] == texts[1]
        assert not texts[0].startswith("The capital")


def test_the_prompt_is_the_one_that_llamacpp_makes(
    options: dict[str, Any], fixtures_dir: Path
) -> None:
    """Conversations whose messages both sides read alike; llama.cpp joins parts by line feeds."""
    told = json.loads((fixtures_dir / "conversations.json").read_text())["conversations"]
    compared = 0
    with Client(**options) as client:
        for entry in told:
            messages = entry["messages"]
            plain = all(isinstance(m.get("content"), str) for m in messages)
            calls = any(m.get("tool_calls") or m["role"] == "tool" for m in messages)
            if not messages or not plain or calls:
                continue
            reply = httpx.post(
                f"{options['base_url']}/apply-template",
                json={"messages": messages},
                headers={"authorization": f"Bearer {options['token']}"},
            )
            # llama.cpp goes on from a last message that is the assistant's, unasked.
            goes_on = messages[-1]["role"] == "assistant"
            prompt = client.format_prompt(messages, continue_final_message=goes_on)
            assert prompt == reply.json()["prompt"], entry["id"]
            compared += 1
    assert compared >= 20


@pytest.fixture(scope="module")
def forgetful(live_weights: Weights) -> Iterator[LocalServer]:
    """The same model with a context that is soon full."""
    with LocalServer(live_weights, n_ctx=512, parallel=1) as server:
        yield server


@pytest.mark.parametrize("protocol", ["chat-completions", "text-generation"])
def test_a_chat_is_trimmed_to_the_context(forgetful: LocalServer, protocol: Any) -> None:
    turns = [{"role": "system", "content": "You are a helpful assistant."}]
    for number in range(9):
        turns.append({"role": "user", "content": f"Question {number}: " + "word " * 50})
        turns.append({"role": "assistant", "content": "reply " * 25})
    turns += QUESTION
    with Client(base_url=forgetful.url, token=forgetful.api_key) as client:
        with pytest.raises(hfi.ContextLengthError) as caught:
            client.chat(turns, protocol=protocol, max_tokens=8)
        assert caught.value.prompt_tokens is not None
        assert caught.value.max_tokens is not None
        answer = client.chat(turns, protocol=protocol, max_tokens=4, fit="trim")
        assert answer.text
        trimmed = answer.meta.trimmed
        assert 0 < len(trimmed) < 18
        assert len(trimmed) % 2 == 0
        assert answer.usage is not None
        assert answer.usage.prompt_tokens is not None
        # Little more than needed: two exchanges of some 90 tokens would not have fitted.
        assert answer.usage.prompt_tokens > caught.value.max_tokens - 180
