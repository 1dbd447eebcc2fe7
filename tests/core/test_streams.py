"""Streams of a chat: chunks, completeness, and errors in every shape."""

from __future__ import annotations

import json
import pickle
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi import errors
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.request import Request
from hfi.types.chat import ChatChunk, ChatCompletion

SSE = {"content-type": "text/event-stream"}
DONE = b"data: [DONE]\n\n"


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def chunk(
    content: Any = None, *, index: int = 0, finish: str | None = None, **fields: Any
) -> dict[str, Any]:
    delta = {**({} if content is None else {"content": content}), **fields}
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"id": "c", "created": 1, "model": "m", "choices": [choice]}


def say(content: Any = None, **fields: Any) -> bytes:
    return event(chunk(content, **fields))


def run(
    *pieces: bytes, headers: dict[str, str] | None = None, **options: Any
) -> tuple[list[ChatChunk], ChatStreamParser]:
    parser = ChatStreamParser(headers=SSE if headers is None else headers, **options)
    chunks = [chunk for piece in pieces for chunk in parser.feed(piece)]
    return chunks + parser.close(), parser


def text(chunks: list[ChatChunk]) -> str:
    return "".join(map(str, chunks))


HELLO = say("Hel", role="assistant") + say("lo")
STOP = say(finish="stop")


# What is complete ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stream",
    [
        HELLO + STOP + DONE,
        HELLO + STOP,  # transformers and cut lines: no [DONE]
        HELLO + DONE,  # Snowflake: no finish reason
        HELLO + STOP + b"data: {cut",
        HELLO + STOP + b"data: [DON",
        HELLO + b"data: [DONE]",  # ends without the blank line
        HELLO + b"data: [DONE]\n",
        HELLO + b"data:[DONE]\n\n",
        HELLO + b"data:   [DONE] \n\n",
        HELLO + say("", finish="stop").removesuffix(b"\n\n"),
        HELLO + STOP + DONE + say(" never") + event({"error": "late"}),
    ],
)
def test_complete(stream: bytes) -> None:
    chunks, parser = run(stream)
    assert parser.error is None
    assert parser.done
    assert parser.started
    assert text(chunks) == parser.completion().text == "Hello"
    assert parser.feed(HELLO) == parser.close() == []


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (HELLO, "Hello"),
        (HELLO + b"data: [DON", "Hello"),
        (HELLO + STOP[:-20], "Hello"),
        (HELLO + say(finish=""), "Hello"),
        (say("a", index=0, finish="stop") + say("b", index=1), "a"),
        (say(role="assistant"), ""),
        (say(role="assistant") + DONE, ""),
        (DONE, ""),
        (event({"choices": [], "usage": {"total_tokens": 1}}) + DONE, ""),
        (b": keep-alive\n\n" * 3, ""),
        (b"\n", ""),
        (b"", ""),
    ],
)
def test_interrupted(stream: bytes, said: str) -> None:
    chunks, parser = run(stream)
    assert isinstance(parser.error, errors.StreamInterruptedError)
    assert isinstance(parser.error, errors.APIConnectionError)
    assert not parser.done
    assert parser.started is bool(said)
    assert text(chunks) == parser.error.partial.text == said
    assert parser.feed(HELLO) == parser.close() == []


@pytest.mark.parametrize(
    "stream", [STOP, STOP + DONE, say("", finish="stop"), say(finish="length")]
)
def test_empty_answer_that_is_finished(stream: bytes) -> None:
    _, parser = run(stream)
    assert parser.error is None
    assert parser.done
    assert parser.completion().text == ""


def test_done_is_said_before_the_end() -> None:
    parser = ChatStreamParser(headers=SSE)
    done = []
    for piece in (HELLO + STOP, event({"choices": [], "usage": {"total_tokens": 7}}), DONE):
        parser.feed(piece)
        done.append(parser.done)
    assert done == [False, False, True]  # usage may follow the finish reason
    usage = parser.completion().usage
    assert usage is not None
    assert usage.total_tokens == 7


def test_message_names_the_host() -> None:
    request = Request(url="https://example.com/v1/chat/completions?key=secret", model="m")
    _, parser = run(HELLO, request=request)
    assert "example.com" in str(parser.error)
    assert "secret" not in str(parser.error)


