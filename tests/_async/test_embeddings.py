"""Embeddings and similarities: who is asked, in what parts, and what becomes of failures."""

from __future__ import annotations

import sys
import threading
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, Embedding, Embeddings, Limits, errors
from servers.embedders import FakeServer, overlap, vector

URL = "http://127.0.0.1:9"
TOKEN = "hf_" + "a" * 20
MODEL = "org/embedder"
WORDS = ["one", "two words", "three small words"]


def client_of(fake: FakeServer, **options: Any) -> AsyncClient:
    settings = {"base_url": URL, "transport": fake.transport, "max_retries": 0}
    return AsyncClient(**{**settings, **options})


# -- which route


async def test_tei_has_a_route_of_its_own() -> None:
    fake = FakeServer("tei")
    async with client_of(fake, base_url=f"{URL}/v1") as client:
        row = await client.feature_extraction("one", normalize=True, truncate=True)
        table = await client.feature_extraction(["one"], prompt_name="query", dimensions=3)
    assert isinstance(row, Embedding)
    assert row == vector("one")
    assert isinstance(table, Embeddings)
    assert table == [vector("one")]
    assert (row.model, row.provider, table.model) == (MODEL, None, MODEL)
    assert fake.bodies("/embed") == [
        {"inputs": "one", "normalize": True, "truncate": True},
        {"inputs": ["one"], "prompt_name": "query", "dimensions": 3},
    ]
    # What it is was asked once.
    assert [path for method, path, _ in fake.asked if method == "GET"] == ["/info"]


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp", "ollama", "lm-studio", "openai"])
async def test_others_have_openais_route(kind: str) -> None:
    fake = FakeServer(kind)
    async with client_of(
        fake, model="named" if kind in ("ollama", "lm-studio") else None
    ) as client:
        table = await client.feature_extraction(WORDS)
        packed = await client.feature_extraction(WORDS, encoding_format="base64")
        row = await client.feature_extraction("one")
    assert table == packed == [vector(text) for text in WORDS]
    assert row == vector("one")
    assert table.usage is not None
    assert table.usage.prompt_tokens == 6
    first = fake.bodies("/v1/embeddings")[0]
    assert first["input"] == WORDS
    named = {"ollama": "named", "lm-studio": "named", "vllm": MODEL, "openai": MODEL}
    assert first.get("model") == named.get(kind)


async def test_what_openais_route_does_not_know_is_not_sent() -> None:
    fake = FakeServer("llama.cpp")
    async with client_of(fake) as client:
        with pytest.warns(UserWarning, match="takes no truncate"):
            await client.feature_extraction("one", truncate=True, dimensions=3)
    assert fake.bodies("/v1/embeddings") == [{"input": "one", "dimensions": 3}]


async def test_an_endpoint_that_does_not_say_what_it_is_takes_texts_at_its_root() -> None:
    fake = FakeServer("endpoint")
    async with client_of(fake) as client:
        assert await client.feature_extraction("one") == vector("one")
        assert await client.feature_extraction(WORDS) == [vector(text) for text in WORDS]
    assert fake.bodies("/") == [{"inputs": "one"}, {"inputs": WORDS}]


async def test_an_address_that_ends_in_a_route_says_enough() -> None:
    fake = FakeServer("openai")
    async with client_of(fake, base_url=f"{URL}/v1/embeddings") as client:
        assert await client.feature_extraction("one") == vector("one")
    assert fake.asked == [("POST", "/v1/embeddings", {"input": "one"})]
    fake = FakeServer("tei")
    async with client_of(fake, base_url=f"{URL}/embed") as client:
        assert await client.feature_extraction("one") == vector("one")
    assert fake.asked == [("POST", "/embed", {"inputs": "one"})]


@pytest.mark.parametrize(
    "fake", [FakeServer("tgi"), FakeServer("tei", model_type={"reranker": {}})]
)
async def test_servers_without_embeddings_say_what_they_can(fake: FakeServer) -> None:
    async with client_of(fake) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="no feature_extraction"):
            await client.feature_extraction("one")
        with pytest.raises(errors.ModelNotSupportedError, match="no sentence_similarity"):
            await client.sentence_similarity("one", ["two"])


