"""Configuration: explicit over environment over default, settled once and again for each call."""

from __future__ import annotations

import copy
import functools
import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import pytest

from hfi._core.configuration.choices import provider_names, split_suffix
from hfi._core.configuration.config import DEFAULT_MAX_WAIT, ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.request import Credential
from hfi._core.routing import LocalEndpoint, chat_route
from hfi.errors import ConfigurationError
from hfi.types.settings import Timeout

SECRET = "hf_abcSECRETdef"
SERVER = LocalEndpoint("http://127.0.0.1:1234", "local-key", "smollm2-135m")
ROUTER = "https://router.huggingface.co/v1/chat/completions"
DEFAULT = "openai/gpt-oss-120b"
GGUF = "/weights/x.gguf"


def world(**environ: str) -> World:
    return World(environ={"HF_TOKEN": "hf_found", **environ}, home="/home/u")


A, B = "http://a", "http://b"
A_CHAT, B_CHAT = f"{A}/v1/chat/completions", f"{B}/v1/chat/completions"
LOCAL_CHAT = f"{SERVER.url}/v1/chat/completions"
ALIAS = SERVER.model

# (environment, arguments) -> (URL, model in the payload)
PRECEDENCE: list[tuple[dict[str, str], dict[str, Any], str, str | None]] = [
    # nothing, or one thing
    ({}, {}, ROUTER, DEFAULT),
    ({}, {"model": "o/m"}, ROUTER, "o/m"),
    ({}, {"model": "o/m:fastest"}, ROUTER, "o/m:fastest"),
    ({}, {"provider": "groq"}, ROUTER, f"{DEFAULT}:groq"),
    ({}, {"provider": "Groq", "model": "o/m"}, ROUTER, "o/m:groq"),
    ({}, {"provider": ["groq", "local"], "model": "o/m"}, ROUTER, "o/m:groq"),
    ({}, {"provider": ["auto", "local"], "model": "o/m"}, ROUTER, "o/m"),
    ({}, {"provider": "cheapest", "model": "o/m"}, ROUTER, "o/m:cheapest"),
    ({}, {"base_url": A}, A_CHAT, None),
    ({}, {"base_url": A, "model": "llama3:8b"}, A_CHAT, "llama3:8b"),
    ({}, {"model": A}, A_CHAT, None),
    ({}, {"provider": "local"}, LOCAL_CHAT, ALIAS),
    ({}, {"provider": "local", "model": GGUF}, LOCAL_CHAT, ALIAS),
    # the environment alone
    ({"HFI_MODEL": "e/m"}, {}, ROUTER, "e/m"),
    ({"HFI_MODEL": "e/m:groq"}, {}, ROUTER, "e/m:groq"),
    ({"HFI_MODEL": "  "}, {}, ROUTER, DEFAULT),
    ({"HFI_PROVIDER": "together"}, {}, ROUTER, f"{DEFAULT}:together"),
    ({"HFI_PROVIDER": "together, local"}, {}, ROUTER, f"{DEFAULT}:together"),
    ({"HFI_PROVIDER": "auto"}, {}, ROUTER, DEFAULT),
    ({"HFI_PROVIDER": "local"}, {}, LOCAL_CHAT, ALIAS),
    ({"HFI_PROVIDER": "local", "HFI_MODEL": "e/m"}, {}, LOCAL_CHAT, ALIAS),
    ({"HFI_BASE_URL": B}, {}, B_CHAT, None),
    ({"HFI_BASE_URL": B, "HFI_MODEL": "e/m"}, {}, B_CHAT, "e/m"),
    ({"HFI_MODEL": B}, {}, B_CHAT, None),
    ({"HFI_BASE_URL": B, "HFI_PROVIDER": "auto"}, {}, B_CHAT, None),
    # an explicit model
    ({"HFI_MODEL": "e/m"}, {"model": "o/m"}, ROUTER, "o/m"),
    ({"HFI_MODEL": B}, {"model": "o/m"}, ROUTER, "o/m"),
    ({"HFI_BASE_URL": B}, {"model": "o/m"}, B_CHAT, "o/m"),
    ({"HFI_BASE_URL": B}, {"model": "llama3:8b"}, B_CHAT, "llama3:8b"),
    ({"HFI_PROVIDER": "together"}, {"model": "o/m"}, ROUTER, "o/m:together"),
    ({"HFI_PROVIDER": "together"}, {"model": "o/m:groq"}, ROUTER, "o/m:groq"),
    ({"HFI_PROVIDER": "local"}, {"model": "o/m"}, ROUTER, "o/m"),
    ({"HFI_PROVIDER": "local"}, {"model": GGUF}, LOCAL_CHAT, ALIAS),
    # an explicit server
    ({"HFI_BASE_URL": B}, {"base_url": A}, A_CHAT, None),
    ({"HFI_BASE_URL": B}, {"model": A}, A_CHAT, None),
    ({"HFI_MODEL": B}, {"base_url": A}, A_CHAT, None),
    ({"HFI_MODEL": "e/m"}, {"base_url": A}, A_CHAT, None),
    ({"HFI_PROVIDER": "groq"}, {"base_url": A}, A_CHAT, None),
    ({"HFI_PROVIDER": "local"}, {"model": A}, A_CHAT, None),
    ({"HFI_BASE_URL": "nonsense"}, {"base_url": A}, A_CHAT, None),
    # an explicit provider
    ({"HFI_PROVIDER": "together"}, {"provider": "groq"}, ROUTER, f"{DEFAULT}:groq"),
    ({"HFI_BASE_URL": B}, {"provider": "groq"}, ROUTER, f"{DEFAULT}:groq"),
    ({"HFI_BASE_URL": B}, {"provider": "local"}, LOCAL_CHAT, ALIAS),
    ({"HFI_MODEL": B}, {"provider": "groq"}, ROUTER, f"{DEFAULT}:groq"),
    ({"HFI_MODEL": "e/m"}, {"provider": "groq"}, ROUTER, "e/m:groq"),
    ({"HFI_MODEL": "e/m:together"}, {"provider": "groq"}, ROUTER, "e/m:groq"),
    ({"HFI_PROVIDER": "a bad one", "HFI_BASE_URL": "x"}, {"provider": "local"}, LOCAL_CHAT, ALIAS),
]


