"""What users complained of in other clients, shown not to happen with this one.

C1 ... C45 are how the project's comparison with its peers counts the complaints; each test names
its own. Those of one colour, or of a whole process, stand in ``tests/concurrency``: C15, C29, C30,
C33, C34, C35, C36, C42.

Without a test:

- C25, a list of texts to embed: hfi has no embeddings.
- C28, agents that must bring their own retries: nothing of hfi's own is left to show beside C1
  (retries by default) and C22 (``response_format``).
- C45, usage per session: hfi knows calls, not sessions.

Shown in part: C23 without checking and repairing an answer against its schema, which hfi does not
do; C38 without streaming in secret, as a whole answer is asked for as one and has the time of
``first_token`` to come, but its error says what helps, and that does help.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import logging
import ssl
import threading
import time
from typing import Any, TypedDict

import attrs
import httpx
import pytest

from calls import CERTIFICATE
from hfi import AsyncClient, Image, Timeout, errors
from hfi._async import resuming, transport
from hfi.testing import FakeServer, Reply, faults
from hfi.testing.payloads import STREAM_ERRORS
from rawserver import Peer, RawServer, wait_until
from servers.images import PNG, FakeProviders

TOKEN = "hf_" + "s" * 30
ROUTER = "router.huggingface.co"
GOOD = {"choices": [{"message": {"role": "assistant", "content": "fine"}, "finish_reason": "stop"}]}
STRICT = (
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/...') }}{% endif %}"
    "[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}"
)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds between attempts; they are noted down instead of waited, without jitter."""
    noted: list[float] = []

    async def note(seconds: float, over: object) -> None:
        noted.append(seconds)

    monkeypatch.setattr(transport, "async_pause", note)
    monkeypatch.setattr(transport, "random", lambda: 0.0)
    return noted


def loading(seconds: float) -> faults.Status:
    return faults.Status(
        503, body={"error": "Model org/m is currently loading", "estimated_time": seconds}
    )


def says(answer: Any, status: int = 200) -> httpx.MockTransport:
    """A line to whatever host, where everyone says the same."""
    return httpx.MockTransport(lambda _: httpx.Response(status, json=answer))