@pytest.mark.parametrize("text", ["one", ["one", "two"]])
async def test_a_server_that_was_started_without_embeddings_says_so(text: Any) -> None:
    fake = FakeServer("vllm")
    fake.off = frozenset({"/v1/embeddings"})
    async with client_of(fake) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="as it was started") as caught:
            await client.feature_extraction(text)
    assert isinstance(caught.value.__cause__, errors.ModelNotFoundError)


async def test_a_model_that_the_server_has_not_is_not_found() -> None:
    fake = FakeServer("ollama")
    told = {"error": {"message": "model 'nope' not found", "type": "not_found_error"}}
    fake.broken["one"] = (404, told)
    async with client_of(fake, model="nope") as client:
        with pytest.raises(errors.ModelNotFoundError):
            await client.feature_extraction("one")


# -- providers


def provider(name: str, task: str = "feature-extraction") -> Any:
    """The Hub and one provider behind its router."""
    lock = threading.Lock()
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        with lock:
            seen.append(request)
        if request.url.host == "huggingface.co":
            mapping = {name: {"status": "live", "providerId": f"{name}-id", "task": task}}
            body = {"id": MODEL, "pipeline_tag": task, "inferenceProviderMapping": mapping}
            return httpx.Response(200, json=body)
        fake = FakeServer("tei" if name == "hf-inference" else "openai")
        fake.info["max_client_batch_size"] = 32
        path = {"hf-inference": "/similarity" if "similarity" in request.url.path else "/embed"}
        routed = request.url.copy_with(path=path.get(name, "/v1/embeddings"))
        return fake(httpx.Request("POST", routed, content=request.content))

    return httpx.MockTransport(handle), seen


async def test_a_provider_is_asked_as_the_hub_says() -> None:
    transport, seen = provider("scaleway")
    async with AsyncClient(MODEL, token=TOKEN, transport=transport) as client:
        table = await client.feature_extraction(WORDS)
    assert table == [vector(text) for text in WORDS]
    assert (table.model, table.provider) == (MODEL, "scaleway")
    assert str(seen[-1].url) == "https://router.huggingface.co/scaleway/v1/embeddings"


async def test_hugging_faces_own_provider_gets_tei_s_parts() -> None:
    transport, seen = provider("hf-inference")
    texts = [f"text {number}" for number in range(70)]
    async with AsyncClient(
        MODEL, provider="hf-inference", token=TOKEN, transport=transport
    ) as client:
        table = await client.feature_extraction(texts)
        alike = await client.sentence_similarity("text 3", texts[:31])
        row = await client.feature_extraction("one")
    assert table == [vector(text) for text in texts]
    paths = [request.url.path for request in seen]
    base = f"/hf-inference/models/{MODEL}/pipeline"
    assert paths[:3] == [f"{base}/feature-extraction"] * 3
    assert paths[3] == f"{base}/sentence-similarity"
    assert list(alike) == [overlap(text, "text 3") for text in texts[:31]]
    assert row == vector("one")


async def test_a_provider_that_only_embeds_is_compared_here() -> None:
    transport, seen = provider("scaleway")
    async with AsyncClient(MODEL, token=TOKEN, transport=transport) as client:
        alike = await client.sentence_similarity("one", ["one", "two"])
    assert alike[0] == pytest.approx(1)
    assert "computed here" in alike.meta.notes[-1]
    assert seen[-1].url.path == "/scaleway/v1/embeddings"


async def test_without_a_way_the_first_error_counts() -> None:
    transport, _ = provider("groq")
    async with AsyncClient(MODEL, token=TOKEN, transport=transport) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="sentence-similarity"):
            await client.sentence_similarity("one", ["two"])


# -- long lists


async def test_a_long_list_is_sent_in_the_parts_that_tei_takes() -> None:
    fake = FakeServer("tei")
    texts = [f"text {number}" for number in range(42)]
    async with client_of(fake) as client:
        table = await client.feature_extraction(texts)
    assert table == [vector(text) for text in texts]
    assert table.numpy().shape == (42, 3)
    assert sorted(len(body["inputs"]) for body in fake.bodies("/embed")) == [2] + [4] * 10
    assert table.meta.attempts == 11
    assert table.usage is not None
    assert table.usage.prompt_tokens == 84


