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


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["The capital of", " France"], " France"),
        (["The", " capital", " of France"], " France"),
        (["The capital of France"], " France"),
        ([" France"], " France"),
        (["The cat"], "The cat"),
        (["The capital"], "The capital"),
        (["The capital of", "<think>x</think>"], ""),
    ],
)
def test_the_echo_is_left_out_of_streams_and_wholes(pieces: list[str], text: str) -> None:
    parser = ChatStreamParser(echo=ECHO)
    chunks = parser.feed(stream(*pieces)) + parser.close()
    assert parser.error is None
    assert "".join(map(str, chunks)) == parser.completion().text == text
    message = {"role": "assistant", "content": "".join(pieces)}
    body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    whole = parse.chat_completion(Response(status_code=200, content=body.encode()), echo=ECHO)
    assert whole.text == text
