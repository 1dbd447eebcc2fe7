"""Which id of a model a provider gets with its own key: decided without asking anybody."""

from __future__ import annotations

from typing import Any

import pytest

from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.credentials import hub_credential
from hfi._core.configuration.defaults import CHAT, TEXT
from hfi._core.configuration.world import World
from hfi._core.naming import Naming, hub_config, is_lasting, naming_key
from hfi._core.providers import all_providers
from hfi._core.routing import asks_for_names, chat_route
from hfi.errors import APIConnectionError, PoolTimeoutError
from hfi.types.models import ModelInfo, ProviderMapping
from hfi.types.settings import Timeout

KEY = "own-key-" + "a" * 20
MODEL = "org/poet"


def config(environ: dict[str, str] | None = None, **arguments: Any) -> ClientConfig:
    given = {"model": MODEL, "provider": "groq", "token": KEY, **arguments}
    return resolve(World(environ=environ or {}), **given)


def info(*entries: tuple[str, str | None, str]) -> ModelInfo:
    mappings = (
        ProviderMapping(provider=provider, provider_id=provider_id, task=task, status="live")
        for provider, task, provider_id in entries
    )
    return ModelInfo(id=MODEL, providers=tuple(mappings))


@pytest.mark.parametrize("provider", all_providers(), ids=lambda each: each.name)
def test_every_provider_that_has_a_way_of_its_own_is_asked_about(provider: Any) -> None:
    own = config(provider=provider.name)
    direct = provider.base is not None and provider.routed
    assert asks_for_names(own, CHAT) is (direct and provider.chat is not None)
    assert asks_for_names(own, TEXT) is (direct and provider.text is not None)


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        ({}, {"token": "hf_abc"}),
        ({"HF_TOKEN": KEY}, {"token": None}),
        ({}, {"model": "poet"}),
        ({}, {"model": "a/b/c"}),
        ({}, {"provider": "newcomer"}),
        ({}, {"provider": "auto"}),
        ({}, {"provider": None, "base_url": "https://llm.example"}),
        ({}, {"model": None, "provider": "local"}),
        ({"HF_HUB_OFFLINE": "1"}, {}),
    ],
)
def test_who_is_not_asked_about(environ: dict[str, str], arguments: dict[str, Any]) -> None:
    given = {name: value for name, value in arguments.items() if value is not None}
    dropped = {name: None for name, value in arguments.items() if value is None}
    assert not asks_for_names(config(environ, **dropped, **given), CHAT)


def test_the_default_model_is_one_of_the_hub_s() -> None:
    assert asks_for_names(config(model=None), CHAT)


@pytest.mark.parametrize(
    ("entries", "for_chat", "for_text"),
    [
        ([("groq", CHAT, "a")], "a", "a"),
        ([("groq", TEXT, "a"), ("groq", CHAT, "b")], "b", "a"),
        ([("together", CHAT, "a"), ("groq", None, "b")], "b", "b"),
        ([("groq", "text-to-image", "a")], MODEL, MODEL),
        ([("together", CHAT, "a")], MODEL, MODEL),
        ([], MODEL, MODEL),
    ],
)
def test_which_id_is_taken(entries: list[Any], for_chat: str, for_text: str) -> None:
    for task, wanted in ((CHAT, for_chat), (TEXT, for_text)):
        route = Naming(task=task, info=info(*entries)).named(chat_route(config()))
        assert route.model == wanted
        assert bool(route.notes) is (wanted == MODEL)
        assert route.credential is not None
        assert route.credential.value == KEY


@pytest.mark.parametrize(
    ("environ", "arguments", "shown"),
    [
        ({}, {}, None),
        ({"HF_TOKEN": "hf_found"}, {}, "hf_found"),
        ({"HF_TOKEN": KEY}, {}, None),
        ({"HF_TOKEN": KEY}, {"token": True}, None),
        ({"HF_TOKEN": KEY}, {"headers": {"Authorization": f"Bearer {KEY}"}, "token": True}, None),
        ({"HF_TOKEN": "hf_found", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, {}, None),
    ],
)
def test_what_the_hub_is_shown(
    environ: dict[str, str], arguments: dict[str, Any], shown: str | None
) -> None:
    asking = hub_config(config(environ, **arguments))
    credential = hub_credential(asking, asking.hub_url)
    assert (None if credential is None else credential.value) == shown


def test_what_the_word_of_the_hub_is_kept_under() -> None:
    key = naming_key(config(), CHAT, MODEL)
    assert key == naming_key(config(token="other-" + KEY), CHAT, MODEL)
    assert key == naming_key(config(timeout=Timeout(first_token=900, total=900)), CHAT, MODEL)
    assert key != naming_key(config(timeout=1), CHAT, MODEL)
    assert key != naming_key(config({"HF_TOKEN": "hf_found"}), CHAT, MODEL)
    assert key != naming_key(config(), TEXT, MODEL)
    assert KEY not in repr(key)


def test_a_client_without_a_free_connection_says_nothing_about_the_hub() -> None:
    assert is_lasting(APIConnectionError("No."))
    assert not is_lasting(PoolTimeoutError("No."))