# Chunks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        b": comment\n\n",
        b"data:\n\n",
        b"data: \n\n",
        b"data: null\n\n",
        b"event: ping\n\n",
        b"retry: 100\nid: 4\n\n",
        event({"choices": []}),
        event({"choices": None, "usage": None}),
        event({"id": "c"}),
        event({"choices": [{"index": 0, "delta": None}]}),
        event({"choices": [{"index": 0}]}),
        event({"choices": [{"index": 0, "delta": {"content": None, "role": "assistant"}}]}),
        event({"choices": [], "error": None}),
        say(role="assistant", error=None),
        event({**chunk(role="assistant", content=None), "prompt_progress": {"total": 9}}),
        say(unknown=[{"a": None}], tool_calls=[]),
        say(finish=None, refusal=None, tool_calls=None, reasoning=None),
    ],
)
def test_tolerated_anywhere(odd: bytes) -> None:
    chunks, parser = run(odd + HELLO + odd + STOP + odd + DONE)
    assert parser.error is None
    assert parser.done
    assert text(chunks) == parser.completion().text == "Hello"


def test_events_as_the_rules_allow_them() -> None:
    raw = "Hel\u2028lo\x85"  # JSON may hold these raw; str.splitlines would cut here
    pretty = json.dumps(chunk(raw), ensure_ascii=False, indent=1).encode()
    lines = b"".join(b"data:" + line + b"\r\n" for line in pretty.split(b"\n"))
    chunks, parser = run(b"event: message\r\nid: 1\r\n" + lines + b"\r\n" + STOP + DONE)
    assert parser.error is None
    assert text(chunks) == raw


def test_sloppy_event_does_not_cost_the_others() -> None:
    lone = rb'data: {"choices": [{"index": "0", "delta": {"content": "\ud800"}}], "created": NaN}'
    broken = b'data: {"choices": [{"delta": {"content": "\xff"}}]}'
    chunks, parser = run(HELLO, lone + b"\n\n" + broken + b"\n\n", STOP)
    assert parser.error is None
    assert text(chunks) == "Hello\ufffd\ufffd"