async def test_a_limit_that_nobody_told_is_learnt_from_the_refusal() -> None:
    fake = FakeServer("tei", max_client_batch_size=None)
    fake.info["max_client_batch_size"] = None
    texts = [f"text {number}" for number in range(64)]

    def narrow(request: httpx.Request) -> httpx.Response:
        told = dict(fake.info)
        fake.info["max_client_batch_size"] = 10
        try:
            return fake(request) if request.method == "POST" else httpx.Response(200, json=told)
        finally:
            fake.info["max_client_batch_size"] = None

    transport, limits = httpx.MockTransport(narrow), Limits(max_connections=1)
    async with client_of(fake, transport=transport, limits=limits) as client:
        table = await client.feature_extraction(texts)
    assert table == [vector(text) for text in texts]
    # One part was refused; the other was cut before it was sent.
    sizes = [len(body["inputs"]) for body in fake.bodies("/embed")]
    assert sizes == [32, 10, 10, 10, 2, 10, 10, 10, 2]


async def test_the_one_text_that_is_too_long_is_found() -> None:
    fake = FakeServer("tei", max_client_batch_size=32)
    told = "`inputs` must have less than 512 tokens. Given: 600"
    fake.broken["text 5"] = (413, {"error": told, "error_type": "Validation"})
    async with client_of(fake) as client:
        with pytest.raises(errors.ContextLengthError, match="for row 5 of 8") as caught:
            await client.feature_extraction([f"text {number}" for number in range(8)])
    assert "truncate=True" in str(caught.value)
    assert {0, 1, 2, 3, 4} <= set(caught.value.partial) <= {0, 1, 2, 3, 4, 6, 7}


async def test_what_is_too_large_is_halved() -> None:
    fake = FakeServer("openai")

    def small(request: httpx.Request) -> httpx.Response:
        if len(request.content) > 200:
            return httpx.Response(413, text="too large")
        return fake(request)

    texts = ["word " * 10 + str(number) for number in range(5)]
    async with client_of(fake, transport=httpx.MockTransport(small)) as client:
        table = await client.feature_extraction(texts)
    assert table == [vector(text) for text in texts]


async def test_no_texts_ask_nobody() -> None:
    fake = FakeServer("tei")
    async with client_of(fake) as client:
        table = await client.feature_extraction([])
        assert table == []
        assert table.numpy().shape == (0, 0)
        assert await client.sentence_similarity("one", []) == []
    assert fake.bodies("/embed") == fake.bodies("/similarity") == []


async def test_a_part_that_fails_says_its_rows_and_loses_no_other() -> None:
    fake = FakeServer("tei")
    fake.broken["text 5"] = (424, {"error": "no", "error_type": "Backend"})
    texts = [f"text {number}" for number in range(12)]
    async with client_of(fake, limits=Limits(max_connections=1)) as client:
        with pytest.raises(errors.ServerError, match="rows 4 to 7 of 12") as caught:
            await client.feature_extraction(texts)
    partial = caught.value.partial
    assert list(partial) == [0, 1, 2, 3]
    assert partial[2] == vector("text 2")
    # The part after it was not begun.
    assert len(fake.bodies("/embed")) == 2


