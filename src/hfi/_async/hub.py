"""The Hub's metadata: one model, lists of models, and what prompts need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hfi._async.base import AsyncBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._async.metadata import AsyncModelIterator
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.hub.hub import HubOptions
    from hfi._core.hub.model_list import ListFilters
    from hfi.types.models import ModelInfo, ModelList, PromptFacts
    from hfi.types.providers import ProviderList

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncHubMethods"]


class AsyncHubMethods(AsyncBase):
    """``models``, ``iter_models``, ``model_info`` and ``providers``."""

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
        room = await self._room("metadata")
        config = room.call_config(self, options)
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
        room = await self._room("metadata")
        info: ModelInfo = await room.model_info(
            self, config, model, revision=revision, refresh=refresh
        )
        return info

    async def providers(
        self,
        model: str | None = None,
        *,
        refresh: bool = False,
        **options: Unpack[HubOptions],
    ) -> ProviderList:
        """Tells who serves a model: for which task, and whether it works there now.

        Of chats the router tells price, context, speed and features too; where it cannot be
        asked, they are left out and ``.reason`` says why.

        Args:
            model: The model's id, or an alias; the client's own where None. A routing suffix is
                left out.
            refresh: Asks the Hub even if the model was looked up within the last hour.
            **options: ``timeout`` (seconds; never more than 60 in all), ``max_retries`` and
                ``token`` of this call.

        Raises:
            HFIError: As ``model_info``.
        """
        room = await self._room("metadata")
        found: ProviderList = await room.providers(self, model, refresh=refresh, options=options)
        return found

    async def _prompt_facts(self, config: ClientConfig, model: str | None = None) -> PromptFacts:
        """What a prompt needs of a model."""
        room = await self._room("metadata")
        facts: PromptFacts = await room.prompt_facts(self, config, model)
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

        Raises:
            ConfigurationError: A filter has a value that it cannot have.
            APIStatusError: The Hub refused; raised while the models are read, as is the next.
            APIConnectionError: The Hub was lost after the first page.
        """
        from hfi._async.metadata import iterate

        filters: ListFilters = {
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
        return iterate(self, filters, options)
