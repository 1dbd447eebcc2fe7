"""Models of the Hub at a provider that gets its own key: named as the provider names them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, Timeout, errors

KEY = "own-key-" + "a" * 20
FOUND = "hf_" + "f" * 20
MODEL = "org/poet"
AS_GIVEN = "The model is named 'org/poet', as it was given: "


def entry(provider_id: str, task: str = "conversational", status: str = "live") -> dict[str, str]:
    return {"status": status, "providerId": provider_id, "task": task}


class World:
    """The Hub and the providers; every provider answers."""

    def __init__(self, hub: Any = None, **mapping: Any) -> None:
        self.asked: list[httpx.Request] = []
        self.called: list[httpx.Request] = []
        self._hub = hub or {
            "id": MODEL,
            "inferenceProviderMapping": mapping,
            "config": {"tokenizer_config": {"chat_template": "{{ messages[0].content }}"}},
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/models/"):
            self.asked.append(request)
            told = self._hub.pop(0) if isinstance(self._hub, list) else self._hub
            if isinstance(told, Exception):
                raise told
            return told if isinstance(told, httpx.Response) else httpx.Response(200, json=told)
        if request.method == "GET":  # a file of the model's
            return httpx.Response(404)
        self.called.append(request)
        sent = json.loads(request.content)
        if sent.get("stream"):
            return httpx.Response(
                200, headers={"content-type": "text/event-stream"}, content=_events(request)
            )
        choice = {"index": 0, "finish_reason": "stop", "text": "Hi."}
        choice["message"] = {"role": "assistant", "content": "Hi."}
        return httpx.Response(200, json={"id": "1", "model": "as-served", "choices": [choice]})

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.called]


def _events(request: httpx.Request) -> bytes:
    choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "text": "Hi."}
    if request.url.path.endswith("/chat/completions"):
        choice["delta"] = {"content": choice.pop("text")}
    event = json.dumps({"id": "1", "model": "as-served", "choices": [choice]})
    return f"data: {event}\n\ndata: [DONE]\n\n".encode()


def client_of(world: World, **options: Any) -> AsyncClient:
    given = {"provider": "groq", "token": KEY, "max_retries": 0, **options}
    return AsyncClient(given.pop("model", MODEL), transport=httpx.MockTransport(world), **given)


# -- what the Hub names ----------------------------------------------------------------------------


async def test_a_chat_names_the_model_as_the_provider_does() -> None:
    world = World(groq=entry("poet-8b"), together=entry("other"))
    async with client_of(world) as client:
        whole = await client.chat("Hi")
        stream = await client.chat("Hi", stream=True)
        streamed = await stream.collect()
        told = await client.explain("chat", "Hi")
        told_of_stream = await client.explain("chat", "Hi", stream=True)
    assert [body["model"] for body in world.bodies] == ["poet-8b", "poet-8b"]
    assert {str(each.url) for each in world.called} == {
        "https://api.groq.com/openai/v1/chat/completions"
    }
    assert [told.payload, told_of_stream.payload] == world.bodies
    assert told.model == "poet-8b"
    assert "org/poet is 'poet-8b' there, by the Hub's word." in str(told.provider_reason)
    assert (whole.model, streamed.model) == ("as-served", "as-served")
    assert whole.meta.notes == streamed.meta.notes == ()
    (asked,) = world.asked  # once for all four
    assert asked.url.path == "/api/models/org/poet"


async def test_a_text_names_the_model_as_the_provider_does() -> None:
    world = World(together=entry("poet-base", "text-generation"))
    async with client_of(world, provider="together") as client:
        await client.text_generation("Once")
        stream = await client.text_generation("Once", stream=True)
        await stream.collect()
        told = await client.explain("text_generation", "Once")
        over_text = await client.explain("chat", "Hi", protocol="text-generation")
    assert [body["model"] for body in world.bodies] == ["poet-base", "poet-base"]
    assert told.payload == world.bodies[0]
    assert {str(each.url) for each in world.called} == {"https://api.together.xyz/v1/completions"}
    assert over_text.payload["model"] == "poet-base"
    assert len(world.asked) == 1


async def test_an_id_counts_for_the_other_task_of_words_too() -> None:
    """An id is the provider's for whatever it does with the model."""
    for task, other in (("conversational", "text_generation"), ("text-generation", "chat")):
        world = World(together=entry("poet-1", task))
        async with client_of(world, provider="together") as client:
            told = await client.explain(other, "Hi")
        assert told.payload["model"] == "poet-1"


