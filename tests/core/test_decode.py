"""Typed decoding, and the tolerant reading of what it refuses."""

from __future__ import annotations

import json
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.incoming.decode import Decoder, read, untyped
from hfi.errors import LimitExceededError, ResponseError
from hfi.types.chat import ChatChunk, ChunkChoice, Delta, ToolCallDelta, Usage
from hfi.types.usage import Logprobs

DECODER = Decoder(ChatChunk)


def decode(text: str) -> ChatChunk:
    return DECODER(text.encode())


def delta(**fields: Any) -> Delta:
    chunk = decode(json.dumps({"choices": [{"index": 0, "delta": fields}]}))
    return chunk.choices[0].delta


def calls(value: Delta) -> tuple[ToolCallDelta, ...]:
    return value.tool_calls or ()


@pytest.mark.parametrize(
    ("wire", "read_as"),
    [
        ('"1"', 1),
        ('" 12 "', 12),
        ("1.0", 1),
        ("null", None),
        ('"one"', None),
        ("1.5", None),
        ("true", None),
        ("[1]", None),
        ("{}", None),
        ("1e400", None),
        ("NaN", None),
        ("-Infinity", None),
    ],
)
def test_number_of_the_wrong_type(wire: str, read_as: int | None) -> None:
    text = f'{{"id": "c", "usage": {{"prompt_tokens": {wire}, "total_tokens": 3}}}}'
    chunk = decode(text)
    assert chunk.id == "c"
    assert chunk.usage == Usage(prompt_tokens=read_as, total_tokens=3)


def test_number_too_long_for_int() -> None:
    chunk = decode('{"id": "c", "created": %s}' % ("9" * 10_000))
    assert chunk.id == "c"
    assert chunk.created is None


@pytest.mark.parametrize("wire", ["12", "true", "{}", "[1]", "1.5"])
def test_text_of_the_wrong_type(wire: str) -> None:
    assert decode(f'{{"id": {wire}, "model": "m"}}') == ChatChunk(model="m")


def test_structure_of_the_wrong_type() -> None:
    assert decode('{"choices": null, "usage": []}') == ChatChunk()
    assert decode('{"choices": [null, 7, {"index": null, "delta": null}]}') == ChatChunk(
        choices=(ChunkChoice(),)
    )
    assert delta(tool_calls="none") == Delta()
    assert delta(tool_calls=[None, {"function": None}]) == Delta(tool_calls=(ToolCallDelta(),))


def test_lone_surrogate_can_be_printed_and_sent_back() -> None:
    text = decode('{"choices": [{"delta": {"content": "a\\ud83d b \\ud83d\\ude00"}}]}').text
    assert text == "a\ufffd b \U0001f600"
    text.encode()
    # Inside what nobody reads it does no harm either.
    assert decode('{"id": "c", "odd": "\\udc00"}').id == "c"


def test_broken_utf8_is_replaced() -> None:
    chunk = DECODER(b'{"choices": [{"delta": {"content": "a\xffb"}}]}')
    assert chunk.text == "a\ufffdb"


def test_arguments_as_object_become_json_text() -> None:
    call = {"index": 0, "id": 3, "function": {"name": "f", "arguments": {"city": "Köln", "n": [1]}}}
    (read_call,) = calls(delta(tool_calls=[call]))
    assert read_call.arguments == '{"city": "Köln", "n": [1]}'
    assert read_call.id == "3"
    (read_call,) = calls(delta(tool_calls=call))  # TGI 1.4: one call, no list
    assert read_call.name == "f"


def test_content_parts() -> None:
    parts = [
        {
            "type": "thinking",
            "thinking": [{"type": "text", "text": "hm "}, {"type": "text", "text": "."}],
        },
        {"type": "text", "text": "Hel"},
        "lo",
        {"type": "image_url"},
        None,
    ]
    assert delta(content=parts) == Delta(content="Hello", reasoning="hm .")
    assert delta(content=[{"type": "thinking", "thinking": "hm"}]) == Delta(reasoning="hm")