@pytest.mark.parametrize(("environ", "arguments", "url", "model"), PRECEDENCE)
def test_precedence(
    environ: dict[str, str], arguments: dict[str, Any], url: str, model: str | None
) -> None:
    config = resolve(world(**environ), **arguments)
    route = chat_route(config, server=SERVER if config.is_local else None)
    assert (route.url, route.model) == (url, model)
    assert route.local is (url == LOCAL_CHAT)


# A client with one of these in its environment alone is an error already.
BROKEN = {"nonsense", "x", "a bad one"}


@pytest.mark.parametrize(
    ("environ", "arguments", "url", "model"),
    [row for row in PRECEDENCE if row[1] and not BROKEN & set(row[0].values())],
)
def test_a_call_decides_as_a_client_does(
    environ: dict[str, str], arguments: dict[str, Any], url: str, model: str | None
) -> None:
    config = resolve(world(**environ)).evolve(**arguments)
    route = chat_route(config, server=SERVER if config.is_local else None)
    assert (route.url, route.model) == (url, model)


@pytest.mark.parametrize(
    ("environ", "arguments", "words"),
    [
        ({}, {"base_url": A, "provider": "groq"}, "names another place"),
        ({}, {"model": A, "provider": "groq"}, "names another place"),
        ({}, {"base_url": A, "provider": "local"}, "names another place"),
        ({}, {"base_url": A, "model": B}, "base_url is given too"),
        ({}, {"model": "o/m:groq", "provider": "together"}, "after the colon"),
        ({}, {"model": "o/m:fastest", "provider": "together"}, "after the colon"),
        ({}, {"model": "o/m:groq", "provider": ["together", "local"]}, "after the colon"),
        ({}, {"model": "o/m:"}, "not the id of a model"),
        ({}, {"model": "o/m", "provider": "local"}, "it has no 'o/m'"),
        ({}, {"model": ""}, "model is empty"),
        ({}, {"model": 5}, "must be a string"),
        ({}, {"model": "ftp://h"}, "neither http nor https"),
        ({}, {"base_url": ""}, "base_url is empty"),
        ({}, {"base_url": 5}, "must be a URL"),
        ({}, {"base_url": "localhost:8080"}, 'Did you mean "http://localhost:8080"'),
        ({}, {"provider": []}, "empty sequence"),
        ({}, {"provider": ""}, "not the name of a provider"),
        ({}, {"provider": "groq,together"}, "not the name of a provider"),
        ({}, {"provider": ["local", "groq"]}, "alone or last"),
        ({}, {"provider": 5}, "must be a name"),
        ({}, {"provider": b"groq"}, "must be a name"),
        ({}, {"provider": ["groq", 5]}, "not the name of a provider"),
        ({}, {"provider": ["groq", "together"], "token": "gsk_1"}, "to several"),
        (
            {},
            {"provider": ["groq", "together"], "headers": {"Authorization": "Bearer gsk_1"}},
            "to several",
        ),
        ({}, {"base_url": "http://u:p@h", "token": "hf_x"}, "user name and password"),
        ({}, {"base_url": "http://u:p@h", "token": True}, "user name and password"),
        ({"HFI_BASE_URL": B, "HFI_MODEL": A}, {}, "both name a server"),
        ({"HFI_BASE_URL": B, "HFI_PROVIDER": "groq"}, {}, "HFI_PROVIDER names a provider"),
        ({"HFI_MODEL": B, "HFI_PROVIDER": "groq"}, {}, "HFI_PROVIDER names a provider"),
        ({"HFI_MODEL": "e/m:groq", "HFI_PROVIDER": "together"}, {}, "two choices of provider"),
        ({"HFI_BASE_URL": "http://u:p@h", "HFI_TOKEN": "k"}, {}, "HFI_TOKEN is set too"),
        ({"HFI_BASE_URL": "nonsense"}, {}, "HFI_BASE_URL must begin"),
        ({"HFI_PROVIDER": "a bad one"}, {}, "HFI_PROVIDER: 'a bad one'"),
        ({}, {"max_retries": -1}, "max_retries"),
        ({}, {"max_retries": True}, "max_retries"),
        ({}, {"max_retries": 1.5}, "max_retries"),
        ({}, {"max_wait": -1}, "max_wait"),
        ({}, {"max_wait": float("nan")}, "max_wait"),
        ({}, {"max_wait": "5"}, "max_wait"),
        ({}, {"timeout": 0}, "Timeout.first_token"),
        ({}, {"timeout": "5"}, "Timeout.first_token"),
        ({}, {"on_wait": 5}, "on_wait"),
        ({}, {"bill_to": ""}, "bill_to"),
        ({}, {"bill_to": "org\r\nx: y"}, "bill_to"),
        ({}, {"bill_to": 5}, "bill_to"),
        ({}, {"headers": [("a", "b")]}, "headers must be a mapping"),
        ({}, {"headers": {"a b": "c"}}, "not the name of a header"),
        ({}, {"headers": {"": "c"}}, "not the name of a header"),
        ({}, {"headers": {5: "c"}}, "not the name of a header"),
        ({}, {"headers": {"Content-Length": "5"}}, "set by the transport"),
        ({}, {"headers": {"x-n": 5}}, "must be a string"),
        ({}, {"headers": {"Authorization": " "}}, "is empty"),
        ({}, {"aliases": ["a"]}, "aliases must be a mapping"),
        ({}, {"aliases": {"a": ""}}, "aliases: 'a'"),
        ({}, {"aliases": {"a": "http://h"}}, "aliases: 'a'"),
        ({}, {"modle": "o/m"}, "Did you mean 'model'"),
        ({}, {"zzz": 1}, "no option 'zzz'"),
    ],
)
def test_what_does_not_fit_together(
    environ: dict[str, str], arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve(world(**environ), **arguments)
    assert words in str(caught.value)


def test_nothing_of_the_environment_is_an_error_before_it_is_used() -> None:
    broken = world(HF_TOKEN="a b", HF_ENDPOINT="nonsense", HFI_TOKEN="a\nb", HFI_LOCAL_MODEL="?")
    assert chat_route(resolve(broken, base_url=A)).url == A_CHAT
    assert resolve(broken).providers == ("auto",)


def test_defaults() -> None:
    config = resolve(World())
    assert config.timeout == Timeout()
    assert (config.max_retries, config.max_wait) == (2, DEFAULT_MAX_WAIT)
    assert config.hub_url == "https://huggingface.co"
    assert config.token is None
    assert not config.offline


@pytest.mark.parametrize("value", ["1", "ON", "yes", "True", " true "])
@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline(name: str, value: str) -> None:
    assert resolve(world(**{name: value})).offline
    assert not resolve(world(**{name: "0"})).offline


def test_local_models() -> None:
    environ = world(HFI_LOCAL_MODEL="/env/y.gguf")
    assert resolve(environ, provider="local").local_model == "/env/y.gguf"
    assert resolve(environ, provider="local", model=GGUF).local_model == GGUF
    path = PurePosixPath(GGUF)
    assert resolve(environ, provider="local", model=path).local_model == GGUF
    assert resolve(environ, provider="local", model="SmolLM2-135M").local_model == "SmolLM2-135M"
    assert resolve(world(), provider="local").local_model is None
    windows = "C:\\models\\x.gguf"
    assert resolve(world(), provider="local", model=windows).local_model == windows
    fall_over = resolve(environ, provider=["groq", "local"], model="o/m")
    assert not fall_over.is_local
    assert fall_over.evolve(provider="local").local_model == "/env/y.gguf"


def test_provider_names() -> None:
    assert provider_names(" Groq ", name="p") == ("groq",)
    assert provider_names(("a", "b", "A"), name="p") == ("a", "b")


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("o/m", ("o/m", None)),
        ("o/m:groq", ("o/m", "groq")),
        ("o/m:a:groq", ("o/m:a", "groq")),
        ("o:x/m", ("o:x/m", None)),
        ("m:groq", ("m", "groq")),
        ("o/m:", ("o/m", "")),
    ],
)
def test_suffixes(model: str, parts: tuple[str, str | None]) -> None:
    assert split_suffix(model) == parts


