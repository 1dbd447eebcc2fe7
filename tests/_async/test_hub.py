"""Models through the client, against a Hub on loopback; and the driver of flows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from calls import NO_RETRY, PATIENT, get
from hfi import errors
from hfi._async.client import AsyncClient
from hfi._async.drive import drive
from hfi._async.transport import AsyncTransport
from hfi._core.failures.retry import RetryPolicy
from hfi._core.flows import Flow, Sleep
from hfi._core.request import Response
from hfi.types.settings import Limits, Timeout
from hfi.types.waiting import Waiting
from rawserver import Peer, RawServer

MODEL = {
    "id": "org/name",
    "sha": "abc",
    "pipeline_tag": "text-generation",
    "config": {"tokenizer_config": {"chat_template": "T", "eos_token": "</s>"}},
    "inferenceProviderMapping": {"groq": {"providerId": "x", "status": "live", "task": "c"}},
    "gated": "manual",
}


def hub(peer: Peer) -> None:
    """A Hub with a few models, one of them renamed, and two pages of lists."""
    while peer.read_request():
        path, _, query = peer.target.partition("?")
        if path == "/api/models/old/name":
            peer.reply(b"Moved", "307 Temporary Redirect", {"Location": "/api/models/org/name"})
        elif path in ("/api/models/org/name", "/api/models/org/name/revision/v%2F2"):
            peer.reply(json.dumps(MODEL).encode())
        elif path == "/api/models/org/bare":
            peer.reply(b'{"id": "org/bare", "sha": "abc", "inferenceProviderMapping": []}')
        elif path == "/org/bare/resolve/abc/chat_template.jinja":
            peer.reply(b"J")
        elif path == "/api/models":
            last = "cursor=2" in query
            link = f'<http://elsewhere.example{path}?cursor=2>; rel="next"'
            ids = ["c/3", "c/4"] if last else ["a/1", "b/2"]
            body = json.dumps([{"id": each} for each in ids]).encode()
            peer.reply(body, headers={} if last else {"Link": link})
        elif path == "/api/models/org/broken":
            peer.reply(b"{}", "500 Internal Server Error")
        elif path == "/api/models/org/hidden":
            peer.reply(b'{"error": "Invalid username or password."}', "401 Unauthorized")
        else:
            peer.reply(b'{"error": "no"}', "404 Not Found", {"X-Error-Code": "RepoNotFound"})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    with RawServer(hub) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def paths(server: RawServer) -> list[str]:
    return [target.partition("?")[0] for _, target, _, _ in server.seen]


# -- one model -------------------------------------------------------------------------------------


async def test_a_model_is_looked_up_once(server: RawServer) -> None:
    async with AsyncClient(token="hf_abc") as client:
        info = await client.model_info("org/name")
        assert (info.id, info.pipeline_tag, info.gated) == ("org/name", "text-generation", "manual")
        assert info.chat_template == "T"
        assert info.providers[0].provider == "groq"
        assert await client.model_info("org/name:groq") is info
        assert await client.with_options(timeout=5).model_info("org/name") is info
        assert len(server.seen) == 1
        fresh = await client.model_info("org/name", refresh=True)
        assert fresh is not info
        assert len(server.seen) == 2
    assert server.seen[0][2]["authorization"] == "Bearer hf_abc"


async def test_another_token_sees_for_itself(server: RawServer) -> None:
    async with AsyncClient() as client:
        await client.model_info("org/name")
        await client.model_info("org/name", token="hf_other")
        sent = [headers.get("authorization") for _, _, headers, _ in server.seen]
        assert sent == [None, "Bearer hf_other"]


async def test_a_renamed_model_is_followed_with_the_token(server: RawServer) -> None:
    async with AsyncClient(token="hf_abc", aliases={"mine": "old/name"}) as client:
        info = await client.model_info("mine")
        assert info.id == "org/name"
        assert paths(server) == ["/api/models/old/name", "/api/models/org/name"]
        assert {headers["authorization"] for _, _, headers, _ in server.seen} == {"Bearer hf_abc"}


async def test_a_revision_has_metadata_of_its_own(server: RawServer) -> None:
    async with AsyncClient(model="org/name") as client:
        await client.model_info()
        await client.model_info(revision="v/2")
        assert paths(server)[1] == "/api/models/org/name/revision/v%2F2"


async def test_a_model_that_is_missing_or_hidden(server: RawServer) -> None:
    async with AsyncClient(max_retries=0) as client:
        with pytest.raises(errors.ModelNotFoundError, match="org/none"):
            await client.model_info("org/none")
        with pytest.raises(errors.HFIError):
            await client.model_info("org/hidden")
        with pytest.raises(errors.ServerError):
            await client.model_info("org/broken")
        with pytest.raises(errors.ServerError):  # a failure is not kept
            await client.model_info("org/broken")
        assert paths(server).count("/api/models/org/broken") == 2


async def test_mistakes_are_told_without_a_request(server: RawServer) -> None:
    client = AsyncClient()
    with pytest.raises(errors.ConfigurationError, match="no option 'temperature'"):
        await client.model_info("org/name", temperature=1)  # type: ignore[call-arg]
    with pytest.raises(errors.ConfigurationError, match="the Hub knows models by id"):
        await client.model_info("http://localhost:8080")
    await client.aclose()
    with pytest.raises(errors.ClientClosedError):
        await client.model_info("org/name")
    assert server.seen == []


async def test_offline_nothing_is_looked_up(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    async with AsyncClient() as client:
        with pytest.raises(errors.OfflineError):
            await client.model_info("org/name")
        models = await client.models("text-to-image")
        assert (len(models), models.source) == (2, "built-in")
    assert server.seen == []


async def test_what_a_prompt_needs_is_looked_up_once(server: RawServer) -> None:
    async with AsyncClient() as client:
        facts = await client._prompt_facts(client._config, "org/bare")
        assert (facts.templates, facts.source) == ({"default": "J"}, "chat_template.jinja")
        asked = len(server.seen)
        assert await client._prompt_facts(client._config, "org/bare") is facts
        assert len(server.seen) == asked


# -- lists -----------------------------------------------------------------------------------------


async def test_a_list_walks_the_pages_and_stays_on_the_host(server: RawServer) -> None:
    async with AsyncClient(token="hf_abc") as client:
        models = await client.models(warm=True)
        assert [model.id for model in models] == ["a/1", "b/2", "c/3", "c/4"]
        assert (models.source, models.reason) == ("hub", None)
        assert {headers["authorization"] for _, _, headers, _ in server.seen} == {"Bearer hf_abc"}
        assert "inference=warm" in server.seen[0][1]
        assert [model.id for model in await client.models(limit=3)] == ["a/1", "b/2", "c/3"]


async def test_iterating_asks_for_a_page_when_it_is_needed(server: RawServer) -> None:
    async with AsyncClient() as client:
        pages = client.iter_models()
        assert server.seen == []
        found = []
        async for model in pages:
            found.append(model.id)
            if len(found) == 2:
                assert len(server.seen) == 1
        assert found == ["a/1", "b/2", "c/3", "c/4"]
        assert [model async for model in pages] == []
        assert pages.source == "hub"


async def test_a_hub_that_is_gone_leaves_the_built_in_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    async with AsyncClient(max_retries=0) as client:
        models = await client.models("text-generation", limit=2)
        assert [model.id for model in models] == [
            "openai/gpt-oss-120b",
            "meta-llama/Llama-3.3-70B-Instruct",
        ]
        assert "out of reach" in str(models.reason)
        pages = client.iter_models("text-to-image")
        assert len([model async for model in pages]) == 2
        assert pages.source == "built-in"


# -- flows -----------------------------------------------------------------------------------------


def transport() -> AsyncTransport:
    return AsyncTransport(user_agent="hfi/test", limits=Limits())


async def test_a_flow_is_sent_replies_and_thrown_errors_and_told_the_time(
    server: RawServer,
) -> None:
    def flow() -> Flow[Any]:
        try:
            yield get(f"{server.url}/none")
        except errors.ModelNotFoundError as error:
            missing = error
        elapsed: float = yield Sleep(seconds=0.01, reason="a poll", progress=1)
        response: Response = yield get(f"{server.url}/api/models/org/name")
        return missing, elapsed, response.status_code

    waits: list[Waiting] = []
    (missing, elapsed, status), meta = await drive(
        transport(),
        flow(),
        timeout=PATIENT,
        retry=RetryPolicy(max_retries=0, on_wait=waits.append),
    )
    assert elapsed >= 0.01
    assert status == 200
    assert (meta.attempts, meta.earlier, meta.status_code) == (2, (missing,), 200)
    assert [(wait.told, wait.done) for wait in waits] == [(1, False), (1, True)]


async def test_the_error_that_ends_a_flow_has_those_before_it(server: RawServer) -> None:
    def flow() -> Flow[None]:
        for path in ("/one", "/two", "/three"):
            try:
                yield get(server.url + path)
            except errors.ModelNotFoundError as error:
                last = error
        raise last

    with pytest.raises(errors.ModelNotFoundError) as caught:
        await drive(transport(), flow(), timeout=PATIENT, retry=NO_RETRY)
    assert len(caught.value.earlier) == 2
    assert caught.value not in caught.value.earlier


async def test_a_flow_may_not_sleep_past_its_end() -> None:
    def flow() -> Flow[None]:
        yield Sleep(seconds=60)

    with pytest.raises(errors.APITimeoutError) as caught:
        await drive(transport(), flow(), timeout=Timeout(total=5), retry=NO_RETRY)
    assert caught.value.phase == "total"


async def test_a_flow_that_asks_for_nothing_has_its_result() -> None:
    def flow() -> Flow[int]:
        yield from ()
        return 3

    result, meta = await drive(transport(), flow(), timeout=PATIENT, retry=NO_RETRY)
    assert (result, meta.attempts) == (3, 0)