class Hub:
    """A text server with a chat template on its model's page, and nobody who chats."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.prompts: list[str] = []

    def __call__(self, peer: Peer) -> None:
        while peer.read_request():
            if peer.target.startswith("/api/models/"):
                config = {"tokenizer_config": {"chat_template": STRICT}}
                peer.reply(json.dumps({"id": "org/m", "config": config}).encode())
            elif peer.target == "/info":
                info = {"router": "text-generation-router", "model_id": "org/m"}
                peer.reply(json.dumps(info | {"max_total_tokens": 4096}).encode())
            elif "chat" in peer.target:
                peer.reply(json.dumps({"error": self.refusal}).encode(), "400 Bad Request")
            elif peer.target in ("/", "/generate"):
                self.prompts.append(json.loads(peer.body)["inputs"])
                peer.reply(b'[{"generated_text": "fine"}]')
            else:
                peer.reply(b"{}", "404 Not Found")


# -- trying again, and waiting for cold models -----------------------------------------------------


async def test_c01_retries_by_default_and_the_provider_in_the_error(waits: list[float]) -> None:
    with FakeServer("fine", faults=[faults.Status(429), faults.Status(500)]) as server:
        async with AsyncClient(base_url=server.url) as client:
            completion = await client.chat("Hi")
    assert completion.text == "fine"
    assert completion.meta.attempts == 3
    assert len(waits) == 2
    refusing = says({"error": "slow down"}, 429)
    async with AsyncClient("org/m", provider="groq", token=TOKEN, transport=refusing) as client:
        with pytest.raises(errors.RateLimitError, match="provider groq") as caught:
            await client.chat("Hi")
    assert caught.value.provider == "groq"
    assert len(caught.value.earlier) == 2


async def test_c02_a_cold_model_is_not_asked_each_second(waits: list[float]) -> None:
    with FakeServer("fine", faults=[loading(30)] * 4) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
        assert len(server.calls) == 5
    assert sum(waits) >= 30
    assert min(waits) > 1


async def test_c03_the_client_waits_itself_and_tells(waits: list[float]) -> None:
    told: list[Any] = []
    with FakeServer("fine", faults=[loading(2), loading(1)]) as server:
        async with AsyncClient(base_url=server.url, on_wait=told.append) as client:
            completion = await client.chat("Hi")
    assert completion.text == "fine"
    *begun, over = told
    assert [(each.reason, each.told) for each in begun] == [("loading", 2), ("loading", 1)]
    assert [each.seconds for each in begun] == waits
    assert (over.done, over.waited) == (True, sum(waits))


@pytest.mark.parametrize("estimate", [20.0, 1809.0])
async def test_c04_loading_for_ever_has_an_end(waits: list[float], estimate: float) -> None:
    with FakeServer("fine", faults=loading(estimate)) as server:
        async with AsyncClient(base_url=server.url, max_wait=60) as client:
            with pytest.raises(errors.ModelLoadingError) as caught:
                await client.chat("Hi")
        assert 2 <= len(server.calls) < 30
    assert caught.value.estimated_time == estimate
    assert "hfi waited 60 s" in str(caught.value)
    assert "max_wait" in str(caught.value)
    assert sum(waits) == pytest.approx(60)


async def test_c05_every_limit_is_finite_by_default() -> None:
    limits = attrs.asdict(Timeout())
    assert all(value is not None and value <= 600 for value in limits.values())
    with FakeServer("fine", faults=faults.Hangup(how="stall")) as server:
        async with AsyncClient(base_url=server.url, max_retries=0) as client:
            told = await client.explain("chat", "Hi")
            start = time.monotonic()
            with pytest.raises(errors.APITimeoutError):
                await client.chat("Hi", timeout=0.2)
    assert time.monotonic() - start < 2
    for seconds in limits.values():
        assert f"{seconds:g} s" in (told.limits or "")


async def test_c06_a_rate_limit_is_not_made_worse(waits: list[float]) -> None:
    with FakeServer("fine", faults=faults.Status(429)) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.RateLimitError):
                await client.chat("Hi")
        assert len(server.calls) == 3
    assert min(waits) >= 1
    long = faults.Status(429, headers={"RateLimit": '"api";r=0;t=290'})
    with FakeServer("fine", faults=long) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.RateLimitError) as caught:
                await client.chat("Hi")
        assert len(server.calls) == 1
    assert caught.value.retry_after == pytest.approx(290, abs=1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "55"},
        {"Retry-After": faults.http_date(55)},
        {"RateLimit": '"api";r=0;t=55'},
    ],
    ids=["seconds", "date", "RateLimit"],
)
async def test_c07_the_server_s_wish_is_obeyed(waits: list[float], headers: Any) -> None:
    with FakeServer("fine", faults=[faults.Status(429, headers=headers)]) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
    assert len(waits) == 1
    assert 52 < waits[0] < 70


async def test_c08_a_503_is_a_bounded_loop_that_frees_its_replies(waits: list[float]) -> None:
    long = {"error": {"message": "overloaded", "detail": "x" * 100_000}}
    with FakeServer("fine", faults=faults.Status(503, body=long)) as server:
        async with AsyncClient(base_url=server.url, max_retries=20) as client:
            with pytest.raises(errors.ServerError):
                await client.chat("Hi")
            assert len(server.calls) == 21
            assert server.connections == 1  # each reply was read to its end
    assert len(waits) == 20
    assert min(waits) >= 0


# -- errors and events -----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", sorted(STREAM_ERRORS))
async def test_c09_an_error_inside_a_200_is_typed(shape: str) -> None:
    for events in (0, 2):
        with FakeServer("one two", faults=faults.InStreamError(shape, events=events)) as server:
            async with AsyncClient(base_url=server.url, max_retries=0) as client:
                expected = errors.GenerationError if events else errors.APIStatusError
                stream = await client.chat("Hi", stream=True)
                with pytest.raises(expected, match="The model broke"):
                    await stream.collect()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("It broke", "It broke"),
        ({"message": "It broke"}, "It broke"),
        (["It broke", "twice"], "It broke; twice"),
        ({"error": {"message": "It broke"}}, "It broke"),
        (True, "does not say why"),
        (None, "does not say why"),
    ],
)
async def test_c10_an_error_is_words_whatever_it_is_made_of(error: Any, told: str) -> None:
    with FakeServer(faults=faults.Status(400, body={"error": error})) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.BadRequestError, match=told) as caught:
                await client.chat("Hi")
    assert "{" not in str(caught.value)


def pieces_of(*pieces: bytes) -> Any:
    """A handler that streams these bytes as they are, and then keeps the connection open."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream()
            for piece in pieces:
                peer.chunk(piece)
            peer.server.gone.append(peer.wait_gone(5))

    return handler


