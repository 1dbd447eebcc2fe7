"""The Hub's metadata of one model: which requests, and what their replies say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from hfi._core.configuration.choices import is_weights, split_suffix
from hfi._core.configuration.urls import is_url, quote_id, safe_url
from hfi._core.hub.catalogue import full_name
from hfi._core.hub.model_reader import read_model
from hfi._core.incoming.decode import untyped
from hfi._core.outgoing.options import split_options
from hfi._core.request import Request
from hfi._core.routing import hub_route
from hfi.errors import (
    BadRequestError,
    ConfigurationError,
    OfflineError,
    ResponseError,
)
from hfi.types.raw import beginning
from hfi.types.settings import Timeout

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Response
    from hfi.types.models import ModelInfo

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

__all__ = [
    "HubOptions",
    "ModelName",
    "cache_key",
    "hub_options",
    "hub_request",
    "hub_timeout",
    "hub_warnings",
    "look_up",
    "model_name",
]

_MODELS = "/api/models"
# Everything hfi reads, so that one request is enough.
_EXPAND = (
    *("author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads"),
    *("gated", "gguf", "inference", "inferenceProviderMapping", "lastModified", "library_name"),
    *("likes", "mask_token", "pipeline_tag", "private", "safetensors", "sha", "siblings", "tags"),
    *("transformersInfo", "trendingScore"),
)
# Seconds. A look-up takes the Hub some 0.1 s; the limits of an inference call are for models.
_REPLY_WITHIN = 30.0
_ALL_WITHIN = 60.0


class HubOptions(TypedDict, total=False):
    """The options of the client that a call to the Hub may change."""

    timeout: float | Timeout | None
    max_retries: int | None
    token: str | bool | Callable[[], str] | None


@attrs.frozen(kw_only=True)
class ModelName:
    """A model of the Hub, and the revision meant; None is the main branch."""

    id: str
    revision: str | None = None

    @property
    def path(self) -> str:
        """The path of its metadata."""
        path = f"{_MODELS}/{quote_id(self.id)}"
        return path if self.revision is None else f"{path}/revision/{quote(self.revision, safe='')}"


def model_name(config: ClientConfig, model: object, revision: object = None) -> ModelName:
    """Which model of the Hub is meant, aliases resolved; without one the client's own.

    Raises:
        ConfigurationError: There is none, or it is no model that the Hub could know.
    """
    model = config.model if model is None else model
    if not isinstance(model, str) or not model.strip():
        raise ConfigurationError(
            f"model must be the id of a model, not {model!r}.", hint='Write "org/name".'
        )
    if is_url(model) or "://" in model:
        raise ConfigurationError(
            f"{safe_url(model)} is an address; the Hub knows models by id.",
            hint='Write "org/name".',
        )
    name, _ = split_suffix(full_name(model.strip(), config.aliases))
    if is_weights(name) or name.count("/") > 1:
        raise ConfigurationError(
            f"{name!r} is not the id of a model on the Hub.", hint='Write "org/name".'
        )
    quote_id(name)
    if revision is not None and (not isinstance(revision, str) or not revision.strip()):
        raise ConfigurationError(
            f"revision must be a branch, a tag or a commit in a string, not {revision!r}."
        )
    return ModelName(id=name, revision=revision)


def hub_request(
    config: ClientConfig,
    path: str,
    query: Mapping[str, Any] | None = None,
    *,
    model: str | None = None,
) -> Request:
    """A GET of the Hub's.

    Raises:
        OfflineError: The environment forbids it.
        ConfigurationError: ``HF_ENDPOINT`` is no URL.
    """
    route = hub_route(config, path, query)
    return Request(method="GET", url=route.url, credential=route.credential, model=model)


def hub_timeout(timeout: Timeout) -> Timeout:
    """The limits of a look-up: the call's own, where those are not longer than it needs."""

    def least(given: float | None, most: float) -> float:
        return most if given is None else min(given, most)

    return attrs.evolve(
        timeout,
        first_token=least(timeout.first_token, _REPLY_WITHIN),
        total=least(timeout.total, _ALL_WITHIN),
    )


def hub_options(options: HubOptions) -> dict[str, Any]:
    """The options of a call to the Hub that were given.

    Raises:
        ConfigurationError: There is no such option.
    """
    return split_options(options, HubOptions)[1]


def cache_key(kind: str, config: ClientConfig, name: ModelName) -> tuple[Any, ...]:
    """What the answer of a look-up depends on: one token may see what another may not."""
    try:
        credential = hub_route(config, _MODELS).credential
    except OfflineError:
        credential = None  # what was looked up before stays known
    return kind, config.hub_url, credential, name


def hub_warnings(config: ClientConfig) -> tuple[str, ...]:
    """What to tell the caller of a call to the Hub."""
    try:
        return hub_route(config, _MODELS).warnings
    except OfflineError:
        return ()


def look_up(config: ClientConfig, name: ModelName) -> Flow[ModelInfo]:
    """Looks a model up: one request, and another where the model was renamed.

    A Hub that does not know one of the fields asked for refuses them all; it is then asked for
    what it gives by itself.

    Raises:
        ModelNotFoundError: There is no such model or revision, or the token may not see it.
        ResponseError: The reply is not about a model.
    """
    request = hub_request(config, name.path, {"expand[]": _EXPAND}, model=name.id)
    try:
        response: Response = yield request
    except BadRequestError:
        response = yield hub_request(config, name.path, model=name.id)
        return _model(response)
    info = _model(response)
    if info.id != name.id and "inferenceProviderMapping" not in (info.raw or {}):
        # The Hub redirects from a model's former name, without the parameters of the request.
        present = attrs.evolve(name, id=info.id)
        response = yield hub_request(config, present.path, {"expand[]": _EXPAND}, model=info.id)
        info = _model(response)
    return info


def _model(response: Response) -> ModelInfo:
    value = untyped(response.content)
    info = read_model(value) if isinstance(value, dict) else None
    if info is None:
        raise ResponseError(
            "The Hub's reply is not about a model.",
            hint="Check HF_ENDPOINT, if it is set.",
            body=beginning(response.content),
        )
    return info
