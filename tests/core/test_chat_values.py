"""The values a chat gives."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from hfi._core.incoming.decode import Decoder
from hfi._core.incoming.parse import chat_completion
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.request import Response
from hfi.errors import ResponseError
from hfi.types.chat import (
    AssistantMessage,
    ChatChunk,
    ChatCompletion,
    Choice,
    ChunkChoice,
    Delta,
    FunctionCall,
    ToolCall,
)
from hfi.types.meta import CallMeta

BODY = b"""{"id": "c1", "object": "chat.completion", "created": 5, "model": "m", "odd": {"a": [1]},
"system_fingerprint": "fp", "choices": [{"index": 0, "finish_reason": "tool_calls", "message":
{"role": "assistant", "content": "Hi", "reasoning": "hm", "tool_calls": [{"id": "t", "type":
"function", "function": {"name": "f", "arguments": "{\\"x\\": 1}"}}]}, "logprobs": {"content":
[{"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": [{"token": "Ho", "logprob":
-1}]}]}}], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": 0.1,
"prompt_tokens_details": {"cached_tokens": 1}}}"""


def completion() -> ChatCompletion:
    headers = {"x-request-id": "r1", "x-inference-provider": "p"}
    return chat_completion(Response(status_code=200, headers=headers, content=BODY))


def chunk() -> ChatChunk:
    data = b'data: {"id": "c1", "choices": [{"delta": {"content": "Hi"}}], "odd": 1}\n\n'
    return ChatStreamParser().feed(data)[0]


def test_completion() -> None:
    value = completion()
    assert str(value) == value.text == "Hi"
    assert value.reasoning == "hm"
    assert value.choices[0].message.content == "Hi"
    assert value.message.tool_calls == value.tool_calls
    assert value.tool_calls[0].function.arguments == '{"x": 1}'
    assert value.finish_reason == "tool_calls"
    assert (value.id, value.model, value.created) == ("c1", "m", 5)
    assert value.system_fingerprint == "fp"
    assert value.provider == "p"
    assert value.request_id == "r1"
    assert value.raw is not None
    assert value.raw["odd"] == {"a": [1]}
    assert value.raw is value.raw
    assert value.usage is not None
    assert value.usage.total_tokens == 3
    assert value.usage.prompt_tokens_details == {"cached_tokens": 1}
    assert value.usage.raw is not None
    assert value.usage.raw["cost"] == 0.1
    assert value.logprobs is not None
    assert value.logprobs.content is not None
    (token,) = value.logprobs.content
    assert (token.token, token.logprob, token.bytes) == ("Hi", -0.5, (72, 105))
    assert token.top_logprobs[0].token == "Ho"
    assert value.meta.status_code == 200


def test_with_meta_keeps_the_rest() -> None:
    meta = CallMeta(attempts=3, headers={"x-request-id": "r2"})
    value = completion().with_meta(meta)
    assert value.meta is meta
    assert value.request_id == "r2"
    assert value.provider == "p"
    assert value.raw == completion().raw
    assert value.with_meta(meta, provider="q").provider == "q"


def test_chunk() -> None:
    value = chunk()
    assert str(value) == value.text == value.choices[0].delta.content == "Hi"
    assert value.reasoning is None
    assert value.tool_calls == ()
    assert value.finish_reason is None
    assert value.logprobs is None
    assert value.raw == {"id": "c1", "choices": [{"delta": {"content": "Hi"}}], "odd": 1}


def test_properties_are_about_choice_0() -> None:
    other = ChunkChoice(index=1, delta=Delta(content="no"), finish_reason="stop")
    value = ChatChunk(choices=(other,))
    assert (value.text, value.finish_reason, value.tool_calls) == ("", None, ())
    both = ChatChunk(choices=(other, ChunkChoice(delta=Delta(content="yes"))))
    assert both.text == "yes"
    choices = (
        Choice(index=1, message=AssistantMessage(content="no")),
        Choice(index=0, message=AssistantMessage(content="yes")),
    )
    assert ChatCompletion(choices=choices).text == "yes"


def test_empty_values() -> None:
    assert ChatChunk().text == str(ChatChunk()) == ""
    value = ChatCompletion()
    assert value.text == str(value) == ""
    assert value.message == AssistantMessage()
    assert (value.raw, value.usage, value.finish_reason, value.tool_calls) == (None, None, None, ())


@pytest.mark.parametrize("make", [completion, chunk])
def test_pickles_copies_and_compares(make: Any) -> None:
    value = make()
    for other in (
        pickle.loads(pickle.dumps(value)),
        copy.copy(value),
        copy.deepcopy(value),
        make(),
    ):
        assert other == value
        assert other.raw == value.raw
    assert value != attrs.evolve(value, id="other")
    read_before = make()
    assert read_before.raw
    assert pickle.loads(pickle.dumps(read_before)).raw == value.raw


def test_frozen() -> None:
    values: list[Any] = [completion(), chunk(), completion().message, completion().choices[0]]
    for value in values:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            value.index = 3


def test_repr_is_short() -> None:
    assert repr(chunk()) == "ChatChunk(text='Hi')"
    shown = repr(completion())
    assert shown.startswith(
        "ChatCompletion(text='Hi', finish_reason='tool_calls', reasoning='hm', "
    )
    long = AssistantMessage(content="x" * 100_000, reasoning="y" * 100_000)
    value = ChatCompletion(choices=(Choice(message=long),))
    assert len(repr(value)) < 500
    assert len(repr(value.choices)) < 500
    assert "Authorization" not in repr(
        value.with_meta(CallMeta(headers={"Authorization": "Bearer hf_secret"}))
    )


def test_sending_back() -> None:
    message = completion().message
    call = {"id": "t", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    assert message.to_dict() == {"role": "assistant", "content": "Hi", "tool_calls": [call]}
    assert message.to_dict(reasoning="reasoning_content")["reasoning_content"] == "hm"
    # Null content belongs beside calls only.
    alone = AssistantMessage(tool_calls=(ToolCall(id="t"),))
    assert alone.to_dict()["content"] is None
    assert AssistantMessage().to_dict() == {"role": "assistant", "content": ""}
    assert "id" not in ToolCall().to_dict()


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        ("  ", {}),
        ("{}", {}),
        ('{"x": [1, null]}', {"x": [1, None]}),
        ('{"x": NaN}', None),
    ],
)
def test_arguments(text: str, arguments: dict[str, Any] | None) -> None:
    call = ToolCall(function=FunctionCall(name="f", arguments=text))
    if arguments is not None:
        assert call.parse_arguments() == arguments
    else:
        assert list(call.parse_arguments()) == ["x"]
    assert (call.name, call.arguments) == ("f", text)


@pytest.mark.parametrize(
    "text", ["[1]", "null", '"x"', "{", "x: 1", "{'x': 1}", "\ud800", "[" * 99_999]
)
def test_arguments_that_are_no_object(text: str) -> None:
    call = ToolCall(function=FunctionCall(name="weather", arguments=text))
    with pytest.raises(ResponseError) as caught:
        call.parse_arguments()
    assert len(str(caught.value)) < 600


def test_raw_is_tolerant() -> None:
    value = Decoder(ChatChunk)(b'{"id": "c"}')
    assert value.raw is None  # the parser sets the source; there is none here
    data = b'data: {"choices": [{"delta": {"content": "a\\ud800"}}], "n": NaN}\n\n'
    (sloppy,) = ChatStreamParser().feed(data)
    assert sloppy.text == "a\ufffd"
    assert sloppy.raw is not None
    assert sloppy.raw["n"] != sloppy.raw["n"]
