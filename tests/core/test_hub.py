"""Look-ups of one model: names, requests, what replies say, and what prompts need beyond them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.flows import Flow
from hfi._core.hub.hub import cache_key, hub_options, hub_timeout, look_up, model_name
from hfi._core.hub.model_cache import is_final
from hfi._core.hub.model_reader import read_model, read_providers, read_templates
from hfi._core.hub.prompt_facts import find_prompt_facts
from hfi._core.request import Request, Response
from hfi.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    GatedModelError,
    HFIError,
    ModelNotFoundError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from hfi.types.models import ModelInfo, ModelList, PromptFacts
from hfi.types.settings import Timeout

Answer = bytes | HFIError


def configured(**options: Any) -> ClientConfig:
    return resolve(World(environ={"HF_TOKEN": "hf_x"}), **options)


def run(flow: Flow[Any], answer: Callable[[str], Answer]) -> tuple[Any, list[Request]]:
    """Runs a flow against a Hub that answers by path, and gives its result and its requests."""
    sent: list[Request] = []
    try:
        step = next(flow)
        while True:
            assert isinstance(step, Request)
            sent.append(step)
            reply = answer(urlsplit(step.url).path)
            if isinstance(reply, HFIError):
                step = flow.throw(reply)
            else:
                step = flow.send(Response(status_code=200, content=reply))
    except StopIteration as end:
        return end.value, sent


def missing(status: int = 404) -> ModelNotFoundError:
    return ModelNotFoundError("no.", status_code=status)


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "revision", "path"),
    [
        ("org/name", None, "/api/models/org/name"),
        ("gpt2", None, "/api/models/gpt2"),
        ("org/name:groq", None, "/api/models/org/name"),
        ("flux:fal-ai", None, "/api/models/black-forest-labs/FLUX.1-dev"),
        ("mine", None, "/api/models/me/own"),
        (" org/name ", None, "/api/models/org/name"),
        ("org/na me?#", None, "/api/models/org/na%20me%3F%23"),
        ("org/name", "refs/pr/1", "/api/models/org/name/revision/refs%2Fpr%2F1"),
        (None, None, "/api/models/my/default"),
    ],
)
def test_names_and_paths(model: str | None, revision: str | None, path: str) -> None:
    config = configured(model="my/default", aliases={"mine": "me/own"})
    assert model_name(config, model, revision).path == path


@pytest.mark.parametrize(
    "model",
    ["", "  ", 3, "http://h/v1", "a/b/c", "../x", "org/..", "./w.gguf", "x.gguf", "ftp://x"],
)
def test_what_is_no_id_is_told(model: Any) -> None:
    with pytest.raises(ConfigurationError):
        model_name(configured(), model)


def test_without_any_model_there_is_nothing_to_look_up() -> None:
    with pytest.raises(ConfigurationError, match="must be the id"):
        model_name(configured(), None)


@pytest.mark.parametrize("revision", ["", 1, b"main"])
def test_a_revision_is_a_string(revision: Any) -> None:
    with pytest.raises(ConfigurationError, match="revision"):
        model_name(configured(), "org/name", revision)


def test_answers_are_kept_apart_by_token_revision_and_hub() -> None:
    name = model_name(configured(), "org/name")
    keys = {
        cache_key("info", configured(), name),
        cache_key("info", configured(token="hf_y"), name),
        cache_key("info", configured(token=False), name),
        cache_key("info", configured(), model_name(configured(), "org/name", "v2")),
        cache_key("prompt", configured(), name),
        cache_key("info", resolve(World(environ={"HF_ENDPOINT": "http://localhost:1"})), name),
    }
    assert len(keys) == 6
    assert cache_key("info", configured(timeout=3), name) in keys


def test_limits_of_a_look_up() -> None:
    usual = hub_timeout(Timeout())
    assert (usual.connect, usual.first_token, usual.total) == (10, 30, 60)
    assert hub_timeout(Timeout.of(None)).total == 60
    assert hub_timeout(Timeout.of(2.5)).first_token == 2.5


def test_options_of_a_look_up() -> None:
    assert hub_options({"timeout": None, "max_retries": 0, "token": None}) == {
        "timeout": None,
        "max_retries": 0,
    }
    with pytest.raises(ConfigurationError, match="no option"):
        hub_options({"temperature": 1})  # type: ignore[typeddict-unknown-key]


def test_which_errors_another_caller_would_meet_too() -> None:
    assert is_final(missing())
    assert is_final(ResponseError("no."))
    passing = (APIConnectionError("no."), RateLimitError("no."), ServerError("no."))
    assert not any(is_final(error) for error in passing)


# -- looking up ------------------------------------------------------------------------------------


def test_one_request_asks_for_everything() -> None:
    flow = look_up(configured(), model_name(configured(), "org/name"))
    info, [request] = run(flow, lambda _: b'{"id": "org/name", "unknown": [1]}')
    expand = parse_qs(urlsplit(request.url).query)["expand[]"]
    assert {"inferenceProviderMapping", "config", "gguf", "siblings", "cardData"} <= set(expand)
    assert (request.method, request.model) == ("GET", "org/name")
    assert request.credential is not None
    assert info == ModelInfo(id="org/name", author="org")
    assert info.raw == {"id": "org/name", "unknown": [1]}


def test_a_hub_that_knows_fewer_fields_is_asked_plainly() -> None:
    replies = iter([BadRequestError("expand.", status_code=400), b'{"id": "org/name"}'])
    flow = look_up(configured(), model_name(configured(), "org/name"))
    _, sent = run(flow, lambda _: next(replies))  # type: ignore[arg-type, return-value]
    assert [bool(urlsplit(request.url).query) for request in sent] == [True, False]


def test_a_renamed_model_is_asked_for_what_the_redirect_lost() -> None:
    bodies = iter([b'{"id": "new/name"}', b'{"id": "new/name", "inferenceProviderMapping": {}}'])
    flow = look_up(configured(), model_name(configured(), "old"))
    info, sent = run(flow, lambda _: next(bodies))
    assert info.id == "new/name"
    assert [urlsplit(request.url).path for request in sent] == [
        "/api/models/old",
        "/api/models/new/name",
    ]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id": 3}', b"<html>", b""])
def test_a_reply_that_is_no_model_is_told(body: bytes) -> None:
    with pytest.raises(ResponseError):
        run(look_up(configured(), model_name(configured(), "org/name")), lambda _: body)


# -- reading ---------------------------------------------------------------------------------------


def model(**fields: Any) -> ModelInfo:
    info = read_model({"id": "org/name", **fields})
    assert info is not None
    return info


def test_all_facts_are_read() -> None:
    info = model(
        sha="abc",
        author="someone",
        pipeline_tag="text-generation",
        library_name="transformers",
        tags=["conversational", "license:mit", 3],
        gated="manual",
        private=True,
        disabled=True,
        inference="warm",
        downloads=3.0,
        likes=4,
        trendingScore=1.5,
        createdAt="2024-09-24T15:48:47.000Z",
        lastModified="2025-01-01",
        config={"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
        safetensors={"total": 8_000_000_000},
        cardData={"base_model": "a/b"},
        baseModels={"models": [{"id": "a/b"}, {"id": "c/d"}]},
        siblings=[{"rfilename": "config.json"}, {}],
        mask_token="<mask>",
        gguf={"context_length": 4096},
        inferenceProviderMapping={"groq": {"providerId": "x", "task": "conversational"}},
    )
    assert (info.sha, info.author, info.gated, info.warm) == ("abc", "someone", "manual", True)
    assert info.private
    assert info.disabled
    assert (info.downloads, info.likes, info.trending_score) == (3, 4, 1.5)
    assert info.created_at == datetime(2024, 9, 24, 15, 48, 47, tzinfo=timezone.utc)
    assert info.last_modified == datetime(2025, 1, 1, tzinfo=timezone.utc)
    assert (info.model_type, info.architectures) == ("llama", ("LlamaForCausalLM",))
    assert (info.parameters, info.context_length) == (8_000_000_000, 4096)
    assert (info.base_models, info.license) == (("a/b", "c/d"), "mit")
    assert (info.files, info.mask_token) == (("config.json",), "<mask>")
    assert info.special_tokens == {"mask_token": "<mask>"}
    assert info.is_chat
    assert info.tasks == ("text-generation", "conversational")
    assert repr(info) == (
        "ModelInfo('org/name', 'text-generation', gated='manual', private, disabled, providers=1)"
    )
    assert hash(info) == hash(model(**(info.raw or {})))


def test_special_tokens_are_texts() -> None:
    tokenizer = {
        "bos_token": None,
        "eos_token": {"__type": "AddedToken", "content": "</s>", "lstrip": False},
        "pad_token": "<pad>",
        "unk_token": 3,
        "extra_special_tokens": {"image_token": "<image>"},
    }
    info = model(config={"tokenizer_config": tokenizer})
    assert info.special_tokens == {
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "image_token": "<image>",
    }
    assert info.eos_token == "</s>"


@pytest.mark.parametrize(
    ("value", "templates"),
    [
        ("text", {"default": "text"}),
        ("", {}),
        ([{"name": "default", "template": "a"}, {"name": "tool_use"}, 3], {"default": "a"}),
        ({"default": "a", "rag": "b", "bad": None}, {"default": "a", "rag": "b"}),
        (None, {}),
        (3, {}),
        (["text"], {}),
    ],
)
def test_forms_of_templates(value: object, templates: dict[str, str]) -> None:
    assert read_templates(value) == templates


def test_which_template_comes_first() -> None:
    config = {
        "chat_template_jinja": "jinja",
        "tokenizer_config": {"chat_template": "tokenizer"},
        "processor_config": {"chat_template": "processor"},
    }
    order = []
    gguf: Mapping[str, Any] = {"chat_template": "gguf"}
    for gone in ("gguf", "chat_template_jinja", "tokenizer_config", "processor_config"):
        info = model(config=config, gguf=gguf)
        order.append((info.chat_template, info.template_source))
        gguf = {}
        config.pop(gone, None)
    assert order == [
        ("gguf", "gguf.chat_template"),
        ("jinja", "config.chat_template_jinja"),
        ("tokenizer", "config.tokenizer_config.chat_template"),
        ("processor", "config.processor_config.chat_template"),
    ]
    assert model(config=config).template_source is None


def test_both_shapes_of_the_provider_mapping_keep_their_order() -> None:
    fields = {"providerId": "x", "status": "live", "task": "conversational"}
    as_dict = read_providers({"z": fields, "a": {**fields, "status": "error"}, "bad": 3})
    as_list = read_providers(
        [{"provider": "z", **fields}, {"provider": "a", **fields, "status": "error"}, None, {}]
    )
    assert as_dict == as_list
    assert [entry.provider for entry in as_dict] == ["z", "a"]
    info = model(inferenceProviderMapping={"z": fields, "a": {**fields, "status": "error"}})
    assert [entry.provider for entry in info.live_providers("conversational")] == ["z"]
    assert info.live_providers("text-to-image") == ()


@pytest.mark.parametrize(
    ("value", "gated"),
    [("auto", "auto"), ("manual", "manual"), (False, False), (True, "manual"), (None, False)],
)
def test_gated(value: object, gated: object) -> None:
    assert model(gated=value).gated == gated


def test_no_limit_is_no_length() -> None:
    assert model(config={"tokenizer_config": {"model_max_length": 10**30}}).context_length is None
    assert model(config={"max_position_embeddings": 2048}).context_length == 2048


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KNOWN = (
    *("id", "modelId", "sha", "author", "pipeline_tag", "tags", "gated", "private", "inference"),
    *("downloads", "trendingScore", "createdAt", "config", "gguf", "cardData", "safetensors"),
    *("siblings", "baseModels", "inferenceProviderMapping", "mask_token", "model_type"),
    *("tokenizer_config", "chat_template", "eos_token", "content", "name", "template", "provider"),
    *("providerId", "models", "rfilename", "license", "base_model", "extra_special_tokens"),
    *("context_length", "total", "architectures"),
)
OBJECTS = st.recursive(
    JSON,
    lambda inner: (
        st.dictionaries(st.sampled_from(KNOWN), inner, max_size=6) | st.lists(inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(KNOWN), OBJECTS))
def test_nothing_that_a_hub_may_send_raises(value: dict[str, Any]) -> None:
    info = read_model({**value, "id": "org/name"})
    assert info is not None
    assert info.id == "org/name"
    assert len(repr(info)) < 500 or info.pipeline_tag
    hash(info)
    texts = (*info.tags, *info.files, *info.special_tokens.values(), *info.chat_templates.values())
    for text in texts:
        text.encode()
    for value_ in (info.tasks, info.architectures, info.model_type, info.is_chat):
        assert value_ is not ...


def test_a_number_too_large_for_a_count_is_left_out() -> None:
    value = {"id": "a/b", "downloads": 10**400, "likes": 10**300, "trendingScore": 10**400}
    info = read_model(value)
    assert info is not None
    assert (info.downloads, info.likes, info.trending_score) == (None, 10**300, None)


def test_a_list_is_a_sequence_and_says_where_it_is_from() -> None:
    models = ModelList(items=tuple(ModelInfo(id=f"a/{n}") for n in range(5)))
    assert (len(models), models[0].id, models[-1].id) == (5, "a/0", "a/4")
    assert [each.id for each in models[1:3]] == ["a/1", "a/2"]
    assert models[1:3].source == "hub"
    assert ModelInfo(id="a/3") in models
    assert repr(models) == "<ModelList of 5 from 'hub': a/0, a/1, a/2, ...>"


# -- what prompts need -----------------------------------------------------------------------------


class Repository:
    """A Hub with one model's files."""

    def __init__(self, files: dict[str, Any], *, refusal: HFIError | None = None) -> None:
        self.files = files
        self.refusal = refusal
        self.asked: list[str] = []

    def __call__(self, path: str) -> Answer:
        assert path.startswith("/org/name/resolve/abc/")
        file = path.removeprefix("/org/name/resolve/abc/")
        self.asked.append(file)
        if self.refusal is not None:
            return self.refusal
        if file not in self.files:
            return missing()
        content = self.files[file]
        return content.encode() if isinstance(content, str) else json.dumps(content).encode()

    def facts(self, *, listed: bool = True, **fields: Any) -> PromptFacts:
        siblings = [{"rfilename": file} for file in self.files] if listed else None
        info = model(sha="abc", siblings=siblings, **fields)
        facts, _ = run(find_prompt_facts(configured(), info), self)
        assert isinstance(facts, PromptFacts)
        return facts


