"""Resuming, without a network: the seam, the request for the rest, and what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi import errors
from hfi._core.chat import ChatCall, ChatPlan, plan_chat
from hfi._core.configuration.config import resolve
from hfi._core.configuration.world import World
from hfi._core.resuming.requests import (
    chat_obstacle,
    continued_chat,
    continued_text,
    limited,
    text_obstacle,
)
from hfi._core.resuming.seam import Seam, split_tail
from hfi.types.raw import loads
from hfi.types.settings import Timeout

TEXT = st.text(alphabet="ab \n\t<é", max_size=12)


@given(story=TEXT, place=st.integers(0, 12), cuts=st.lists(st.integers(1, 4), max_size=12))
def test_a_seam_loses_and_repeats_nothing(story: str, place: int, cuts: list[int]) -> None:
    shown = story[:place]
    sent, tail = split_tail(shown)
    assert sent + tail == shown
    rest, seam = story[len(sent) :], Seam(tail)
    for size in [*cuts, len(story)]:
        piece, rest = rest[:size], rest[size:]
        shown += seam.cut(piece)
    assert shown == story


def test_white_space_that_is_not_made_again_stays_shown() -> None:
    assert Seam("\n\n").cut("\nWord") == "Word"
    assert Seam(" ").cut("word ") == "word "
    assert Seam(" ").cut("\nword") == "\nword"
    seam = Seam("  ")
    assert [seam.cut(piece) for piece in (" ", "", "x", " ")] == ["", "", "x", " "]


def test_what_a_server_repeats() -> None:
    assert Seam(" ", echo="Once upon").cut("Once upon a time") == "a time"
    assert Seam(echo=" Once upon").cut("Once upon a") == " a"
    seam = Seam(echo="Once upon")
    assert [seam.cut(piece) for piece in ("Once upon", "Once upon")] == ["", "Once upon"]
    assert Seam(echo="Once upon").cut(" a time") == " a time"
    # One short word may be the model's own, once more.
    assert Seam(echo="ha").cut("ha") == "ha"


USER = {"role": "user", "content": "Hi"}


def test_the_request_for_the_rest_of_a_chat() -> None:
    payload = {"messages": [USER], "stream": True}
    body = continued_chat(payload, "Once", "vllm", continues=False)
    assert body == {
        "messages": [USER, {"role": "assistant", "content": "Once"}],
        "stream": True,
        "add_generation_prompt": False,
        "continue_final_message": True,
    }
    assert payload == {"messages": [USER], "stream": True}
    said = {"messages": [USER, {"role": "assistant", "content": "On", "name": "x"}]}
    body = continued_chat(said, "ce", "llama.cpp", continues=True)
    assert body["messages"][1:] == [{"role": "assistant", "content": "Once", "name": "x"}]
    assert "continue_final_message" not in body


def test_the_request_for_the_rest_of_a_text() -> None:
    assert continued_text({"inputs": "a", "parameters": {}}, "b")["inputs"] == "ab"
    assert continued_text({"prompt": "a", "stream": True}, "b") == {"prompt": "ab", "stream": True}


def test_limits_are_those_of_the_whole() -> None:
    assert limited({"max_tokens": 9, "max_completion_tokens": 5}, 3) == {
        "max_tokens": 6,
        "max_completion_tokens": 2,
    }
    assert limited({"inputs": "x", "parameters": {"max_new_tokens": 9, "seed": 1}}, 3) == {
        "inputs": "x",
        "parameters": {"max_new_tokens": 6, "seed": 1},
    }
    assert limited({"n_predict": -1}, 3) == {"n_predict": -1}
    assert limited({"max_tokens": None}, 3) == {"max_tokens": None}
    assert limited({"max_tokens": 3}, 3) is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, None),
        ({"n": 1, "response_format": {"type": "text"}}, None),
        ({"n": 2}, "several answers"),
        ({"response_format": {"type": "json_object"}}, "grammar or schema"),
        ({"guided_json": {}}, "grammar or schema"),
        ({"messages": "?"}, "extra_body"),
        ({"messages": [{"role": "assistant", "content": [{"type": "text"}]}]}, "more than text"),
    ],
)
def test_what_stands_in_the_way_of_a_chat(fields: dict[str, Any], why: str | None) -> None:
    found = chat_obstacle({"messages": [USER], **fields}, "vllm", "It")
    assert found is None if why is None else why in str(found)


@pytest.mark.parametrize("name", ["openai", "cohere", "hf-inference", "anything"])
def test_servers_that_are_not_known_to_go_on(name: str) -> None:
    assert "groq is not known" in str(chat_obstacle({"messages": [USER]}, name, "groq"))


def test_what_stands_in_the_way_of_a_text() -> None:
    assert text_obstacle({"inputs": "a", "parameters": {"details": True}}) is None
    assert text_obstacle({"inputs": "a", "parameters": {"grammar": {"type": "json"}}})
    assert text_obstacle({"prompt": ["a", "b"]})


# -- one answer in several replies -----------------------------------------------------------------


def plan(**options: Any) -> ChatPlan:
    config = resolve(
        World(), base_url="http://127.0.0.1:1/v1", timeout=Timeout(total=60), token=False
    )
    call = ChatCall.of("Hi", True, {"resume": 2, **options})
    return plan_chat(call, config, dialect="vllm")


def word(text: str) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"' + text.encode() + b'"}}]}\n\n'


def test_an_error_event_after_the_seam_is_one_in_the_answer() -> None:
    made = plan()
    resumption = made.resumption()
    assert resumption is not None
    parser = made.parser({}, resumption)
    assert [chunk.text for chunk in parser.feed(word("Once "))] == ["Once "]
    parser.close()
    assert isinstance(parser.error, errors.StreamInterruptedError)
    request = resumption.next(parser.error, elapsed=1.0)
    assert request is not None
    assert loads(request.content or b"")["messages"][-1] == {"role": "assistant", "content": "Once"}
    meta = parser.completion().meta
    assert resumption.begin(parser.error, meta, meta).resumes == 1
    assert [parser.error] == [None]
    parser.feed(b'data: {"error":{"message":"out of memory","code":500}}\n\n')
    assert isinstance(parser.error, errors.GenerationError)
    assert isinstance(parser.error.__cause__, errors.ServerError)
    assert parser.error.partial.text == "Once "
    assert resumption.next(parser.error, elapsed=2.0) is None


def test_a_tag_in_the_rest_is_text() -> None:
    made = plan()
    resumption = made.resumption()
    assert resumption is not None
    parser = made.parser({}, resumption)
    parser.feed(word("A tag is"))
    parser.close()
    assert parser.error is not None
    assert resumption.next(parser.error, elapsed=1.0) is not None
    meta = parser.completion().meta
    resumption.begin(parser.error, meta, meta)
    chunks = parser.feed(word("<think>") + word(" and </think>"))
    assert "".join(chunk.text for chunk in chunks) == "<think> and </think>"
    assert parser.completion().text == "A tag is<think> and </think>"


def test_no_time_is_left() -> None:
    made = plan()
    resumption = made.resumption()
    assert resumption is not None
    parser = made.parser({}, resumption)
    parser.feed(word("Once"))
    parser.close()
    assert parser.error is not None
    assert resumption.next(parser.error, elapsed=61.0) is None
    assert "the time of the whole call is over" in str(parser.error)
    assert resumption.timeout(10.0).total == 50.0


def test_nothing_is_resumed_unless_asked_for() -> None:
    assert plan(resume=0).resumption() is None
