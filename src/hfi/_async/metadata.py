"""Look-ups on the Hub: one model, what prompts need of one, and lists of models."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._core.hub.hub import (
    cache_key,
    hub_options,
    hub_timeout,
    hub_warnings,
    look_up,
    model_name,
)
from hfi._core.hub.model_list import ModelPages, model_query
from hfi._core.hub.model_providers import find_providers
from hfi._core.hub.prompt_facts import find_prompt_facts
from hfi.types.models import ModelList

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfi._async.base import AsyncBase
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.hub.hub import HubOptions
    from hfi._core.hub.model_list import ListFilters
    from hfi.types.models import ModelInfo, PromptFacts
    from hfi.types.providers import ProviderList

if sys.version_info >= (3, 11):
    from typing import Self
else:
    from typing_extensions import Self

__all__ = [
    "AsyncModelIterator",
    "call_config",
    "fetch",
    "iterate",
    "model_info",
    "prompt_facts",
    "providers",
]

Result = TypeVar("Result")


def call_config(client: AsyncBase, options: HubOptions) -> ClientConfig:
    """The configuration of one call to the Hub."""
    return client._call_config(hub_options(options))


async def model_info(
    client: AsyncBase,
    config: ClientConfig,
    model: str | None = None,
    *,
    revision: str | None = None,
    refresh: bool = False,
) -> ModelInfo:
    """``model_info`` with the configuration of a call."""
    name = model_name(config, model, revision)
    client._warn(hub_warnings(config))

    async def work() -> ModelInfo:
        return await fetch(client, config, look_up(config, name))

    info: ModelInfo = await client._lookups.get(
        cache_key("info", config, name),
        work,
        refresh=refresh,
        seconds=hub_timeout(config.timeout).total,
    )
    return info


async def prompt_facts(
    client: AsyncBase,
    config: ClientConfig,
    model: str | None = None,
    *,
    revision: str | None = None,
    refresh: bool = False,
) -> PromptFacts:
    """What a prompt needs of a model, from its metadata or, where that is silent, its files.

    Raises:
        GatedModelError: Only the files can tell, and access to them must be asked for.
        HFIError: As ``model_info``.
    """
    name = model_name(config, model, revision)

    async def work() -> PromptFacts:
        info = await model_info(client, config, model, revision=revision, refresh=refresh)
        return await fetch(client, config, find_prompt_facts(config, info, revision))

    facts: PromptFacts = await client._lookups.get(
        cache_key("prompt", config, name),
        work,
        refresh=refresh,
        seconds=hub_timeout(config.timeout).total,
    )
    return facts


async def providers(
    client: AsyncBase, model: str | None, *, refresh: bool, options: HubOptions
) -> ProviderList:
    """Who serves a model."""
    config = call_config(client, options)
    info = await model_info(client, config, model, refresh=refresh)
    return await fetch(client, config, find_providers(config, info))


def iterate(client: AsyncBase, filters: ListFilters, options: HubOptions) -> AsyncModelIterator:
    """Models one by one; ``filters`` are the arguments of ``models``."""
    query = model_query(filters)
    config = call_config(client, options)
    client._warn(hub_warnings(config))

    async def following(flow: Flow[Any]) -> Any:
        client._check_open()
        return await fetch(client, config, flow)

    return AsyncModelIterator(ModelPages(config, query), following)


async def fetch(client: AsyncBase, config: ClientConfig, flow: Flow[Result]) -> Result:
    """What a flow finds on the Hub."""
    result, _ = await drive(
        client._transport,
        flow,
        timeout=hub_timeout(config.timeout),
        retry=retry_policy(config),
    )
    return result


class AsyncModelIterator:
    """Models one by one, a page at a time.

    Attributes:
        source: ``"hub"``, or ``"built-in"`` where the Hub was out of reach and hfi's own list
            stands in; known once the first model was given.
        reason: Why that list stands in, or None.
    """

    __module__ = "hfi"

    def __init__(self, pages: ModelPages, fetch: Callable[[Flow[Any]], Any]) -> None:
        self._pages = pages
        self._fetch = fetch
        self._ready: deque[ModelInfo] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ModelInfo:
        if not self._ready:
            self._ready.extend(await self._fetch(self._pages.following()))
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()

    @property
    def source(self) -> Literal["hub", "built-in"]:
        """Where the models come from."""
        return self._pages.source

    @property
    def reason(self) -> str | None:
        """Why the built-in list stands in."""
        return self._pages.reason

    async def collect(self) -> ModelList:
        """The models that are left, as a list."""
        models = [model async for model in self]
        return ModelList(items=tuple(models), source=self.source, reason=self.reason)
