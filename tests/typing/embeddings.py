"""What a type checker makes of embeddings and of questions to servers; checked, never run."""

from __future__ import annotations

import sys

from hfi import (
    AsyncClient,
    Client,
    Embedding,
    Embeddings,
    RankedText,
    ServerHealth,
    ServerInfo,
    TextToken,
    Tokens,
)
from hfi.types.results import Results

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def sync(client: Client, texts: list[str]) -> None:
    assert_type(client.feature_extraction("a"), Embedding)
    assert_type(client.feature_extraction(texts, progress=True), Embeddings)
    assert_type(client.feature_extraction(("a", "b"), progress=lambda done, of: None), Embeddings)
    table = client.feature_extraction(texts, normalize=True, dimensions=3, provider="together")
    assert_type(table[0], Embedding)
    assert_type(table[:2], list[Embedding])
    assert_type(table[0][0], float)
    assert_type(table.tolist(), list[list[float]])
    assert_type(client.sentence_similarity("a", texts), Results[float])
    assert_type(client.sentence_similarity("a", texts)[0], float)
    assert_type(client.health(), ServerHealth)
    assert_type(client.info(timeout=3), ServerInfo)
    assert_type(client.tokenize("a", add_special_tokens=False), Tokens)
    assert_type(client.tokenize("a")[0], TextToken)
    assert_type(client.rerank("a", texts, top_n=1), Results[RankedText])


async def unsync(client: AsyncClient, texts: list[str]) -> None:
    assert_type(await client.feature_extraction("a"), Embedding)
    assert_type(await client.feature_extraction(texts), Embeddings)
    assert_type(await client.rerank("a", texts), Results[RankedText])


def refused(client: Client) -> None:
    client.feature_extraction(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    client.feature_extraction("a", normalise=True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.rerank("a", ["b"], top_n="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
