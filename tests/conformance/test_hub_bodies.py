"""Bodies of the Hub, recorded and composed: each is read, and says what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import fixtures_dir
from hfi._core.failures.failure import error_from_response
from hfi._core.hub.model_reader import read_model
from hfi._core.line.redirects import redirected
from hfi._core.request import Request
from hfi.types.models import ModelInfo

HUB = fixtures_dir() / "hub"
FILES = sorted(HUB.glob("*.json"))


def bodies(fixture: dict[str, Any]) -> list[dict[str, Any]]:
    """The models in a fixture."""
    body = fixture.get("body")
    if body is None:
        response = fixture.get("response", {})
        body = response.get("json", response.get("body"))
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except ValueError:
                return []
    entries = body if isinstance(body, list) else [body]
    return [entry for entry in entries if isinstance(entry, dict) and "id" in entry]


def read(entry: dict[str, Any]) -> ModelInfo:
    info = read_model(entry)
    assert info is not None
    return info


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_body_says_what_it_holds(path: Path) -> None:
    fixture = json.loads(path.read_text(encoding="utf-8"))
    found = bodies(fixture)
    if not found:
        status = fixture.get("response", {}).get("status", {}).get("code")
        assert "entry" in fixture or status in (307, 404), "it holds no model"
    for entry in found:
        info = read(entry)
        assert info.id == entry["id"]
        assert info.raw == entry
        assert info.pipeline_tag == entry.get("pipeline_tag")
        assert info.gated == entry.get("gated", False)
        assert list(info.tags) == entry.get("tags", [])
        assert len(info.files) == len(entry.get("siblings", []))
        mapping = entry.get("inferenceProviderMapping", {})
        assert len(info.providers) == len(mapping)
        names = list(mapping) if isinstance(mapping, dict) else [e["provider"] for e in mapping]
        assert [provider.provider for provider in info.providers] == names
        assert_prompt_facts(info, entry)


def assert_prompt_facts(info: ModelInfo, entry: dict[str, Any]) -> None:
    tokenizer = entry.get("config", {}).get("tokenizer_config", {})
    for name in ("bos_token", "eos_token", "pad_token", "unk_token"):
        told = tokenizer.get(name, entry.get("gguf", {}).get(name))
        text = told["content"] if isinstance(told, dict) else told
        assert info.special_tokens.get(name) == text
    template = (
        entry.get("gguf", {}).get("chat_template")
        or entry.get("config", {}).get("chat_template_jinja")
        or tokenizer.get("chat_template")
    )
    if isinstance(template, list):
        assert info.chat_templates == {each["name"]: each["template"] for each in template}
    else:
        assert info.chat_template == template


def test_a_recorded_rename_is_followed_on_the_same_host_with_the_token() -> None:
    path = HUB / "InferenceApiTest.test_inference_overriding_invalid_task-0.json"
    fixture = json.loads(path.read_text(encoding="utf-8"))
    headers = {name.lower(): value[0] for name, value in fixture["response"]["headers"].items()}
    request = Request(method="GET", url=fixture["request"]["uri"])
    target = redirected(request, fixture["response"]["status"]["code"], headers)
    assert target is not None
    assert target.url == "https://huggingface.co/api/models/google-bert/bert-base-uncased"


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, "ModelNotFoundError"),
        (401, {"x-error-message": "Invalid credentials in Authorization header"}, "Authent"),
        (403, {"x-error-code": "GatedRepo"}, "GatedModelError"),
        (404, {"x-error-code": "RepoNotFound"}, "ModelNotFoundError"),
        (404, {"x-error-code": "RevisionNotFound"}, "ModelNotFoundError"),
    ],
)
def test_refusals_of_the_hub(status: int, headers: dict[str, str], error: str) -> None:
    request = Request(method="GET", url="https://huggingface.co/api/models/org/name", model="o/n")
    found = error_from_response(status, headers, b'{"error": "no"}', request=request)
    assert type(found).__name__.startswith(error)