def delta(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return json.dumps({"choices": [choice]}, ensure_ascii=False).encode()


async def test_c11_events_are_read_alike_wherever_they_are_split() -> None:
    for end in (b"\n", b"\r\n", b"\r"):
        told = [
            b"data:" + delta("Zürich 🎉"),
            b": x",
            b"data: " + delta("!", "stop"),
            b"data:[DONE]",
        ]
        data = b"".join(line + end + end for line in told)
        with RawServer(pieces_of(*(data[i : i + 1] for i in range(len(data))))) as server:
            async with AsyncClient(base_url=server.url) as client:
                stream = await client.chat("Hi", stream=True)
                completion = await stream.collect()
                assert completion.text == "Zürich 🎉!"


async def test_c12_only_line_ends_end_lines() -> None:
    text = "one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven"
    with FakeServer(Reply(text, pieces=[text])) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            completion = await stream.collect()
    assert completion.text == text


# -- streams that are left, closed, silent or cut --------------------------------------------------


async def test_c13_a_stream_that_is_left_lets_go() -> None:
    with FakeServer(Reply("one two three", token_delay=0.5)) as server:
        client = AsyncClient(base_url=server.url)
        async for _ in await client.chat("Hi", stream=True):
            break
        stream = await client.chat("Hi", stream=True)
        del stream
        gc.collect()
        async with await client.chat("Hi", stream=True):
            pass
        await client.chat("Hi", stream=False)
        assert wait_until(lambda: server.open_connections <= 1)
        await client.aclose()
        assert wait_until(lambda: server.open_connections == 0)


async def test_c14_a_stream_can_be_ended_from_elsewhere_and_twice() -> None:
    with FakeServer("one two", faults=faults.Break(events=2, how="stall")) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            timer = threading.Timer(0.1, stream.abort)
            timer.start()
            start = time.monotonic()
            with pytest.raises(errors.StreamInterruptedError) as caught:
                await stream.collect()
            timer.join()
            assert time.monotonic() - start < 1
            assert caught.value.partial.text == "one"
            stream.abort()
            await stream.aclose()
            await stream.aclose()
            assert stream.closed


async def test_c37_keep_alives_are_silence_and_done_is_the_end() -> None:
    with FakeServer("one two", faults=faults.KeepAlives(every=0.05, events=2)) as server:
        async with AsyncClient(base_url=server.url, timeout=0.3) as client:
            stream = await client.chat("Hi", stream=True)
            with pytest.raises(errors.StreamStalledError) as caught:
                await stream.collect()
    assert caught.value.phase == "between_tokens"
    assert caught.value.partial.text == "one"
    # The connection stays open after [DONE], without an end of the body.
    data = b"data: " + delta("one", "stop") + b"\n\ndata: [DONE]\n\n"
    with RawServer(pieces_of(data)) as server:
        async with AsyncClient(base_url=server.url) as client:
            start = time.monotonic()
            stream = await client.chat("Hi", stream=True)
            completion = await stream.collect()
            assert completion.text == "one"
            assert time.monotonic() - start < 2


async def test_c38_a_long_answer_that_is_streamed_has_time() -> None:
    slow = Reply("one two three four", token_delay=0.15)
    whole = Reply("one two three four", first_token=0.6)
    with FakeServer([whole, slow]) as server:
        async with AsyncClient(base_url=server.url, timeout=0.4, max_retries=0) as client:
            with pytest.raises(errors.APITimeoutError, match="stream=True") as caught:
                await client.chat("Hi")
            stream = await client.chat("Hi", stream=True)
            completion = await stream.collect()
    assert caught.value.phase == "first_token"
    assert completion.text == slow.text


async def test_c39_a_cut_loses_nothing_that_came() -> None:
    for how in ("close", "reset", "end"):
        cut = faults.Break(events=3, how=how)
        with FakeServer(Reply("one two three", token_delay=0.02), faults=cut) as server:
            async with AsyncClient(base_url=server.url, max_retries=0) as client:
                stream = await client.chat("Hi", stream=True)
                with pytest.raises(errors.StreamInterruptedError) as caught:
                    await stream.collect()
        assert caught.value.partial.text == "one two", how
        assert caught.value.kind == {"close": "closed", "reset": "reset", "end": None}[how]


async def test_c40_resuming_is_asked_for_and_adds_no_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resuming, "PAUSE", 0.01)
    sent: list[Any] = []

    def breaks_once(peer: Peer) -> None:
        while peer.read_request():
            if peer.method == "GET":
                status = "200 OK" if peer.target == "/v1/models" else "404 Not Found"
                peer.reply(b'{"data": [{"id": "m", "owned_by": "vllm"}]}', status)
                continue
            sent.append(json.loads(peer.body)["messages"])
            peer.start_stream()
            if len(sent) == 1:
                peer.word("one")
                return
            peer.word(" two", "stop")
            peer.end_stream()

    asked = {"role": "user", "content": "Count"}
    with RawServer(breaks_once) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Count", stream=True, resume=1)
            completion = await stream.collect()
            assert completion.text == "one two"
            assert completion.meta.resumes == 1
    assert sent == [[asked], [asked, {"role": "assistant", "content": "one"}]]
    sent.clear()
    with RawServer(breaks_once) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Count", stream=True)
            with pytest.raises(errors.StreamInterruptedError):
                await stream.collect()
    assert len(sent) == 1


