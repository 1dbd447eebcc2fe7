"""Recording and replaying: what was said once is said again, to the byte, and no secret with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hfi import errors
from hfi._async.client import AsyncClient
from hfi.testing import FakeServer, Reply, echo, faults, record, replay
from hfi.types.settings import Timeout

DATA = Path(__file__).resolve().parent.parent / "data"
SECRET = "hf_aVerySecretTokenIndeed"


async def collected(client: AsyncClient, prompt: str) -> Any:
    stream = await client.chat(prompt, stream=True)
    return await stream.collect()


async def text_of(client: AsyncClient, prompt: str) -> str:
    completion = await client.chat(prompt)
    return completion.text


async def ask(client: AsyncClient) -> list[Any]:
    """A whole answer, a streamed one piece by piece, and a refusal."""
    whole = await client.chat("Hi", seed=1)
    stream = await client.chat("Héllo\n", stream=True)
    pieces = [str(chunk) async for chunk in stream]
    assert stream.completion is not None
    with pytest.raises(errors.BadRequestError) as caught:
        await client.chat("Refuse this", extra_headers={"x-refuse": "1"})
    return [whole.text, whole.usage, pieces, stream.completion.text, caught.value.body]


def refuses(request: Any) -> faults.Fault | None:
    refused = "x-refuse" in request.headers
    return faults.Status(400, body={"error": f"not for {SECRET}"}) if refused else None


async def test_what_was_said_is_said_again(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    with FakeServer(echo, faults=refuses) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, token=SECRET, transport=tape) as client:
            recorded = await ask(client)
    with replay(path) as tape:
        client = AsyncClient(base_url="https://other.invalid", token="hf_other", transport=tape)
        async with client:
            assert await ask(client) == recorded
        assert tape.unused == []


async def test_a_recording_is_readable_and_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    reply = Reply(f"Your token is {SECRET}, isn't it?")
    with FakeServer(reply, faults=refuses) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, token=SECRET, transport=tape) as client:
            await client.chat(f"My token is {SECRET}")
            await collected(client, "Tell me")
            with pytest.raises(errors.BadRequestError):
                await client.chat(
                    "Refuse this",
                    extra_headers={"x-refuse": "1"},
                    extra_query={"api_key": "s3cretKey123"},
                )
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "aVerySecret" not in text
    assert "s3cretKey123" not in text
    first, second, third = json.loads(text)["exchanges"]
    assert first["request"]["json"]["messages"][0]["content"] == "My token is ***"
    assert first["request"]["headers"]["authorization"] == "***"
    assert first["reply"]["json"]["choices"][0]["message"]["role"] == "assistant"
    assert "data: [DONE]" in str(second["reply"])
    assert third["reply"]["status"] == 400
    # With the secret gone from both, the request is found again.
    with replay(path) as tape:
        async with AsyncClient(
            base_url="https://x.invalid", token=SECRET, transport=tape
        ) as client:
            assert "***" in await text_of(client, f"My token is {SECRET}")


async def test_a_broken_line_breaks_again(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    broken = [faults.Break(events=3), faults.Hangup(how="reset")]
    with FakeServer("one two three four", faults=broken) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, max_retries=0, transport=tape) as client:
            with pytest.raises(errors.StreamInterruptedError) as first:
                await collected(client, "Go")
            with pytest.raises(errors.APIConnectionError):
                await client.chat("Go on")
    with replay(path) as tape:
        client = AsyncClient(base_url="https://x.invalid", max_retries=0, transport=tape)
        async with client:
            with pytest.raises(errors.StreamInterruptedError) as again:
                await collected(client, "Go")
            assert again.value.partial.text == first.value.partial.text != ""
            with pytest.raises(errors.APIConnectionError):
                await client.chat("Go on")


async def test_what_was_not_recorded_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    with FakeServer(echo) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, transport=tape) as client:
            await client.chat("Hi", temperature=0.5)
    with replay(path) as tape:
        async with AsyncClient(base_url="https://x.invalid", transport=tape) as client:
            with pytest.raises(errors.ConfigurationError, match="Nothing was recorded") as caught:
                await client.chat("Hi", temperature=0.7)
            assert caught.value.hint is not None
            assert "0.5" in caught.value.hint
            assert "0.7" in caught.value.hint
            with pytest.raises(errors.ConfigurationError, match="for GET /info"):
                await client.text_generation("Hi")
        assert len(tape.unused) == 1


async def test_requests_that_are_alike_are_answered_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    replies = iter(["first", "second"])
    with FakeServer(lambda _: next(replies)) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, transport=tape) as client:
            assert [await text_of(client, "Hi") for _ in range(2)] == ["first", "second"]
    with replay(path) as tape:
        async with AsyncClient(base_url="https://x.invalid", transport=tape) as client:
            texts = [await text_of(client, "Hi") for _ in range(3)]
    assert texts == ["first", "second", "second"]


async def test_pauses_are_kept_where_they_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    with FakeServer(Reply("a b c", token_delay=0.15)) as server, record(path) as tape:
        async with AsyncClient(base_url=server.url, transport=tape) as client:
            await collected(client, "Go")
    with replay(path, timed=True) as tape:
        async with AsyncClient(base_url="https://x.invalid", transport=tape) as client:
            completion = await collected(client, "Go")
            assert completion.meta.total is not None
            assert completion.meta.total > 0.3


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2, "exchanges": []}', '{"format": 1, "exchanges": [{}]}']
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tape.json"
    path.write_text(text)
    with pytest.raises(errors.ConfigurationError), replay(path):
        pass


async def test_the_embedded_server_as_recorded() -> None:
    """What llama.cpp really sent: one chat whole, one streamed."""
    with replay(DATA / "embedded-chat.json") as tape:
        client = AsyncClient(
            base_url="https://x.invalid", transport=tape, timeout=Timeout(total=10)
        )
        async with client:
            whole = await client.chat("Say hello.", max_tokens=12, temperature=0, seed=1)
            stream = await client.chat(
                "Say hello.", max_tokens=12, temperature=0, seed=1, stream=True
            )
            streamed = await stream.collect()
        assert tape.unused == []
    assert whole.text
    assert whole.text == streamed.text
    assert whole.usage.total_tokens == streamed.usage.total_tokens == 45
    assert whole.finish_reason == streamed.finish_reason