def test_logprobs_of_servers_without_numbers() -> None:
    tokens = (
        '[{"token": "a", "logprob": null, "bytes": [97, null]}, {"token": "b", "logprob": NaN}]'
    )
    text = f'{{"choices": [{{"logprobs": {{"content": {tokens}}}}}]}}'
    logprobs = decode(text).logprobs
    assert isinstance(logprobs, Logprobs)
    assert [(t.token, t.logprob, t.bytes) for t in logprobs.content or ()] == [
        ("a", None, None),
        ("b", None, None),
    ]


@pytest.mark.parametrize("body", [b"", b"no", b'{"id": ', b"{'id': 1}", b"\xff\xfe{}", b'{"a":1}x'])
def test_no_json(body: bytes) -> None:
    with pytest.raises(ResponseError) as caught:
        DECODER(body)
    assert not isinstance(caught.value, LimitExceededError)
    assert caught.value.body == body.decode("utf-8", "replace")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"12"])
def test_no_object(body: bytes) -> None:
    with pytest.raises(ResponseError, match="no object"):
        DECODER(body)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("before", [b"", b'{"id": "c", "odd": ', b'{"id": 1, "odd": '])
def test_too_deep(opening: bytes, before: bytes) -> None:
    with pytest.raises(LimitExceededError):
        DECODER(before + opening * 200_000)
    with pytest.raises(LimitExceededError):
        untyped(before + opening * 200_000)


TEXT = st.text(max_size=8)
CHUNKS = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXT,
        "created": st.integers(0, 2**40),
        "model": TEXT,
        "usage": st.none()
        | st.fixed_dictionaries(
            {}, optional={"prompt_tokens": st.integers(0, 9), "cost": st.floats(0, 1)}
        ),
        "choices": st.lists(
            st.fixed_dictionaries(
                {"index": st.integers(0, 3)},
                optional={
                    "finish_reason": st.none() | TEXT,
                    "delta": st.fixed_dictionaries(
                        {},
                        optional={
                            "role": TEXT,
                            "content": st.none() | TEXT,
                            "reasoning": TEXT,
                            "tool_calls": st.none()
                            | st.lists(
                                st.fixed_dictionaries(
                                    {"index": st.integers(0, 3)},
                                    optional={
                                        "id": TEXT,
                                        "function": st.fixed_dictionaries(
                                            {}, optional={"name": TEXT, "arguments": TEXT}
                                        ),
                                    },
                                ),
                                max_size=2,
                            ),
                        },
                    ),
                },
            ),
            max_size=3,
        ),
    },
)


@settings(max_examples=100, deadline=None)
@given(CHUNKS)
def test_both_ways_read_a_good_chunk_alike(chunk: dict[str, Any]) -> None:
    body = json.dumps(chunk).encode()
    assert DECODER.typed(body) == read(ChatChunk, json.loads(body))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["\ud800", "12", "1.0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            TEXT
            | st.sampled_from(
                [
                    field.name
                    for cls in (ChatChunk, ChunkChoice, Delta)
                    for field in attrs.fields(cls)
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES)
def test_any_json_is_a_chunk_or_a_response_error(value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        chunk = DECODER(body)
    except ResponseError:
        assert not isinstance(value, dict)
    else:
        assert isinstance(value, dict)
        chunk.text.encode()
        repr(chunk)


def test_fast_path_is_not_left_for_what_real_servers_send() -> None:
    delta = {"role": "assistant", "content": None, "tool_calls": None, "refusal": None}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    chunk = {"id": "", "choices": [choice], "created": 1, "model": "m", "usage": None}
    body = json.dumps({**chunk, "service_tier": None, "timings": {"a": 1.5}}).encode()
    assert isinstance(DECODER.typed(body), ChatChunk)
    with pytest.raises(msgspec.DecodeError):
        DECODER.typed(b'{"choices":null}')
