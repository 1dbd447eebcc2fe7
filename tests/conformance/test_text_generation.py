"""Text generation against TGI's snapshots, llama.cpp's recorded replies and the peers' requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import fixtures_dir
from hfi._core.configuration.config import resolve
from hfi._core.configuration.world import World
from hfi._core.generation.answer import TextReading
from hfi._core.generation.dialects import text_dialect
from hfi._core.generation.routes import needs_mapping, text_route
from hfi._core.generation.stream import TextStreamParser, text_generation
from hfi._core.generation.text import TextCall, plan_text
from hfi._core.hub.model_reader import read_model
from hfi._core.request import Response
from hfi._core.routing import chat_route

jsonschema = pytest.importorskip("jsonschema")

FIXTURES = fixtures_dir()


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def generated() -> list[Any]:
    """Each snapshot's replies of POST /generate."""
    found = []
    for path in sorted((FIXTURES / "wire" / "tgi").glob("*.json")):
        document = load(path)
        if str(document["kind"]).startswith("generate"):
            body = document["body"]
            bodies = body if isinstance(body, list) else [body]
            found += [pytest.param(body, id=path.stem) for body in bodies]
    return found


@pytest.mark.parametrize("body", generated())
def test_each_snapshot_of_tgi_is_read_whole(body: Any) -> None:
    details = body["details"]
    for wire in (body, [body]):
        text = text_generation(Response(status_code=200, content=json.dumps(wire).encode()))
        assert text.text == body["generated_text"]
        assert text.details is not None
        assert text.details.finish_reason == details["finish_reason"]
        assert text.details.generated_tokens == details["generated_tokens"]
        assert text.details.seed == details["seed"]
        assert [t.id for t in text.tokens] == [t["id"] for t in details["tokens"]]
        assert [t.id for t in text.details.prefill] == [t["id"] for t in details["prefill"]]
        others = details.get("best_of_sequences") or ()
        assert len(text.details.best_of_sequences or ()) == len(others)


@pytest.mark.parametrize("body", generated())
def test_the_same_snapshots_as_streams(body: Any) -> None:
    parser = TextStreamParser(reading=TextReading(keep_tokens=True))
    tokens = body["details"]["tokens"]
    shown = []
    for index, token in enumerate(tokens, 1):
        last = index == len(tokens)
        event = {
            "index": index,
            "token": token,
            "generated_text": body["generated_text"] if last else None,
            "details": {"finish_reason": "length", "generated_tokens": index} if last else None,
        }
        shown += parser.feed(b"data: " + json.dumps(event).encode() + b"\n\n")
    assert parser.done
    assert parser.error is None
    expected = "".join(token["text"] for token in tokens if not token["special"])
    # Where the pieces begin what was decoded at once, its rest is given as well.
    whole = body["generated_text"]
    assert parser.completion().text == (whole if whole.startswith(expected) else expected)
    assert len(parser.completion().tokens) == len(tokens)


def test_recorded_replies_of_llamacpp() -> None:
    folder = FIXTURES / "wire" / "llamacpp"
    whole = load(folder / "completion.json")
    text = text_generation(Response(status_code=200, content=whole["body"].encode()))
    assert text.text == json.loads(whole["body"])["content"]
    assert (text.finish_reason, text.usage and text.usage.completion_tokens) == ("length", 12)
    for name in ("completion_stream", "v1_completions_stream"):
        parser = TextStreamParser(headers={"content-type": "text/event-stream"})
        chunks = parser.feed(load(folder / f"{name}.json")["body"].encode())
        chunks += parser.close()
        assert parser.error is None
        streamed = parser.completion()
        assert streamed.text == text.text == "".join(map(str, chunks))
        assert streamed.finish_reason == "length"
        assert streamed.usage is not None
        assert streamed.usage.completion_tokens == 12


def recorded() -> list[Any]:
    found = []
    for path in sorted((FIXTURES / "requests" / "huggingface_hub").glob("*--text-generation.json")):
        document = load(path)
        found += [
            pytest.param(document["provider"], record, id=f"{document['provider']}-{record['id']}")
            for record in document["records"]
            if record["requests"] and document["provider"] != "endpoint"
        ]
    return found


@pytest.mark.parametrize(("provider", "record"), recorded())
def test_requests_go_where_those_of_huggingface_hub_go(provider: str, record: Any) -> None:
    call, sent = record["call"], record["requests"][0]
    token = {"hf": "hf_test", "key": "sk-test"}.get(call["auth"], False)
    config = resolve(World(), token=token, provider=provider, model=call["model"])
    chat = chat_route(config)
    info = None
    if needs_mapping(chat, config.base_url):
        info = read_model(record["hub_responses"][0]["json"])
    target = text_route(chat, config.base_url, info=info)
    assert target.route.url == sent["url"]
    # TGI refuses best_of beside a seed; servers with OpenAI's route have no "grammar".
    left_out = {"return_full_text", *(["seed"] if "best_of" in call["parameters"] else [])}
    left_out |= {"grammar"} if target.kind.name != "tgi" else set()
    options = {n: v for n, v in call["parameters"].items() if n not in left_out}
    call_of = TextCall.of(call["inputs"]["prompt"], call["stream"], options)
    plan = plan_text(call_of, config, target)
    body, theirs = json.loads(plan.request.content or b""), sent["json"]
    if target.kind.name == "tgi":
        assert body["inputs"] == theirs["inputs"]
        options.pop("temperature" if options.get("temperature") == 0 else "", None)
        assert {n: theirs["parameters"][n] for n in options}.items() <= body["parameters"].items()
    else:
        assert body["prompt"] == theirs["prompt"]
        assert info is None or body["model"] == theirs["model"]
        assert body.get("max_tokens") == theirs.get("max_tokens", theirs.get("max_new_tokens"))


ALL_OPTIONS = {
    "max_new_tokens": 20,
    "temperature": 0.7,
    "top_k": 50,
    "top_p": 0.9,
    "typical_p": 0.95,
    "repetition_penalty": 1.1,
    "frequency_penalty": 0.1,
    "stop": ["\n\n"],
    "truncate": 100,
    "top_n_tokens": 2,
    "details": True,
    "decoder_input_details": True,
    "do_sample": True,
    "watermark": True,
    "grammar": {"type": "json", "value": {"type": "object"}},
    "adapter_id": "ad-1",
}


@pytest.mark.parametrize("more", [{"seed": 42}, {"best_of": 2}])
def test_every_parameter_fits_the_published_schemas(more: dict[str, Any]) -> None:
    config = resolve(World(), base_url="http://127.0.0.1:1/generate")
    target = text_route(chat_route(config), config.base_url)
    assert text_dialect("tgi").nested == "parameters"
    plan = plan_text(TextCall.of("Once", False, {**ALL_OPTIONS, **more}), config, target)
    api = load(FIXTURES / "schemas" / "tgi-openapi.json")
    tgi = {"$ref": "#/components/schemas/GenerateRequest", "components": api["components"]}
    jsonschema.validate(plan.payload, tgi)
    jsonschema.validate(plan.payload, load(FIXTURES / "schemas/tasks/text-generation--input.json"))
    assert set(plan.payload["parameters"]) == {*ALL_OPTIONS, *more, "return_full_text"}