TOKENIZER = {"tokenizer_config": {"chat_template": "T", "eos_token": "</s>"}}


def test_metadata_that_tells_everything_causes_no_request() -> None:
    repository = Repository({"tokenizer_config.json": {}, "chat_template.jinja": "other"})
    facts = repository.facts(config={"model_type": "llama", **TOKENIZER}, author="me")
    assert repository.asked == []
    assert facts == PromptFacts(
        model="org/name",
        templates={"default": "T"},
        special_tokens={"eos_token": "</s>"},
        model_type="llama",
        author="me",
        eos_token="</s>",
        source="config.tokenizer_config.chat_template",
    )
    assert "templates=<default>" in repr(facts)


def test_the_jinja_file_comes_before_the_tokenizers_template() -> None:
    files = {
        "tokenizer_config.json": {
            "chat_template": "T",
            "eos_token": {"content": "<e>"},
            "model_max_length": 512,
        },
        "chat_template.jinja": "J",
    }
    for listed in (True, False):
        repository = Repository(files)
        facts = repository.facts(listed=listed)
        assert facts.templates == {"default": "J"}
        assert (facts.source, facts.eos_token) == ("chat_template.jinja", "<e>")
        assert facts.context_length == 512
        assert repository.asked == ["chat_template.jinja", "tokenizer_config.json"]


