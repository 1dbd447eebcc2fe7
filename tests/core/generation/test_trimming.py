"""Leaving out the oldest turns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi._core.generation.servers import KINDS, Server
from hfi._core.generation.trimming import (
    Shortage,
    TokenCounter,
    Turns,
    find_cut,
    shortage_of,
)
from hfi._core.request import Request
from hfi.errors import ContextLengthError
from playing import play, reply

CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SYSTEM = {"role": "system", "content": "rules"}


def turn(role: str, words: int = 10) -> dict[str, Any]:
    return {"role": role, "content": "word " * words}


def roles(messages: Any) -> list[str]:
    return [message["role"] for message in messages]


CHAT = [
    SYSTEM,
    turn("user"),
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "1", "content": "22"},
    turn("assistant"),
    turn("user"),
    turn("assistant"),
    turn("user"),
]


def test_what_may_go_and_what_stays() -> None:
    turns = Turns(CHAT)
    assert turns.groups == [[1, 2, 3, 4], [5, 6]]
    kept, gone = turns.without(1)
    assert roles(kept) == ["system", "user", "assistant", "user"]
    assert roles(gone) == ["user", "assistant", "tool", "assistant"]
    assert roles(turns.without(2)[0]) == ["system", "user"]


def test_after_the_last_user_turn_calls_go_with_their_results() -> None:
    calls = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    result = {"role": "tool", "tool_call_id": "1", "content": "22"}
    turns = Turns([SYSTEM, turn("user"), calls, result, result, calls, result])
    assert turns.groups == [[2, 3, 4]]


def test_a_single_question_cannot_be_trimmed() -> None:
    assert Turns([SYSTEM, turn("user")]).groups == []
    assert Turns([turn("user"), turn("assistant")]).groups == []


def test_the_numbers_of_a_refusal() -> None:
    error = ContextLengthError("no", prompt_tokens=100, max_tokens=80)
    assert shortage_of(error, {}, None) == Shortage(prompt=100, limit=80, room=1)
    found = shortage_of(error, {"max_tokens": 30}, None)
    assert found is not None
    assert found.excess == 50
    server = Server(kind=KINDS["openai"], root="http://h", context_length=90)
    bare = ContextLengthError("no", prompt_tokens=100)
    assert shortage_of(bare, {}, server) == Shortage(prompt=100, limit=90, room=1)
    assert shortage_of(bare, {}, None) is None


def long_chat(count: int) -> list[dict[str, Any]]:
    turns = [turn(role, 100) for _ in range(count) for role in ("user", "assistant")]
    return [SYSTEM, *turns, turn("user")]


def counting(request: Request) -> Any:
    text = json.loads(request.content or b"")["content"]
    return reply(json.dumps({"tokens": [1] * len(text.split())}).encode())


@pytest.mark.parametrize("limit", [30, 211, 212, 500, 900, 2100])
def test_no_more_goes_than_must(limit: int) -> None:
    chat = long_chat(10)
    shortage = Shortage(prompt=2011, limit=limit, room=1)
    counter = TokenCounter(server=Server(kind=KINDS["llama.cpp"], root="http://h"))

    def render(messages: Any) -> str:
        return " ".join(message["content"] for message in messages)

    cut, steps = play(find_cut(Turns(chat), shortage, counter, render), counting)
    words = len(render(Turns(chat).without(cut)[0]).split())
    before = len(render(Turns(chat).without(cut - 1)[0]).split())
    assert words + 1 <= limit or cut == 10
    assert before + 1 > limit or cut == 1
    assert len(steps) <= 4
    blind, steps = play(find_cut(Turns(chat), shortage, None, None), counting)
    assert abs(blind - cut) <= 1
    assert steps == []


def test_a_server_that_does_not_count_is_guessed_at() -> None:
    chat = long_chat(4)
    shortage = Shortage(prompt=811, limit=500, room=1)
    counter = TokenCounter(server=Server(kind=KINDS["tgi"], root="http://h"))

    def none(_: Request) -> Any:
        return reply(b"no", 404)

    assert play(find_cut(Turns(chat), shortage, counter, None), none)[0] == 2