async def test_c43_an_error_on_a_stream_keeps_its_message() -> None:
    broken = faults.Status(422, message="temperature is too hot")
    with FakeServer(faults=broken) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.BadRequestError, match="too hot") as caught:
                await client.chat("Hi", stream=True)
    assert caught.value.status_code == 422


# -- the way there ---------------------------------------------------------------------------------


def answering(peer: Peer) -> None:
    while peer.read_request():
        peer.reply(json.dumps(GOOD).encode())


async def test_c16_the_environment_s_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with AsyncClient(base_url="http://far.example/v1") as client:
            await client.chat("Hi")
        assert [target for _, target, _, _ in proxy.seen] == [
            "http://far.example/v1/chat/completions"
        ]


async def test_c17_proxy_and_certificates_of_one_client() -> None:
    with RawServer(answering) as proxy:
        async with AsyncClient(base_url="http://far.example/v1", proxy=proxy.url) as client:
            await client.chat("Hi")
        assert len(proxy.seen) == 1
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    with FakeServer("fine", tls=context) as server:
        async with AsyncClient(base_url=server.url, verify=str(CERTIFICATE)) as client:
            completion = await client.chat("Hi")
            assert completion.text == "fine"
        async with AsyncClient(base_url=server.url, max_retries=0) as client:
            with pytest.raises(errors.APIConnectionError) as caught:
                await client.chat("Hi")
        assert caught.value.kind == "tls"


async def test_c27_the_default_host_is_the_router() -> None:
    hosts: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(200, json=GOOD)

    async with AsyncClient("org/m", token=TOKEN, transport=httpx.MockTransport(note)) as client:
        await client.chat("Hi")
    assert hosts == [ROUTER]
    gone = says({"error": "gone"}, 410)
    old = "https://api-inference.huggingface.co/v1"
    async with AsyncClient("org/m", base_url=old, token=TOKEN, transport=gone) as client:
        with pytest.raises(errors.ModelNotFoundError, match="was retired"):
            await client.chat("Hi")


@pytest.mark.parametrize(
    ("base_url", "found_goes", "given_goes"),
    [
        (None, True, True),
        (f"https://{ROUTER}/v1", True, True),
        ("https://api.someone.example/v1", False, True),
        ("https://huggingface.co.evil.example/v1", False, True),
        ("http://127.0.0.1:1/v1", False, True),
    ],
)
async def test_c31_a_found_token_stays_a_given_one_goes(
    monkeypatch: pytest.MonkeyPatch, base_url: str | None, found_goes: bool, given_goes: bool
) -> None:
    seen: list[bool] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append("authorization" in request.headers)
        return httpx.Response(200, json=GOOD)

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for options in ({}, {"token": TOKEN}):
        line = httpx.MockTransport(note)
        async with AsyncClient("org/m", base_url=base_url, transport=line, **options) as client:
            await client.chat("Hi")
    assert seen == [found_goes, given_goes]