async def test_parts_under_way_are_kept_when_one_fails() -> None:
    fake = FakeServer("tei")
    fake.broken["text 0"] = (422, {"error": "too long", "error_type": "Validation"})
    gate = threading.Event()

    def late(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and b"text 4" in request.content:
            gate.wait(0.2)
        return fake(request)

    texts = [f"text {number}" for number in range(8)]
    async with client_of(fake, transport=httpx.MockTransport(late)) as client:
        with pytest.raises(errors.BadRequestError) as caught:
            await client.feature_extraction(texts)
    assert set(caught.value.partial) <= {4, 5, 6, 7}
    assert "rows 0 to 3 of 8" in str(caught.value)


async def test_a_failed_text_alone_is_the_error_as_it_is() -> None:
    fake = FakeServer("tei")
    fake.broken["one"] = (422, {"error": "too long", "error_type": "Validation"})
    async with client_of(fake) as client:
        for text in ("one", ["one", "two"]):
            with pytest.raises(errors.BadRequestError) as caught:
                await client.feature_extraction(text)  # type: ignore[call-overload]
            assert "row" not in str(caught.value)


# -- progress


async def test_progress_is_told_to_a_function() -> None:
    told: list[tuple[int, int]] = []
    async with client_of(FakeServer("tei")) as client:
        await client.feature_extraction(
            ["text"] * 10, progress=lambda done, total: told.append((done, total))
        )
    assert len(told) == 3
    assert told[-1] == (10, 10)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_progress_as_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    async with client_of(FakeServer("tei")) as client:
        await client.feature_extraction(["text"] * 10, progress=True)
    assert "10/10" in capsys.readouterr().err


async def test_a_bar_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    fake = FakeServer("tei")
    async with client_of(fake) as client:
        with pytest.raises(errors.MissingExtraError, match=r"hfi\[notebook\]"):
            await client.feature_extraction(["text"], progress=True)
        with pytest.raises(errors.ConfigurationError, match="progress must be"):
            await client.feature_extraction(["text"], progress="yes")  # type: ignore[call-overload]
    assert fake.asked == []


# -- similarity


async def test_similarities_of_tei_are_its_own() -> None:
    fake = FakeServer("tei")
    others = [f"the cat {number}" for number in range(7)] + ["a dog"]
    async with client_of(fake) as client:
        alike = await client.sentence_similarity("the cat 5", others)
    assert list(alike) == [overlap(text, "the cat 5") for text in others]
    # The sentence counts as one of the four texts that a request may have.
    assert sorted(len(body["inputs"]["sentences"]) for body in fake.bodies("/similarity")) == [
        *(2, 3, 3)
    ]
    assert {body["inputs"]["source_sentence"] for body in fake.bodies("/similarity")} == {
        "the cat 5"
    }
    assert alike.inputs == "the cat 5"
    assert alike.model == MODEL
    assert alike.meta.notes == ()


async def test_similarities_of_embeddings_are_computed_here() -> None:
    fake = FakeServer("llama.cpp")
    async with client_of(fake) as client:
        alike = await client.sentence_similarity("one", ["one", "another"])
        told = await client.explain("sentence_similarity", "one", other_sentences=["one", "two"])
    assert alike[0] == pytest.approx(1)
    assert alike[1] < 1
    assert alike.inputs == "one"
    assert "computed here" in alike.meta.notes[0]
    assert fake.bodies("/v1/embeddings") == [{"input": ["one", "one", "another"]}]
    assert any("computed here" in note for note in told.notes)
    assert told.url == f"{URL}/v1/embeddings"


# -- wrong arguments


async def test_wrong_arguments() -> None:
    fake = FakeServer("tei")
    async with client_of(fake) as client:
        for text in (3, None, b"one", {"one": 2}, ["one", 2]):
            with pytest.raises(errors.ConfigurationError, match="list of strings"):
                await client.feature_extraction(text)  # type: ignore[call-overload]
        for name, value in (
            ("dimensions", 0),
            ("dimensions", True),
            ("normalize", "yes"),
            ("truncation_direction", "up"),
            ("encoding_format", "int8"),
        ):
            with pytest.raises(errors.ConfigurationError, match=f"{name} must be"):
                await client.feature_extraction("one", **{name: value})
        with pytest.raises(errors.ConfigurationError, match="Did you mean 'normalize'"):
            await client.feature_extraction("one", normalise=True)  # type: ignore[call-overload]
        with pytest.raises(errors.ConfigurationError, match="list of strings"):
            await client.sentence_similarity("one", "two")
        with pytest.raises(errors.ConfigurationError, match="sentence must be a string"):
            await client.sentence_similarity(1, ["two"])  # type: ignore[arg-type]
    assert fake.bodies("/embed") == []


async def test_any_iterable_of_texts_will_do() -> None:
    async with client_of(FakeServer("tei")) as client:
        texts: Any = (text for text in WORDS)
        assert await client.feature_extraction(texts) == [vector(text) for text in WORDS]


# -- explained


async def test_what_would_be_sent_is_told() -> None:
    fake = FakeServer("tei")
    async with client_of(fake) as client:
        one = await client.explain("feature_extraction", "one", normalize=False)
        many = await client.explain("feature_extraction", ["text"] * 9, progress=True)
        await client.feature_extraction("one", normalize=False)
    assert one.url == f"{URL}/embed"
    assert one.model == MODEL
    assert one.payload == fake.bodies("/embed")[0]
    assert "It says that it is tei." in one.provider_reason
    assert many.payload == {"inputs": ["text"] * 4}
    assert any("first of 3 requests" in note for note in many.notes)
    with pytest.raises(errors.ConfigurationError, match="no stream"):
        async with client_of(fake) as client:
            await client.explain("feature_extraction", "one", stream=True)
