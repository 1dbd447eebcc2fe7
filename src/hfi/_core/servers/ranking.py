"""Texts ranked by how well they answer a query, as each kind of server does that."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.embeddings.parts import OPENAI, TEI, PartLimits
from hfi._core.incoming.decode import untyped
from hfi._core.servers.asking import told_count, unable, unserved
from hfi.errors import APIStatusError, ConfigurationError, ResponseError
from hfi.types.servers import RankedText

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.generation.servers import Server
    from hfi._core.request import Response
    from hfi._core.servers.asking import Target

__all__ = ["RankCall", "ask_ranks", "part_limits", "ranked", "read_ranks"]


@attrs.frozen(kw_only=True)
class RankCall:
    """One call of ``rerank``.

    Attributes:
        query: What is asked.
        texts: What may answer it.
        top_n: How many are given; None for all.
        raw_scores: Whether TEI gives the model's own numbers, not those from 0 to 1.
        truncate: Whether TEI cuts what is too long for the model.
        extra_body: Further fields of the body.
    """

    query: str
    texts: Sequence[str] = attrs.field(repr=False)
    top_n: int | None = None
    raw_scores: bool | None = None
    truncate: bool | None = None
    extra_body: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, query: Any, texts: Any, options: Mapping[str, Any]) -> RankCall:
        """Checks what was asked.

        Raises:
            ConfigurationError: It can be right for no server.
        """
        if not isinstance(query, str):
            raise ConfigurationError(f"query must be a string, not {type(query).__name__}.")
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
            raise ConfigurationError("texts must be a list of strings.")
        texts = list(texts)
        if not all(isinstance(text, str) for text in texts):
            raise ConfigurationError("texts must be a list of strings.")
        top_n = options.get("top_n")
        if top_n is not None and (type(top_n) is not int or top_n < 1):
            raise ConfigurationError(f"top_n must be a whole number of at least 1, not {top_n!r}.")
        for name in ("raw_scores", "truncate"):
            if not isinstance(options.get(name, False), bool):
                raise ConfigurationError(f"{name} must be True or False, not {options[name]!r}.")
        return cls(query=query, texts=texts, **options)


def part_limits(server: Server) -> PartLimits:
    """How many texts one request may have: a score depends on no other text."""
    if server.kind.name != "tei":
        return OPENAI
    return PartLimits(
        texts=told_count(server, "max_client_batch_size") or TEI.texts, bytes=TEI.bytes
    )


def ask_ranks(
    target: Target, server: Server, call: RankCall, rows: range, *, model: str | None
) -> Flow[list[RankedText]]:
    """Asks a server for the scores of some of the texts.

    Raises:
        ModelNotSupportedError: It has no route for that, or its model is for something else.
        ConfigurationError: It does not know an option.
        ResponseError: What came are no scores.
    """
    error = unable(server, "rerank")
    if error is not None:
        raise error
    texts = [call.texts[row] for row in rows]
    try:
        response: Response = yield target.post(
            *_request(server, call, texts, model or server.model), "rerank"
        )
    except APIStatusError as refusal:
        raise unserved(server, "rerank", refusal) from refusal
    found = read_ranks(untyped(response.content), texts)
    return [attrs.evolve(each, index=rows[each.index]) for each in found]


def _request(
    server: Server, call: RankCall, texts: list[str], model: str | None
) -> tuple[str, dict[str, Any]]:
    extra = dict(call.extra_body or {})
    own = {"raw_scores": call.raw_scores, "truncate": call.truncate}
    given = {name: value for name, value in own.items() if value is not None}
    if server.kind.name in ("tei", "unknown"):
        return "/rerank", {"query": call.query, "texts": texts, **given, **extra}
    if given:
        raise ConfigurationError(
            f"{', '.join(given)} is TEI's, and the server at {server.root} is {server.kind.name}.",
            hint="Leave it out.",
        )
    named = {"model": model} if model else {}
    return "/v1/rerank", {**named, "query": call.query, "documents": texts, **extra}


def read_ranks(body: Any, texts: Sequence[str]) -> list[RankedText]:
    """Reads scores, in the order of the reply.

    Raises:
        ResponseError: There are none, or they are of other texts.
    """
    found = body
    if isinstance(body, dict):
        found = body.get("results", body.get("data"))
    if not isinstance(found, list):
        raise _odd("The reply holds no ranks", body)
    ranks = [_rank(item, texts, body) for item in found]
    if len({rank.index for rank in ranks}) < len(ranks):
        raise _odd("The reply ranks a text twice", body)
    return ranks


def _rank(item: Any, texts: Sequence[str], body: Any) -> RankedText:
    if not isinstance(item, dict):
        raise _odd("The reply holds no ranks", body)
    index = item.get("index")
    if type(index) is not int or not 0 <= index < len(texts):
        raise _odd("The reply ranks a text that was not sent", body)
    score = item["relevance_score"] if "relevance_score" in item else item.get("score")
    try:
        number = math.nan if isinstance(score, bool) or score is None else float(score)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        raise _odd("The reply holds a rank without a score", body)
    return RankedText(index=index, score=number, text=texts[index])


def ranked(parts: Sequence[Sequence[RankedText]], top_n: int | None) -> list[RankedText]:
    """The ranks of all parts, best first; equal ones in the order of the texts."""
    ranks = [rank for part in parts for rank in part]
    return sorted(ranks, key=lambda rank: (-rank.score, rank.index))[:top_n]


def _odd(what: str, body: Any) -> ResponseError:
    import json  # noqa: PLC0415 - for the error alone

    return ResponseError(f"{what}.", hint=".body holds its beginning.", body=json.dumps(body)[:500])