@pytest.mark.parametrize(
    ("wire", "normal"),
    [
        ("stop", "stop"),
        ("eos_token", "stop"),
        ("stop_sequence", "stop"),
        ("eos", "stop"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("load", "load"),
    ],
)
def test_finish_reasons(wire: str, normal: str) -> None:
    chunks, parser = run(HELLO + say(finish=wire))
    assert chunks[-1].finish_reason == parser.completion().finish_reason == normal
    assert chunks[-1].raw is not None
    assert chunks[-1].raw["choices"][0]["finish_reason"] == wire


def test_usage_anywhere_and_the_last_wins() -> None:
    usages = [{"total_tokens": n, "cost": n / 10} for n in (1, 2, 3)]
    stream = b"".join(event({**chunk("x"), "usage": usage}) for usage in usages)
    _, parser = run(stream + event({**chunk(finish="stop"), "usage": None}))
    usage = parser.completion().usage
    assert usage is not None
    assert usage.total_tokens == 3
    assert usage.raw == usages[2]


def test_identity_comes_from_whichever_chunk_has_it() -> None:
    first = {**chunk("a"), "id": "", "model": ""}
    last = {**chunk(finish="stop"), "system_fingerprint": "fp"}
    completion = run(event(first) + say("b") + event(last))[1].completion()
    assert (completion.id, completion.model, completion.created) == ("c", "m", 1)
    assert completion.system_fingerprint == "fp"


def test_choices_interleaved() -> None:
    stream = say("a", index=1) + say("x") + say("b", index=1, finish="stop") + say("y")
    both = {"choices": [chunk("z")["choices"][0], chunk("c", index=1)["choices"][0]]}
    chunks, parser = run(stream + event(both) + say(finish="length"))
    completion = parser.completion()
    assert [choice.message.content for choice in completion.choices] == ["xyz", "abc"]
    assert [choice.finish_reason for choice in completion.choices] == ["length", "stop"]
    assert text(chunks) == completion.text == "xyz"
    assert parser.done


def test_choices_without_index() -> None:
    both = {"choices": [{"delta": {"content": c}, "finish_reason": "stop"} for c in "ab"]}
    completion = run(event(both))[1].completion()
    assert [choice.message.content for choice in completion.choices] == ["a", "b"]


def test_content_after_the_finish() -> None:
    chunks, parser = run(HELLO + STOP + say("!") + DONE)
    assert text(chunks) == parser.completion().text == "Hello!"
    assert parser.completion().finish_reason == "stop"


def test_logprobs_are_put_together() -> None:
    def token(word: str) -> bytes:
        logprobs = {"content": [{"token": word, "logprob": -1.0, "top_logprobs": []}]}
        return event({"choices": [{"delta": {"content": word}, "logprobs": logprobs}]})

    chunks, parser = run(token("a") + token("b") + STOP)
    logprobs = parser.completion().logprobs
    assert logprobs is not None
    assert [t.token for t in logprobs.content or ()] == ["a", "b"]
    assert chunks[0].logprobs is not None


def test_refusal() -> None:
    completion = run(say(refusal="I ") + say(refusal="won't") + STOP)[1].completion()
    assert completion.refusal == "I won't"
    assert completion.text == ""


def test_whole_message_as_the_only_event() -> None:
    message = {"role": "assistant", "content": "Hello"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    chunks, parser = run(event({"object": "chat.completion", "choices": [choice]}) + DONE)
    assert text(chunks) == parser.completion().text == "Hello"


# Tool calls ----------------------------------------------------------------------------------


def call(arguments: str, **fields: Any) -> bytes:
    return say(tool_calls=[{"index": 0, "function": {"arguments": arguments}, **fields}])


def test_tool_call() -> None:
    first = {"index": 0, "id": "t", "type": "function", "function": {"name": "f", "arguments": ""}}
    stream = say(tool_calls=[first]) + call('{"x"') + call(": 1}") + say(finish="tool_calls")
    chunks, parser = run(stream)
    (tool_call,) = parser.completion().tool_calls
    assert (tool_call.id, tool_call.name) == ("t", "f")
    assert tool_call.parse_arguments() == {"x": 1}
    assert parser.completion().message.content is None
    assert "".join(c.tool_calls[0].arguments or "" for c in chunks[:-1]) == '{"x": 1}'


def test_tool_call_of_tgi_ends_without_a_finish_reason() -> None:
    stream = say(tool_calls=[{"index": 0, "id": "0", "function": {"name": "f", "arguments": "{"}}])
    stream += call("}", id="0")
    _, parser = run(stream + DONE)
    assert parser.done
    assert parser.completion().finish_reason == "tool_calls"
    _, parser = run(stream)
    assert isinstance(parser.error, errors.StreamInterruptedError)
    assert parser.error.partial.finish_reason is None
    assert parser.error.partial.tool_calls[0].arguments == "{}"


def test_arguments_as_object() -> None:
    stream = say(tool_calls=[{"function": {"name": "f", "arguments": {"x": 1}}}])
    chunks, parser = run(stream + say(finish="tool_calls"))
    assert parser.completion().tool_calls[0].arguments == '{"x": 1}'
    assert chunks[0].tool_calls[0].index == 0


# Reasoning -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [["reasoning"], ["reasoning_content"], ["thinking"], ["reasoning", "reasoning_content"]],
)
def test_reasoning_under_its_names(names: list[str]) -> None:
    stream = b"".join(say("", **dict.fromkeys(names, word)) for word in ("h", "m"))
    chunks, parser = run(stream + say("Yes <think> no", finish="stop"))
    completion = parser.completion()
    assert completion.reasoning == "".join(c.reasoning or "" for c in chunks) == "hm"
    assert completion.text == text(chunks) == "Yes <think> no"


def test_reasoning_counts_as_content() -> None:
    _, parser = run(say(reasoning="hm") + DONE)
    assert parser.done
    assert parser.completion().message.content is None


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_inline_reasoning(size: int) -> None:
    content = "<think>\nhm < 2\n</think>\n\nYes </think> <think>."
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    chunks, parser = run(b"".join(map(say, pieces)) + STOP)
    completion = parser.completion()
    assert completion.reasoning == "".join(c.reasoning or "" for c in chunks) == "hm < 2"
    assert completion.text == text(chunks) == "Yes </think> <think>."
    assert parser.done


def test_inline_reasoning_of_another_choice() -> None:
    stream = say("a", index=0, finish="stop") + say("<think>hm</think>b", index=1, finish="stop")
    first, second = run(stream)[1].completion().choices
    assert (first.message.content, first.message.reasoning) == ("a", None)
    assert (second.message.content, second.message.reasoning) == ("b", "hm")


@pytest.mark.parametrize("end", [STOP, DONE, b""])
def test_held_text_is_given_at_the_end(end: bytes) -> None:
    chunks, parser = run(say("<thi") + end)
    assert text(chunks) == parser.completion().text == "<thi"
    chunks, parser = run(say("<think>hm</thi") + end)
    assert "".join(c.reasoning or "" for c in chunks) == "hm</thi"
    assert parser.completion().reasoning == "hm</thi"


def test_partial_answer_has_the_held_text() -> None:
    parser = ChatStreamParser(headers=SSE)
    parser.feed(say("<thi"))
    assert parser.completion().text == "<thi"
    assert text(parser.feed(say("s"))) == "<this"


def test_prompt_that_opened_the_reasoning() -> None:
    chunks, parser = run(say("hm</think>Yes", finish="stop"), thinking=True)
    assert (parser.completion().reasoning, parser.completion().text) == ("hm", "Yes")
    assert text(chunks) == "Yes"


def test_opening_tag_that_nobody_told_of() -> None:
    completion = run(say("hm") + say("\n</think>\n") + say("Yes", finish="stop"))[1].completion()
    assert (completion.reasoning, completion.text) == ("hm", "Yes")


# Errors --------------------------------------------------------------------------------------


def error(message: Any = "no", **fields: Any) -> bytes:
    return event({"error": {"message": message, **fields}})


def broken_choice(code: int) -> bytes:
    choice = chunk(finish="error")["choices"][0]
    return event({"choices": [{**choice, "error": {"code": code, "message": "no"}}]})


ERRORS: list[tuple[bytes, type[errors.HFIError]]] = [
    # TGI: always 422, whatever the cause; then [DONE].
    (error(http_status_code=422) + DONE, errors.BadRequestError),
    (b'data:{"error":"no","error_type":"overloaded"}\n\n', errors.APIStatusError),
    # vLLM, whose dead engine says [DONE] too.
    (error(type="BadRequestError", code=400) + DONE, errors.BadRequestError),
    (error(type="InternalServerError", param=None, code=500) + DONE, errors.ServerError),
    # llama.cpp, now and before September 2025.
    (error(type="server_error", code=500), errors.ServerError),
    (b'error: {"code":500,"message":"no","type":"server_error"}\n\n' + DONE, errors.ServerError),
    (b"error: no\n\n", errors.APIStatusError),
    # transformers: JSON made by hand.
    (event({"error": "no"}), errors.APIStatusError),
    (b'data: {"error": "no.\nContent: \'\n{city}\'\nError: line 2"}\n\n', errors.APIStatusError),
    (b'data: {"error": "no.\n\ndata: gone"}\n\n', errors.APIStatusError),
    # OpenRouter.
    (event({**chunk(""), "error": {"code": 429, "message": "no"}}), errors.RateLimitError),
    (broken_choice(502), errors.ServerError),
    # Others.
    (event({"message": "no", "code": 503, "type": "unavailable"}), errors.APIStatusError),
    (event({"detail": "no"}), errors.APIStatusError),
    (event({"object": "error", "message": "no", "code": 400}), errors.BadRequestError),
    (event([{"error": {"code": 400, "message": "no"}}]), errors.BadRequestError),
    (event({"error": ["no", "never"]}), errors.APIStatusError),
    (b"event: error\n" + event({"status_code": 400, "message": "no"}), errors.BadRequestError),
    (b"event: error\ndata: no\n\n", errors.APIStatusError),
    (b"event: error\n" + error(code="tool_use_failed", status_code=400), errors.BadRequestError),
]


@pytest.mark.parametrize(("stream", "kind"), ERRORS)
def test_error_before_content(stream: bytes, kind: type[errors.HFIError]) -> None:
    for before in (b"", b": ping\n\n", say("", role="assistant")):
        chunks, parser = run(before + stream)
        assert isinstance(parser.error, kind)
        assert not isinstance(parser.error, errors.StreamError)
        assert "no" in str(parser.error)
        assert not parser.started
        assert not parser.done
        assert text(chunks) == ""


@pytest.mark.parametrize(("stream", "kind"), ERRORS)
def test_error_after_content(stream: bytes, kind: type[errors.HFIError]) -> None:
    for before in (HELLO, HELLO + STOP):
        chunks, parser = run(before + stream + HELLO)
        assert isinstance(parser.error, errors.GenerationError)
        assert isinstance(parser.error.__cause__, kind)
        assert parser.error.partial.text == text(chunks) == "Hello"
        assert not parser.done
        assert parser.feed(HELLO) == parser.close() == []
        assert pickle.loads(pickle.dumps(parser.error)).partial == parser.error.partial


@pytest.mark.parametrize(("stream", "kind"), ERRORS)
def test_error_cut_off_by_the_end(stream: bytes, kind: type[errors.HFIError]) -> None:
    first = stream.split(b"\n\n")[0]
    _, parser = run(HELLO + first)
    assert isinstance(parser.error, errors.GenerationError)
    assert isinstance(parser.error.__cause__, kind)


def test_finish_reason_error() -> None:
    _, parser = run(HELLO + say(finish="error") + DONE)
    assert isinstance(parser.error, errors.GenerationError)
    assert parser.error.partial.text == "Hello"


def test_the_word_error_in_an_answer_is_no_error() -> None:
    words = ['{"error": "x"}', '"error"', "error: x", "event: error"]
    chunks, parser = run(b"".join(map(say, words)) + STOP)
    assert parser.error is None
    assert text(chunks) == "".join(words)


@pytest.mark.parametrize(
    "junk", [b"data: {cut\n\n", b"data: 12\n\n", b"data: [1]\n\n", b"data: x\n\n"]
)
def test_event_that_is_no_chunk(junk: bytes) -> None:
    chunks, parser = run(HELLO + junk + STOP)
    assert isinstance(parser.error, errors.ResponseError)
    assert text(chunks) == parser.completion().text == "Hello"


def test_event_nested_too_deeply() -> None:
    deep = b'data: {"choices": [], "x": ' + b"[" * 100_000 + b"\n\n"
    assert isinstance(run(HELLO + deep)[1].error, errors.LimitExceededError)


def test_event_too_large() -> None:
    chunks, parser = run(HELLO + say("x" * 1000) + STOP, max_size=500)
    assert isinstance(parser.error, errors.LimitExceededError)
    assert text(chunks) == "Hello"


# What is no stream ---------------------------------------------------------------------------

JSON = {"content-type": "application/json"}
BODY: dict[str, Any] = {
    "id": "c",
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "eos_token",
            "message": {
                "role": "assistant",
                "content": "<think>hm</think>Hello",
                "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": {"x": 1}}}],
            },
        }
    ],
    "usage": {"total_tokens": 3},
}


