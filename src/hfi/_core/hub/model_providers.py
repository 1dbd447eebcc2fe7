"""Who serves a model: the Hub's word and the router's, joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from hfi._core.configuration.credentials import is_own_key, provider_key
from hfi._core.configuration.hosts import ROUTER
from hfi._core.configuration.urls import parse_url, quote_id
from hfi._core.incoming.decode import scalar
from hfi._core.providers import find_provider
from hfi._core.request import Request
from hfi._core.routing import offline_error
from hfi.errors import HFIError, ModelNotFoundError, ResponseError
from hfi.types.providers import ModelProvider, ProviderList
from hfi.types.raw import beginning, loads

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Response
    from hfi.types.models import ModelInfo, ProviderMapping

__all__ = ["find_providers"]

Scalar = TypeVar("Scalar", str, int, float, bool)

_CHAT = "conversational"
_TEXT = "text-generation"
_HF_INFERENCE = "hf-inference"


def find_providers(config: ClientConfig, info: ModelInfo) -> Flow[ProviderList]:
    """Who serves a model that was looked up; the router is asked where it chats.

    What the router would tell is left out where it cannot be asked; ``.reason`` says why.
    """
    known = tuple(_served(entry) for entry in info.providers)
    if not info.is_chat:
        return ProviderList(items=known, model=info.id)
    reason = None
    told: Mapping[str, ModelProvider] = {}
    try:
        request = _question(config, info.id)
        response: Response = yield request
        told = _told(response)
    except ModelNotFoundError:
        reason = "The router does not list the model for chats."
    except HFIError as error:
        reason = f"The router does not tell prices and speed: {error.message}"
    return ProviderList(items=_joined(known, told), model=info.id, reason=reason)


def _question(config: ClientConfig, model: str) -> Request:
    url = f"{ROUTER}/v1/models/{quote_id(model)}"
    if config.found.offline:
        raise offline_error(config.found.offline, parse_url(url, name="router").host)
    key = provider_key(config)
    # It answers without a token; the key of a provider is none of its business.
    credential = None if is_own_key(config, key) else key
    return Request(method="GET", url=url, credential=credential, model=model)


def _served(entry: ProviderMapping) -> ModelProvider:
    return ModelProvider(
        provider=entry.provider,
        task=entry.task,
        status=entry.status,
        provider_id=entry.provider_id,
        adapter=entry.adapter,
        is_model_author=entry.is_model_author,
        is_supported=_is_supported(entry.provider, entry.task),
    )


def _is_supported(name: str, task: str | None) -> bool:
    # The router speaks for any provider in chats.
    if task in (None, _CHAT):
        return True
    known = find_provider(name)
    if known is None:
        return False
    if task == _TEXT:
        return known.text is not None or name == _HF_INFERENCE
    return task in known.ways


def _told(response: Response) -> dict[str, ModelProvider]:
    """The router's word, by the names of providers."""
    try:
        body = loads(response.content)
    except ValueError:
        body = None
    entries = body.get("providers") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise ResponseError("its reply is not about a model.", body=beginning(response.content))
    found = (_entry(entry) for entry in entries if isinstance(entry, dict))
    return {each.provider: each for each in found if each is not None}


def _entry(entry: Mapping[str, Any]) -> ModelProvider | None:
    def read(kind: type[Scalar], name: str, source: object = entry) -> Scalar | None:
        return scalar(kind, source.get(name)) if isinstance(source, Mapping) else None

    name = read(str, "provider")
    if not name:
        return None
    pricing = entry.get("pricing")
    wait = read(float, "first_token_latency_ms")
    return ModelProvider(
        provider=name,
        task=_CHAT,
        status=read(str, "status"),
        is_model_author=read(bool, "is_model_author") is True,
        context_length=read(int, "context_length"),
        input_price=read(float, "input", pricing),
        output_price=read(float, "output", pricing),
        is_free=read(bool, "is_free"),
        first_token=None if wait is None else wait / 1000,
        throughput=read(float, "throughput"),
        supports_tools=read(bool, "supports_tools"),
        supports_structured_output=read(bool, "supports_structured_output"),
    )


def _joined(
    known: tuple[ModelProvider, ...], told: Mapping[str, ModelProvider]
) -> tuple[ModelProvider, ...]:
    """The Hub's entries with the router's facts, then those that only the router names."""
    joined = [
        attrs.evolve(
            told[each.provider],
            provider_id=each.provider_id,
            adapter=each.adapter,
            # The router looks more often than the Hub does.
            status=told[each.provider].status or each.status,
            is_model_author=each.is_model_author or told[each.provider].is_model_author,
        )
        if each.task == _CHAT and each.provider in told
        else each
        for each in known
    ]
    chatting = {each.provider for each in known if each.task == _CHAT}
    return (*joined, *(each for name, each in told.items() if name not in chatting))
