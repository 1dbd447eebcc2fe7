"""Embeddings and similarities of a server that was named: by which of its routes, in what parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.hosts import is_router
from hfi._core.configuration.urls import parse_url
from hfi._core.embeddings.parts import OPENAI, TEI, PartLimits
from hfi._core.providers.way import HERE, Way
from hfi._core.servers.asking import told_count, unable
from hfi._core.tasks.plan import TaskPlan
from hfi._core.tasks.stop import server_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.servers import Server
    from hfi._core.routing import LocalEndpoint, Route
    from hfi._core.tasks.arguments import TaskCall
    from hfi._core.tasks.stop import Stop

__all__ = [
    "at_local",
    "explicit_limits",
    "has_own_route",
    "is_served_here",
    "limits_of",
    "plan_at_server",
]

_TEI_WAYS = {
    "feature-extraction": Way(path="/embed", takes={"text": {"inputs": HERE}}),
    "sentence-similarity": Way(
        path="/similarity",
        body="parameters",
        takes={"sentence": {"source_sentence": HERE}, "other_sentences": {"sentences": HERE}},
    ),
}
# OpenAI's route knows none of these, and some servers refuse what they do not know.
_OPENAI = Way(
    path="/v1/embeddings",
    names="model",
    takes={"text": {"input": HERE}},
    ignored=frozenset({"normalize", "prompt_name", "truncate", "truncation_direction"}),
)
_EXPLICIT = {"/embed": TEI, "/embeddings": OPENAI, "/similarity": TEI}


def is_served_here(config: ClientConfig) -> bool:
    """Whether a server of the user's own answers, or the embedded one."""
    return config.is_local or (config.base_url is not None and not is_router(config.base_url))


def at_local(config: ClientConfig, local: LocalEndpoint | None) -> ClientConfig:
    """The configuration with the embedded server as the one that was named."""
    if local is None:
        return config
    return config.evolve(
        provider="auto", base_url=local.url, token=local.api_key or False, model=local.model
    )


def has_own_route(task: str, server: Server) -> bool:
    """Whether the server does this itself; all of them that embed can be compared here."""
    return task == "feature-extraction" or server.kind.name in ("tei", "unknown")


def explicit_limits(config: ClientConfig) -> PartLimits | None:
    """What a request may hold, where the address that was named ends in a route."""
    path = parse_url(config.base_url or "", name="base_url").path.rstrip("/")
    return next((limits for end, limits in _EXPLICIT.items() if path.endswith(end)), None)


def plan_at_server(
    call: TaskCall,
    config: ClientConfig,
    server: Server | None,
    chat: Route | None = None,
) -> TaskPlan:
    """Plans a call to a server that was named.

    Args:
        call: What the user asked.
        config: The configuration of the call.
        server: What the server said it is; None where its address ends in a route.
        chat: Where a chat would go, where it is the embedded server.

    Raises:
        ModelNotSupportedError: It has no route for this, or its model is for something else.
        ConfigurationError: The arguments do not fit together.
    """
    base = config.base_url or ""
    error = unable(server, call.task.method) if server is not None else None
    if error is not None:
        raise error
    if server is None or server.kind.name == "unknown":
        stop = server_stop(call.task, config, base)
    else:
        way = _TEI_WAYS[call.task.name] if server.kind.name == "tei" else _OPENAI
        stop = server_stop(call.task, config, server.root, way=way)
        reason = f"{stop.route.reason} It says that it is {server.kind.name}."
        route = attrs.evolve(stop.route, reason=reason)
        stop = attrs.evolve(
            stop,
            route=_embedded(route, chat) if chat is not None else route,
            provider_id=config.model or _only_model(server),
        )
    ignored = sorted(stop.way.ignored & call.options.keys())
    kind = server.kind.name if server is not None else ""
    warnings = tuple(
        f"The embeddings route of {kind} servers takes no {name}; it is not sent."
        for name in ignored
    )
    return TaskPlan(
        stops=(stop,), call=call, config=config, warnings=stop.route.warnings + warnings
    )


def _embedded(route: Route, chat: Route) -> Route:
    """The route with what a chat with the embedded model would say of it."""
    return attrs.evolve(
        route,
        provider=chat.provider,
        credential=chat.credential,
        local=True,
        reason=chat.reason,
    )


def _only_model(server: Server) -> str | None:
    """The model of a server that lists a single one: many want it named all the same."""
    listed: Any = server.told.get("data")
    return server.model if isinstance(listed, list) and len(listed) == 1 else None


def limits_of(stops: Sequence[Stop], server: Server | None, config: ClientConfig) -> PartLimits:
    """What one request may hold, whoever of ``stops`` answers it."""
    if server is not None:
        if server.kind.name not in ("tei", "unknown"):
            return OPENAI
        most = told_count(server, "max_client_batch_size") or TEI.texts
        return PartLimits(texts=most, bytes=TEI.bytes)
    explicit = explicit_limits(config) if config.base_url is not None else None
    if explicit is not None:
        return explicit
    tei = any(stop.route.provider in ("hf-inference", None) for stop in stops)
    return TEI if tei else OPENAI
