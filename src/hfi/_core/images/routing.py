"""Who can make an image, in which order, and where each is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.choices import is_weights, split_suffix
from hfi._core.configuration.credentials import (
    base_url_credential,
    is_own_key,
    no_token,
    none_found,
    provider_key,
)
from hfi._core.configuration.hosts import ROUTER, is_hugging_face_host, is_router
from hfi._core.configuration.urls import join_path, parse_url, quote_id
from hfi._core.hub.catalogue import full_name
from hfi._core.providers import POLICIES, PROVIDERS, nearest_provider
from hfi._core.providers.image_routes import ENDPOINT, IMAGE_ROUTES, OPENAI_IMAGES, ImageRoute
from hfi._core.routing import Route, billing, model_for, offline_error
from hfi.errors import ConfigurationError, HFIError, ModelNotSupportedError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi.types.models import ModelInfo, ProviderMapping

__all__ = ["TASK", "Stop", "Stops", "needs_mapping", "own_ids", "stops", "wanted_model"]

TASK = "text-to-image"

_HF_INFERENCE = "hf-inference"
_ROUTER_HOST = parse_url(ROUTER, name="router").host
_ANY = frozenset({"auto", *POLICIES})


@attrs.frozen(kw_only=True)
class Stop:
    """One provider or server to ask.

    Attributes:
        route: Where and with what credential.
        way: How it is talked to.
        base: What its paths stand behind.
        query: What its URLs end with.
        provider_id: Its own id of the model; None leaves the model to the server.
        mapping: The Hub's word on it, where there is one.
    """

    route: Route
    way: ImageRoute
    base: str
    query: str = ""
    provider_id: str | None = None
    mapping: ProviderMapping | None = None


@attrs.frozen(kw_only=True)
class Stops:
    """The providers to ask, in order, and why others are not asked, one sentence each."""

    stops: tuple[Stop, ...]
    notes: tuple[str, ...] = ()


def wanted_model(config: ClientConfig) -> str | None:
    """The model's id, aliases resolved, without a suffix; None leaves it to a server of one's own.

    Raises:
        ConfigurationError: It is a model for the embedded server.
    """
    model = model_for(config, TASK)
    if model is None or config.base_url is not None:
        return model
    if is_weights(model):
        raise ConfigurationError(f"{model!r} is a model for the embedded server: it makes text.")
    return split_suffix(full_name(model, config.aliases))[0]


def needs_mapping(config: ClientConfig) -> bool:
    """Whether the Hub must be asked who serves the model, and under which id."""
    if config.base_url is not None or set(_wanted(config)) <= {_HF_INFERENCE, "local"}:
        return False
    return (wanted_model(config) or "").count("/") == 1 or not own_ids(config)


def own_ids(config: ClientConfig) -> bool:
    """Whether the model may be named as the provider names it: with its own key."""
    return is_own_key(config, provider_key(config))


def stops(config: ClientConfig, info: ModelInfo | None) -> Stops:
    """Decides who is asked for an image.

    Args:
        config: The client's configuration, with the call's own options merged in.
        info: The Hub's word on the model; None where it was not asked or does not know it.

    Raises:
        ConfigurationError: A token is needed and missing, or no provider named can be called so.
        ModelNotSupportedError: Nobody who was asked for makes images with this model.
        OfflineError: The environment forbids the host.
    """
    if config.base_url is not None:
        return Stops(stops=(_endpoint(config, config.base_url),))
    model = wanted_model(config) or ""
    found: list[Stop] = []
    notes: list[str] = []
    refused: list[HFIError] = []
    for name in _expanded(config, info, notes):
        try:
            found.append(_stop(config, name, model, info))
        except (ConfigurationError, ModelNotSupportedError) as error:
            refused.append(error)
            notes.append(error.message)
    if not found:
        raise refused[0] if refused else _nobody(model, info)
    return Stops(stops=tuple(found), notes=tuple(notes))


def _wanted(config: ClientConfig) -> tuple[str, ...]:
    """The providers that were named; "auto" for whoever the Hub names."""
    model = model_for(config, TASK)
    suffix = split_suffix(full_name(model, config.aliases))[1] if model else None
    if suffix is not None and config.providers == ("auto",):
        return ("auto",) if suffix in POLICIES else (suffix,)
    return tuple("auto" if name in _ANY else name for name in config.providers)


def _expanded(config: ClientConfig, info: ModelInfo | None, notes: list[str]) -> list[str]:
    """The providers to try; "auto" stands for all that serve the model, in the Hub's order."""
    names: list[str] = []
    for name in _wanted(config):
        if name == "local":
            notes.append("The embedded model makes text, not images.")
        elif name != "auto":
            names.append(name)
        else:
            names += _served(config, info, notes)
    if not names and set(_wanted(config)) == {"local"}:
        raise ModelNotSupportedError(
            notes[0], hint='Leave provider="local" out: images are made by a provider.'
        )
    return list(dict.fromkeys(names))


def _served(config: ClientConfig, info: ModelInfo | None, notes: list[str]) -> list[str]:
    if own_ids(config):
        raise ConfigurationError(
            "The token is not Hugging Face's (it does not begin with hf_), and no provider is"
            " named.",
            hint="Name the provider whose key it is, or give a Hugging Face token.",
        )
    entries = info.live_providers(TASK) if info else ()
    names = [entry.provider for entry in entries]
    known = [name for name in names if name in IMAGE_ROUTES]
    notes += [f"hfi knows no way to images of {name}." for name in names if name not in known]
    if provider_key(config) is None and known:
        # Hugging Face's own provider is the only one to answer without a token.
        free = [name for name in known if name == _HF_INFERENCE]
        if not free:
            raise none_found() if config.token is True else no_token(config, _ROUTER_HOST)
        return free
    return known


