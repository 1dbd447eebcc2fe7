"""``health``, ``info``, ``tokenize`` and ``rerank``, by kind of server."""

from __future__ import annotations

from typing import Any

import pytest

from hfi import AsyncClient, errors
from servers.embedders import FakeServer

URL = "http://127.0.0.1:9/v1"
QUERY = "where do cats sleep"
TEXTS = ["cats sleep where it is warm", "stocks fell", "dogs sleep too"]


def client_of(fake: FakeServer, **options: Any) -> AsyncClient:
    settings = {"base_url": URL, "transport": fake.transport, "max_retries": 0}
    return AsyncClient(**{**settings, **options})


@pytest.mark.parametrize("kind", ["tei", "tgi", "vllm", "llama.cpp", "ollama", "openai"])
async def test_a_server_that_is_ready(kind: str) -> None:
    async with client_of(FakeServer(kind)) as client:
        health = await client.health()
    assert health
    assert health.ok
    assert health.status == ("ok" if kind == "llama.cpp" else None)
    assert health.meta.status_code == 200


@pytest.mark.parametrize(("kind", "told"), [("tei", "unhealthy"), ("llama.cpp", "Loading model")])
async def test_a_server_that_is_not_ready_is_asked_once(kind: str, told: str) -> None:
    fake = FakeServer(kind)
    fake.loading = True
    async with client_of(fake, max_retries=2) as client:
        health = await client.health()
    assert not health
    assert health.status is not None
    assert told in health.status
    assert len(fake.asked) == 1


async def test_a_server_without_any_health_says_so() -> None:
    async with client_of(FakeServer("endpoint")) as client:
        with pytest.raises(errors.ModelNotFoundError):
            await client.health()


async def test_the_token_goes_along() -> None:
    fake = FakeServer("tei")
    async with client_of(fake, token="key-of-mine") as client:
        await client.health()
        await client.info()
    assert {headers["authorization"] for headers in fake.headers} == {"Bearer key-of-mine"}


async def test_what_tei_is() -> None:
    async with client_of(FakeServer("tei")) as client:
        info = await client.info()
    assert (info.kind, info.model, info.version) == ("tei", "org/embedder", "1.8.2")
    assert (info.context_length, info.max_batch, info.max_concurrent) == (512, 4, 512)
    assert info.methods == ("feature_extraction", "sentence_similarity", "tokenize")
    assert info.url == "http://127.0.0.1:9"
    assert info.raw["model_dtype"] == "float32"
    assert info.meta.attempts == 1


async def test_what_others_are() -> None:
    async with client_of(FakeServer("vllm")) as client:
        info = await client.info()
    assert (info.kind, info.version, info.context_length) == ("vllm", "0.32.0", 2048)
    async with client_of(FakeServer("llama.cpp")) as client:
        info = await client.info()
    assert (info.version, info.max_concurrent) == ("b7000-abc", 4)
    assert "chat" in info.methods
    async with client_of(FakeServer("tgi")) as client:
        info = await client.info()
    assert (info.kind, info.max_batch, info.context_length) == ("tgi", 4, 1024)
    async with client_of(FakeServer("ollama")) as client:
        info = await client.info()
    assert (info.kind, info.version) == ("ollama", "0.12.0")
    async with client_of(FakeServer("lm-studio")) as client:
        info = await client.info()
        assert await client.health()
    assert info.kind == "lm-studio"
    assert "feature_extraction" in info.methods
    async with client_of(FakeServer("endpoint")) as client:
        info = await client.info()
    assert (info.kind, info.model) == ("unknown", None)


async def test_a_reranker_of_tei_says_what_it_can() -> None:
    fake = FakeServer("tei", model_type={"reranker": {"id2label": {}, "label2id": {}}})
    async with client_of(fake) as client:
        info = await client.info()
    assert info.methods == ("rerank", "tokenize")


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("tgi", {"inputs": "a bc"}),
        ("tei", {"inputs": "a bc", "add_special_tokens": True}),
        (
            "vllm",
            {
                "prompt": "a bc",
                "model": "org/embedder",
                "add_special_tokens": True,
                "return_token_strs": True,
            },
        ),
        ("llama.cpp", {"content": "a bc", "add_special": True, "with_pieces": True}),
    ],
)
async def test_tokens(kind: str, sent: dict[str, Any]) -> None:
    fake = FakeServer(kind)
    async with client_of(fake) as client:
        tokens = await client.tokenize("a bc")
    assert fake.bodies("/tokenize") == [sent]
    words = [token for token in tokens if not token.special][:2]
    assert [(token.id, token.text) for token in words] == [(11, "a"), (12, "bc")]
    assert len(tokens) == (2 if kind == "vllm" else 3)
    assert tokens.ids == tuple(token.id for token in tokens)
    if kind in ("tgi", "tei"):
        assert tokens[0].special
        assert (words[1].start, words[1].stop) == (2, 4)
    if kind == "llama.cpp":
        assert tokens[2].text == "\ufffd"
    assert tokens.max_length == (2048 if kind == "vllm" else None)
    assert tokens.meta.status_code == 200