def test_aliases() -> None:
    config = resolve(world(), aliases={"big": "o/big", "quick": "o/m:fastest"})
    assert chat_route(config, model="big").model == "o/big"
    assert chat_route(config, model="big:groq").model == "o/big:groq"
    assert chat_route(config, model="quick").model == "o/m:fastest"
    assert chat_route(config, model="small").model == "small"
    more = config.evolve(aliases={"small": "o/small"})
    assert chat_route(more, model="small").model == "o/small"
    assert chat_route(more, model="big").model == "o/big"
    with pytest.raises(ConfigurationError, match="after the colon"):
        more.evolve(model="quick", provider="groq")


def test_headers_are_merged_and_lowered() -> None:
    config = resolve(world(), headers={"X-One": " 1 ", "X-Two": "2", "Authorization": "Bearer k"})
    assert config.headers == {"x-one": "1", "x-two": "2"}
    assert config.authorization == Credential(value="k", source="headers")
    call = config.evolve(headers={"X-TWO": None, "x-three": "3", "authorization": None})
    assert call.headers == {"x-one": "1", "x-three": "3"}
    assert call.authorization is None
    assert config.headers == {"x-one": "1", "x-two": "2"}


def test_settings_of_a_call() -> None:
    config = resolve(world(), timeout=5, max_retries=0, max_wait=None, bill_to="org")
    assert config.timeout == Timeout(first_token=5, between_tokens=5)
    assert config.max_wait is None
    call = config.evolve(timeout=None, max_retries=3, max_wait=1, bill_to=None)
    assert call.timeout == Timeout.of(None)
    assert (call.max_retries, call.max_wait, call.bill_to) == (3, 1.0, None)
    assert config.evolve() is config
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        config.model = "x"  # type: ignore[misc]  # the point of the test


