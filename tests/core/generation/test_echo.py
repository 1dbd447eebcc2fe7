"""What llama.cpp repeats of a message that it goes on from is no part of the answer."""

from __future__ import annotations

import json

import pytest

from hfi._core.incoming import parse
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.request import Response

ECHO = "The capital of"


def stream(*pieces: str) -> bytes:
    events = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return b"".join(b"data: " + json.dumps(e).encode() + b"\n\n" for e in events)


def completion(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice]}).encode()


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("The capital of France", " France"),
        (" France", " France"),
        ("The cat", "The cat"),
        ("The capital", "The capital"),
    ],
)
def test_the_echo_is_left_out_of_whole_replies(sent: str, text: str) -> None:
    whole = parse.chat_completion(Response(status_code=200, content=completion(sent)), echo=ECHO)
    assert whole.text == text


def test_so_it_is_where_a_stream_was_asked_for_and_a_whole_reply_came() -> None:
    parser = ChatStreamParser(headers={"content-type": "application/json"}, echo=ECHO)
    chunks = parser.feed(completion("The capital of France")) + parser.close()
    assert parser.error is None
    assert "".join(map(str, chunks)) == " France"


@pytest.mark.parametrize("pieces", [["The capital of", " it"], ["The", " capital of"], [" France"]])
def test_a_stream_repeats_nothing_so_that_its_words_are_meant(pieces: list[str]) -> None:
    parser = ChatStreamParser(echo=ECHO)
    chunks = parser.feed(stream(*pieces)) + parser.close()
    assert parser.error is None
    assert "".join(map(str, chunks)) == parser.completion().text == "".join(pieces)
