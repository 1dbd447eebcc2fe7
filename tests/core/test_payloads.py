"""Chat bodies: which fields, in which order, in which dialect."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.outgoing.dialects import dialect
from hfi._core.outgoing.payloads import chat_payload, encode, wire_response_format, wire_tools
from hfi.errors import ConfigurationError

HI = [{"role": "user", "content": "Hi"}]
SCHEMA = {
    "type": "object",
    "properties": {"age": {"type": ["integer", "null"], "default": None}},
    "required": ["age"],
}
SPEC = {"name": "person", "description": "A person", "strict": True, "schema": SCHEMA}
TOOL = {
    "type": "function",
    "function": {
        "name": "f",
        "parameters": {"type": "object", "properties": {"x": {"type": "string", "default": None}}},
    },
}


def payload(messages: Any = None, **changes: Any) -> dict[str, Any]:
    call: dict[str, Any] = {"model": "m", "stream": False, "options": {}}
    return chat_payload(HI if messages is None else messages, **{**call, **changes})


def test_the_smallest_body() -> None:
    assert encode(payload()) == b'{"model":"m","messages":[{"role":"user","content":"Hi"}]}'


def test_no_model_leaves_it_to_the_server() -> None:
    assert payload(model=None) == {"messages": HI}


def test_the_order_of_fields() -> None:
    body = payload(
        options={"temperature": 0, "tool_choice": "auto", "max_tokens": 5},
        tools=[TOOL],
        response_format="text",
        stream=True,
        extra_body={"top_k": 3},
    )
    assert list(body) == [
        *("model", "messages", "temperature", "max_tokens", "tools", "tool_choice"),
        *("response_format", "stream", "stream_options", "top_k"),
    ]


def test_options_that_are_none_are_not_sent() -> None:
    body = payload(options={"seed": None, "tool_choice": None, "stream_options": None}, tools=[])
    assert body == {"model": "m", "messages": HI}


def test_a_stream_asks_for_its_usage() -> None:
    assert payload(stream=True)["stream"] is True
    assert payload(stream=True)["stream_options"] == {"include_usage": True}


def test_stream_options_can_be_given_or_left_out() -> None:
    own = {"include_usage": False, "continuous_usage_stats": True}
    assert payload(stream=True, options={"stream_options": own})["stream_options"] == own
    assert "stream_options" not in payload(stream=True, options={"stream_options": {}})
    assert "stream_options" not in payload(stream=True, dialect="fireworks-ai")
    assert payload(stream=True, dialect="fireworks-ai", options={"stream_options": own})[
        "stream_options"
    ]


def test_stream_options_are_not_sent_without_a_stream() -> None:
    assert payload(options={"stream_options": {"include_usage": True}}) == payload()


def test_extra_body_wins_and_keeps_its_nulls() -> None:
    body = payload(
        options={"temperature": 0.5},
        extra_body={"temperature": 1.5, "model": "other", "custom": {"a": 1, "b": None}, "x": None},
    )
    assert body == {
        "model": "other",
        "messages": HI,
        "temperature": 1.5,
        "custom": {"a": 1, "b": None},
        "x": None,
    }
    assert next(iter(body)) == "model"


def test_extra_body_must_be_a_mapping() -> None:
    with pytest.raises(ConfigurationError, match="extra_body must be a mapping"):
        payload(extra_body=[1])


def test_nulls_in_a_schema_are_the_user_s() -> None:
    body = payload(tools=[TOOL], response_format={"type": "json_schema", "json_schema": SPEC})
    sent = json.loads(encode(body))
    assert sent["tools"] == [TOOL]
    assert sent["response_format"]["json_schema"] == SPEC


def test_tools_of_three_kinds() -> None:
    pytest.importorskip("hfi._core.prompts.tools")

    class Tool:
        def to_dict(self) -> dict[str, Any]:
            return {"type": "function", "function": {"name": "t"}}

    def weather(city: str, days: int = 1) -> str:
        """Tells the weather.

        Args:
            city: Where.
            days: How many days ahead.

        Returns:
            A sentence.
        """
        raise AssertionError

    first, second, third = wire_tools([TOOL, Tool(), weather])
    assert first is TOOL
    assert second == {"type": "function", "function": {"name": "t"}}
    function = third["function"]
    assert function["name"] == "weather"
    assert function["description"] == "Tells the weather."
    assert function["parameters"]["properties"]["city"] == {
        "type": "string",
        "description": "Where.",
    }
    assert function["parameters"]["required"] == ["city"]
    assert "return" not in function
    choice = payload(tools=[weather], options={"tool_choice": weather})["tool_choice"]
    assert choice == {"type": "function", "function": {"name": "weather"}}


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        (TOOL, "tools must be a list"),
        ("f", "tools must be a list"),
        ([3], "tools[0] is of type 'int'"),
        ([TOOL, str], "tools[1] is of type 'type'"),
    ],
)
def test_what_is_no_tool_is_named(tools: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        wire_tools(tools)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("f", {"type": "function", "function": {"name": "f"}}),
        ({"type": "allowed_tools"}, {"type": "allowed_tools"}),
    ],
)
def test_tool_choice(choice: Any, sent: Any) -> None:
    assert payload(tools=[TOOL], options={"tool_choice": choice})["tool_choice"] == sent


JSON_SCHEMA = {"type": "json_schema", "json_schema": SPEC}


@pytest.mark.parametrize(
    ("server", "sent"),
    [
        ("openai", JSON_SCHEMA),
        ("a new provider", JSON_SCHEMA),
        ("llama.cpp", JSON_SCHEMA),
        ("together", {"type": "json_schema", "schema": SCHEMA}),
        ("cohere", {"type": "json_object", "schema": SCHEMA}),
        ("fireworks-ai", {"type": "json_object", "schema": SCHEMA}),
        ("hf-inference", {"type": "json_object", "value": SCHEMA}),
        ("tgi", {"type": "json", "value": SCHEMA}),
    ],
)
def test_a_schema_in_every_dialect(server: str, sent: Any) -> None:
    assert payload(response_format=JSON_SCHEMA, dialect=server)["response_format"] == sent
    for other in ({"type": "json_object"}, {"type": "regex", "value": "a+"}, {"type": "text"}):
        assert payload(response_format=other, dialect=server)["response_format"] == other


def test_formats_by_name() -> None:
    assert payload(response_format="json_object")["response_format"] == {"type": "json_object"}
    with pytest.raises(ConfigurationError, match="not 'json'"):
        payload(response_format="json")
    with pytest.raises(ConfigurationError, match="response_format is of type 'int'"):
        payload(response_format=3)


def test_a_bare_schema_is_wrapped() -> None:
    wire = wire_response_format({**SCHEMA, "title": "A person!"}, dialect("openai"))
    assert wire["type"] == "json_schema"
    assert wire["json_schema"]["name"] == "A_person"
    assert wire["json_schema"]["schema"]["properties"] == SCHEMA["properties"]
    assert wire_response_format(SCHEMA, dialect("together")) == {
        "type": "json_schema",
        "schema": SCHEMA,
    }


@dataclasses.dataclass
class Person:
    name: str


def test_a_class_as_format() -> None:
    wire = payload(response_format=Person)["response_format"]
    assert wire["json_schema"]["name"] == "Person"
    assert wire["json_schema"]["strict"] is True
    wire = payload(response_format=Person, dialect="hf-inference")["response_format"]
    assert wire["value"]["properties"] == {"name": {"type": "string"}}


def test_values_that_mean_off_are_not_sent_where_they_are_refused() -> None:
    options = {"top_p": 1.0, "temperature": 0}
    assert "top_p" in payload(options=options)
    assert payload(options=options, dialect="tgi") == {
        "model": "m",
        "messages": HI,
        "temperature": 0,
    }
    assert "top_p" in payload(options={"top_p": 0.9}, dialect="tgi")


def test_empty_content_beside_calls_is_null_where_it_must_be() -> None:
    turn = {"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}
    assert payload([turn])["messages"] == [turn]
    assert payload([turn], dialect="tgi")["messages"] == [{**turn, "content": None}]
    spoken = {**turn, "content": "Let me see."}
    assert payload([spoken], dialect="tgi")["messages"] == [spoken]


HALF = [*HI, {"role": "assistant", "content": "Once"}]


def test_going_on_from_the_last_message() -> None:
    flags = {"add_generation_prompt": False, "continue_final_message": True}
    assert payload(HALF, continue_final_message=True) == payload(HALF) | flags
    for server in ("llama.cpp", "tgi", "hf-inference", "together"):
        assert payload(HALF, continue_final_message=True, dialect=server) == payload(HALF)


@pytest.mark.parametrize("last", [HI, [*HI, {"role": "assistant", "content": None}]])
def test_there_must_be_something_to_go_on_from(last: Any) -> None:
    with pytest.raises(ConfigurationError, match="continue_final_message needs"):
        payload(last, continue_final_message=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "default"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    extra=st.dictionaries(st.sampled_from(["x", "model", "temperature"]), VALUES),
    spec=st.dictionaries(st.sampled_from(["name", "schema"]), VALUES),
    tools=st.lists(st.dictionaries(st.sampled_from(["type", "function"]), VALUES), max_size=2),
    server=st.sampled_from(["openai", "tgi", "together", "cohere", "hf-inference"]),
)
@settings(deadline=None, max_examples=100)
def test_what_is_explained_is_what_is_sent(
    extra: dict[str, Any], spec: dict[str, Any], tools: list[dict[str, Any]], server: str
) -> None:
    given_ = {
        "options": {"temperature": 0.5, "chat_template_kwargs": {"a": None}},
        "tools": tools,
        "response_format": {"type": "json_schema", "json_schema": spec},
        "extra_body": extra,
    }
    before = copy.deepcopy(given_)
    body = payload(stream=True, dialect=server, **given_)
    assert given_ == before
    assert json.loads(encode(body)) == body
    assert body | extra == body