async def test_the_model_of_a_call_an_alias_and_another_client_s() -> None:
    world = World(groq=entry("poet-8b"))
    async with client_of(world, model=None, aliases={"mine": MODEL}) as client:
        await client.chat("Hi", model=MODEL)
        await client.chat("Hi", model="mine")
        await client.with_options(model=MODEL).chat("Hi")
        await client.with_options(provider=["groq", "local"]).chat("Hi", model=MODEL)
    assert [body["model"] for body in world.bodies] == ["poet-8b"] * 4
    assert len(world.asked) == 1


async def test_a_model_that_is_out_of_order_there_is_warned_of() -> None:
    world = World(groq=entry("poet-8b", status="error"))
    async with client_of(world) as client:
        with pytest.warns(UserWarning, match="org/poet is not live at groq but 'error'"):
            await client.chat("Hi")
    assert world.bodies[0]["model"] == "poet-8b"


# -- what it does not name -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hub", "why"),
    [
        ({"id": MODEL}, "the Hub does not name groq for it."),
        (
            {"id": MODEL, "inferenceProviderMapping": {"together": entry("x")}},
            "the Hub does not name groq for it.",
        ),
        (
            {"id": MODEL, "inferenceProviderMapping": {"groq": entry("x", "text-to-image")}},
            "the Hub does not name groq for it.",
        ),
        (httpx.Response(404, headers={"x-error-code": "RepoNotFound"}), "the Hub does not know it"),
        (httpx.Response(401), "the Hub does not know it"),
        (httpx.Response(403), "the Hub could not be asked ("),
        (httpx.Response(500), "the Hub could not be asked ("),
        (httpx.Response(200, content=b"<html>"), "the Hub could not be asked ("),
        (httpx.ConnectError("refused"), "the Hub could not be asked ("),
        (httpx.ReadTimeout("slow"), "the Hub could not be asked ("),
    ],
)
async def test_the_model_goes_as_it_was_given_where_the_hub_names_none(hub: Any, why: str) -> None:
    world = World(hub)
    async with client_of(world) as client:
        whole = await client.chat("Hi")
        stream = await client.chat("Hi", stream=True)
        streamed = await stream.collect()
        told = await client.explain("chat", "Hi")
    assert [body["model"] for body in world.bodies] == [MODEL, MODEL]
    (note,) = whole.meta.notes
    assert note.startswith(AS_GIVEN + why)
    assert streamed.meta.notes == whole.meta.notes
    assert note in told.notes
    assert (whole.meta.attempts, whole.meta.earlier) == (1, ())
    assert len(world.asked) == 1  # a Hub that cannot tell is left alone for a while


async def test_a_text_tells_why_too() -> None:
    world = World({"id": MODEL})
    async with client_of(world, provider="together") as client:
        whole = await client.text_generation("Once")
        stream = await client.text_generation("Once", stream=True)
        streamed = await stream.collect()
        told = await client.explain("text_generation", "Once")
    assert whole.meta.notes == streamed.meta.notes
    assert whole.meta.notes == (AS_GIVEN + "the Hub does not name together for it.",)
    assert whole.meta.notes[0] in told.notes


