"""Who can do a task, in which order, and where each is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.choices import is_weights, split_suffix
from hfi._core.configuration.credentials import (
    is_own_key,
    no_token,
    none_found,
    provider_key,
)
from hfi._core.configuration.hosts import ROUTER
from hfi._core.configuration.urls import parse_url, quote_id
from hfi._core.hub.catalogue import full_name
from hfi._core.hub.mapping import health, mapping_of
from hfi._core.providers import POLICIES, all_providers, find_provider, nearest_provider
from hfi._core.routing import Route, billing, model_for, offline_error
from hfi._core.tasks.stop import Stop, Stops, server_stop
from hfi.errors import ConfigurationError, HFIError, ModelNotSupportedError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.providers.way import Provider, Way
    from hfi._core.tasks.arguments import TaskCall
    from hfi._core.tasks.task import Task
    from hfi.types.models import ModelInfo, ProviderMapping

__all__ = ["Stop", "Stops", "needs_mapping", "own_ids", "stops", "wanted_model"]

_HF_INFERENCE = "hf-inference"
_ROUTER_HOST = parse_url(ROUTER, name="router").host
_ANY = frozenset({"auto", *POLICIES})
_LOCAL = "The embedded model writes text and chats, no more."


def wanted_model(task: Task, config: ClientConfig) -> str | None:
    """The model's id, aliases resolved, without a suffix; None leaves it to a server of one's own.

    Raises:
        ConfigurationError: It is a model for the embedded server.
    """
    model = model_for(config, task.name)
    if model is None or config.base_url is not None:
        return model
    if is_weights(model):
        raise ConfigurationError(f"{model!r} is a model for the embedded server: it makes text.")
    return split_suffix(full_name(model, config.aliases))[0]


def needs_mapping(task: Task, config: ClientConfig) -> bool:
    """Whether the Hub must be asked who serves the model, and under which id."""
    if config.base_url is not None or set(_wanted(task, config)) <= {_HF_INFERENCE, "local"}:
        return False
    model = wanted_model(task, config)
    return model is not None and (model.count("/") == 1 or not own_ids(config))


def own_ids(config: ClientConfig) -> bool:
    """Whether the model may be named as the provider names it: with its own key."""
    return is_own_key(config, provider_key(config))


def stops(call: TaskCall, config: ClientConfig, info: ModelInfo | None) -> Stops:
    """Decides who is asked.

    Args:
        call: What for.
        config: The client's configuration, with the call's own options merged in.
        info: The Hub's word on the model; None where it was not asked or does not know it.

    Raises:
        ConfigurationError: A token is needed and missing, or no provider named can be called so.
        ModelNotSupportedError: Nobody who was asked for does this with the model.
        OfflineError: The environment forbids the host.
    """
    task = call.task
    if config.base_url is not None:
        return Stops(stops=(server_stop(task, config, config.base_url),))
    model = wanted_model(task, config)
    if model is None and not config.is_local:
        raise ConfigurationError(
            f"{task.method} needs model=: the Hub recommends none for {task.name}.",
            hint=f'client.models("{task.name}", warm=True) lists models that are served.',
        )
    model = model or ""
    found: list[Stop] = []
    notes: list[str] = []
    refused: list[HFIError] = []
    for name in _expanded(task, config, info, notes):
        try:
            found.append(_stop(call, config, name, model, info))
        except (ConfigurationError, ModelNotSupportedError) as error:
            refused.append(error)
            notes.append(error.message)
    if not found:
        raise refused[0] if refused else _nobody(task, model, info)
    return Stops(stops=tuple(found), notes=tuple(notes))


def _wanted(task: Task, config: ClientConfig) -> tuple[str, ...]:
    """The providers that were named; "auto" for whoever the Hub names."""
    model = model_for(config, task.name)
    suffix = split_suffix(full_name(model, config.aliases))[1] if model else None
    if suffix is not None and config.providers == ("auto",):
        return ("auto",) if suffix in POLICIES else (suffix,)
    return tuple("auto" if name in _ANY else name for name in config.providers)


def _expanded(
    task: Task, config: ClientConfig, info: ModelInfo | None, notes: list[str]
) -> list[str]:
    """The providers to try; "auto" stands for all that serve the model, in the Hub's order."""
    names: list[str] = []
    wanted = _wanted(task, config)
    for name in wanted:
        if name == "local":
            notes.append(_LOCAL)
        elif name != "auto":
            names.append(name)
        else:
            names += _served(task, config, info, notes)
    if not names and set(wanted) == {"local"}:
        raise ModelNotSupportedError(
            _LOCAL, hint=f'Leave provider="local" out: {task.name} is done by a provider.'
        )
    return list(dict.fromkeys(names))


def _served(
    task: Task, config: ClientConfig, info: ModelInfo | None, notes: list[str]
) -> list[str]:
    if own_ids(config):
        raise ConfigurationError(
            "The token is not Hugging Face's (it does not begin with hf_), and no provider is"
            " named.",
            hint="Name the provider whose key it is, or give a Hugging Face token.",
        )
    entries = info.providers if info else ()
    names = [entry.provider for entry in entries if entry.is_live and _is_for(task, entry)]
    known = [name for name in names if _way(task, find_provider(name)) is not None]
    notes += [f"hfi knows no way to {task.name} at {name}." for name in names if name not in known]
    if provider_key(config) is None and known:
        # Hugging Face's own provider is the only one to answer without a token.
        free = [name for name in known if name == _HF_INFERENCE]
        if not free:
            raise none_found() if config.token is True else no_token(config, _ROUTER_HOST)
        return free
    return known