async def test_c32_a_token_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    refusal = faults.Status(401, message=f"Invalid token {TOKEN}")
    with FakeServer("fine", faults=[None, refusal, refusal]) as server:
        async with AsyncClient(base_url=server.url, token=f"{TOKEN}\r\n") as client:
            await client.chat("Hi")
            assert server.calls[0].headers["authorization"] == f"Bearer {TOKEN}"
            with pytest.raises(errors.AuthenticationError) as caught:
                await client.chat("Hi")
            told = await client.explain("chat", "Hi")
            shown += [repr(client), repr(caught.value), str(caught.value), repr(told), str(told)]
            shown += [told.as_curl(), repr(vars(caught.value))]
    with pytest.raises(errors.ConfigurationError) as refused:
        async with AsyncClient("org/m", token=f"{TOKEN}\r\nx", base_url="http://127.0.0.1:9") as c:
            await c.chat("Hi")
    shown += [str(refused.value), repr(refused.value), caplog.text]
    assert caplog.text
    assert not [text for text in shown if TOKEN in text]


# -- providers and models --------------------------------------------------------------------------


async def test_c18_a_provider_nobody_knows_is_skipped() -> None:
    fake = FakeProviders("brand-new-one", "together")
    async with AsyncClient("org/m", token=TOKEN, transport=fake.transport) as client:
        image = await client.text_to_image("a cat")
        info = await client.model_info("org/m")
    assert image.provider == "together"
    assert [each.provider for each in info.live_providers()] == ["brand-new-one", "together"]


async def test_c19_the_other_way_is_taken_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Model org/m is not supported for task {}. Supported task: {}."
    hub = Hub(text.format("conversational", "text-generation"))
    with RawServer(hub) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        async with AsyncClient(base_url=server.url) as client:
            completion = await client.chat("Hi")
    assert completion.text == "fine"
    assert completion.meta.protocol == "text-generation"
    assert "text-generation named" in (completion.meta.protocol_reason or "")
    assert hub.prompts == ["[user] Hi\n"]
    refusing = says({"error": text.format("text-generation", "conversational")}, 400)
    async with AsyncClient("org/m", base_url="http://far.example", transport=refusing) as client:
        with pytest.raises(errors.BadRequestError, match=r"use chat\(\) in place"):
            await client.text_generation("Hi")


async def test_c20_a_model_nobody_serves_you_says_where_to_enable_it() -> None:
    body = {
        "message": "The requested model 'org/m' is not supported by any provider you have enabled.",
        "code": "model_not_supported",
    }
    refusing = says({"error": body}, 400)
    async with AsyncClient("org/m", token=TOKEN, provider="groq", transport=refusing) as client:
        with pytest.raises(errors.BadRequestError) as caught:
            await client.chat("Hi")
    assert "https://huggingface.co/settings/inference-providers" in str(caught.value)
    assert "client.models(" in str(caught.value)


async def test_c21_spent_credits_say_what_to_do(waits: list[float]) -> None:
    refusing = says({"error": "You have exceeded your monthly included credits"}, 402)
    async with AsyncClient("org/m", token=TOKEN, transport=refusing) as client:
        with pytest.raises(errors.PaymentRequiredError) as caught:
            await client.chat("Hi")
    assert waits == []
    assert "https://huggingface.co/settings/billing" in str(caught.value)
    assert 'provider="local"' in str(caught.value)


async def test_c26_images_go_in_as_they_come_out() -> None:
    fake = FakeProviders("together")
    async with AsyncClient("org/m", token=TOKEN, transport=fake.transport) as client:
        images = await client.text_to_image("a cat", n=3)
    assert isinstance(images, list)
    assert [type(each) for each in images] == [Image] * 3
    pillow = pytest.importorskip("PIL.Image")
    with FakeServer("A cat.") as server:
        async with AsyncClient(base_url=server.url) as client:
            for image in (images[0].bytes, images[0].pil(), pillow.new("RGB", (2, 2))):
                content = [{"type": "image", "image": image}, {"type": "text", "text": "What?"}]
                await client.chat([{"role": "user", "content": content}])
        for call in server.calls:
            url = call.json["messages"][0]["content"][0]["image_url"]["url"]
            assert url.startswith("data:image/png;base64,iVBOR")
    assert images[0].bytes == PNG


# -- what is asked, and what comes of it -----------------------------------------------------------


@dataclasses.dataclass
class PersonData:
    name: str
    age: int


@attrs.define
class PersonAttrs:
    name: str
    age: int


class PersonDict(TypedDict):
    name: str
    age: int


