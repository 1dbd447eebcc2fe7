"""Streams and whole replies of text generation, in each server's form, cut anywhere."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi import errors
from hfi._core.generation.answer import TextReading
from hfi._core.generation.stream import TextStreamParser, text_generation
from hfi._core.request import Response
from hfi.types.text import TextChunk, TextGeneration


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def tgi(text: str, number: int, *, special: bool = False, whole: str | None = None) -> Any:
    token = {"id": number, "text": text, "logprob": -0.5, "special": special}
    details = None
    if whole is not None:
        details = {"finish_reason": "eos_token", "generated_tokens": number, "seed": None}
    return {"index": number, "token": token, "generated_text": whole, "details": details}


TGI = b"".join(
    map(event, [tgi("H\u00e9", 1), tgi("llo", 2), tgi("</s>", 3, special=True, whole="H\u00e9llo")])
)
OPENAI = (
    event({"choices": [{"index": 0, "text": "H\u00e9", "finish_reason": ""}], "model": "m"})
    + event({"choices": [{"index": 0, "text": "llo", "finish_reason": None}]})
    + event({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})
    + event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 3}})
    + b"data: [DONE]\n\n"
)
LLAMACPP = (
    event({"index": 0, "content": "H\u00e9", "tokens": [1], "stop": False})
    + event({"index": 0, "content": "llo", "tokens": [2], "stop": False})
    + event(
        {
            "index": 0,
            "content": "",
            "stop": True,
            "stop_type": "eos",
            "tokens_predicted": 3,
            "tokens_evaluated": 1,
            "generation_settings": {"seed": 7},
        }
    )
)
STREAMS = {"tgi": TGI, "openai": OPENAI, "llama.cpp": LLAMACPP}


def parsed(
    pieces: list[bytes], reading: TextReading | None = None
) -> tuple[list[TextChunk], TextStreamParser]:
    parser = TextStreamParser(headers={"content-type": "text/event-stream"}, reading=reading)
    chunks = [chunk for piece in pieces for chunk in parser.feed(piece)]
    return chunks + parser.close(), parser


@pytest.mark.parametrize("name", STREAMS)
def test_every_server_gives_the_same_text(name: str) -> None:
    chunks, parser = parsed([STREAMS[name]])
    assert parser.error is None
    assert parser.done
    text = parser.completion()
    assert "".join(map(str, chunks)) == text.text == "H\u00e9llo"
    assert text.finish_reason == "stop"
    assert text.usage is not None
    assert text.usage.completion_tokens == 3
    assert text.raw is None


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(STREAMS)), st.lists(st.integers(0, 900), max_size=12))
def test_any_cut_of_the_bytes_gives_the_same_chunks(name: str, places: list[int]) -> None:
    body = STREAMS[name]
    marks = [0, *sorted(place for place in places if place < len(body)), len(body)]
    pieces = [body[a:b] for a, b in pairwise(marks)]
    chunks, parser = parsed(pieces)
    whole, other = parsed([body])
    assert chunks == whole
    assert parser.completion() == other.completion()


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_breaks_off_is_interrupted(name: str) -> None:
    body = STREAMS[name]
    end = body.index(b"\n\n", body.index(b"llo"))
    _, parser = parsed([body[: end + 2]])
    assert isinstance(parser.error, errors.StreamInterruptedError)
    assert isinstance(parser.error.partial, TextGeneration)
    assert parser.error.partial.text == "H\u00e9llo"
    assert parser.error.partial.finish_reason is None


@pytest.mark.parametrize(
    "told",
    [
        event({"error": "Input validation error: no", "error_type": "validation"}),
        b"event: error\ndata: broken\n\n",
        event({"error": {"message": "no", "code": 400}}),
        b'error: {"code": 400, "message": "no"}\n\n',
        b'{"error": "Input validation error: no", "error_type": "validation"}',
    ],
)
def test_an_error_before_the_text_is_as_if_unstreamed(told: bytes) -> None:
    _, parser = parsed([told])
    assert isinstance(parser.error, errors.APIStatusError)


def test_an_error_after_some_text_keeps_it() -> None:
    _, parser = parsed([event(tgi("one", 1)), event({"error": "gone", "error_type": "generation"})])
    assert isinstance(parser.error, errors.GenerationError)
    assert parser.error.partial.text == "one"
    assert isinstance(parser.error.__cause__, errors.ServerError)


def test_special_tokens_are_told_and_not_shown() -> None:
    chunks, parser = parsed([TGI], TextReading(keep_tokens=True))
    assert chunks[-1].text == ""
    assert chunks[-1].token is not None
    assert chunks[-1].token.special
    assert [token.text for token in parser.completion().tokens] == ["H\u00e9", "llo", "</s>"]


def test_a_whole_text_that_comes_as_the_only_event() -> None:
    chunks, parser = parsed([event({"index": 1, "token": None, "generated_text": "all of it"})])
    assert [str(chunk) for chunk in chunks] == ["all of it"]
    assert parser.done


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"generated_text": "a<end>b", "details": {"finish_reason": "stop_sequence"}}, "stop"),
        ([{"generated_text": "a<end>b"}], "stop"),
        ([{"generated_text": "a"}], None),
        ({"choices": [{"text": "a", "finish_reason": "length"}]}, "length"),
        ({"content": "a", "stop": True, "stop_type": "limit"}, "length"),
        ([{"content": "a", "stop": True, "stop_type": "word"}], "stop"),
    ],
)
def test_whole_replies(body: Any, reason: str | None) -> None:
    response = Response(status_code=200, content=json.dumps(body).encode())
    text = text_generation(response, reading=TextReading(stops=("<end>",)))
    assert text.text == "a"
    assert text.finish_reason == reason


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[]", b'{"x": 1}', b"[1]", b"nope"])
def test_what_is_no_text_is_an_error_of_ours(body: bytes) -> None:
    response = Response(status_code=200, content=body)
    with pytest.raises((errors.ResponseError, errors.StreamInterruptedError)):
        text_generation(response)


def test_sloppy_details_do_not_hurt() -> None:
    details = {"finish_reason": "length", "prefill": None, "tokens": [None, {"id": "1"}]}
    body = json.dumps({"generated_text": "a", "details": details}).encode()
    text = text_generation(Response(status_code=200, content=body))
    assert text.text == "a"
    assert text.finish_reason == "length"
    assert [token.id for token in text.tokens] == [1]
