"""Questions to a server of one's own: find out which, ask, read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._concurrency import async_map
from hfi._core.embeddings.parts import AT_ONCE, call_meta, split
from hfi._core.embeddings.similarity import TOO_LONG
from hfi._core.failures.retry import RetryPolicy
from hfi._core.generation.servers import ASKING, KEPT, identify
from hfi._core.routing import chat_route
from hfi._core.servers.asking import Target, ask_health, ask_info, parted
from hfi._core.servers.ranking import RankCall, ask_ranks, part_limits, ranked
from hfi._core.servers.tokens import ask_tokens, checked_tokens
from hfi.errors import ContextLengthError
from hfi.types.embedding_options import RerankArguments, TokenizeArguments
from hfi.types.options import CallOptions
from hfi.types.results import Results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._async.base import AsyncBase
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.servers import Server
    from hfi.types.meta import CallMeta
    from hfi.types.servers import RankedText, ServerHealth, ServerInfo, Tokens

__all__ = ["health", "info", "rerank", "server_at", "target_of", "tokenize"]


async def target_of(client: AsyncBase, config: ClientConfig, method: str) -> Target:
    """The server that was named, or the embedded one."""
    local = await client._local_endpoint(config)
    return Target.of(config, chat_route(config, server=local), method)


async def server_at(client: AsyncBase, target: Target) -> Server:
    """What the server is, asked a minute ago at most."""

    async def ask() -> Server:
        flow = identify(target.root, headers=target.headers, credential=target.credential)
        server, _ = await drive(
            client._transport, flow, timeout=ASKING, retry=RetryPolicy(max_retries=0)
        )
        return server

    server: Server = await client._lookups.get(
        ("server", target.root, target.credential),
        ask,
        refresh=False,
        seconds=ASKING.total,
        lifetime=KEPT,
    )
    return server


async def health(client: AsyncBase, options: Mapping[str, Any]) -> ServerHealth:
    """``health``."""
    _, changes = parted(options, CallOptions)
    config = client._call_config(changes)
    target = await target_of(client, config, "health")
    found, meta = await drive(
        client._transport,
        ask_health(target),
        timeout=config.timeout,
        retry=RetryPolicy(max_retries=0),
    )
    return attrs.evolve(found, meta=meta)


async def info(client: AsyncBase, options: Mapping[str, Any]) -> ServerInfo:
    """``info``."""
    _, changes = parted(options, CallOptions)
    config = client._call_config(changes)
    target = await target_of(client, config, "info")
    found, meta = await drive(
        client._transport, ask_info(target), timeout=config.timeout, retry=retry_policy(config)
    )
    return attrs.evolve(found, meta=meta)


async def tokenize(client: AsyncBase, text: Any, options: Mapping[str, Any]) -> Tokens:
    """``tokenize``."""
    own, changes = parted(options, TokenizeArguments, arguments=["text"])
    special = checked_tokens(text, own.get("add_special_tokens", True))
    config = client._call_config(changes)
    target = await target_of(client, config, "tokenize")
    server = await server_at(client, target)
    flow = ask_tokens(target, server, text, model=config.model, add_special_tokens=special)
    found, meta = await drive(
        client._transport, flow, timeout=config.timeout, retry=retry_policy(config)
    )
    return attrs.evolve(found, meta=meta)


async def rerank(
    client: AsyncBase, query: Any, texts: Any, options: Mapping[str, Any]
) -> Results[RankedText]:
    """``rerank``."""
    own, changes = parted(options, RerankArguments, arguments=["query", "texts"])
    call = RankCall.of(query, texts, own)
    config = client._call_config(changes)
    target = await target_of(client, config, "rerank")
    server = await server_at(client, target)
    ask = partial(rank_part, client, config, target, server, call)
    rows = split(call.texts, part_limits(server))
    parts = await async_map(ask, rows, limit=AT_ONCE)
    return Results(
        ranked([ranks for ranks, _ in parts], call.top_n),
        inputs=call.query,
        model=config.model or server.model,
        meta=call_meta([meta for _, meta in parts]),
    )


async def rank_part(
    client: AsyncBase,
    config: ClientConfig,
    target: Target,
    server: Server,
    call: RankCall,
    rows: range,
) -> tuple[list[RankedText], CallMeta]:
    try:
        return await drive(
            client._transport,
            ask_ranks(target, server, call, rows, model=config.model),
            timeout=config.timeout,
            retry=retry_policy(config),
        )
    except ContextLengthError as error:
        error.hint = TOO_LONG
        raise
