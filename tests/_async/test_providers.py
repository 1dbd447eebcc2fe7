"""``providers``: who serves a model, by the Hub's word and the router's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, ModelProvider, ProviderList, errors

TOKEN = "hf_" + "a" * 20
MODEL = "org/poet"
MAPPING = {
    "groq": {"status": "live", "providerId": "poet-8b", "task": "conversational"},
    "nebius": {"status": "error", "providerId": "org/poet-fast", "task": "conversational"},
    "featherless-ai": {"status": "live", "providerId": MODEL, "task": "text-generation"},
}
GROQ = {
    "provider": "groq",
    "status": "live",
    "context_length": 131072,
    "pricing": {"input": 0.15, "output": 0.6},
    "is_free": False,
    "supports_tools": True,
    "supports_structured_output": False,
    "first_token_latency_ms": 182,
    "throughput": 512.4,
    "is_model_author": False,
}
LATE = {"provider": "newcomer", "status": "live", "pricing": {"input": "1", "output": None}}


class Hub:
    """The Hub and the router."""

    def __init__(self, router: Any = None, tags: tuple[str, ...] = ("conversational",)) -> None:
        self.seen: list[httpx.Request] = []
        self._router = router if router is not None else {"id": MODEL, "providers": [GROQ, LATE]}
        self._tags = tags

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.host == "huggingface.co":
            mapping = MAPPING if self._tags else {"fal-ai": _entry(), "stranger": _entry()}
            facts = {"id": MODEL, "tags": list(self._tags), "inferenceProviderMapping": mapping}
            return httpx.Response(200, json=facts)
        assert request.url.path == f"/v1/models/{MODEL}"
        if isinstance(self._router, int):
            return httpx.Response(self._router, json={"error": "no"})
        if isinstance(self._router, bytes):
            return httpx.Response(200, content=self._router)
        return httpx.Response(200, json=self._router)


def _entry() -> dict[str, str]:
    return {"status": "live", "providerId": "x/y", "task": "text-to-image"}


def client_of(hub: Hub, **options: Any) -> AsyncClient:
    return AsyncClient(
        MODEL,
        **{"token": TOKEN, "transport": httpx.MockTransport(hub), "max_retries": 0, **options},
    )


async def test_the_router_s_facts_join_the_hub_s() -> None:
    hub = Hub()
    async with client_of(hub) as client:
        found = await client.providers()
    assert isinstance(found, ProviderList)
    assert [each.provider for each in found] == ["groq", "nebius", "featherless-ai", "newcomer"]
    groq, nebius, featherless, newcomer = found
    assert groq == ModelProvider(
        provider="groq",
        task="conversational",
        status="live",
        provider_id="poet-8b",
        context_length=131072,
        input_price=0.15,
        output_price=0.6,
        is_free=False,
        first_token=0.182,
        throughput=512.4,
        supports_tools=True,
        supports_structured_output=False,
    )
    assert (nebius.status, nebius.is_live, nebius.is_supported) == ("error", False, True)
    assert (featherless.task, featherless.is_supported) == ("text-generation", True)
    assert (newcomer.input_price, newcomer.output_price, newcomer.provider_id) == (1.0, None, None)
    assert found.reason is None
    assert [each.headers.get("authorization") for each in hub.seen] == [f"Bearer {TOKEN}"] * 2


async def test_a_table() -> None:
    async with client_of(Hub()) as client:
        found = await client.providers(MODEL)
    lines = str(found).split("\n")
    assert " ".join(lines[0].split()) == (
        "provider task status id there context $/M in $/M out tokens/s first token features"
    )
    assert " ".join(lines[1].split()) == (
        "groq conversational live poet-8b 131072 0.15 0.6 512 0.18 s tools"
    )
    assert len(lines) == 5
    assert repr(found) == ("<ProviderList of org/poet: groq, nebius, featherless-ai, newcomer>")
    assert repr(found[:1]) == "<ProviderList of org/poet: groq>"
    assert "<table" in found._repr_html_()
    assert str(ProviderList(model="a/b")) == "Nobody serves a/b."


async def test_a_model_that_does_not_chat_is_not_asked_after_at_the_router() -> None:
    hub = Hub(tags=())
    async with client_of(hub) as client:
        found = await client.providers()
    assert [(each.provider, each.is_supported) for each in found] == [
        ("fal-ai", True),
        ("stranger", False),
    ]
    assert {request.url.host for request in hub.seen} == {"huggingface.co"}
    assert "not known to hfi" in str(found)
    assert "context" not in str(found)  # a column that nobody fills


@pytest.mark.parametrize(
    ("router", "told"),
    [
        (404, "does not list"),
        (500, "does not tell"),
        (b"<html>", "not about a model"),
        ([1], "not about a model"),
        ({"providers": None}, "not about a model"),
    ],
)
async def test_without_the_router_the_hub_s_word_is_left(router: Any, told: str) -> None:
    async with client_of(Hub(router)) as client:
        found = await client.providers()
    assert [each.provider for each in found] == ["groq", "nebius", "featherless-ai"]
    assert found.reason is not None
    assert told in found.reason
    assert found.reason in str(found)
    assert found[0].context_length is None


@pytest.mark.parametrize(
    "entry",
    [
        None,
        3,
        {},
        {"provider": ""},
        {"provider": "groq", "pricing": "free", "throughput": {}, "context_length": "many"},
        {"provider": "groq", "pricing": [1], "first_token_latency_ms": "soon"},
    ],
)
async def test_sloppy_facts_are_left_out(entry: Any) -> None:
    async with client_of(Hub({"providers": [entry]})) as client:
        found = await client.providers()
    assert found[0].provider == "groq"
    assert found[0].input_price is None


async def test_a_provider_s_own_key_does_not_go_to_the_router() -> None:
    hub = Hub()
    async with client_of(hub, token="gsk-" + "b" * 20, provider="groq") as client:
        await client.providers()
    assert not any("authorization" in request.headers for request in hub.seen)


async def test_what_the_hub_says_of_the_model_counts_for_an_hour() -> None:
    hub = Hub()
    async with client_of(hub) as client:
        await client.providers()
        await client.providers()
        assert [request.url.host for request in hub.seen].count("huggingface.co") == 1
        await client.providers(refresh=True)
    assert [request.url.host for request in hub.seen].count("huggingface.co") == 2
    assert [request.url.host for request in hub.seen].count("router.huggingface.co") == 3


async def test_the_entry_of_the_documentation(fixtures_dir: Path) -> None:
    text = (fixtures_dir / "hub" / "docs-router-v1-models-entry.json").read_text(encoding="utf-8")
    entry = json.loads(text)["entry"]
    async with client_of(Hub(entry)) as client:
        found = await client.providers()
    assert found.reason is None
    named = {each["provider"] for each in entry["providers"]}
    assert named <= {each.provider for each in found}
    priced = [each for each in entry["providers"] if "pricing" in each]
    prices = {each.provider: each.input_price for each in found}
    assert all(prices[each["provider"]] == each["pricing"]["input"] for each in priced)


async def test_without_a_model_there_is_nothing_to_tell() -> None:
    async with AsyncClient(token=TOKEN) as client:
        with pytest.raises(errors.ConfigurationError):
            await client.providers()