@pytest.mark.parametrize("headers", [JSON, SSE, {}, {"Content-Type": "text/plain"}])
def test_json_where_a_stream_was_asked(headers: dict[str, str]) -> None:
    body = b" \n" + json.dumps(BODY, indent=1).encode()
    (chunk,), parser = run(body[:9], body[9:], headers=headers)
    assert parser.done
    assert parser.started
    assert (chunk.text, chunk.reasoning, chunk.finish_reason) == ("Hello", "hm", "stop")
    assert chunk.tool_calls[0].arguments == '{"x": 1}'
    assert chunk.usage is not None
    completion = parser.completion()
    assert (completion.text, completion.reasoning) == ("Hello", "hm")
    assert completion.raw == chunk.raw == BODY


@pytest.mark.parametrize("headers", [JSON, SSE])
def test_json_error_where_a_stream_was_asked(headers: dict[str, str]) -> None:
    body = json.dumps({"error": {"message": "no", "code": 429}}).encode()
    _, parser = run(body, headers=headers)
    assert isinstance(parser.error, errors.RateLimitError)


def test_stream_under_a_wrong_type() -> None:
    for kind in ("application/json", "text/plain", "application/octet-stream"):
        for start in (b": ping\n\n", b"", b"event: message\n", b"\xef\xbb\xbf", b"\r\n"):
            chunks, parser = run(start + HELLO + STOP, headers={"content-type": kind})
            assert parser.error is None
            assert text(chunks) == "Hello"


