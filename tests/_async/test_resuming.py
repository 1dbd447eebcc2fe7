"""Streams that break off and are taken up again: not a character is lost or said twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi import errors
from hfi._async import resuming
from hfi._async.client import AsyncClient
from hfi.types.settings import Timeout
from rawserver import Peer, RawServer
from servers.storyteller import STORY, Storyteller

PROMPT = "Go "  # three characters, as the storyteller expects


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "PAUSE", 0.01)


def make(server: RawServer, **options: Any) -> AsyncClient:
    return AsyncClient(base_url=server.url, token=False, **{"max_retries": 0, **options})


async def tell(client: AsyncClient, how: str, **options: Any) -> Any:
    """A stream of the story, by chat or text generation."""
    if how == "text":
        return await client.text_generation(PROMPT, stream=True, **options)
    protocol: Any = "text-generation" if how == "chat over text" else "chat-completions"
    return await client.chat("Go on", stream=True, protocol=protocol, **options)


async def collected(client: AsyncClient, how: str, **options: Any) -> Any:
    """The whole story, streamed."""
    stream = await tell(client, how, **options)
    return await stream.collect()


async def rest_of(stream: Any, texts: list[str] | None = None) -> str:
    """Reads to the end, or to the error, and keeps what came."""
    texts = [] if texts is None else texts
    async for chunk in stream:
        texts.append(chunk.text)
    return "".join(texts)


def says_vllm(peer: Peer) -> None:
    """Answers a question about the server."""
    if peer.target == "/v1/models":
        peer.reply(b'{"data":[{"id":"m","owned_by":"vllm"}]}')
    else:
        peer.reply(b"{}", status="404 Not Found")


WAYS = [
    ("chat", "vllm", {}),
    ("chat", "tgi", {"trims": False}),
    ("chat", "llama.cpp", {"trims": False}),
    ("text", "vllm", {}),
    ("text", "tgi", {}),
    ("text", "llama.cpp", {}),
    ("chat over text", "llama.cpp", {}),
]


@pytest.mark.parametrize(("how", "kind", "form"), WAYS, ids=str)
async def test_the_seam_at_every_character(how: str, kind: str, form: Any) -> None:
    with Storyteller(kind, **form) as server:
        async with make(server) as client:
            whole = await collected(client, how)
            for place in range(len(STORY) + 1):
                server.cuts = [place, None]
                stream = await tell(client, how, resume=1)
                shown = await rest_of(stream)
                assert stream.completion is not None
                assert shown == stream.completion.text == whole.text, place
                assert stream.completion.finish_reason == "stop"
                assert stream.completion.meta.resumes == stream.meta.resumes, place
                # What breaks before anything came is the retries' affair first.
                assert stream.meta.attempts == 2
                assert len(stream.meta.earlier) == 1


async def test_a_server_that_repeats_what_it_goes_on_from() -> None:
    with Storyteller("llama.cpp", echoes=True, trims=False) as server:
        async with make(server) as client:
            for place in range(9, len(STORY) + 1):
                server.cuts = [place, None]
                stream = await tell(client, "chat", resume=1)
                assert str(await stream.collect()) == STORY, place


async def test_several_breaks() -> None:
    with Storyteller("vllm", [4, 5, 6, None]) as server:
        async with make(server) as client:
            completion = await collected(client, "chat", resume=3)
        assert completion.text == STORY
        assert completion.meta.resumes == 3
        assert completion.meta.attempts == 4
        assert [type(each) for each in completion.meta.earlier] == [
            errors.StreamInterruptedError
        ] * 3
        assert completion.meta.first_token is not None
        assert completion.meta.total is not None
        assert completion.meta.first_token <= completion.meta.total
        bodies = server.bodies
        assert [len(body["messages"]) for body in bodies] == [1, 2, 2, 2]
        assert all(body["continue_final_message"] for body in bodies[1:])
        assert "continue_final_message" not in bodies[0]
        last = bodies[-1]["messages"][-1]
        assert last == {"role": "assistant", "content": STORY[:15].rstrip()}


async def test_a_stall_is_taken_up_again() -> None:
    with Storyteller("vllm", [8, None]) as server:
        server.stalls = True
        limits = Timeout(connect=5, first_token=5, between_tokens=0.2, total=10)
        async with make(server, timeout=limits) as client:
            completion = await collected(client, "chat", resume=1)
        assert completion.text == STORY
        assert isinstance(completion.meta.earlier[0], errors.StreamStalledError)


@pytest.mark.parametrize("how", ["chat", "text"])
async def test_more_breaks_than_allowed(how: str) -> None:
    with Storyteller("vllm", [4, 5, 6, None]) as server:
        async with make(server) as client:
            stream = await tell(client, how, resume=2)
            texts: list[str] = []
            with pytest.raises(errors.StreamInterruptedError, match="taken up again 2 times") as e:
                await rest_of(stream, texts)
        assert "".join(texts) == e.value.partial.text == STORY[: len("".join(texts))]
        assert len(server.bodies) == 3
        assert [type(each) for each in e.value.earlier] == [errors.StreamInterruptedError] * 2


async def test_without_resume_a_break_is_an_error() -> None:
    with Storyteller("vllm", [8, None]) as server:
        async with make(server) as client:
            with pytest.raises(errors.StreamInterruptedError):
                await collected(client, "chat")
        assert len(server.bodies) == 1


async def test_the_limit_is_that_of_the_whole_answer() -> None:
    for how, name in (("chat", "max_tokens"), ("text", "max_new_tokens")):
        with Storyteller("vllm") as server:
            async with make(server) as client:
                whole = await collected(client, how, **{name: 6})
                for place in range(len(whole.text) + 1):
                    server.cuts = [place, None]
                    stream = await tell(client, how, resume=1, **{name: 6})
                    again = await stream.collect()
                    assert whole.text == again.text or place < len(whole.text)
                    assert again.finish_reason == "length"
                    assert whole.text.startswith(again.text[:place])
            # All tokens had come: there is nothing to ask for.
            assert server.cuts == [None]


async def test_where_going_on_is_impossible_it_is_said() -> None:
    with Storyteller("openai", [8, None]) as server:
        async with make(server) as client:
            told = await client.explain("chat", "Go on", stream=True, resume=2)
            assert "The server is not known to go on from half an answer" in told.notes[-1]
            with pytest.raises(
                errors.StreamInterruptedError, match=r"cannot be taken up again: .*half an answer"
            ) as caught:
                await collected(client, "chat", resume=2)
        assert caught.value.partial.text == STORY[:8]
        assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [({"n": 2}, "several answers"), ({"response_format": "json_object"}, "grammar or schema")],
)
async def test_answers_that_cannot_be_gone_on_from(options: dict[str, Any], why: str) -> None:
    with Storyteller("vllm", [8, None]) as server:
        async with make(server) as client:
            with pytest.raises(errors.StreamInterruptedError, match=why):
                await collected(client, "chat", resume=2, **options)


@pytest.mark.parametrize(
    ("delta", "why"),
    [
        ({"reasoning_content": "Hm"}, "reasoning"),
        ({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f"}}]}, "calls a tool"),
    ],
)
async def test_more_than_text_is_not_gone_on_from(delta: dict[str, Any], why: str) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.method == "GET":
                says_vllm(peer)
                continue
            peer.start_stream()
            peer.event(json.dumps({"choices": [{"index": 0, "delta": delta}]}))
            return

    with RawServer(handler) as server:
        async with make(server) as client:
            with pytest.raises(errors.StreamInterruptedError, match=why):
                await collected(client, "chat", resume=2)


async def test_a_server_that_is_gone() -> None:
    with Storyteller("vllm", [8, None]) as server:
        client = make(server)
        stream = await tell(client, "chat", resume=2)
        texts = [str(await stream.__anext__())]
    with pytest.raises(errors.StreamInterruptedError, match="taken up again") as caught:
        await rest_of(stream, texts)
    assert caught.value.partial.text == "".join(texts)
    assert len(caught.value.earlier) == 2
    await client.aclose()


async def test_a_refusal_of_the_rest_is_told() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.method == "GET":
                says_vllm(peer)
            elif b'"assistant"' in peer.body:
                peer.reply(b'{"error":"no prefill here"}', status="400 Bad Request")
            else:
                peer.start_stream()
                peer.word("One")
                return

    with RawServer(handler) as server:
        async with make(server) as client:
            with pytest.raises(errors.StreamInterruptedError, match="no prefill here") as caught:
                await collected(client, "chat", resume=2)
    assert caught.value.partial.text == "One"
    assert isinstance(caught.value.earlier[0], errors.BadRequestError)


async def test_a_closed_stream_is_not_taken_up_again() -> None:
    with Storyteller("vllm", [8, None]) as server:
        async with make(server) as client:
            stream = await tell(client, "chat", resume=2)
            await stream.__anext__()
            await stream.aclose()
            with pytest.raises(errors.StreamInterruptedError):
                await stream.collect()
        assert len(server.bodies) == 1


async def test_a_stop_sequence_across_the_seam() -> None:
    with Storyteller("vllm") as server:
        async with make(server) as client:
            for place in range(len(STORY) + 1):
                server.cuts = [place, None]
                stream = await tell(client, "text", resume=1, stop=[" 日本"])
                assert str(await stream.collect()) == STORY.partition(" 日本")[0], place


async def test_the_full_text_is_shown_once() -> None:
    with Storyteller("vllm", [8, None]) as server:
        async with make(server) as client:
            stream = await tell(client, "text", resume=1, return_full_text=True)
            assert str(await stream.collect()) == PROMPT + STORY


async def test_an_answer_that_goes_on_from_a_message() -> None:
    with Storyteller("vllm") as server:
        said = [{"role": "user", "content": "Go on"}, {"role": "assistant", "content": STORY[:6]}]
        async with make(server) as client:
            for place in range(len(STORY) - 6):
                server.cuts = [place, None]
                stream = await client.chat(said, stream=True, resume=1, continue_final_message=True)
                assert str(await stream.collect()) == STORY[6:], place
                assert len(server.bodies[-1]["messages"]) == 2


async def test_whole_answers_have_nothing_to_take_up() -> None:
    with Storyteller("vllm") as server:
        async with make(server) as client:
            with pytest.raises(errors.ConfigurationError, match="stream=True"):
                await client.chat("Go on", resume=1)
            with pytest.raises(errors.ConfigurationError, match="stream=True"):
                await client.text_generation("Go on", resume=1)
