"""Lists of models: the filters, the Hub's pages, and what stands in when it is out of reach."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

import attrs

from hfi._core.hub.catalogue import built_in_models
from hfi._core.hub.hub import hub_request
from hfi._core.hub.model_reader import read_model
from hfi._core.incoming.decode import untyped
from hfi.errors import (
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    HFIError,
    OfflineError,
    PoolTimeoutError,
    ResponseError,
)
from hfi.types.raw import beginning

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Response
    from hfi.types.models import ModelInfo

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

__all__ = ["ModelPages", "ModelQuery", "model_query", "next_query"]

_PATH = "/api/models"
_PAGE = 200
# What the Hub gives for one model of a list; templates and files would be a megabyte a page.
_EXPAND = (
    *("author", "createdAt", "disabled", "downloads", "gated", "inference"),
    *("inferenceProviderMapping", "lastModified", "library_name", "likes", "pipeline_tag"),
    *("private", "sha", "tags", "trendingScore"),
)
_SORTS: Mapping[str, str] = {
    "created_at": "createdAt",
    "createdAt": "createdAt",
    "downloads": "downloads",
    "last_modified": "lastModified",
    "lastModified": "lastModified",
    "likes": "likes",
    "trending": "trendingScore",
    "trendingScore": "trendingScore",
    "trending_score": "trendingScore",
}
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[^\s;,="]+\s*=\s*(?:"[^"]*"|[^\s;,"]*))*)')
_NEXT = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))', re.IGNORECASE)


class ListFilters(TypedDict, total=False):
    """The filters of ``client.models``."""

    task: str | None
    search: str | Sequence[str] | None
    author: str | None
    provider: str | Sequence[str] | None
    warm: bool | None
    gated: bool | None
    library: str | None
    filter: str | Sequence[str] | None
    num_parameters: str | None
    sort: str | None
    limit: int | None


@attrs.frozen(kw_only=True)
class ModelQuery:
    """The filters of a list, checked.

    Attributes:
        query: The parameters of the first page.
        limit: How many models are wanted; None is all.
        warm: False wants those alone that nobody serves, which the Hub cannot be asked for.
        task: As given.
        search: As given.
        author: As given.
        others: The names of the filters that need the Hub.
    """

    query: Mapping[str, Any]
    limit: int | None
    warm: bool | None = None
    task: str | None = None
    search: tuple[str, ...] = ()
    author: str | None = None
    others: tuple[str, ...] = ()


def model_query(filters: ListFilters) -> ModelQuery:
    """Checks the filters and spells them as the Hub does.

    Raises:
        ConfigurationError: One has a value that it cannot have.
    """
    limit = filters.get("limit")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise ConfigurationError(f"limit must be a whole number above zero, not {limit!r}.")
    task, author = _word("task", filters.get("task")), _word("author", filters.get("author"))
    search = _words("search", filters.get("search"))
    providers = _words("provider", filters.get("provider"))
    warm, gated = _truth("warm", filters.get("warm")), _truth("gated", filters.get("gated"))
    tags = [*_words("filter", filters.get("filter"))]
    if library := _word("library", filters.get("library")):
        tags.append(library)
    # Chat is a tag beside several pipeline tags, not one of them.
    chat = task in ("chat", "conversational")
    if chat:
        tags.append("conversational")
    query = {
        "search": list(search),
        "author": author,
        "pipeline_tag": None if chat else task,
        "filter": tags,
        "inference": "warm" if warm else None,
        "inference_provider": list(providers),
        "gated": gated,
        "num_parameters": _word("num_parameters", filters.get("num_parameters")),
        "sort": _sort(filters.get("sort")),
        "limit": _PAGE if limit is None else min(limit, _PAGE),
        "expand[]": list(_EXPAND),
    }
    told = {"task", "search", "author", "limit"}
    return ModelQuery(
        query={name: value for name, value in query.items() if value not in (None, [])},
        limit=limit,
        warm=warm,
        task="conversational" if chat else task,
        search=search,
        author=author,
        others=tuple(n for n, value in filters.items() if value is not None and n not in told),
    )


def _sort(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in _SORTS:
        raise ConfigurationError(
            f"The Hub cannot sort by {value!r}.",
            hint="It can by: downloads, likes, trending, created_at, last_modified.",
        )
    return _SORTS[value]


def _word(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{name} must be a string that is not empty, not {value!r}.")
    return value.strip()


def _words(name: str, value: object) -> tuple[str, ...]:
    values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    words = (_word(name, each) for each in values)
    return tuple(word for word in words if word is not None)


def _truth(name: str, value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True, False or None, not {value!r}.")
    return value


@attrs.define
class ModelPages:
    """The pages of a list, one after the other.

    Attributes:
        source: ``"hub"``, or ``"built-in"`` once the built-in list has stood in.
        reason: Why it did.
    """

    _config: ClientConfig
    _query: ModelQuery
    source: Literal["hub", "built-in"] = attrs.field(default="hub", init=False)
    reason: str | None = attrs.field(default=None, init=False)
    _given: int = attrs.field(default=0, init=False)
    _next: Mapping[str, Any] | None = attrs.field(
        init=False, default=attrs.Factory(lambda self: self._query.query, takes_self=True)
    )

    def following(self) -> Flow[tuple[ModelInfo, ...]]:
        """Gives the models of the next page; none when there are no more.

        Only the first page may be stood in for: later ones would be of another list.

        Raises:
            APIStatusError: The Hub refused.
            APIConnectionError: It was lost after the first page.
            ResponseError: The reply is no list of models.
        """
        while self._next is not None:
            first = self._next is self._query.query
            try:
                response: Response = yield hub_request(self._config, _PATH, self._next)
            except HFIError as error:
                if not first or not _is_out_of_reach(error):
                    raise
                self._next = None
                return self._cut(self._stand_in(error))
            models = self._read(response)
            after = next_query(response.headers)
            self._next = None if after == self._next else after
            if models:
                return self._cut(models)
        return ()

    def _read(self, response: Response) -> tuple[ModelInfo, ...]:
        entries = untyped(response.content)
        if not isinstance(entries, list):
            raise ResponseError(
                "The Hub's reply is no list of models.",
                hint="Check HF_ENDPOINT, if it is set.",
                body=beginning(response.content),
            )
        models = (read_model(entry) for entry in entries if isinstance(entry, dict))
        cold_only = self._query.warm is False
        return tuple(
            model for model in models if model is not None and not (cold_only and model.warm)
        )

    def _cut(self, models: tuple[ModelInfo, ...]) -> tuple[ModelInfo, ...]:
        """The Hub's ``limit`` is the size of a page, so the list is cut here."""
        if self._query.limit is None:
            return models
        kept = models[: self._query.limit - self._given]
        self._given += len(kept)
        if self._given >= self._query.limit:
            self._next = None
        return kept

    def _stand_in(self, error: HFIError) -> tuple[ModelInfo, ...]:
        query = self._query
        reason = f"The Hub is out of reach, so hfi's own short list stands in: {error.message}"
        if query.others:
            reason += f" Not applied to it: {', '.join(query.others)}."
        self.source, self.reason = "built-in", reason
        return built_in_models(task=query.task, search=query.search, author=query.author)


def _is_out_of_reach(error: HFIError) -> bool:
    if isinstance(error, APIStatusError):
        return error.status_code is not None and error.status_code >= 500
    if isinstance(error, PoolTimeoutError):
        return False  # that is this client's own doing
    return isinstance(error, (APIConnectionError, OfflineError))


def next_query(headers: Mapping[str, str]) -> dict[str, Any] | None:
    """The parameters of the next page, from the ``Link`` header (RFC 8288), or None.

    Only the parameters are taken: a mirror may pass on links that lead to the Hub itself, and
    neither it nor anyone else is to choose the host that is asked next.
    """
    for link in _LINK.finditer(headers.get("link", "")):
        relation = _NEXT.search(link[2])
        if relation is None or "next" not in (relation[1] or relation[2] or "").lower().split():
            continue
        query: dict[str, list[str]] = {}
        # urlsplit() would raise for a bad host, which is of no interest here.
        told = link[1].partition("#")[0].partition("?")[2]
        for name, value in parse_qsl(told, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        return dict(query) or None
    return None
