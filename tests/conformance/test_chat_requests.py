"""Our chat bodies beside what the peers send, and against the published schemas.

The differences from huggingface_hub's bodies are all meant, and are counted here by kind:

- ``stream: false`` is not sent: it is every server's default;
- a stream asks for its usage;
- nulls inside the user's own data (schemas, messages, ``extra_body``) are kept, where
  huggingface_hub strips them, so that a strict schema arrives as it was written;
- without a model's name nothing is sent for it, in place of "dummy";
- ``extra_body`` may name another model, where most of the peer's providers overrule it.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hfi._core.outgoing.messages import wire_messages
from hfi._core.outgoing.options import split_options
from hfi._core.outgoing.payloads import chat_payload, encode
from hfi.types.message import Message
from hfi.types.options import ChatOptions

jsonschema = pytest.importorskip("jsonschema")

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"

if not FIXTURES.is_dir():
    pytest.skip("../shared/fixtures is not there", allow_module_level=True)

SHAPE = ("tools", "response_format")


def records(client: str) -> list[tuple[str, dict[str, Any]]]:
    """The recorded chat calls that sent a body, with their provider."""
    found = []
    for path in sorted((FIXTURES / "requests" / client).glob("*--conversational.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        found += [
            (document["provider"], record)
            for record in document["records"]
            if record["requests"] and "json" in record["requests"][0]
        ]
    return found


def our_body(provider: str, record: dict[str, Any], model: str | None) -> dict[str, Any]:
    """The body hfi sends for a recorded call, the model being the router's or the mapping's."""
    call = record["call"]
    parameters = call["parameters"]
    options, _ = split_options({k: v for k, v in parameters.items() if k not in SHAPE}, ChatOptions)
    body = chat_payload(
        wire_messages(call["inputs"]["messages"]),
        model=model,
        stream=call["stream"],
        options=options,
        tools=parameters.get("tools"),
        response_format=parameters.get("response_format"),
        extra_body=call["extra_body"],
        # The peer takes every server given by URL for TGI.
        dialect="hf-inference" if provider == "endpoint" else provider,
    )
    return json.loads(encode(body))  # type: ignore[no-any-return]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def differences(ours: dict[str, Any], theirs: dict[str, Any], call: dict[str, Any]) -> list[str]:
    """Undoes the meant differences one by one, and names them; the bodies must then be equal."""
    ours, theirs, found = dict(ours), dict(theirs), []
    if theirs.get("stream") is False:
        del theirs["stream"]
        found.append("stream: false")
    if call["stream"] and "stream_options" not in call["parameters"]:
        assert ours.pop("stream_options") == {"include_usage": True}
        found.append("asks for usage")
    if theirs.get("model") != ours.get("model"):
        if "model" in call["extra_body"]:
            assert ours["model"] == call["extra_body"]["model"]
            found.append("extra_body wins")
        else:
            assert "model" not in ours
            found.append("no model")
        ours["model"] = theirs["model"]
    if ours != theirs:
        ours, theirs = without_nulls(ours), without_nulls(theirs)
        found.append("nulls kept")
    assert ours == theirs
    return found


def test_bodies_beside_those_of_huggingface_hub() -> None:
    counts: Counter[str] = Counter()
    compared = records("huggingface_hub")
    for provider, record in compared:
        call, theirs = record["call"], record["requests"][0]["json"]
        model = theirs["model"]
        if "model" in call["extra_body"]:
            model = "the mapping's"
        if call["base_url"] and not call["model"]:
            model = None
        ours = our_body(provider, record, model)
        counts.update(differences(ours, theirs, call))
        assert list(ours)[:1] == (["model"] if model else ["messages"])
    assert len(compared) > 100
    assert set(counts) <= {
        *("stream: false", "asks for usage", "no model", "extra_body wins", "nulls kept")
    }
    assert counts["stream: false"] > 100
    assert counts["nulls kept"] > 20


def test_bodies_beside_those_of_huggingface_js() -> None:
    """It keeps nulls as we do; it respells ``response_format`` for Together alone."""
    compared = 0
    for provider, record in records("huggingface.js"):
        call, theirs = record["call"], record["requests"][0]["json"]
        ours = our_body(provider, record, theirs["model"])
        if call["stream"] and "stream_options" not in call["parameters"]:
            del ours["stream_options"]
        if "model" in call["extra_body"]:
            ours["model"] = theirs["model"]
        if provider in ("hf-inference", "endpoint"):
            ours.pop("response_format", None)
            theirs.pop("response_format", None)
        assert ours == theirs, (provider, record["id"])
        compared += 1
    assert compared > 100


def test_nulls_in_the_user_s_data_arrive() -> None:
    """The peer's defect: it strips them from messages and from JSON schemas."""
    seen = set()
    for provider, record in records("huggingface_hub"):
        if provider != "auto":
            continue
        ours = our_body(provider, record, "m")
        if record["id"] == "tool-result-turn":
            assert ours["messages"][1]["content"] is None
            seen.add("message")
        if record["id"] == "response-format-json-schema":
            schema = ours["response_format"]["json_schema"]["schema"]
            assert schema["properties"]["age"]["default"] is None
            seen.add("schema")
        if record["id"] == "all":
            assert ours["custom_field"] == {"a": 1, "b": None}
            seen.add("extra_body")
    assert seen == {"message", "schema", "extra_body"}


