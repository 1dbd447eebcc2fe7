"""Short names, and the lists that stand in for the Hub."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.hub import catalogue
from hfi._core.hub.catalogue import ALIASES, CHAT_ALIASES, IMAGE_ALIASES, built_in_models, full_name
from hfi._core.routing import chat_route
from hfi.errors import ConfigurationError


def configured(**options: object) -> ClientConfig:
    return resolve(World(environ={"HF_TOKEN": "hf_x"}), **options)  # type: ignore[arg-type]


def test_all_names_of_the_origin_are_there() -> None:
    assert (len(CHAT_ALIASES), len(IMAGE_ALIASES), len(ALIASES)) == (16, 7, 23)
    assert all("/" in model for model in ALIASES.values())


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("llama-3.3-70b", "meta-llama/Llama-3.3-70B-Instruct"),
        ("flux", "black-forest-labs/FLUX.1-dev"),
        ("sdxl-turbo", "stabilityai/sdxl-turbo"),
        ("qwq-32b:fastest", "Qwen/QwQ-32B:fastest"),
        ("unknown", "unknown"),
        ("unknown:groq", "unknown:groq"),
        ("org/name", "org/name"),
        ("http://flux:8080/x", "http://flux:8080/x"),
    ],
)
def test_a_name_and_what_it_stands_for(name: str, model: str) -> None:
    assert full_name(name, {}) == model


def test_the_users_aliases_come_first_and_are_taken_as_they_are() -> None:
    own = "moonshotai/Kimi-K2-Instruct"
    assert full_name("flux", {"flux": "me/mine"}) == "me/mine"
    assert full_name(own, {}) == f"{own}-0905"
    assert full_name(own, {own: own}) == own


def test_aliases_hold_on_the_router_and_explain_says_so() -> None:
    route = chat_route(configured(model="llama-3.3-70b:fastest"))
    assert route.model == "meta-llama/Llama-3.3-70B-Instruct:fastest"
    assert '"llama-3.3-70b:fastest" is a short name for' in route.reason
    assert "short name" not in chat_route(configured(model="org/name")).reason


def test_a_server_of_ones_own_keeps_its_own_names() -> None:
    config = configured(model="deepseek-r1", base_url="http://localhost:11434")
    assert chat_route(config).model == "deepseek-r1"


def test_a_provider_called_with_its_own_key_keeps_its_own_names() -> None:
    config = configured(model="llama-3.3-70b", provider="cerebras", token="csk-123")
    assert chat_route(config).model == "llama-3.3-70b"


def test_of_several_models_the_first_is_taken() -> None:
    config = configured(model="mine", aliases={"mine": ["a/one", "b/two"]})
    assert chat_route(config).model == "a/one"
    with pytest.raises(ConfigurationError, match="must stand for the id"):
        configured(aliases={"mine": []})


def test_built_in_lists_by_task() -> None:
    assert [m.id for m in built_in_models(task="text-generation")] == list(catalogue.TEXT_MODELS)
    assert [m.id for m in built_in_models(task="text-to-image")] == list(catalogue.IMAGE_MODELS)
    assert built_in_models(task="fill-mask") == ()
    every = built_in_models()
    assert len({m.id for m in every}) == len(every) == 13
    assert {m.pipeline_tag for m in every} == {
        "text-generation",
        "image-text-to-text",
        "text-to-image",
    }
    chat = built_in_models(task="conversational")
    assert all(model.is_chat for model in chat)
    assert not any(model.is_chat for model in built_in_models(task="text-to-image"))


def test_built_in_lists_by_name() -> None:
    found = built_in_models(search=("QWEN", "coder"))
    assert [model.id for model in found] == ["Qwen/Qwen2.5-Coder-32B-Instruct"]
    assert {model.author for model in built_in_models(author="Qwen")} == {"Qwen"}


def test_the_documented_table_is_the_one_in_force(project_dir: Path) -> None:
    text = (project_dir / "docs" / "models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\S+)` \| `(\S+/\S+)` \|$", text, re.MULTILINE)
    assert dict(rows) == dict(ALIASES)