def url_of(config: ClientConfig) -> str:
    return chat_route(config, server=SERVER if config.is_local else None).url


def test_changing_where_a_client_points() -> None:
    server = resolve(world(), base_url=A)
    with pytest.raises(ConfigurationError, match=r"with_options\(base_url=None\)"):
        server.evolve(provider="groq")
    with pytest.raises(ConfigurationError, match="base_url is given too"):
        server.evolve(model=B)
    assert url_of(server.evolve(provider="auto")) == A_CHAT
    assert url_of(server.evolve(base_url=B)) == B_CHAT
    assert url_of(server.evolve(base_url=None)) == ROUTER
    assert url_of(server.evolve(base_url=None, provider="local")) == LOCAL_CHAT

    groq = resolve(world(HFI_PROVIDER="together"), provider="groq")
    assert groq.evolve(provider="auto").providers == ("auto",)
    assert groq.evolve(provider=None).providers == ("together",)
    with pytest.raises(ConfigurationError, match="names another place"):
        groq.evolve(base_url=A)
    assert url_of(groq.evolve(base_url=A, provider="auto")) == A_CHAT


def test_a_client_for_the_url_of_a_model_keeps_it() -> None:
    server = resolve(world(), model=A)
    named = server.evolve(model="o/m")
    assert (named.base_url, named.model) == (A, "o/m")
    assert server.evolve(model=B).base_url == B
    assert named.evolve(model=B).model is None
    assert url_of(named.evolve(model=None)) == ROUTER


def test_logins_are_taken_out_of_urls() -> None:
    config = resolve(world(), base_url="http://u:hunter2@h/v1?k=hunter2")
    assert config.base_url == "http://h/v1?k=hunter2"
    assert config.asked.login is not None
    assert config.evolve(base_url=None).asked.login is None
    assert config.evolve(base_url=A).asked.login is None
    by_model = resolve(world(), model="http://u:hunter2@h")
    assert by_model.evolve(model="o/m").asked.login is not None
    assert by_model.evolve(base_url=None).asked.login is not None
    assert by_model.evolve(model=None).asked.login is None