def task_schema() -> dict[str, Any]:
    path = FIXTURES / "schemas" / "tasks" / "chat-completion--input.json"
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def tgi_schema() -> dict[str, Any]:
    document = json.loads((FIXTURES / "schemas" / "tgi-openapi.json").read_text(encoding="utf-8"))
    components = document["components"]
    # The file names the Rust field; TGI reads "parameters" as its alias (router/src/lib.rs).
    function = components["schemas"]["FunctionDefinition"]
    function["properties"]["parameters"] = function["properties"]["arguments"]
    function["required"] = ["name"]
    return {"$ref": "#/components/schemas/ChatRequest", "components": components}


def nullable(schema: Any) -> Any:
    """OpenAPI 3.0's ``nullable``, which JSON schema does not know, as ``anyOf`` null."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {k: nullable(v) for k, v in schema.items()}
    return {"anyOf": [inner, {"type": "null"}]} if inner.pop("nullable", False) is True else inner


SCHEMAS = {"task": task_schema, "tgi": tgi_schema}


def faults(name: str, body: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft7Validator(nullable(SCHEMAS[name]()))
    return [error.message for error in validator.iter_errors(json.loads(encode(body)))]


@dataclasses.dataclass
class Person:
    name: str
    age: int | None = None


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
TOOL = {
    "type": "function",
    "function": {"name": "f", "description": "F.", "parameters": {"type": "object"}},
}
CALL = {"id": "1", "function": {"name": "f", "arguments": {"x": 1}}}
CALLS: dict[str, dict[str, Any]] = {
    "text": {"messages": "Hi"},
    "system": {"messages": "Hi", "system": "Be brief."},
    "values": {"messages": [Message("user", "Hi", name="Ann"), Message("assistant", "Hello")]},
    "image": {"messages": [{"role": "user", "content": ["What is it?", PNG]}]},
    "tools": {"messages": "Hi", "tools": [TOOL], "options": {"tool_choice": "required"}},
    "named tool": {"messages": "Hi", "tools": [TOOL], "options": {"tool_choice": "f"}},
    "tool turns": {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "content": {"t": 21}, "tool_call_id": "1"},
        ]
    },
    "stream": {"messages": "Hi", "stream": True},
    "options": {
        "messages": "Hi",
        "options": {
            "max_tokens": 5,
            "temperature": 0,
            "top_p": 1.0,
            "frequency_penalty": 0.1,
            "presence_penalty": -0.1,
            "seed": 1,
            "stop": "END",
            "n": 1,
            "logprobs": True,
            "top_logprobs": 2,
            "reasoning_effort": "low",
            "tool_prompt": "Tools:",
            "user": "u",
            "min_p": 0.1,
        },
    },
    "class": {"messages": "Hi", "response_format": Person},
    "go on": {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "He"}],
        "continue_final_message": True,
    },
}


def built(call: dict[str, Any], dialect: str) -> dict[str, Any]:
    rest = {k: v for k, v in call.items() if k not in ("messages", "system", "options")}
    options, _ = split_options(call.get("options", {}), ChatOptions)
    messages = wire_messages(call["messages"], system=call.get("system"))
    given = {"model": "m", "stream": False, "options": options, "dialect": dialect, **rest}
    return chat_payload(messages, **given)


@pytest.mark.parametrize("name", CALLS)
def test_bodies_for_tgi_fit_its_openapi(name: str) -> None:
    assert faults("tgi", built(CALLS[name], "tgi")) == []


# Its one form of a response_format with a schema is OpenAI's.
@pytest.mark.parametrize("name", CALLS)
def test_bodies_fit_the_task_s_schema(name: str) -> None:
    dialect = "openai" if name == "class" else "hf-inference"
    assert faults("task", built(CALLS[name], dialect)) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": "Hi"},
        {"messages": [{"content": "Hi"}]},
        {"messages": [], "max_tokens": -1},
        {"messages": [], "stop": "END"},
        {"messages": [], "tool_choice": 3},
    ],
)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_schemas_find_faults(schema: str, body: dict[str, Any]) -> None:
    assert faults(schema, body)


def test_the_recorded_bodies_fit_too() -> None:
    checked = 0
    for provider, record in records("huggingface_hub"):
        if provider == "auto" and "logit_bias" not in record["call"]["parameters"]:
            assert faults("task", our_body(provider, record, "m")) == [], record["id"]
            checked += 1
    assert checked > 5