async def test_tokens_without_special_ones() -> None:
    async with client_of(FakeServer("tei")) as client:
        assert len(await client.tokenize("a bc", add_special_tokens=False)) == 2
    async with client_of(FakeServer("tgi")) as client:
        with pytest.raises(errors.ConfigurationError, match="adds special tokens always"):
            await client.tokenize("a", add_special_tokens=False)


async def test_a_server_without_a_tokenizer_says_what_it_has() -> None:
    async with client_of(FakeServer("ollama")) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="ollama") as caught:
            await client.tokenize("a")
    assert "feature_extraction" in (caught.value.hint or "")


async def test_tokens_of_what_is_no_text() -> None:
    async with client_of(FakeServer("tei")) as client:
        with pytest.raises(errors.ConfigurationError, match="must be a string"):
            await client.tokenize(["a"])  # type: ignore[arg-type]
        with pytest.raises(errors.ConfigurationError, match="True or False"):
            await client.tokenize("a", add_special_tokens=3)  # type: ignore[typeddict-item]
        with pytest.raises(errors.ConfigurationError, match="no option 'add_special'"):
            await client.tokenize("a", add_special=True)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", ["tei", "vllm", "llama.cpp", "openai"])
async def test_ranks_come_best_first(kind: str) -> None:
    fake = FakeServer(kind, model_type={"reranker": {}})
    async with client_of(fake) as client:
        ranks = await client.rerank(QUERY, TEXTS)
        best = await client.rerank(QUERY, TEXTS, top_n=1)
    assert [rank.index for rank in ranks] == [0, 2, 1]
    assert [rank.text for rank in ranks] == [TEXTS[0], TEXTS[2], TEXTS[1]]
    assert ranks[0].score == 0.75
    assert best == [ranks[0]]
    assert ranks.inputs == QUERY
    path = "/rerank" if kind == "tei" else "/v1/rerank"
    listed = "texts" if kind == "tei" else "documents"
    assert fake.bodies(path)[0][listed] == TEXTS
    assert fake.bodies(path)[0].get("model") == (None if kind == "tei" else ranks.model)


async def test_a_long_list_is_ranked_in_parts() -> None:
    fake = FakeServer("tei", model_type={"reranker": {}})
    texts = [f"text {number}" for number in range(9)] + [QUERY]
    async with client_of(fake) as client:
        ranks = await client.rerank(QUERY, texts, truncate=True, raw_scores=False)
    assert sorted(len(body["texts"]) for body in fake.bodies("/rerank")) == [2, 4, 4]
    assert fake.bodies("/rerank")[0]["truncate"] is True
    assert ranks[0].index == 9
    assert [rank.index for rank in ranks[1:]] == list(range(9))
    assert ranks.meta.attempts == 3


async def test_no_texts_rank_nothing() -> None:
    async with client_of(FakeServer("tei", model_type={"reranker": {}})) as client:
        assert await client.rerank(QUERY, []) == []


async def test_servers_that_rank_nothing_say_what_they_can() -> None:
    async with client_of(FakeServer("tei")) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="org/embedder") as caught:
            await client.rerank(QUERY, TEXTS)
    assert "sentence_similarity" in (caught.value.hint or "")
    async with client_of(FakeServer("tgi")) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="it has no rerank"):
            await client.rerank(QUERY, TEXTS)


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp"])
async def test_servers_that_were_started_without_ranking_say_so(kind: str) -> None:
    fake = FakeServer(kind)
    fake.off = frozenset({"/v1/rerank"})
    async with client_of(fake) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="no rerank") as caught:
            await client.rerank(QUERY, TEXTS)
    assert isinstance(caught.value.__cause__, errors.APIStatusError)


async def test_wrong_arguments_of_rerank() -> None:
    async with client_of(FakeServer("vllm")) as client:
        with pytest.raises(errors.ConfigurationError, match="truncate is TEI's"):
            await client.rerank(QUERY, TEXTS, truncate=True)
        with pytest.raises(errors.ConfigurationError, match="list of strings"):
            await client.rerank(QUERY, "one text")
        with pytest.raises(errors.ConfigurationError, match="list of strings"):
            await client.rerank(QUERY, [1])  # type: ignore[list-item]
        with pytest.raises(errors.ConfigurationError, match="query must be"):
            await client.rerank(3, TEXTS)  # type: ignore[arg-type]
        with pytest.raises(errors.ConfigurationError, match="top_n must be"):
            await client.rerank(QUERY, TEXTS, top_n=0)
        with pytest.raises(errors.ConfigurationError, match="truncate must be"):
            await client.rerank(QUERY, TEXTS, truncate=3)  # type: ignore[typeddict-item]


async def test_there_must_be_a_server() -> None:
    async with AsyncClient(token="hf_" + "a" * 20) as client:
        with pytest.raises(errors.ConfigurationError, match="health asks a server of your own"):
            await client.health()
        with pytest.raises(errors.ConfigurationError, match="info asks"):
            await client.info()
        with pytest.raises(errors.ConfigurationError, match="tokenize asks"):
            await client.tokenize("a")
        with pytest.raises(errors.ConfigurationError, match="rerank asks"):
            await client.rerank("a", ["b"])
