"""Several providers behind the router: who is asked next, and what is told of the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import hfi.local
from hfi import errors
from hfi._async.client import AsyncClient

GOOD = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}
ROLE = 'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
WORD = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
END = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
BUSY = (503, {"error": "busy"})
HUB = {
    "id": "org/model",
    "inferenceProviderMapping": {
        name: {"status": "live", "providerId": f"{name}-id", "task": "text-generation"}
        for name in ("together", "novita")
    },
}


class Router:
    """Answers each provider's requests as told, and keeps who was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/models/"):
            return httpx.Response(200, json=HUB)
        body = json.loads(request.content)
        name = str(body.get("model") or "local").rpartition(":")[2].removesuffix("-id")
        name = "local" if request.url.host == "127.0.0.1" else name
        self.asked.append(name)
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return httpx.Response(200, text=answer, headers={"content-type": "text/event-stream"})
        return httpx.Response(answer[0], json=answer[1])


@pytest.fixture
def make_client(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AsyncClient]:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_test")
    embedded = SimpleNamespace(url="http://127.0.0.1:1", api_key=None, model="embedded")
    monkeypatch.setattr(hfi.local, "shared_server", lambda _: embedded)

    def make(router: Router, *providers: str, **options: Any) -> AsyncClient:
        return AsyncClient(
            **{
                "model": "org/model",
                "provider": providers,
                "transport": httpx.MockTransport(router),
                "max_retries": 0,
                "max_wait": 0,
                **options,
            }
        )

    return make


async def test_the_next_provider_answers(make_client: Callable[..., AsyncClient]) -> None:
    router = Router(groq=BUSY, together=(402, {"error": "no credits"}), nscale=(200, GOOD))
    async with make_client(router, "groq", "together", "nscale") as client:
        completion = await client.chat("Hello")
    assert router.asked == ["groq", "together", "nscale"]
    assert completion.text == "Hi"
    assert completion.provider == "nscale"
    assert completion.meta.attempts == 3
    assert [type(each) for each in completion.meta.earlier] == [
        errors.ServerError,
        errors.PaymentRequiredError,
    ]


async def test_retries_come_first(make_client: Callable[..., AsyncClient]) -> None:
    router = Router(groq=(500, {"error": "x"}), together=(200, GOOD))
    async with make_client(router, "groq", "together", max_retries=1) as client:
        completion = await client.chat("Hello")
    assert router.asked == ["groq", "groq", "together"]
    assert completion.meta.attempts == 3
    assert len(completion.meta.earlier) == 2


async def test_what_another_cannot_cure_is_raised(make_client: Callable[..., AsyncClient]) -> None:
    for status in (400, 401, 403, 413, 422):
        router = Router(groq=(status, {"error": "no"}), together=(200, GOOD))
        async with make_client(router, "groq", "together") as client:
            with pytest.raises(errors.APIStatusError):
                await client.chat("Hello")
        assert router.asked == ["groq"], status


async def test_the_last_error_holds_the_earlier_ones(
    make_client: Callable[..., AsyncClient],
) -> None:
    for stream in (False, True):
        router = Router(groq=BUSY, together=(404, {"error": "not here"}))
        async with make_client(router, "groq", "together") as client:
            with pytest.raises(errors.ModelNotFoundError) as caught:
                await client.chat("Hello", stream=stream)
        assert [type(each) for each in caught.value.earlier] == [errors.ServerError]


@pytest.mark.parametrize(
    "beginning",
    [
        "",
        ROLE,
        'data: {"error":{"message":"overloaded","code":503}}\n\n',
        ROLE + 'data: {"error":{"message":"overloaded","code":503}}\n\n',
    ],
    ids=["cut at once", "cut after the role", "error first", "error after the role"],
)
async def test_a_stream_falls_over_before_its_first_chunk(
    beginning: str, make_client: Callable[..., AsyncClient]
) -> None:
    router = Router(groq=beginning, together=ROLE + WORD + END)
    async with make_client(router, "groq", "together") as client:
        stream = await client.chat("Hello", stream=True)
        assert [chunk.text async for chunk in stream] == ["", "Hi", ""]
        assert stream.completion is not None
        assert stream.completion.provider == "together"
        assert len(stream.completion.meta.earlier) == 1
        assert stream.completion.meta.attempts == 2
    assert router.asked == ["groq", "together"]


