"""The Hub's metadata: one model, lists of models, and what prompts need."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from hfi._async.base import AsyncBase, retry_policy
from hfi._async.drive import drive
from hfi._core.hub.hub import (
    HubOptions,
    cache_key,
    hub_options,
    hub_timeout,
    hub_warnings,
    look_up,
    model_name,
)
from hfi._core.hub.model_list import ModelPages, model_query
from hfi._core.hub.prompt_facts import find_prompt_facts
from hfi.types.models import ModelList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi.types.models import ModelInfo, PromptFacts

if sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    from typing_extensions import Self, Unpack

__all__ = ["AsyncHubMethods", "AsyncModelIterator"]

Result = TypeVar("Result")


class AsyncHubMethods(AsyncBase):
    """``models``, ``iter_models`` and ``model_info``."""

    async def model_info(
        self,
        model: str | None = None,
        *,
        revision: str | None = None,
        refresh: bool = False,
        **options: Unpack[HubOptions],
    ) -> ModelInfo:
        """Looks a model up on the Hub; what was looked up is kept for an hour.

        Many callers that ask for one model at once cause one request. The metadata of gated models
        is public: see ``.gated``.

        Args:
            model: The model's id, or an alias; the client's own where None. A routing suffix is
                left out.
            revision: A branch, a tag or a commit; the main branch where None.
            refresh: Asks the Hub even if the answer is known.
            **options: ``timeout`` (seconds; never more than 60 in all), ``max_retries`` and
                ``token`` of this call.

        Raises:
            ModelNotFoundError: There is no such model or revision, or the token may not see it.
            ConfigurationError: ``model`` is no id, or there is none.
            OfflineError: The environment forbids the Hub.
            APIStatusError: The Hub refused.
            APIConnectionError: The Hub could not be reached, or not in time.
        """
        config = self._call_config(hub_options(options))
        return await self._model_info(config, model, revision=revision, refresh=refresh)

    async def _model_info(
        self,
        config: ClientConfig,
        model: str | None = None,
        *,
        revision: str | None = None,
        refresh: bool = False,
    ) -> ModelInfo:
        """``model_info`` with the configuration of a call."""
        name = model_name(config, model, revision)
        self._warn(hub_warnings(config))

        async def work() -> ModelInfo:
            return await self._fetch(config, look_up(config, name))

        info: ModelInfo = await self._lookups.get(
            cache_key("info", config, name),
            work,
            refresh=refresh,
            seconds=hub_timeout(config.timeout).total,
        )
        return info

    async def _prompt_facts(
        self,
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
            info = await self._model_info(config, model, revision=revision, refresh=refresh)
            return await self._fetch(config, find_prompt_facts(config, info, revision))

        facts: PromptFacts = await self._lookups.get(
            cache_key("prompt", config, name),
            work,
            refresh=refresh,
            seconds=hub_timeout(config.timeout).total,
        )
        return facts

    async def models(  # noqa: PLR0913 - one keyword per filter of the Hub
        self,
        task: str | None = None,
        *,
        search: str | Sequence[str] | None = None,
        author: str | None = None,
        provider: str | Sequence[str] | None = None,
        warm: bool | None = None,
        gated: bool | None = None,
        library: str | None = None,
        filter: str | Sequence[str] | None = None,  # noqa: A002 - the Hub's own name for it
        num_parameters: str | None = None,
        sort: str | None = None,
        limit: int | None = 100,
        **options: Unpack[HubOptions],
    ) -> ModelList:
        """Lists models of the Hub, as many pages as it takes.

        Where the Hub is out of reach, a short built-in list stands in; ``.source`` is
        ``"built-in"`` then and ``.reason`` says why.

        Args:
            task: A pipeline tag such as ``"text-generation"``, or ``"conversational"`` for chat.
            search: A part of the id, or several.
            author: A user or organisation.
            provider: A provider that serves the model, or several of which one does; ``"all"``
                is any.
            warm: True for models that are served now, False for those that are not.
            gated: Whether access must be asked for.
            library: Such as ``"transformers"``.
            filter: A tag that the model has, or several.
            num_parameters: Such as ``"min:6B,max:128B"``.
            sort: ``"downloads"``, ``"likes"``, ``"trending"``, ``"created_at"`` or
                ``"last_modified"``, the highest first.
            limit: The most models; None gives all there are.
            **options: ``timeout``, ``max_retries`` and ``token`` of this call.

        Raises:
            ConfigurationError: A filter has a value that it cannot have.
            APIStatusError: The Hub refused.
            APIConnectionError: The Hub was lost after the first page.
        """
        pages = self.iter_models(
            task,
            search=search,
            author=author,
            provider=provider,
            warm=warm,
            gated=gated,
            library=library,
            filter=filter,
            num_parameters=num_parameters,
            sort=sort,
            limit=limit,
            **options,
        )
        return await pages.collect()

    def iter_models(  # noqa: PLR0913 - one keyword per filter of the Hub
        self,
        task: str | None = None,
        *,
        search: str | Sequence[str] | None = None,
        author: str | None = None,
        provider: str | Sequence[str] | None = None,
        warm: bool | None = None,
        gated: bool | None = None,
        library: str | None = None,
        filter: str | Sequence[str] | None = None,  # noqa: A002 - the Hub's own name for it
        num_parameters: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        **options: Unpack[HubOptions],
    ) -> AsyncModelIterator:
        """Gives the same models as ``models`` one by one, asking for a page when it is needed.

        The arguments are those of ``models``.
        """
        query = model_query(
            {
                "task": task,
                "search": search,
                "author": author,
                "provider": provider,
                "warm": warm,
                "gated": gated,
                "library": library,
                "filter": filter,
                "num_parameters": num_parameters,
                "sort": sort,
                "limit": limit,
            }
        )
        config = self._call_config(hub_options(options))
        self._warn(hub_warnings(config))

        async def fetch(flow: Flow[Any]) -> Any:
            self._check_open()
            return await self._fetch(config, flow)

        return AsyncModelIterator(ModelPages(config, query), fetch)

    async def _fetch(self, config: ClientConfig, flow: Flow[Result]) -> Result:
        result, _ = await drive(
            self._transport,
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
