"""Messages in every form people hold them, as the wire has them."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.outgoing.media import parse_data_url
from hfi._core.outgoing.messages import file_paths, has_media, wire_messages
from hfi.errors import ConfigurationError
from hfi.types.message import Message

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
PNG_URL = "data:image/png;base64,"
WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(20)


def user(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


def parts_of(*parts: Any, files: Mapping[str, bytes] | None = None) -> list[dict[str, Any]]:
    (message,) = wire_messages(user(*parts), files=files)
    content: list[dict[str, Any]] = message["content"]
    return content


class Thought:
    """As the message of a reply: knows its wire form, and its reasoning apart from it."""

    reasoning = "Hm."

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def to_dict(self) -> dict[str, Any]:
        return self.fields


class Reply:
    """As a whole completion."""

    def __init__(self, message: Any) -> None:
        self.message = message


def test_a_string_is_one_user_turn() -> None:
    assert wire_messages("Hi") == [{"role": "user", "content": "Hi"}]
    assert wire_messages("") == [{"role": "user", "content": ""}]


def test_dicts_pass_with_their_unknown_keys_and_nulls_that_matter() -> None:
    messages = [
        {"role": "developer", "content": "Be brief.", "cache_control": {"ttl": None}},
        {"role": "user", "content": "Weather?", "name": "Ann", "custom": None},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "1",
                    "type": "function",
                    "function": {"name": "f", "arguments": "{}"},
                    "index": 0,
                }
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "21 C"},
    ]
    assert wire_messages(messages) == messages


def test_nulls_that_mean_absent_are_left_out() -> None:
    dumped = {
        "role": "assistant",
        "content": "Hello",
        "refusal": None,
        "audio": None,
        "function_call": None,
        "tool_calls": None,
        "name": None,
        "reasoning_content": None,
    }
    assert wire_messages([dumped]) == [{"role": "assistant", "content": "Hello"}]


def test_an_empty_list_of_calls_is_left_out() -> None:
    assert wire_messages([{"role": "assistant", "content": "x", "tool_calls": []}]) == [
        {"role": "assistant", "content": "x"}
    ]


def test_an_assistant_may_have_no_content() -> None:
    assert wire_messages([{"role": "assistant", "content": None}]) == [
        {"role": "assistant", "content": None}
    ]
    assert wire_messages([{"role": "assistant", "audio": {"id": "a"}}]) == [
        {"role": "assistant", "audio": {"id": "a"}}
    ]


def test_message_values() -> None:
    assert wire_messages(
        (
            Message("system", "Be brief."),
            Message("user", ["Look", PNG]),
            Message("assistant", "Yes.", reasoning="A dot."),
            Message("tool", {"t": 21}, tool_call_id="1", name="f"),
        )
    ) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": parts_of("Look", PNG)},
        {"role": "assistant", "content": "Yes.", "reasoning": "A dot."},
        {"role": "tool", "content": '{"t":21}', "name": "f", "tool_call_id": "1"},
    ]


def test_a_reply_can_be_put_in_the_list() -> None:
    message = Thought(role="assistant", content="Hello", refusal=None)
    wire = [{"role": "assistant", "content": "Hello"}]
    assert wire_messages([message]) == wire
    assert wire_messages([Reply(message)]) == wire


def test_the_reasoning_of_a_reply_goes_back_on_request() -> None:
    message = Thought(role="assistant", content="Hello", reasoning_content="Hm.")
    assert "reasoning_content" not in wire_messages([message])[0]
    assert wire_messages([Reply(message)], reasoning="reasoning_content") == [
        {"role": "assistant", "content": "Hello", "reasoning_content": "Hm."}
    ]
    own = Message("assistant", "Hello", reasoning="Hm.")
    assert wire_messages([own], reasoning="thinking") == [
        {"role": "assistant", "content": "Hello", "thinking": "Hm."}
    ]


def test_replies_of_hfi_itself() -> None:
    chat = pytest.importorskip("hfi.types.chat")
    call = chat.ToolCall(id="1", function=chat.FunctionCall(name="f", arguments='{"a":1}'))
    message = chat.AssistantMessage(content=None, tool_calls=(call,), reasoning="Hm.")
    completion = chat.ChatCompletion(choices=(chat.Choice(message=message),))
    wire = [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
            ],
        }
    ]
    assert wire_messages([completion]) == wire
    assert wire_messages([message]) == wire
    assert wire_messages([Message("assistant", None, tool_calls=message.tool_calls)]) == wire


def test_system_goes_first() -> None:
    assert wire_messages("Hi", system="Be brief.") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]
    with pytest.raises(ConfigurationError, match="Both system= and a system message"):
        wire_messages([{"role": "system", "content": "x"}], system="y")
    with pytest.raises(ConfigurationError, match="system must be text"):
        wire_messages("Hi", system=3)  # type: ignore[arg-type]


def test_arguments_that_are_objects_become_text() -> None:
    def sent(arguments: Any) -> Any:
        call = {"id": "1", "function": {"name": "f", "arguments": arguments}}
        (message,) = wire_messages([{"role": "assistant", "content": None, "tool_calls": [call]}])
        (wire,) = message["tool_calls"]
        assert wire["type"] == "function"
        return wire["function"]["arguments"]

    assert sent({"city": "Zürich", "n": None}) == '{"city":"Zürich","n":null}'
    assert sent('{"city": "Paris"}') == '{"city": "Paris"}'
    assert sent(None) == "{}"
    with pytest.raises(
        ConfigurationError, match=r"messages\[0\]\.tool_calls\[0\]\.function\.arguments\.x is nan"
    ):
        sent({"x": float("nan")})


def test_calls_of_another_shape_pass() -> None:
    call = {"id": "1", "type": "custom", "custom": {"name": "f", "input": "x"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    assert wire_messages([message]) == [message]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"t": 21.5}, '{"t":21.5}'),
        ([1, "a"], '[1,"a"]'),
        (["a", "b"], '["a","b"]'),
        ([], "[]"),
        ([{"type": "Point", "x": 1}], '[{"type":"Point","x":1}]'),
        (3, "3"),
        (None, "null"),
        (True, "true"),
    ],
)
def test_results_of_tools_become_text(result: Any, text: str) -> None:
    (message,) = wire_messages([{"role": "tool", "content": result, "tool_call_id": "1"}])
    assert message["content"] == text


def test_a_tool_may_answer_in_parts() -> None:
    parts = [{"type": "text", "text": "Here"}, "and", {"type": "image", "image": PNG}, PNG]
    (message,) = wire_messages([{"role": "tool", "content": parts}])
    assert [part["type"] for part in message["content"]] == [
        *("text", "text"),
        *("image_url", "image_url"),
    ]


def test_strings_among_parts_are_text() -> None:
    assert parts_of("a", {"type": "text", "text": "b", "cache_control": None}) == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b", "cache_control": None},
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "https://x.org/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "file:///a.png"}},
        {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
        {"type": "input_audio", "input_audio": {"url": "https://x.org/a.wav"}},
        {"type": "video_url", "video_url": {"url": "https://x.org/a.mp4"}},
        {"type": "anything", "else": None},
    ],
)
def test_parts_in_the_wire_form_pass(part: dict[str, Any]) -> None:
    assert parts_of(part) == [part]
    assert file_paths(user(part)) == []


@pytest.mark.parametrize("url", ["https://x.org/a b.png", "HTTP://X.ORG/", PNG_URL + "AAAA"])
def test_urls(url: str) -> None:
    wire = [{"type": "image_url", "image_url": {"url": url}}]
    assert parts_of({"type": "image", "image": url}) == wire
    assert parts_of({"type": "image_url", "image_url": url}) == wire
    assert not has_media(user({"type": "image", "image": url}))


def decoded(part: dict[str, Any]) -> tuple[str, bytes]:
    assert part["type"] == "image_url"
    parsed = parse_data_url(part["image_url"]["url"])
    assert parsed
    return parsed


@pytest.mark.parametrize(
    "source",
    [PNG, bytearray(PNG), memoryview(PNG), io.BytesIO(PNG), pathlib.PurePosixPath("a/b.png")],
)
def test_images_by_many_means(source: Any) -> None:
    files = {"a/b.png": PNG}
    for part in (
        source,
        {"type": "image", "image": source},
        {"type": "image_url", "image_url": source},
        {"type": "image_url", "image_url": {"url": source}},
    ):
        (wire,) = parts_of(part, files=files)
        assert decoded(wire) == ("image/png", PNG)
        assert has_media(user(part))


def test_detail_is_kept() -> None:
    (part,) = parts_of({"type": "image", "image": PNG, "detail": "low", "x": 1})
    assert part["image_url"]["detail"] == "low"
    assert part["x"] == 1
    (part,) = parts_of({"type": "image_url", "image_url": {"url": PNG, "detail": "low"}})
    assert part["image_url"]["detail"] == "low"


def test_a_string_in_an_image_slot_is_a_path() -> None:
    part = {"type": "image", "image": "cat.png"}
    assert file_paths(user(part)) == ["cat.png"]
    (wire,) = parts_of(part, files={"cat.png": PNG})
    assert decoded(wire)[1] == PNG


def test_a_string_in_the_wire_form_is_never_read_from_disk() -> None:
    parts = [
        {"type": "image_url", "image_url": "/etc/passwd"},
        {"type": "image_url", "image_url": {"url": "/etc/passwd"}},
        {"type": "input_audio", "input_audio": {"data": "/etc/passwd", "format": "wav"}},
    ]
    assert file_paths(user(*parts)) == []


def test_file_paths_names_each_once_in_order() -> None:
    class Odd:
        def __fspath__(self) -> bytes:
            return b"odd"

    messages = [
        *user("text", pathlib.PurePosixPath("b.png"), {"type": "image", "image": "a.png"}),
        Message("user", [pathlib.PurePosixPath("b.png"), Odd(), PNG, io.BytesIO(PNG)]),
        {"role": "user", "content": "text"},
        {"role": "tool", "content": {"a": 1}},
    ]
    assert file_paths(messages) == ["b.png", "a.png", "odd"]
    assert file_paths("cat.png") == []


def test_sound() -> None:
    wire = {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}
    for part in (WAV, {"type": "input_audio", "input_audio": WAV}):
        (found,) = parts_of(part)
        assert found["input_audio"]["format"] == "wav"
        assert found["input_audio"]["data"].startswith(wire["input_audio"]["data"])  # type: ignore[index]
    given_format = {"type": "input_audio", "input_audio": {"data": WAV, "format": "pcm16"}}
    assert parts_of(given_format)[0]["input_audio"]["format"] == "pcm16"


def test_a_file_is_read_from_where_it_stands_and_put_back() -> None:
    file = io.BytesIO(b"skip" + PNG)
    file.seek(4)
    for _ in range(2):
        (part,) = parts_of(file)
        assert decoded(part)[1] == PNG
        assert file.tell() == 4


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_pil_images_keep_their_mode(mode: str) -> None:
    pil = pytest.importorskip("PIL.Image")
    (part,) = parts_of(pil.new(mode, (3, 2)))
    kind, data = decoded(part)
    assert kind == "image/png"
    with pil.open(io.BytesIO(data)) as image:
        assert image.size == (3, 2)
        assert image.mode[0] == mode[0]


@pytest.mark.parametrize(
    "mode", ["CMYK", "YCbCr", "HSV", "LAB", "F", "RGBa", "La", "PA", "I", "I;16B"]
)
def test_pil_images_of_other_modes_are_converted(mode: str) -> None:
    pil = pytest.importorskip("PIL.Image")
    image = pil.new(mode, (3, 2))
    (part,) = parts_of({"type": "image", "image": image})
    with pil.open(io.BytesIO(decoded(part)[1])) as found:
        assert found.size == (3, 2)
    assert image.mode == mode


def test_a_pil_image_with_nothing_in_it() -> None:
    pil = pytest.importorskip("PIL.Image")
    with pytest.raises(ConfigurationError, match=r"\[0\]: the image could not be saved"):
        parts_of(pil.new("RGB", (0, 0)))


def test_a_closed_file() -> None:
    file = io.BytesIO(PNG)
    file.close()
    with pytest.raises(ConfigurationError, match="could not be read"):
        parts_of(file)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (None, "messages must be a string or a list"),
        (b"Hi", "messages must be a string or a list"),
        ({"role": "user", "content": "Hi"}, "messages must be a string or a list"),
        ((m for m in ()), "messages must be a string or a list"),
        (Message("user", "Hi"), "messages must be a string or a list"),
        ([], "messages is empty"),
        (["Hi"], "messages[0] is of type 'str'"),
        ([{"role": "user", "content": "x"}, 3], "messages[1] is of type 'int'"),
        ([{"content": "Hi"}], "messages[0] has no role"),
        ([{"role": 3, "content": "Hi"}], "messages[0] has the role 3"),
        ([{"role": "", "content": "Hi"}], "messages[0] has the role ''"),
        ([{"role": "user"}], "messages[0] (user) has no content"),
        ([{"role": "user", "content": None}], "messages[0] (user) has no content"),
        ([{"role": "user", "content": 3}], "messages[0].content must be text or a list"),
        ([{"role": "user", "content": PNG}], "messages[0].content must be text or a list"),
        ([{"role": "user", "content": {"type": "text"}}], "messages[0].content must be text"),
        (user({"text": "x"}), "messages[0].content[0] has no type"),
        (user("x", 3), "messages[0].content[1] is of type 'int'"),
        (user(None), "messages[0].content[0] is of type 'NoneType'"),
        (user(b"not an image"), "messages[0].content[0]: these bytes are of no known media type"),
        (user(b""), "messages[0].content[0]: these bytes are empty"),
        (user({"type": "image", "image": WAV}), "content[0].image: these bytes are audio/wav"),
        (user({"type": "image"}), "messages[0].content[0] has no image"),
        (user({"type": "input_audio", "input_audio": PNG}), "these bytes are image/png, not sound"),
        (user(io.StringIO("x")), "the file gives 'str', not bytes"),
        (user({"type": "image", "image": "s3://a/b"}), "is no http, https or data URL"),
        (user({"type": "image", "image": "iVBORw0KGgo" * 500}), "is no http, https or data URL"),
        (user({"type": "image", "image": "a.png"}), "the file 'a.png' was not read"),
        ([{"role": "assistant", "tool_calls": "x"}], "messages[0].tool_calls must be a list"),
        ([{"role": "assistant", "tool_calls": [3]}], "messages[0].tool_calls[0] is no tool call"),
        ([{"role": "tool", "content": {1, 2}}], "messages[0].content is of type 'set'"),
    ],
)
def test_what_is_wrong_is_named(messages: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        wire_messages(messages)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


TEXT = st.text(max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PART = st.one_of(
    TEXT,
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}),
    st.fixed_dictionaries({"type": st.just("image"), "image": st.just("https://x.org/a.png")}),
    st.fixed_dictionaries({"type": st.just("image_url"), "image_url": st.just(PNG)}),
)
CALL = st.fixed_dictionaries(
    {"function": st.fixed_dictionaries({"name": TEXT, "arguments": ANYTHING})},
    optional={"id": TEXT, "type": st.just("function")},
)
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "tool"]),
        "content": TEXT | st.lists(PART, max_size=3),
    },
    optional={"name": TEXT | st.none(), "tool_calls": st.lists(CALL, max_size=2), "x": ANYTHING},
)


@given(st.lists(MESSAGE, min_size=1, max_size=4))
@settings(deadline=None, max_examples=150)
def test_the_caller_s_objects_are_never_changed(messages: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(messages)
    wire = wire_messages(messages)
    assert messages == before
    assert len(wire) == len(messages)
    for message, found in zip(messages, wire, strict=True):
        assert found is not message
        assert found["role"] == message["role"]
        assert found.get("x") == message.get("x")
    # A second pass changes nothing: what is in the wire's form stays.
    assert wire_messages(wire) == wire


@given(ANYTHING)
@settings(deadline=None, max_examples=200)
def test_anything_at_all_is_taken_or_refused_with_words(value: Any) -> None:
    for messages in (value, [value], [{"role": "user", "content": value}], user(value)):
        with contextlib.suppress(ConfigurationError):
            assert json.dumps(wire_messages(messages))