def _is_for(task: Task, entry: ProviderMapping) -> bool:
    return entry.task in (task.name, *task.also)


def _way(task: Task, provider: Provider | None) -> Way | None:
    return None if provider is None else provider.ways.get(task.name)


def _nobody(task: Task, model: str, info: ModelInfo | None) -> ModelNotSupportedError:
    tasks = [name for name in info.tasks if name != task.name] if info else []
    if info is None or info.pipeline_tag in (task.name, *task.also) or not tasks:
        return ModelNotSupportedError(
            f"No inference provider serves {model} for {task.name} now.",
            hint=f'client.models("{task.name}", warm=True) lists models that are served.',
        )
    return ModelNotSupportedError(
        f"{model} does no {task.name}; it is for {', '.join(tasks)}.",
        hint=f'client.models("{task.name}", warm=True) lists models that do it.',
    )


def _stop(
    call: TaskCall, config: ClientConfig, name: str, model: str, info: ModelInfo | None
) -> Stop:
    task, provider = call.task, find_provider(name)
    way = _way(task, provider)
    if provider is None or way is None:
        raise _no_way(task, name)
    mapping = mapping_of(info, name, (task.name, *task.also))
    if mapping is None and info is not None and name != _HF_INFERENCE:
        raise _not_served(task, name, model, info)
    provider_id = mapping.provider_id if mapping else model
    way = _special(way, provider_id)
    if way.only is not None and not re.search(way.only, provider_id):
        raise ModelNotSupportedError(
            f"hfi knows no way to {task.name} with {provider_id} at {name}.",
            hint="Take another model, or another provider.",
        )
    route, base, query = _placed(task, config, way, provider)
    shown = (
        _above(provider_id)
        if way.above and not call.has_media and not _is_routed(base)
        else provider_id
    )
    path = way.path.format(id=quote_id(shown)) if "{id}" in way.path else way.path
    url = base + path + (f"?{query}" if query else "")
    warnings = route.warnings + health(model, mapping)
    return Stop(
        route=attrs.evolve(route, url=url, model=model, warnings=warnings),
        way=way,
        base=base,
        query=query,
        provider_id=provider_id,
        mapping=mapping,
    )


def _is_routed(base: str) -> bool:
    return base.startswith(f"{ROUTER}/")


def _above(provider_id: str) -> str:
    """The model above another: the app itself where an id names one of its parts."""
    return provider_id.rpartition("/")[0] if provider_id.count("/") > 1 else provider_id


def _special(way: Way, provider_id: str) -> Way:
    fitting = (other for words, other in way.special.items() if re.search(words, provider_id))
    return next(fitting, way)


def _no_way(task: Task, name: str) -> ConfigurationError:
    near = nearest_provider(name)
    able = ", ".join(each.name for each in all_providers() if task.name in each.ways)
    return ConfigurationError(
        f"hfi knows no way to {task.name} at provider {name!r}."
        + (f" Did you mean {near!r}?" if near else ""),
        hint=f"There are {able}." if able else "A server of your own is named by base_url=.",
    )


def _not_served(task: Task, name: str, model: str, info: ModelInfo) -> ModelNotSupportedError:
    others = [entry.provider for entry in info.live_providers(task.name)]
    return ModelNotSupportedError(
        f"{name} does not serve {model} for {task.name}"
        + (f"; {', '.join(others)} {'does' if len(others) == 1 else 'do'}." if others else "."),
        hint="Leave provider= out to have one chosen, or take another model.",
    )


def _placed(
    task: Task, config: ClientConfig, way: Way, provider: Provider
) -> tuple[Route, str, str]:
    """The route without its path, the base, and the query."""
    key = provider_key(config)
    if provider.name != _HF_INFERENCE and is_own_key(config, key):
        base, query = way.base or provider.base or "", ""
        host = parse_url(base, name="base").host
        if config.found.offline:
            raise offline_error(config.found.offline, host)
        if key is not None and config.authorization is None:
            key = attrs.evolve(key, scheme=provider.key_scheme)
        reason = f'provider="{provider.name}" with a key of its own: straight to {host}.'
        headers, warnings = billing(config, False)
    else:
        base = f"{ROUTER}/{provider.name}"
        query = f"_subdomain={way.subdomain}" if way.subdomain else ""
        if config.found.offline:
            raise offline_error(config.found.offline, _ROUTER_HOST)
        if key is None and config.token is True:
            raise none_found()
        if key is None and provider.name != _HF_INFERENCE:
            raise no_token(config, _ROUTER_HOST)
        auto = "auto" in _wanted(task, config)
        reason = (
            f"The Hub names {provider.name} for this model."
            if auto
            else f'provider="{provider.name}" was asked for.'
        )
        headers, warnings = billing(config, True)
    route = Route(
        url=base,
        provider=provider.name,
        credential=key,
        headers={**provider.headers, **way.headers, **headers},
        reason=reason,
        warnings=warnings,
    )
    return route, base, query