def test_cut_json_is_a_cut_and_not_nonsense() -> None:
    odd = {"n": [1.5e-7, -2, True, None], "t": "\\ \u2028 \n"}
    body = json.dumps({**odd, **BODY}).encode()
    for end in range(1, len(body)):
        error = run(body[:end], headers=JSON)[1].error
        assert isinstance(error, errors.StreamInterruptedError), body[:end]
    for nonsense in (b'{"a": 1}}', b"{'a': 1}", b'{"a": x', b"{1: 2}"):
        error = run(nonsense, headers=JSON)[1].error
        assert isinstance(error, errors.ResponseError), nonsense


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><html><title>Sign in</title>", "text/html"),
        (b"<html>", "text/event-stream"),
        (b"Bad gateway", "text/plain"),
        (b"dat", "text/plain"),
        (b"Bad gateway", "application/json"),
        (b'"text"', "application/json"),
        (b"{}", "application/json"),
        (b"x" * 100_000, "text/plain"),
    ],
)
def test_neither_stream_nor_completion(body: bytes, kind: str) -> None:
    chunks, parser = run(body, headers={"content-type": kind})
    assert chunks == []
    assert isinstance(parser.error, errors.ResponseError)
    assert parser.error.body == body.decode()[:500]
    assert "html" not in str(parser.error).lower() or "an HTML page" in str(parser.error)


