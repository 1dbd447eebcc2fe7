"""Routing: which URL, which model, and above all which token goes to whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hfi._core.configuration.config import resolve
from hfi._core.configuration.defaults import CHAT, DEFAULT_MODELS
from hfi._core.configuration.urls import parse_url
from hfi._core.configuration.world import World
from hfi._core.providers import all_providers, find_provider, nearest_provider, provider_names
from hfi._core.request import Credential
from hfi._core.routing import LocalEndpoint, Route, chat_route, hub_route, model_for
from hfi.errors import ConfigurationError, OfflineError

FOUND = "hf_found"
GIVEN = Credential(value="hf_given", source="argument")
OWN = Credential(value="gsk_own", source="argument")
Cases = list[dict[str, Any]]

SERVER = LocalEndpoint("http://127.0.0.1:1234", "local-key", "smollm2-135m")


def route(environ: Mapping[str, str] | None = None, **arguments: Any) -> Route:
    config = resolve(World(environ={"HF_TOKEN": FOUND, **(environ or {})}), **arguments)
    return chat_route(config, server=SERVER if config.is_local else None)


def sent(environ: Mapping[str, str] | None = None, **arguments: Any) -> tuple[str, str] | None:
    """Give scheme and value of the credential that goes along."""
    credential = route(environ, **arguments).credential
    return None if credential is None else (credential.scheme, str(credential.value))


FOUND_SENT = ("Bearer", FOUND)


# -- the found token -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url",
    [
        "https://router.huggingface.co/v1",
        "https://router.huggingface.co:443/groq/openai/v1",
        "https://ROUTER.huggingface.co./v1",
        "https://huggingface.co/some/api",
    ],
)
def test_a_found_token_goes_to_hugging_face(base_url: str) -> None:
    assert sent(base_url=base_url) == FOUND_SENT
    assert sent({"HFI_BASE_URL": base_url}) == FOUND_SENT


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8000/v1",
        "http://localhost:8080",
        "https://example.com/v1",
        "http://huggingface.co/v1",
        "http://router.huggingface.co/v1",
        "https://router.huggingface.co:8443/v1",
        "https://huggingface.co.evil.com",
        "https://evilhuggingface.co",
        "https://router.huggingface.co.evil.com/v1",
        "https://evil.com/router.huggingface.co/v1",
        "https://evil.com?https://router.huggingface.co",
        "https://evil.com#router.huggingface.co",
        "https://user.hf.space/v1",
        "https://x.us-east-1.aws.endpoints.huggingface.cloud",
    ],
)
def test_a_found_token_goes_nowhere_else(base_url: str) -> None:
    for environ in (
        {},
        {"HUGGING_FACE_HUB_TOKEN": FOUND},
        {"HF_ENDPOINT": base_url},
        {"HFI_PROVIDER": "groq"},
    ):
        assert sent(environ, base_url=base_url) is None
        assert sent(environ, model=base_url) is None
    assert sent({"HFI_BASE_URL": base_url}) is None
    assert sent({"HFI_MODEL": base_url}) is None


def test_a_user_name_that_looks_like_a_host() -> None:
    trick = route(base_url="https://huggingface.co@evil.com/v1")
    assert trick.url == "https://evil.com/v1/chat/completions"
    assert trick.credential is not None
    assert trick.credential.scheme == "Basic"
    assert FOUND not in str(trick.credential.value)


def test_a_found_token_never_goes_to_a_provider() -> None:
    for name in provider_names():
        if name == "openai":
            continue
        for token in (FOUND, "sk-not-hugging-face"):
            there = route({"HF_TOKEN": token}, provider=name, model="o/m")
            assert there.url.startswith("https://router.huggingface.co/")
    with pytest.raises(ConfigurationError, match="only its own keys"):
        route({"HF_TOKEN": "sk-x"}, provider="openai", model="gpt")


def test_true_sends_the_found_token_wherever_the_client_points() -> None:
    assert sent(base_url="http://localhost:8080", token=True) == FOUND_SENT
    assert sent({"HFI_BASE_URL": "https://h", "HFI_TOKEN": "k"}, token=True) == FOUND_SENT
    assert sent({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, token=True) == FOUND_SENT
    assert sent(provider="groq", token=True) == FOUND_SENT
    cases: Cases = [{}, {"base_url": "http://localhost:8080"}, {"provider": "hf-inference"}]
    for arguments in cases:
        with pytest.raises(ConfigurationError, match="none was found"):
            route({"HF_TOKEN": ""}, token=True, **arguments)


def test_false_sends_none() -> None:
    assert (
        sent(base_url="https://router.huggingface.co/hf-inference/models/o/m", token=False) is None
    )
    assert sent({"HFI_BASE_URL": "http://h", "HFI_TOKEN": "k"}, token=False) is None
    assert sent(provider="hf-inference", model="o/m", token=False) is None
    with pytest.raises(ConfigurationError, match="token=False was given"):
        route(token=False)


def test_the_token_of_the_base_url() -> None:
    assert sent({"HFI_BASE_URL": "https://h", "HFI_TOKEN": " k\n"}) == ("Bearer", "k")
    assert sent({"HFI_MODEL": "https://h", "HFI_TOKEN": "k"}) == ("Bearer", "k")
    assert sent({"HFI_BASE_URL": "https://router.huggingface.co", "HFI_TOKEN": "k"}) == (
        "Bearer",
        "k",
    )
    # It belongs there alone.
    assert sent({"HFI_BASE_URL": "https://h", "HFI_TOKEN": "k"}, base_url="https://h2") is None
    assert sent({"HFI_TOKEN": "k"}, base_url="https://h") is None
    assert sent({"HFI_TOKEN": "k"}) == FOUND_SENT
    assert sent({"HFI_BASE_URL": "https://h", "HFI_TOKEN": "k"}, provider="groq") == FOUND_SENT
    with pytest.raises(ConfigurationError, match="HFI_TOKEN belongs to HFI_BASE_URL alone"):
        route({"HF_TOKEN": "", "HFI_TOKEN": "k"})
    explicit = sent({"HFI_BASE_URL": "https://h", "HFI_TOKEN": "k"}, token="mine")
    assert explicit == ("Bearer", "mine")
    with pytest.raises(ConfigurationError, match=r"\(HFI_TOKEN\) holds"):
        route({"HFI_BASE_URL": "https://h", "HFI_TOKEN": "a b"})


def test_logins_in_urls_become_basic_credentials() -> None:
    basic = ("Basic", "dTpwQA==")
    assert sent(base_url="https://u:p%40@h/v1") == basic
    assert sent(model="https://u:p%40@h/v1") == basic
    assert sent(base_url="https://u:p%40@h/v1", token=False) == basic
    assert sent({"HFI_BASE_URL": "https://u:p%40@h/v1"}) == basic
    assert sent({"HFI_BASE_URL": "https://u:p%40@h/v1"}, token="k") == ("Bearer", "k")
    assert sent({"HFI_BASE_URL": "https://u:p%40@h/v1"}, base_url="https://h2") is None
    assert route(base_url="https://u:p%40@h/v1").url == "https://h/v1/chat/completions"


def test_the_users_own_authorization_wins() -> None:
    headers = {"Authorization": "Custom abc"}
    assert sent(headers=headers) == ("Custom", "abc")
    assert sent(headers=headers, token="hf_given") == ("Custom", "abc")
    assert sent(headers=headers, base_url="https://u:p@h") == ("Custom", "abc")
    assert sent({"HF_TOKEN": ""}, headers=headers) == ("Custom", "abc")
    assert sent(headers=headers, provider="local") == ("Bearer", "local-key")
    bearer = {"Authorization": "Bearer gsk_own"}
    assert route(headers=bearer, provider="groq").url.startswith("https://api.groq.com/")
    assert "authorization" not in route(headers=headers).headers


def test_explicit_tokens_go_where_the_client_points() -> None:
    assert sent(base_url="https://h", token="hf_given") == ("Bearer", "hf_given")
    assert route(base_url="https://h", token="hf_given").warnings == ()

    def fresh() -> str:
        return "hf_fresh"

    cases: Cases = [{"base_url": "https://h"}, {}, {"provider": "groq"}]
    for arguments in cases:
        credential = route(token=fresh, **arguments).credential
        assert credential is not None
        assert credential.value is fresh


@pytest.mark.parametrize(
    ("base_url", "warned"),
    [
        ("http://example.com", True),
        ("http://10.0.0.5:8000", True),
        ("http://localhost.evil.com", True),
        ("http://localhost:8080", False),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("https://example.com", False),
    ],
)
def test_one_warning_for_a_token_over_plain_http(base_url: str, warned: bool) -> None:
    cases: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({}, {"base_url": base_url, "token": "hf_given"}),
        ({}, {"base_url": base_url, "token": True}),
        ({}, {"base_url": base_url, "headers": {"Authorization": "Bearer k"}}),
        ({"HFI_BASE_URL": base_url, "HFI_TOKEN": "k"}, {}),
    ]
    for environ, arguments in cases:
        warnings = route(environ, **arguments).warnings
        assert len(warnings) == warned
        assert all("plain http" in text and "hf_given" not in text for text in warnings)
    assert route(base_url=base_url).warnings == ()


# -- no token --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"provider": "groq"},
        {"model": "o/m:groq"},
        {"base_url": "https://router.huggingface.co/v1"},
    ],
)
def test_no_token_says_the_three_ways_on(arguments: dict[str, Any]) -> None:
    config = resolve(World(), **arguments)  # making a client needs none
    with pytest.raises(ConfigurationError) as caught:
        chat_route(config)
    text = str(caught.value)
    assert "HF_TOKEN" in text
    assert "hf auth login" in text
    assert 'provider="local"' in text


def test_an_implicit_token_can_be_forbidden() -> None:
    environ = {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    with pytest.raises(ConfigurationError, match="HF_HUB_DISABLE_IMPLICIT_TOKEN keeps"):
        route(environ)
    assert sent(environ, provider="hf-inference", model="o/m") is None
    assert sent(environ, token="hf_given") == ("Bearer", "hf_given")
    assert sent({**environ, "HFI_BASE_URL": "https://h", "HFI_TOKEN": "k"}) == ("Bearer", "k")
    config = resolve(World(environ={"HF_TOKEN": FOUND, **environ}))
    assert hub_route(config, "/api/models").credential is None


def test_a_bad_found_token_is_reported_when_it_would_be_sent() -> None:
    with pytest.raises(ConfigurationError, match=r"\(HF_TOKEN\) holds"):
        route({"HF_TOKEN": "hf_a hf_b"})
    assert sent({"HF_TOKEN": "hf_a hf_b"}, base_url="https://h") is None
    assert sent({"HF_TOKEN": "hf_a hf_b"}, token="hf_given") == ("Bearer", "hf_given")


# -- providers -------------------------------------------------------------------------------------


def test_a_hugging_face_token_goes_through_the_router() -> None:
    for name in (*provider_names(), "new-provider"):
        if name == "openai":
            continue
        there = route(provider=name, model="o/m", token="hf_given")
        assert there.credential == GIVEN
        assert there.provider == name
        if name == "hf-inference":
            assert there.url == (
                "https://router.huggingface.co/hf-inference/models/o/m/v1/chat/completions"
            )
            assert there.model == "o/m"
        else:
            assert there.url == "https://router.huggingface.co/v1/chat/completions"
            assert there.model == f"o/m:{name}"


def test_an_own_key_goes_straight_to_its_provider() -> None:
    zai = route(provider="zai-org", model="o/m", token="gsk_own")
    assert zai.url == "https://api.z.ai/api/paas/v4/chat/completions"
    assert zai.credential == OWN
    assert (zai.model, zai.provider) == ("o/m", "zai-org")
    assert zai.headers["x-source-channel"] == "hugging_face"
    assert route(provider="cohere", token="gsk_own").dialect == "cohere"
    openai = route(provider="openai", model="gpt-x", token="sk-own")
    assert openai.url == "https://api.openai.com/v1/chat/completions"
    called = route(provider="openai", model="gpt-x", token=lambda: "sk-own")
    assert called.url == openai.url
    inference = route(provider="hf-inference", model="o/m", token="gsk_own")
    assert inference.url.startswith("https://router.huggingface.co/hf-inference/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"token": "gsk_own"}, "does not begin with hf_"),
        ({"provider": "fastest", "token": "gsk_own"}, "does not begin with hf_"),
        ({"provider": "openai", "token": "hf_given", "model": "gpt"}, "only its own keys"),
        ({"provider": "openai", "model": "gpt"}, "only its own keys"),
        ({"provider": "openai", "token": "sk-own"}, "needs model="),
        ({"provider": "fal-ai", "token": "own"}, "no chat API"),
        ({"provider": "nebius", "token": "own"}, "no chat API"),
        ({"provider": "togehter", "token": "own"}, "Did you mean 'together'?"),
        ({"provider": "hf-inference", "model": "o/../../x"}, "not the id of a model"),
        ({"model": "/weights/x.gguf"}, 'provider="local"'),
        ({"model": "smollm2-135m"}, 'provider="local"'),
    ],
)
def test_what_a_provider_does_not_take(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        route(**arguments)
    assert words in str(caught.value)


def test_direct_urls_agree_with_the_recorded_client(fixtures_dir: Path) -> None:
    seen = set()
    for file in sorted((fixtures_dir / "requests" / "huggingface_hub").glob("*--conv*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        provider = document["provider"]
        row = find_provider(provider)
        for record in document["records"]:
            urls = [request["url"] for request in record["requests"]]
            if row is None or record["call"]["auth"] != "key" or not urls:
                continue
            there = route(provider=provider, model="test-org/test-model", token="own-key")
            assert there.url in urls, record["id"]
            seen.add(provider)
    assert len(seen) > 5


def test_the_embedded_model_on_the_router_by_its_id_on_the_hub() -> None:
    model = "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert route(model=model).model == model
    assert route(provider="local", model=model).local


def test_slips_are_told_and_sent() -> None:
    slip = route(provider="grok", model="o/m")
    assert slip.model == "o/m:grok"
    assert len(slip.warnings) == 1
    assert "'groq'" in slip.warnings[0]
    assert "'groq'" in route(model="o/m:grok").warnings[0]
    assert "'fastest'" in route(model="o/m:fasttest").warnings[0]
    for fine in ("groq", "sambanova", "fastest", "a-brand-new-one"):
        assert route(provider=fine, model="o/m").warnings == ()
    assert nearest_provider("auto") is None


def test_which_provider_is_named() -> None:
    assert route(model="o/m").provider is None
    assert route(model="o/m:groq").provider == "groq"
    assert route(model="o/m:fastest").provider is None
    assert route(provider="cheapest", model="o/m").provider is None
    assert route(base_url="http://h").provider is None
    assert route(provider="local").provider == "local"


def test_falling_over_along_a_sequence() -> None:
    config = resolve(World(environ={"HF_TOKEN": FOUND}), provider=["groq", "auto", "local"])
    models = [
        chat_route(config, provider=p, model="o/m", server=SERVER).model for p in config.providers
    ]
    assert models == ["o/m:groq", "o/m", "smollm2-135m"]
    assert chat_route(config, provider="together", model="o/m").model == "o/m:together"


def test_the_embedded_server() -> None:
    local = route(provider="local", token="hf_given", bill_to="org")
    assert local.url == "http://127.0.0.1:1234/v1/chat/completions"
    assert local.credential == Credential(value="local-key", source="embedded server")
    assert (local.model, local.local, local.warnings) == ("smollm2-135m", True, ())
    assert "local-key" not in repr(local)
    assert "local-key" not in repr(SERVER)
    with pytest.raises(ConfigurationError, match="not running"):
        chat_route(resolve(World(), provider="local"))


# -- billing ---------------------------------------------------------------------------------------


def test_who_pays() -> None:
    bill = {"x-hf-bill-to": "org"}
    assert route(bill_to="org").headers == bill
    assert route(bill_to="org", provider="groq").headers == bill
    assert route(bill_to="org", provider="hf-inference", model="o/m").headers == bill
    assert route(bill_to="org", base_url="https://router.huggingface.co/v1").headers == bill
    cases: Cases = [{"provider": "groq", "token": "gsk_own"}, {"base_url": "https://h"}]
    for arguments in cases:
        there = route(bill_to="org", **arguments)
        assert "x-hf-bill-to" not in there.headers
        assert len(there.warnings) == 1
        assert "bill_to is ignored" in there.warnings[0]


# -- offline ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_refuses_hugging_face_and_providers(name: str) -> None:
    environ = {name: "1"}
    cases: Cases = [
        {},
        {"provider": "groq"},
        {"provider": "groq", "token": "gsk_own"},
        {"provider": "hf-inference", "model": "o/m"},
    ]
    for arguments in cases:
        with pytest.raises(OfflineError, match=name):
            route(environ, **arguments)
    for base_url in (
        "https://router.huggingface.co/v1",
        "https://x.endpoints.huggingface.cloud",
        "https://api.groq.com/openai/v1",
    ):
        with pytest.raises(OfflineError, match=name):
            route({**environ, "HFI_BASE_URL": base_url})
        assert route(environ, base_url=base_url).url.startswith(base_url)
    assert route({**environ, "HFI_BASE_URL": "http://h"}).url == "http://h/v1/chat/completions"
    assert route(environ, provider="local").local
    with pytest.raises(OfflineError, match=r"huggingface\.co"):
        hub_route(resolve(World(environ=environ)), "/api/models")
    with pytest.raises(OfflineError, match="mirror"):
        hub_route(resolve(World(environ={**environ, "HF_ENDPOINT": "http://mirror"})), "/api")


# -- the Hub ---------------------------------------------------------------------------------------


def hub(environ: Mapping[str, str] | None = None, path: str = "/api/x", **arguments: Any) -> Route:
    config = resolve(World(environ={"HF_TOKEN": FOUND, **(environ or {})}), **arguments)
    return hub_route(config, path)


def hub_token(
    environ: Mapping[str, str] | None = None, path: str = "/api/x", **arguments: Any
) -> Any:
    credential = hub(environ, path, **arguments).credential
    return None if credential is None else credential.value


MIRROR = {"HF_ENDPOINT": "https://mirror.example/hf/"}


def test_hub_urls() -> None:
    config = resolve(World())
    assert hub_route(config, "/api/models/o/m", {"expand": ["gguf", "config"]}).url == (
        "https://huggingface.co/api/models/o/m?expand=gguf&expand=config"
    )
    assert hub(MIRROR).url == "https://mirror.example/hf/api/x"
    page = "https://huggingface.co/api/models?cursor=abc%3D"
    assert hub(path=page).url == page
    assert hub(path=page).credential is not None
    assert hub(path="https://evil.com/api/models").credential is None
    for bad in ("nonsense", "ftp://h", "https://u:hunter2@h"):
        with pytest.raises(ConfigurationError, match="HF_ENDPOINT") as caught:
            hub({"HF_ENDPOINT": bad})
        assert "hunter2" not in str(caught.value)


def test_tokens_for_the_hub() -> None:
    assert hub_token() == FOUND
    assert hub_token(token="hf_given") == "hf_given"
    assert hub_token(token=False) is None
    assert hub_token({"HF_TOKEN": ""}) is None
    # A key that is not Hugging Face's stays away; the found token stands in.
    assert hub_token(token="gsk_own", provider="groq") == FOUND
    assert hub_token(token="server-key", base_url="http://h") == FOUND
    assert hub_token(token=lambda: "server-key", base_url="http://h") == FOUND
    assert hub_token(headers={"Authorization": "Bearer own"}) == FOUND
    assert hub_token({"HFI_BASE_URL": "http://h", "HFI_TOKEN": "k"}) == FOUND
    assert hub_token(token="hf_given", base_url="http://h") == "hf_given"


def test_tokens_for_a_mirror_of_the_hub() -> None:
    assert hub_token(MIRROR) is None
    assert hub_token(MIRROR, token=True) == FOUND
    assert hub_token(MIRROR, token="hf_given") == "hf_given"
    assert hub_token(MIRROR, token="hf_given", base_url="http://h") is None
    assert hub_token(MIRROR, token="gsk_own", provider="groq") is None
    assert hub_token({"HF_ENDPOINT": "http://huggingface.co"}) is None
    assert len(hub({"HF_ENDPOINT": "http://m"}, token="hf_given").warnings) == 1


def test_the_users_headers_stay_away_from_the_hub() -> None:
    assert hub(headers={"x-api-key": "k"}, bill_to="org").headers == {}


# -- data ------------------------------------------------------------------------------------------


def test_models_by_task() -> None:
    config = resolve(World())
    assert model_for(config, CHAT) == DEFAULT_MODELS[CHAT]
    assert model_for(config, "text-to-image") == DEFAULT_MODELS["text-to-image"]
    assert model_for(config, "no-such-task") is None
    assert model_for(config.evolve(model="o/m"), "text-to-image") == "o/m"
    assert model_for(config.evolve(base_url="http://h"), CHAT) is None
    assert model_for(config.evolve(provider="local"), CHAT) is None
    assert all(model.count("/") == 1 for model in DEFAULT_MODELS.values())


def test_the_table_of_providers() -> None:
    for name, row in ((each.name, each) for each in all_providers()):
        assert name == row.name == name.lower()
        if row.base is not None:
            assert parse_url(row.base, name=name).scheme == "https"
            assert parse_url(row.base, name=name).path == ""
        if row.chat is not None:
            assert row.chat.endswith("/chat/completions")
        assert all(header == header.lower() for header in row.headers)


def test_every_route_says_why() -> None:
    cases: Cases = [
        {},
        {"model": "o/m:groq"},
        {"provider": "groq"},
        {"provider": "groq", "token": "gsk_own"},
        {"provider": "hf-inference", "model": "o/m"},
        {"provider": "local"},
        {"base_url": "http://h"},
        {"model": "http://h"},
    ]
    for arguments in cases:
        reason = route(**arguments).reason
        assert reason.endswith(".")
    assert "HFI_BASE_URL" in route({"HFI_BASE_URL": "http://h"}).reason


def test_the_page_on_configuration_has_the_tables(project_dir: Path) -> None:
    page = (project_dir / "docs" / "configuration.md").read_text(encoding="utf-8")
    for task, model in DEFAULT_MODELS.items():
        assert f"| `{task}` | `{model}` |" in page
    for name, row in ((each.name, each) for each in all_providers()):
        if row.base is not None and row.chat is not None:
            assert f"| `{name}` | `{row.base}{row.chat}` |" in page
        else:
            assert f"| `{name}` | " in page