def test_templates_by_name_in_the_tokenizers_file() -> None:
    named = [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "U"}]
    facts = Repository({"tokenizer_config.json": {"chat_template": named}}).facts()
    assert facts.templates == {"default": "D", "tool_use": "U"}
    assert facts.source == "tokenizer_config.json"


def test_named_templates_in_files_are_added() -> None:
    repository = Repository({"additional_chat_templates/rag.jinja": "R", "chat_template.jinja": ""})
    facts = repository.facts(config=TOKENIZER)
    assert facts.templates == {"default": "T", "rag": "R"}
    assert repository.asked == ["additional_chat_templates/rag.jinja"]


def test_the_older_files_are_read_where_they_are_listed() -> None:
    files = {
        "tokenizer_config.json": {},
        "special_tokens_map.json": {"bos_token": "<s>"},
        "processor_config.json": {"chat_template": "P"},
    }
    facts = Repository(files).facts()
    assert facts.templates == {"default": "P"}
    assert facts.special_tokens == {"bos_token": "<s>"}
    assert facts.source == "processor_config.json"


def test_a_model_without_any_template_has_none() -> None:
    repository = Repository({})
    facts = repository.facts(listed=False, config={"model_type": "gpt2"})
    assert (facts.templates, facts.source, facts.model_type) == ({}, None, "gpt2")
    assert repository.asked == [
        "chat_template.jinja",
        "tokenizer_config.json",
        "special_tokens_map.json",
    ]


@pytest.mark.parametrize(
    "refusal", [GatedModelError("ask.", status_code=403), missing(401)], ids=["gated", "hidden"]
)
def test_files_out_of_bounds_are_an_error_only_where_they_alone_can_tell(
    refusal: HFIError,
) -> None:
    closed = Repository({"tokenizer_config.json": {}}, refusal=refusal)
    with pytest.raises(type(refusal)):
        closed.facts()
    parsed = {"tokenizer_config": {"eos_token": "</s>"}}
    facts = closed.facts(config=parsed)
    assert facts.eos_token == "</s>"
    assert facts.notes == ("tokenizer_config.json of org/name may not be read with this token.",)


def test_a_file_that_is_no_json_is_noted() -> None:
    facts = Repository({"tokenizer_config.json": "<html>"}).facts()
    assert facts.notes == ("tokenizer_config.json of org/name holds no JSON object.",)


def test_a_failure_of_the_line_is_not_taken_for_an_absent_file() -> None:
    broken = Repository({"tokenizer_config.json": {}}, refusal=ServerError("no.", status_code=500))
    with pytest.raises(ServerError):
        broken.facts()