async def test_never_after_a_chunk_was_handed_out(make_client: Callable[..., AsyncClient]) -> None:
    router = Router(nscale=BUSY, groq=ROLE + WORD, together=WORD + END)
    async with make_client(router, "nscale", "groq", "together") as client:
        stream = await client.chat("Hello", stream=True)
        with pytest.raises(errors.StreamInterruptedError) as caught:
            await stream.collect()
    assert caught.value.partial.text == "Hi"
    assert [type(each) for each in caught.value.earlier] == [errors.ServerError]
    assert router.asked == ["nscale", "groq"]


async def test_falling_over_comes_before_resuming(
    make_client: Callable[..., AsyncClient],
) -> None:
    router = Router(groq=ROLE, together=WORD + END)
    async with make_client(router, "groq", "together") as client:
        stream = await client.chat("Hello", stream=True, resume=2)
        completion = await stream.collect()
    assert completion.text == "Hi"
    assert completion.meta.resumes == 0
    assert router.asked == ["groq", "together"]


async def test_local_is_the_last_resort(make_client: Callable[..., AsyncClient]) -> None:
    down = httpx.ConnectError("down")
    router = Router(groq=down, together=down, local=(200, GOOD))
    async with make_client(router, "groq", "together", "local") as client:
        completion = await client.chat("Hello")
    assert completion.provider == "local"
    assert router.asked == ["groq", "together", "local"]


async def test_local_answers_without_a_token(
    make_client: Callable[..., AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    router = Router(local=(200, GOOD))
    async with make_client(router, "groq", "local") as client:
        completion = await client.chat("Hello")
        told = await client.explain("chat", "Hello")
    assert completion.provider == "local"
    assert completion.meta.attempts == 1
    assert isinstance(completion.meta.earlier[0], errors.ConfigurationError)
    assert told.provider == "local"
    assert "groq is not asked: router.huggingface.co needs" in told.notes[0]


async def test_wrong_options_are_nobody_s_to_cure(make_client: Callable[..., AsyncClient]) -> None:
    async with make_client(Router(), "groq", "local") as client:
        with pytest.raises(errors.ConfigurationError, match="tools must be a list"):
            await client.chat("Hello", tools="none")


async def test_explain_tells_the_order(make_client: Callable[..., AsyncClient]) -> None:
    router = Router()
    async with make_client(router, "groq", "together", "local") as client:
        told = await client.explain("chat", "Hello")
        text = await client.explain("text_generation", "Hello")
    assert told.provider == "groq"
    assert told.notes[0].startswith("Asks groq, then together, then local:")
    assert text.notes[0].startswith("Asks together, then local:")
    assert text.notes[1].startswith("groq is not asked:")
    assert router.asked == []


async def test_text_generation_falls_over_too(make_client: Callable[..., AsyncClient]) -> None:
    whole = {"choices": [{"text": " there", "finish_reason": "stop"}]}
    router = Router(together=BUSY, novita=(200, whole))
    async with make_client(router, "together", "novita") as client:
        text = await client.text_generation("Hello")
    assert text.text == " there"
    assert text.provider == "novita"
    assert text.meta.attempts == 2
    assert [type(each) for each in text.meta.earlier] == [errors.ServerError]
    piece = 'data: {"choices":[{"text":" there","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    router = Router(together="", novita=piece)
    async with make_client(router, "together", "novita") as client:
        stream = await client.text_generation("Hello", stream=True)
        text = await stream.collect()
    assert text.text == " there"
    assert text.provider == "novita"
    assert len(text.meta.earlier) == 1
