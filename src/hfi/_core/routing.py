"""Where a call goes, and which credential goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.choices import is_weights, split_suffix
from hfi._core.configuration.credentials import (
    base_url_credential,
    hub_credential,
    is_own_key,
    no_token,
    none_found,
    plain_http_warnings,
    provider_key,
)
from hfi._core.configuration.defaults import CHAT, DEFAULT_MODELS
from hfi._core.configuration.hosts import (
    HUB,
    ROUTER,
    is_hugging_face_host,
    is_router,
    same_origin,
)
from hfi._core.configuration.urls import (
    is_url,
    join_path,
    openai_url,
    parse_url,
    quote_id,
    safe_url,
    split_login,
    with_query,
)
from hfi._core.hub.catalogue import full_name
from hfi._core.providers import POLICIES, all_providers, find_provider, nearest_provider
from hfi._core.request import Credential
from hfi.errors import ConfigurationError, OfflineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.providers.way import Provider

__all__ = [
    "LocalEndpoint",
    "Route",
    "asks_for_names",
    "billing",
    "chat_route",
    "hub_route",
    "model_for",
    "offline_error",
]

_HF_INFERENCE = "hf-inference"


@attrs.frozen(kw_only=True)
class Route:
    """Where one request goes.

    Attributes:
        url: The whole URL; it holds no login.
        provider: The provider, where the client knows it.
        credential: What to authorise with, or None.
        model: The model to name in the payload, or None to name none.
        headers: Headers of the route itself; the user's own come over them.
        local: Whether it is the embedded server.
        dialect: Where the server's chat API departs from OpenAI's, the name of that departure.
        reason: Why it goes there, one sentence.
        warnings: What the user should be told, once per client.
        notes: What was decided about it, for the facts of the call, one sentence each.
    """

    url: str = attrs.field(repr=safe_url)
    provider: str | None = None
    credential: Credential | None = None
    model: str | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    local: bool = False
    dialect: str = "openai"
    reason: str
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@attrs.frozen
class LocalEndpoint:
    """The embedded server, once it runs."""

    url: str
    api_key: str | None = attrs.field(repr=False)
    model: str | None


def chat_route(
    config: ClientConfig,
    *,
    model: str | None = None,
    provider: str | None = None,
    server: LocalEndpoint | None = None,
) -> Route:
    """Where a chat goes.

    Args:
        config: The client's configuration, with the call's own options merged in.
        model: The call's own model.
        provider: Which of the configuration's providers is tried; the first where None.
        server: The embedded server, where the configuration asks for it.

    Raises:
        ConfigurationError: A token is needed and missing, or the provider cannot be called so.
        OfflineError: The environment forbids the host.
    """
    if model is not None:
        config = config.evolve(model=model)
    if config.base_url is not None and provider in (None, "auto"):
        return _base_url_route(config, config.base_url)
    name = provider or config.providers[0]
    if name not in config.providers:
        config = config.evolve(provider=name)
    if name == "local":
        return _local_route(server)
    return _provider_route(config, name)


def model_for(config: ClientConfig, task: str) -> str | None:
    """The model a call of ``task`` names: the chosen one, the task's constant, or none.

    A server that was named, or the embedded one, uses its own: vLLM and llama.cpp take a request
    without a model, and vLLM answers 404 to one it does not have.
    """
    if config.model is not None or config.base_url is not None or config.is_local:
        return config.model
    return DEFAULT_MODELS.get(task)


def asks_for_names(config: ClientConfig, task: str) -> bool:
    """Whether the Hub may know the model by another name than the provider that is called.

    It is so where a provider gets its own key and a model named as the Hub's are. Where the call
    cannot be made at all, nobody is asked.

    Args:
        config: The client's configuration, with the call's own options merged in.
        task: What for: chat or text generation, by the Hub's name.
    """
    if config.base_url is not None or config.is_local or config.offline:
        return False
    if not is_own_key(config, provider_key(config)):
        return False
    known = find_provider(config.providers[0])
    if known is None or known.base is None or not known.routed:
        return False
    path = known.chat if task == CHAT else known.text
    return path is not None and (model_for(config, task) or "").count("/") == 1


def _local_route(server: LocalEndpoint | None) -> Route:
    if server is None:
        raise ConfigurationError("The embedded server is not running; its address is needed.")
    key = Credential(value=server.api_key, source="embedded server") if server.api_key else None
    return Route(
        url=openai_url(server.url),
        provider="local",
        credential=key,
        model=server.model,
        local=True,
        dialect="llama.cpp",
        reason='provider="local": the embedded model answers.',
    )


def _base_url_route(config: ClientConfig, base: str) -> Route:
    host = parse_url(base, name="base_url").host
    if config.found.offline and not config.explicit_url and _is_remote_service(host):
        raise offline_error(config.found.offline, host)
    credential, warnings = base_url_credential(config, base)
    if credential is None and is_router(base) and f"/{_HF_INFERENCE}/" not in base:
        raise no_token(config, "router.huggingface.co")
    headers, bill_warnings = billing(config, is_router(base))
    return Route(
        url=openai_url(base),
        credential=credential,
        model=model_for(config, CHAT),
        headers=headers,
        reason=f"{config.base_url_from} names the server.",
        warnings=warnings + bill_warnings,
    )


def _provider_route(config: ClientConfig, name: str) -> Route:
    model = model_for(config, CHAT) or ""
    if is_weights(model):
        raise ConfigurationError(
            f"{model!r} is a model for the embedded server.", hint='Add provider="local".'
        )
    known = find_provider(name)
    key = provider_key(config)
    own = is_own_key(config, key)
    if known is not None and not known.routed:
        # A callable is asked too late to look at its token; here only an own key makes sense.
        own = own or (config.asked.key is not None and not isinstance(config.asked.key.value, str))
        if not own:
            raise ConfigurationError(
                f'provider="{name}" takes only its own keys; Hugging Face does not route to it.',
                hint=f'Give the key of your {name} account as token="...".',
            )
    if own and name not in ("auto", _HF_INFERENCE, *POLICIES):
        return _direct_route(config, name, known, model)
    return _router_route(config, name, model)


def _router_route(config: ClientConfig, name: str, model: str) -> Route:
    if config.found.offline:
        raise offline_error(config.found.offline, "router.huggingface.co")
    # Not for other servers: "deepseek-r1" may be their own name for something else.
    asked, model = model, full_name(model, config.aliases)
    key = provider_key(config)
    if key is None and config.token is True:
        raise none_found()
    if key is None and name != _HF_INFERENCE:
        raise no_token(config, "router.huggingface.co")
    _, suffix = split_suffix(model)
    if name == _HF_INFERENCE:
        base = f"{ROUTER}/{_HF_INFERENCE}/models/{quote_id(model)}/v1"
    else:
        base = f"{ROUTER}/v1"
        if is_own_key(config, key) and config.authorization is None:
            raise ConfigurationError(
                f'provider="{name}" goes through Hugging Face\'s router, and the token is not'
                " Hugging Face's: it does not begin with hf_.",
                hint="Name the provider whose key it is, or give a Hugging Face token.",
            )
    headers, _ = billing(config, True)
    return Route(
        url=openai_url(base),
        provider=_shown_provider(name, suffix),
        credential=key,
        model=model if name in ("auto", _HF_INFERENCE) else f"{model}:{name}",
        headers=headers,
        dialect=_HF_INFERENCE if name == _HF_INFERENCE else "openai",
        reason=_router_reason(name, suffix)
        + ("" if model == asked else f' "{asked}" is a short name for "{model}".'),
        warnings=_slip(suffix if name == "auto" else name),
    )


def _router_reason(name: str, suffix: str | None) -> str:
    if name == _HF_INFERENCE:
        return 'provider="hf-inference": Hugging Face itself answers, through its router.'
    if name != "auto":
        return f'provider="{name}": the router is told by the suffix ":{name}" of the model.'
    if suffix is not None:
        return f'The model\'s suffix ":{suffix}" tells the router.'
    return 'provider="auto": the router chooses the provider.'


def _shown_provider(name: str, suffix: str | None) -> str | None:
    chosen = suffix if name == "auto" else name
    return None if chosen in POLICIES else chosen


def _slip(name: str | None) -> tuple[str, ...]:
    near = nearest_provider(name) if name else None
    if near is None:
        return ()
    return (f"hfi knows no provider {name!r}; did you mean {near!r}? It is sent as it is.",)


def _direct_route(config: ClientConfig, name: str, known: Provider | None, model: str) -> Route:
    """A provider's own API, with its own key and the model's id as it is."""
    if known is None or known.base is None or known.chat is None:
        near = nearest_provider(name)
        raise ConfigurationError(
            f"hfi knows no chat API of provider {name!r} to which a key of its own could go."
            + (f" Did you mean {near!r}?" if near else ""),
            hint="Give its address as base_url=, or a Hugging Face token (hf_...).",
        )
    host = parse_url(known.base, name="base").host
    if config.found.offline:
        raise offline_error(config.found.offline, host)
    if not known.routed and config.model is None:
        raise ConfigurationError(f'provider="{name}" needs model=: it has no default.')
    key = provider_key(config)
    if key is not None and config.authorization is None:
        key = attrs.evolve(key, scheme=known.key_scheme)
    _, warnings = billing(config, False)
    return Route(
        url=known.base + known.chat,
        provider=name,
        credential=key,
        model=model,
        headers=known.headers,
        dialect=known.dialect,
        reason=f'provider="{name}" with a key of its own: straight to {host}.',
        warnings=warnings,
    )


def billing(config: ClientConfig, routed: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """The header that names who pays, on routed calls; elsewhere a warning that it does nothing."""
    if config.bill_to is None:
        return {}, ()
    if routed:
        return {"x-hf-bill-to": config.bill_to}, ()
    return {}, ("bill_to is ignored: only calls through Hugging Face's router can be billed so.",)


def hub_route(config: ClientConfig, path: str, query: Mapping[str, Any] | None = None) -> Route:
    """Where a call to the Hub's own API goes; the user's ``headers`` do not go there.

    Args:
        config: The client's configuration.
        path: The path below the Hub's address, percent-encoded; or a whole URL that the Hub named,
            such as that of a next page.
        query: What to add to it.

    Raises:
        ConfigurationError: ``HF_ENDPOINT`` is no URL, or the token is bad.
        OfflineError: The environment forbids it.
    """
    if split_login(config.hub_url)[1] is not None:
        raise ConfigurationError("HF_ENDPOINT holds a user name or password, which hfi cannot use.")
    hub = parse_url(config.hub_url, name="HF_ENDPOINT")
    if config.found.offline:
        raise offline_error(config.found.offline, hub.host)
    whole = is_url(path)
    url = parse_url(path, name="The Hub's link").text if whole else join_path(hub.text, path)
    credential = hub_credential(config, hub.text) if same_origin(url, hub) else None
    return Route(
        url=with_query(url, query or {}),
        credential=credential,
        reason="The Hub knows the model." if same_origin(hub, HUB) else "HF_ENDPOINT is the Hub.",
        warnings=plain_http_warnings(credential, hub.text),
    )


def _is_remote_service(host: str) -> bool:
    """Whether ``host`` is Hugging Face's or a provider's, as offline mode means it."""
    return is_hugging_face_host(host) or any(
        row.base is not None and host == parse_url(row.base, name="base").host
        for row in all_providers()
    )


def offline_error(variable: str, host: str) -> OfflineError:
    """The refusal of a host that ``variable`` of the environment forbids."""
    return OfflineError(
        f"{variable} is set, so {host} is not called.",
        hint='Unset it, or use provider="local" or the base_url= of a server of your own.',
    )