def person_of_pydantic() -> Any:
    pydantic = pytest.importorskip("pydantic")
    return pydantic.create_model("PersonModel", name=(str, ...), age=(int, ...))


@pytest.mark.parametrize(
    "make",
    [lambda: PersonData, lambda: PersonAttrs, lambda: PersonDict, person_of_pydantic],
    ids=["dataclass", "attrs", "TypedDict", "pydantic"],
)
async def test_c22_a_class_is_a_response_format(make: Any) -> None:
    with FakeServer('{"name": "Ada", "age": 36}') as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Who?", response_format=make())
        sent = server.calls[0].json["response_format"]
    assert sent["type"] == "json_schema"
    schema = sent["json_schema"]["schema"]
    assert {name: each["type"] for name, each in schema["properties"].items()} == {
        "name": "string",
        "age": "integer",
    }
    assert set(schema["required"]) == {"name", "age"}


@pytest.mark.parametrize(
    ("provider", "token", "kind", "place"),
    [
        # The router takes OpenAI's form for all but its own; a key of one's own goes straight.
        ("together", TOKEN, "json_schema", ("json_schema", "schema")),
        ("hf-inference", TOKEN, "json_object", ("value",)),
        ("groq", "gsk_mine", "json_schema", ("json_schema", "schema")),
        ("together", "key", "json_schema", ("schema",)),
        ("cohere", "key", "json_object", ("schema",)),
        ("fireworks-ai", "key", "json_object", ("schema",)),
    ],
)
async def test_c23_each_provider_gets_a_schema_its_own_way(
    provider: str, token: str, kind: str, place: tuple[str, ...]
) -> None:
    sent: list[Any] = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["response_format"])
        return httpx.Response(200, json=GOOD)

    line = httpx.MockTransport(note)
    async with AsyncClient("m", provider=provider, token=token, transport=line) as client:
        await client.chat("Who?", response_format=PersonData)
    (found,) = sent
    assert found["type"] == kind
    for name in place:
        found = found[name]
    assert set(found["properties"]) == {"name", "age"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply("Four.", reasoning="Two and two."),
        Reply(pieces=["<thi", "nk>Two and two.</", "think>Four."]),
    ],
    ids=["field", "tags"],
)
async def test_c24_reasoning_is_kept_and_told_apart(reply: Reply) -> None:
    with FakeServer(reply) as server:
        async with AsyncClient(base_url=server.url) as client:
            whole = await client.chat("2 + 2?")
            stream = await client.chat("2 + 2?", stream=True)
            chunks = [chunk async for chunk in stream]
    assert (whole.reasoning, whole.text) == ("Two and two.", "Four.")
    assert "".join(chunk.reasoning or "" for chunk in chunks) == "Two and two."
    assert "".join(chunk.text for chunk in chunks) == "Four."
    assert stream.completion is not None
    assert stream.completion.message.reasoning == "Two and two."


async def test_c41_messages_are_mended_for_a_strict_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One."},
        {"role": "user", "content": "Two."},
    ]
    with RawServer(hub) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        async with AsyncClient(base_url=server.url) as client:
            completion = await client.chat(messages, protocol="text-generation")
            with pytest.raises(errors.TemplateError, match="alternate"):
                await client.chat(messages, protocol="text-generation", repair=False)
    (prompt,) = hub.prompts
    assert prompt.count("[user]") == 1
    assert "[system]" not in prompt
    assert all(word in prompt for word in ("Be brief.", "One.", "Two."))
    assert len(completion.meta.repairs) == 2


async def test_c44_no_null_is_sent_and_ranges_are_checked() -> None:
    words = "Input validation error: `top_p` must be > 0.0 and < 1.0"
    refusal = faults.Status(422, body={"error": words, "error_type": "validation"})
    with FakeServer("fine", faults=[None, refusal, None]) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi", temperature=None, top_p=None, stop=None, seed=None)
            with pytest.raises(errors.BadRequestError, match="leave it out"):
                await client.chat("Hi", top_p=1.0)
            with pytest.raises(errors.ConfigurationError, match="top_p must be"):
                await client.chat("Hi", top_p=1.5)
            # TGI refuses 1, which means "off"; where it is known to be TGI, that is not sent.
            await client.text_generation("Hi", top_p=1.0)
        assert set(server.calls[0].json) == {"messages"}
        assert len(server.calls) == 3
        assert "top_p" not in server.calls[-1].json["parameters"]
