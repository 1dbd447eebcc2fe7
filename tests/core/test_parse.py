"""Whole chat replies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi import errors
from hfi._core.incoming.parse import chat_completion
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.request import Credential, Request, Response
from hfi.types.chat import ChatCompletion

REQUEST = Request(url="https://host/v1/chat/completions", model="org/m", provider="groq")


def parse(body: Any, **fields: Any) -> ChatCompletion:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status_code=200, content=content, **fields)
    return chat_completion(response, REQUEST)


def reply(*messages: dict[str, Any], **choice: Any) -> dict[str, Any]:
    choices = [{"index": i, "message": m, **choice} for i, m in enumerate(messages)]
    return {"id": "c", "choices": choices}


def test_provider() -> None:
    hello = reply({"content": "Hello"})
    assert parse(hello).provider == "groq"
    assert parse(hello, headers={"x-inference-provider": "novita"}).provider == "novita"
    response = Response(status_code=200, content=json.dumps({**hello, "provider": "P"}).encode())
    assert chat_completion(response).provider == "P"  # OpenRouter says it in the body


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "Hello"}, "Hello", None),
        ({"role": "assistant", "content": None}, "", None),
        ({}, "", None),
        ({"content": "Hello", "reasoning": "hm"}, "Hello", "hm"),
        ({"content": "Hello", "reasoning_content": "hm"}, "Hello", "hm"),
        ({"content": "Hello", "thinking": "hm"}, "Hello", "hm"),
        ({"content": "Hello", "reasoning": "hm", "reasoning_content": "hm"}, "Hello", "hm"),
        ({"content": None, "reasoning": "hm"}, "", "hm"),
        ({"content": "<think>hm</think>\n\nHello", "reasoning": None}, "Hello", "hm"),
        ({"content": "<think>x</think>Hello", "reasoning": "hm"}, "<think>x</think>Hello", "hm"),
        ({"content": "hm</think>Hello"}, "Hello", "hm"),
        ({"content": "<think>hm"}, "", "hm"),
        ({"content": "the <think> tag"}, "the <think> tag", None),
        ({"content": [{"type": "text", "text": "Hello"}]}, "Hello", None),
    ],
)
def test_text_and_reasoning(message: dict[str, Any], text: str, reasoning: str | None) -> None:
    completion = parse(reply(message))
    assert (completion.text, completion.reasoning) == (text, reasoning)


def test_prompt_that_opened_the_reasoning() -> None:
    response = Response(status_code=200, content=json.dumps(reply({"content": "hm"})).encode())
    assert chat_completion(response, thinking=True).reasoning == "hm"


def test_old_tgi() -> None:
    call = {"id": 0, "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    message = {"role": "assistant", "content": None, "tool_calls": call}
    completion = parse({**reply(message, finish_reason="eos_token"), "object": "text_completion"})
    assert completion.finish_reason == "stop"
    assert [c.to_dict()["id"] for c in completion.tool_calls] == ["0"]
    assert completion.tool_calls[0].parse_arguments() == {"x": 1}


def test_several_choices() -> None:
    body = reply({"content": "a"}, {"content": "b"}, finish_reason="stop")
    assert [c.message.content for c in parse(body).choices] == ["a", "b"]
    for choice in body["choices"]:
        del choice["index"]
    assert [c.index for c in parse(body).choices] == [0, 1]


def test_null_error_is_none() -> None:
    assert parse({**reply({"content": "Hello"}), "error": None}).text == "Hello"
    assert parse(reply({"content": '{"error": "x"}'})).text == '{"error": "x"}'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"message": "no", "code": 429}}, errors.RateLimitError),
        ({"error": {"message": "no", "code": 400}, "user_id": "u"}, errors.BadRequestError),
        ({"error": "no"}, errors.APIStatusError),
        ({"message": "no"}, errors.APIStatusError),
        ({"detail": "no"}, errors.APIStatusError),
        ({"object": "error", "message": "no", "code": 404}, errors.ModelNotFoundError),
        ([{"error": {"code": 400, "message": "no"}}], errors.BadRequestError),
        ({**reply({"content": "x"}), "error": {"code": 502, "message": "no"}}, errors.ServerError),
        (
            reply({"content": "x"}, finish_reason="error", error={"code": 502, "message": "no"}),
            errors.ServerError,
        ),
    ],
)
def test_error_in_a_200(body: Any, kind: type[errors.HFIError]) -> None:
    with pytest.raises(kind, match="no"):
        parse(body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<!DOCTYPE html><html>secret", "an HTML page"),
        (b"Bad gateway", "no JSON"),
        (b'{"choices": [', "no JSON"),
        (b"{}", "no choices"),
        (b'{"choices": null}', "no choices"),
        (b'{"data": [1]}', "no choices"),
        (b"null", "no object"),
        (b"[]", "no object"),
    ],
)
def test_no_completion(body: bytes, says: str) -> None:
    with pytest.raises(errors.ResponseError, match=says) as caught:
        parse(body, headers={"content-type": "application/json"})
    assert caught.value.body == body.decode()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"<html>tok-123 hf_abcdefgh", b'["tok-123 hf_abcdefgh"]'])
def test_errors_show_no_token(content: bytes) -> None:
    credential = Credential(value="tok-123", source="argument")
    request = Request(url="https://host/v1/chat/completions", credential=credential)
    parser = ChatStreamParser(request, headers={"content-type": "text/html"})
    parser.feed(content)
    parser.close()
    with pytest.raises(errors.ResponseError) as caught:
        chat_completion(Response(status_code=200, content=content), request)
    for error in (caught.value, parser.error):
        assert isinstance(error, errors.ResponseError)
        shown = f"{error} {error.body} {error!r}"
        assert "tok-123" not in shown
        assert "abcdefgh" not in shown


def test_too_deep() -> None:
    with pytest.raises(errors.LimitExceededError):
        parse(b'{"choices": [], "x": ' + b"[" * 100_000)


def test_stream_where_json_was_asked() -> None:
    body = b'data: {"choices": [{"delta": {"content": "Hello"}}]}\n\n'
    for headers in ({"content-type": "text/event-stream"}, {"content-type": "application/json"}):
        assert parse(body + b"data: [DONE]\n\n", headers=headers).text == "Hello"
        with pytest.raises(errors.StreamInterruptedError) as caught:
            parse(body, headers=headers)
        assert caught.value.partial.text == "Hello"
        with pytest.raises(errors.RateLimitError):
            parse(b'data: {"error": {"code": 429, "message": "no"}}\n\n', headers=headers)


PIECES = st.sampled_from(["hm", "<think>", "</think>", "\n", "Hello", "<", "`"])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=8))
def test_whole_and_stream_agree(pieces: list[str]) -> None:
    whole = parse(reply({"content": "".join(pieces)}, finish_reason="stop"))
    deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    deltas.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    stream = b"".join(b"data: " + json.dumps(delta).encode() + b"\n\n" for delta in deltas)
    streamed = parse(stream, headers={"content-type": "text/event-stream"})
    assert (streamed.text, streamed.reasoning) == (whole.text, whole.reasoning)
    assert streamed.finish_reason == whole.finish_reason


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,choicesmessagenull01 ', max_size=60))
def test_any_body_is_a_completion_or_an_error_of_ours(body: bytes | str) -> None:
    content = body.encode() if isinstance(body, str) else body
    try:
        completion = parse(content)
    except errors.HFIError:
        return
    assert isinstance(completion, ChatCompletion)
