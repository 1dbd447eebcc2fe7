"""Where a request for text goes, derived from where a chat with the same options would go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.choices import split_suffix
from hfi._core.configuration.defaults import CHAT, DEFAULT_MODELS
from hfi._core.configuration.hosts import ROUTER, is_router
from hfi._core.configuration.urls import join_path, parse_url, quote_id
from hfi._core.generation.servers import KINDS, Server, ServerKind, server_root
from hfi._core.providers import POLICIES, all_providers, find_provider
from hfi._core.routing import chat_route
from hfi.errors import ConfigurationError, ModelNotSupportedError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.routing import Route
    from hfi.types.models import ModelInfo, ProviderMapping

__all__ = [
    "TextRoute",
    "bare_model",
    "facts_model",
    "named_server",
    "needs_mapping",
    "prompt_kind",
    "text_provider_route",
    "text_route",
]

_HF_INFERENCE = "hf-inference"
_TASKS = ("text-generation", "conversational")


@attrs.frozen(kw_only=True)
class TextRoute:
    """A route, and what kind of server stands at its end."""

    route: Route
    kind: ServerKind
    server: Server | None = None


def named_server(chat: Route, base_url: str | None) -> str | None:
    """Gives the root of the server that must be asked what it is, or None where a table knows.

    An address that ends in a route says enough by itself.
    """
    if chat.local:
        return server_root(chat.url)
    if base_url is None or is_router(base_url) or _explicit(base_url) is not None:
        return None
    return server_root(base_url)


def needs_mapping(chat: Route, base_url: str | None) -> bool:
    """Whether the Hub must be asked under which name a provider knows the model."""
    if chat.local or base_url is not None or chat.provider == _HF_INFERENCE:
        return False
    return is_router(chat.url)


def text_route(
    chat: Route,
    base_url: str | None,
    *,
    server: Server | None = None,
    info: ModelInfo | None = None,
) -> TextRoute:
    """Gives where a request for text goes.

    Args:
        chat: Where a chat would go.
        base_url: The server that was named, if any.
        server: What that server, or the embedded one, said it is.
        info: The model's metadata, where ``needs_mapping`` asks for it.

    Raises:
        ModelNotSupportedError: No provider generates text with this model, or the server cannot.
    """
    if server is not None:
        return _server_route(chat, server)
    if base_url is not None:
        return _named_route(chat, base_url)
    if chat.provider == _HF_INFERENCE:
        path = f"/{_HF_INFERENCE}/models/{quote_id(chat.model or '')}"
        return _tgi(attrs.evolve(chat, url=ROUTER + path))
    if info is not None:
        return _mapped_route(chat, info)
    return _direct_route(chat)


def _tgi(route: Route) -> TextRoute:
    return TextRoute(route=route, kind=KINDS["tgi"])


def _server_route(chat: Route, server: Server) -> TextRoute:
    kind = server.kind
    if kind.text is None:
        raise ModelNotSupportedError(
            f"The server at {server.root} is {kind.name}, which generates no text.",
            hint="It computes embeddings: use feature_extraction.",
        )
    url = join_path(server.root, kind.route) if kind.route else server.root
    reason = f"{chat.reason} It says that it is {kind.name}."
    if kind.name == "unknown":
        reason = f"{chat.reason} It does not say what it is, so it is taken for an endpoint."
    return TextRoute(route=attrs.evolve(chat, url=url, reason=reason), kind=kind, server=server)


def _explicit(base_url: str) -> ServerKind | None:
    """The kind of server that the route at an address's end belongs to."""
    path = parse_url(base_url, name="base_url").path.rstrip("/")
    for ending, name in (
        ("/generate", "tgi"),
        ("/generate_stream", "tgi"),
        ("/completion", "llama.cpp"),
        ("/chat/completions", None),
        ("/completions", "openai"),
    ):
        if path.endswith(ending):
            return KINDS[name] if name else None
    return None


def _named_route(chat: Route, base_url: str) -> TextRoute:
    explicit = _explicit(base_url)
    if explicit is not None:
        url = parse_url(base_url, name="base_url")
        route = attrs.evolve(chat, url=attrs.evolve(url, path=url.path.rstrip("/")).text)
        return TextRoute(route=route, kind=explicit)
    # Hugging Face's router: native below a model of hf-inference, OpenAI's elsewhere.
    root = server_root(base_url)
    if f"/{_HF_INFERENCE}/models/" in root:
        return _tgi(attrs.evolve(chat, url=root))
    route = attrs.evolve(chat, url=join_path(root, "/v1/completions"))
    return TextRoute(route=route, kind=KINDS["openai"])