def _nobody(model: str, info: ModelInfo | None) -> ModelNotSupportedError:
    tasks = [task for task in info.tasks if task != TASK] if info else []
    if info is None or info.pipeline_tag == TASK or not tasks:
        return ModelNotSupportedError(
            f"No inference provider makes images with {model} now.",
            hint='client.models("text-to-image", warm=True) lists models that are served.',
        )
    return ModelNotSupportedError(
        f"{model} makes no images; it is for {', '.join(tasks)}.",
        hint='client.models("text-to-image", warm=True) lists models that make images.',
    )


def _stop(config: ClientConfig, name: str, model: str, info: ModelInfo | None) -> Stop:
    way = IMAGE_ROUTES.get(name)
    if way is None:
        near = nearest_provider(name)
        raise ConfigurationError(
            f"hfi knows no way to images of provider {name!r}."
            + (f" Did you mean {near!r}?" if near else ""),
            hint=f"There are {', '.join(IMAGE_ROUTES)}.",
        )
    mapping = _mapping(name, info)
    if mapping is None and info is not None and name != _HF_INFERENCE:
        raise _not_served(name, model, info)
    provider_id = mapping.provider_id if mapping else model
    route, base, query = _placed(config, way, name)
    url = base + _path(way, provider_id) + (f"?{query}" if query else "")
    warnings = route.warnings + _health(name, model, mapping)
    return Stop(
        route=attrs.evolve(route, url=url, model=model, warnings=warnings),
        way=way,
        base=base,
        query=query,
        provider_id=provider_id,
        mapping=mapping,
    )


def _mapping(name: str, info: ModelInfo | None) -> ProviderMapping | None:
    entries = info.providers if info else ()
    return next((e for e in entries if e.provider == name and e.task in (TASK, None)), None)


def _health(name: str, model: str, mapping: ProviderMapping | None) -> tuple[str, ...]:
    if mapping is None or mapping.is_live or mapping.status is None:
        return ()
    return (f"By the Hub's word {model} is not live at {name} but {mapping.status!r}.",)


def _not_served(name: str, model: str, info: ModelInfo) -> ModelNotSupportedError:
    others = [entry.provider for entry in info.live_providers(TASK)]
    return ModelNotSupportedError(
        f"{name} makes no images with {model}"
        + (f"; {', '.join(others)} {'does' if len(others) == 1 else 'do'}." if others else "."),
        hint="Leave provider= out to have one chosen, or take another model.",
    )


def _path(way: ImageRoute, provider_id: str) -> str:
    # A version of a model on Replicate stands by itself.
    if way.provider == "replicate" and ":" in provider_id:
        return "/v1/predictions"
    return way.path.format(id=quote_id(provider_id)) if "{id}" in way.path else way.path


def _placed(config: ClientConfig, way: ImageRoute, name: str) -> tuple[Route, str, str]:
    """The route without its path, the base, and the query."""
    known = PROVIDERS[name]
    key = provider_key(config)
    if name != _HF_INFERENCE and is_own_key(config, key):
        base = way.base or known.base or ""
        host = parse_url(base, name="base").host
        if config.found.offline:
            raise offline_error(config.found.offline, host)
        if key is not None and config.authorization is None:
            key = attrs.evolve(key, scheme=known.key_scheme)
        reason = f'provider="{name}" with a key of its own: straight to {host}.'
        headers, warnings = billing(config, False)
        query = ""
    else:
        base, query = f"{ROUTER}/{name}", f"_subdomain={way.subdomain}" if way.subdomain else ""
        if config.found.offline:
            raise offline_error(config.found.offline, _ROUTER_HOST)
        if key is None and config.token is True:
            raise none_found()
        if key is None and name != _HF_INFERENCE:
            raise no_token(config, _ROUTER_HOST)
        auto = "auto" in _wanted(config)
        reason = (
            f"The Hub names {name} for this model." if auto else f'provider="{name}" was asked for.'
        )
        headers, warnings = billing(config, True)
    route = Route(
        url=base,
        provider=name,
        credential=key,
        headers={**known.headers, **way.headers, **headers},
        reason=reason,
        warnings=warnings,
    )
    return route, base, query


def _endpoint(config: ClientConfig, base: str) -> Stop:
    """A server of one's own: OpenAI's image route below a base like OpenAI's, else the URL itself.

    An Inference Endpoint takes images at its root.
    """
    url = parse_url(base, name="base_url")
    if config.found.offline and not config.explicit_url and is_hugging_face_host(url.host):
        raise offline_error(config.found.offline, url.host)
    segments = url.path.rstrip("/").split("/")
    openai = segments[-1] == "v1" or segments[-2:] == ["images", "generations"]
    way = OPENAI_IMAGES if openai else ENDPOINT
    target = join_path(base, way.path) if segments[-1] == "v1" else url.text
    credential, warnings = base_url_credential(config, base)
    headers, bill_warnings = billing(config, is_router(base))
    route = Route(
        url=target,
        credential=credential,
        model=config.model,
        headers=headers,
        reason=f"{config.base_url_from} names the server.",
        warnings=warnings + bill_warnings,
    )
    return Stop(route=route, way=way, base=base, provider_id=config.model)