def configs_with_secrets() -> list[ClientConfig]:
    environ = {
        "HF_TOKEN": SECRET,
        "HFI_MODEL": f"http://u:{SECRET}@h",
        "HF_ENDPOINT": f"http://u:{SECRET}@hub",
    }
    base = World(environ=environ)
    return [
        resolve(base),
        resolve(World(environ={"HFI_TOKEN": SECRET, "HFI_BASE_URL": f"http://h?k={SECRET}"})),
        resolve(base, token=SECRET),
        resolve(base, base_url=f"http://u:{SECRET}@h?k={SECRET}#{SECRET}"),
        resolve(base, headers={"Authorization": f"Bearer {SECRET}", "x-api-key": SECRET}),
        resolve(base, headers={"Authorization": SECRET}),
    ]


@pytest.mark.parametrize("config", configs_with_secrets(), ids=range(6))
def test_reprs_show_no_secret(config: ClientConfig) -> None:
    assert SECRET not in repr(config)
    assert SECRET not in str(config)
    assert SECRET not in config.summary()
    assert SECRET not in repr(chat_route(config))
    assert SECRET not in repr(config.asked)


@pytest.mark.parametrize(
    "arguments",
    [
        {"token": SECRET, "max_retries": -1},
        {"token": SECRET, "zzz": 1},
        {"token": SECRET, "base_url": "localhost"},
        {"token": f"{SECRET} x", "model": "o/m"},
        {"headers": {"Authorization": SECRET}, "max_retries": -1},
        {"headers": {"x-key": SECRET, "x-bad": f"{SECRET}\n x"}},
        {"headers": {f"Authorization: Bearer {SECRET}": ""}},
        {"base_url": f"http://u:{SECRET}@ho st"},
        {"base_url": f"http://u:{SECRET}@h", "provider": "groq"},
        {"base_url": f"http://u:{SECRET}@"},
        {"model": f"http://u:{SECRET}@:x"},
    ],
)
def test_errors_and_their_frames_show_no_secret(arguments: dict[str, Any]) -> None:
    base = World(environ={"HF_TOKEN": SECRET})
    for settle in (functools.partial(resolve, base), resolve(base).evolve):
        with pytest.raises(ConfigurationError) as caught:
            settle(**arguments)
        error = caught.value
        assert SECRET not in str(error)
        report = traceback.TracebackException(
            type(error), error, error.__traceback__, capture_locals=True
        )
        ours = [frame for frame in report.stack if "hfi" in Path(frame.filename).parts]
        assert ours
        for frame in ours:
            for name, shown in (frame.locals or {}).items():
                assert SECRET not in shown, (frame.name, name)


def test_summary() -> None:
    assert resolve(world(), model="o/m", provider="groq").summary() == (
        "model='o/m' provider='groq'"
    )
    assert resolve(world(), provider=["a", "local"]).summary() == "provider=['a', 'local']"
    assert resolve(world(), base_url=A).summary() == "base_url='http://a'"


def test_pickling_keeps_what_was_given_and_leaves_what_was_found() -> None:
    environ = {"HF_TOKEN": SECRET, "HFI_BASE_URL": f"http://u:{SECRET}@h"}
    config = resolve(World(environ=environ), timeout=7)
    data = pickle.dumps(config)
    assert SECRET.encode() not in data
    there = pickle.loads(data)
    assert there.base_url == "http://h"
    with pytest.raises(ConfigurationError, match="did not travel"):
        chat_route(there)
    other = there.rebase(World(environ={"HF_TOKEN": "hf_other"}))
    assert other.timeout == config.timeout
    route = chat_route(other)
    assert route.url == ROUTER
    assert route.credential == Credential(value="hf_other", source="HF_TOKEN")

    given = pickle.loads(pickle.dumps(resolve(World(), token=SECRET, base_url=A)))
    assert chat_route(given).credential == Credential(value=SECRET, source="argument")


def test_copies_are_whole() -> None:
    config = resolve(world(), headers={"a": "b"})
    for twin in (copy.copy(config), copy.deepcopy(config)):
        assert twin == config
        assert chat_route(twin) == chat_route(config)


def test_resolving_mutates_nothing() -> None:
    headers: Mapping[str, str] = {"A": "b"}
    aliases = {"a": "b"}
    config = resolve(world(), headers=headers, aliases=aliases)
    aliases["c"] = "d"
    assert headers == {"A": "b"}
    assert config.aliases == {"a": "b"}