def test_body_that_never_ends() -> None:
    parser = ChatStreamParser(headers={"content-type": "text/html"})
    for _ in range(100):
        parser.feed(b"<p>" * 100)
        if parser.error is not None:
            break
    assert isinstance(parser.error, errors.ResponseError)
    parser = ChatStreamParser(headers=JSON, max_size=1000)
    parser.feed(b"[" + b"1," * 1000)
    assert isinstance(parser.error, errors.LimitExceededError)


# Any split -----------------------------------------------------------------------------------

PIECES = [
    HELLO,
    STOP,
    DONE,
    b": ping\n\n",
    b"\r\n",
    b'{"error": "no"}',
    b"error: no\n\n",
    b"data: {cut\n\n",
    b'data: {"error": "no\nway"}\n\n',
    b"\xef\xbb\xbf",
    say("<think>hm</th") + say("ink>\n\nYes"),
    say("ö\u2028", index=1, reasoning="hm"),
    call('{"x": 1}', id="t"),
    event({"choices": [], "usage": {"total_tokens": 3}}),
    json.dumps(BODY).encode(),
    b"<html>",
    b"x" * 300,
]


def outcome(pieces: list[bytes], headers: dict[str, str]) -> tuple[Any, ...]:
    chunks, parser = run(*pieces, headers=headers, max_size=2000)
    error, cause = parser.error, getattr(parser.error, "__cause__", None)
    return (
        chunks,
        [chunk.raw for chunk in chunks],
        (type(error), str(error), type(cause), getattr(error, "body", None)),
        parser.done,
        parser.completion(),
    )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join),
    st.lists(st.integers(0, 2000), max_size=12),
    st.sampled_from([SSE, JSON, {}, {"content-type": "text/plain"}, {"content-type": "text/html"}]),
)
def test_any_split_gives_the_same(stream: bytes, cuts: list[int], headers: dict[str, str]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole = outcome([stream], headers)
    assert outcome([stream[a:b] for a, b in pairwise(edges)], headers) == whole
    assert outcome([stream[i : i + 1] for i in range(len(stream))], headers) == whole
    assert whole[3] or whole[2][0] is not type(None), "neither done nor an error"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=20) | st.sampled_from(PIECES), max_size=8).map(b"".join))
def test_any_bytes_end_in_an_answer_or_an_error_of_ours(stream: bytes) -> None:
    for headers in (SSE, JSON, {}):
        _, parser = run(stream, headers=headers)
        assert parser.done or isinstance(parser.error, errors.HFIError)
        assert isinstance(parser.completion(), ChatCompletion)
        parser.completion().text.encode()