def _direct_route(chat: Route) -> TextRoute:
    known = find_provider(chat.provider)
    if known is None or known.base is None or known.text is None:
        raise _no_text(chat.provider)
    return TextRoute(route=attrs.evolve(chat, url=known.base + known.text), kind=KINDS["openai"])


def _no_text(provider: str | None) -> ConfigurationError:
    able = ", ".join(row.name for row in all_providers() if row.text)
    return ConfigurationError(
        f"hfi knows no text-generation route of provider {provider!r}.",
        hint=f"{_HF_INFERENCE}, {able} have one; chat works with all providers.",
    )


def _check_text(provider: str | None) -> None:
    if provider in (None, *POLICIES, _HF_INFERENCE):
        return
    row = find_provider(provider)
    if row is None or row.text is None:
        raise _no_text(provider)


def text_provider_route(config: ClientConfig) -> Route:
    """Gives where a chat with a provider would go, if that provider generates text as well.

    Raises:
        ConfigurationError: It does not, a token is needed and missing, or it cannot be called so.
        OfflineError: The environment forbids the host.
    """
    chat = chat_route(config)
    _check_text(chat.provider)
    return chat


def _mapped_route(chat: Route, info: ModelInfo) -> TextRoute:
    asked = chat.provider
    _check_text(asked)
    entry = _mapping(info, asked)
    if entry is None:
        who = f"Provider {asked!r}" if asked else "No provider that hfi knows"
        tasks = ", ".join(dict.fromkeys(f"{e.provider}: {e.task}" for e in info.providers))
        raise ModelNotSupportedError(
            f"{who} {'does not generate' if asked else 'generates'} text with {info.id!r}.",
            hint=f"Its providers are {tasks}." if tasks else "It has no provider now.",
        )
    reason = f"The Hub names {entry.provider} for this model; the router passes it on."
    if entry.provider == _HF_INFERENCE:
        url = f"{ROUTER}/{_HF_INFERENCE}/models/{quote_id(entry.provider_id)}"
        return _tgi(attrs.evolve(chat, url=url, provider=_HF_INFERENCE, reason=reason))
    route = attrs.evolve(
        chat,
        url=f"{ROUTER}/{entry.provider}{_text_path(entry.provider)}",
        provider=entry.provider,
        model=entry.provider_id,
        reason=reason,
    )
    return TextRoute(route=route, kind=KINDS["openai"])


def _mapping(info: ModelInfo, asked: str | None) -> ProviderMapping | None:
    """The first provider, in the caller's order, that generates text with the model."""
    wanted = None if asked in POLICIES else asked
    able = [
        entry
        for entry in info.providers
        if entry.status in ("live", "staging", None)
        and wanted in (None, entry.provider)
        and (entry.provider == _HF_INFERENCE or _text_path(entry.provider))
    ]
    for task in _TASKS:
        for entry in able:
            if entry.task == task:
                return entry
    return None


def _text_path(provider: str) -> str | None:
    row = find_provider(provider)
    return row.text if row is not None else None


def bare_model(model: str | None) -> str | None:
    """A model's id without its routing suffix."""
    return None if model is None else split_suffix(model)[0]


def facts_model(config: ClientConfig, server: Server | None) -> str:
    """The model whose template counts: the one that is named, the server's own, or the default.

    Raises:
        ConfigurationError: Nobody names one.
    """
    named = config.model or (server.model if server is not None else None)
    if named is None and config.base_url is None and not config.is_local:
        named = DEFAULT_MODELS[CHAT]
    if named is None:
        raise ConfigurationError(
            "It is not known which model the server has, and so neither its chat template.",
            hint='Name the model: model="org/name".',
        )
    return split_suffix(named)[0]


def prompt_kind(config: ClientConfig, info: ModelInfo | None) -> ServerKind | None:
    """The kind of server that a provider would pass the prompt to, or None if nobody knows."""
    name = config.providers[0]
    if info is not None:
        _, suffix = split_suffix(config.model or "")
        entry = _mapping(info, suffix)
        name = entry.provider if entry is not None else name
    return KINDS["tgi"] if name == _HF_INFERENCE else None