async def test_a_second_try_at_the_hub_is_no_try_of_the_call() -> None:
    waits: list[Any] = []
    found = {"id": MODEL, "inferenceProviderMapping": {"groq": entry("poet-8b")}}
    world = World([httpx.Response(503), found])
    async with client_of(world, max_retries=1, on_wait=waits.append) as client:
        answer = await client.chat("Hi")
    assert len(world.asked) == 2
    assert world.bodies[0]["model"] == "poet-8b"
    assert (answer.meta.attempts, answer.meta.earlier) == (1, ())


async def test_the_look_up_has_the_hub_s_limits_and_the_call_its_own() -> None:
    world = World(groq=entry("poet-8b"))
    patient = Timeout(connect=7, first_token=900, between_tokens=900, total=None)
    async with client_of(world, timeout=patient) as client:
        await client.chat("Hi")
    asked, called = world.asked[0].extensions["timeout"], world.called[0].extensions["timeout"]
    assert asked["read"] <= 30
    assert called["read"] == 900


async def test_a_hub_that_was_given_less_time_is_asked_again_with_more() -> None:
    found = {"id": MODEL, "inferenceProviderMapping": {"groq": entry("poet-8b")}}
    world = World([httpx.ReadTimeout("slow"), found])
    async with client_of(world) as client:
        await client.chat("Hi", timeout=Timeout(total=1))
        await client.chat("Hi")
    assert [body["model"] for body in world.bodies] == [MODEL, "poet-8b"]


# -- who is not asked ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"model": "poet-8b"},
        {"model": "llama-3.3-70b"},  # short for a model of the Hub, and perhaps groq's own name
        {"model": "accounts/org/poet"},
        {"provider": "openai"},
        {"provider": "auto", "base_url": "https://llm.example/v1"},
        {"token": FOUND},
    ],
)
async def test_the_hub_is_not_asked(options: dict[str, Any]) -> None:
    world = World(groq=entry("poet-8b"))
    async with client_of(world, **options) as client:
        answer = await client.chat("Hi")
    assert world.asked == []
    name = options.get("model", MODEL)
    assert world.bodies[0]["model"] == (f"{MODEL}:groq" if "token" in options else name)
    assert answer.meta.notes == ()


async def test_where_the_call_cannot_be_made_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(groq=entry("poet-8b"))
    async with client_of(world) as client:
        with pytest.raises(errors.ConfigurationError, match="no text-generation route"):
            await client.text_generation("Once")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    async with client_of(world) as client:
        with pytest.raises(errors.OfflineError, match=r"api\.groq\.com"):
            await client.chat("Hi")
    assert (world.asked, world.called) == ([], [])


# -- the keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "options", "shown"),
    [
        (None, {"token": KEY}, None),
        (FOUND, {"token": KEY}, f"Bearer {FOUND}"),
        (FOUND, {"token": None, "headers": {"Authorization": f"Bearer {KEY}"}}, f"Bearer {FOUND}"),
        (KEY, {"token": True}, None),
        (KEY, {"token": KEY}, None),
    ],
)
async def test_the_hub_does_not_see_the_provider_s_key(
    found: str | None, options: dict[str, Any], shown: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if found is not None:
        monkeypatch.setenv("HF_TOKEN", found)
    world = World(groq=entry("poet-8b"))
    async with client_of(world, **options) as client:
        await client.chat("Hi")
    (asked,), (called,) = world.asked, world.called
    assert asked.headers.get("authorization") == shown
    assert KEY not in f"{asked.url}{asked.headers.raw}"
    assert called.headers["authorization"] == f"Bearer {KEY}"
    assert FOUND not in f"{called.url}{called.headers.raw}"


async def test_a_mirror_of_the_hub_sees_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", FOUND)
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    world = World(groq=entry("poet-8b"))
    async with client_of(world, headers={"x-mine": KEY}) as client:
        await client.chat("Hi")
    (asked,) = world.asked
    assert asked.url.host == "mirror.example"
    assert "authorization" not in asked.headers
    assert KEY not in str(asked.headers.raw)
