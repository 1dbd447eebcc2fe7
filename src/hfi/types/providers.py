"""Who serves a model, and on what terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import attrs

__all__ = ["ModelProvider", "ProviderList"]

_GAP = "  "


@attrs.frozen(kw_only=True)
class ModelProvider:
    """A provider that serves a model for a task. What nobody tells is None.

    Prices, speed, context and features are the router's word, on chats alone.

    Attributes:
        provider: The provider's name, as ``provider=`` takes it.
        task: What it serves the model for; ``"conversational"`` is chat.
        status: ``"live"``, ``"staging"``, ``"error"`` (its health check failed), or what a newer
            Hub says.
        provider_id: The id under which the provider knows the model.
        adapter: ``"lora"`` where the model is an adapter.
        is_model_author: Whether the provider made the model.
        is_supported: Whether hfi knows a way to the task there.
        context_length: The most tokens of prompt and answer together.
        input_price: US dollars for a million tokens of the prompt.
        output_price: US dollars for a million tokens of the answer.
        is_free: Whether it costs nothing.
        first_token: Seconds to the first token, as measured lately.
        throughput: Tokens a second, as measured lately.
        supports_tools: Whether it calls tools.
        supports_structured_output: Whether it follows a JSON schema.
    """

    __module__ = "hfi"

    provider: str
    task: str | None = None
    status: str | None = None
    provider_id: str | None = None
    adapter: str | None = None
    is_model_author: bool = False
    is_supported: bool = True
    context_length: int | None = None
    input_price: float | None = None
    output_price: float | None = None
    is_free: bool | None = None
    first_token: float | None = None
    throughput: float | None = None
    supports_tools: bool | None = None
    supports_structured_output: bool | None = None

    @property
    def is_live(self) -> bool:
        """Whether the Hub, or the router, says that it works."""
        return self.status == "live"


@attrs.frozen(kw_only=True, repr=False)
class ProviderList(Sequence[ModelProvider]):
    """Who serves a model, in the order of your settings on the Hub; ``print`` shows a table.

    Attributes:
        items: The providers, one for each task that they serve the model for.
        model: The model's id.
        reason: Why the router's facts are missing, or None.
    """

    __module__ = "hfi"

    items: tuple[ModelProvider, ...] = ()
    model: str = ""
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ModelProvider]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> ModelProvider: ...
    @overload
    def __getitem__(self, index: slice) -> ProviderList: ...
    def __getitem__(self, index: int | slice) -> ModelProvider | ProviderList:
        if isinstance(index, slice):
            return attrs.evolve(self, items=self.items[index])
        return self.items[index]

    def __repr__(self) -> str:
        names = ", ".join(each.provider for each in self.items)
        return f"<ProviderList of {self.model}: {names or 'nobody'}>"

    def __str__(self) -> str:
        if not self.items:
            return f"Nobody serves {self.model}."
        rows = [COLUMNS, *map(cells, self.items)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
        shown = [place for place in range(len(COLUMNS)) if any(row[place] for row in rows[1:])]
        lines = [
            _GAP.join(row[place].ljust(widths[place]) for place in shown).rstrip() for row in rows
        ]
        return "\n".join([*lines, *([self.reason] if self.reason else [])])

    def _repr_html_(self) -> str:
        from hfi.types.html import Cell, box, facts, plain, table  # noqa: PLC0415 - for notebooks

        if not self.items:
            return box(plain(str(self)))
        rows = [[Cell(text) for text in cells(each)] for each in self.items]
        return box(table(COLUMNS, rows), facts(self.model, self.reason))


COLUMNS = (
    "provider",
    "task",
    "status",
    "id there",
    "context",
    "$/M in",
    "$/M out",
    "tokens/s",
    "first token",
    "features",
)
"""The headings of a table of providers."""


def cells(each: ModelProvider) -> tuple[str, ...]:
    """A provider's row below ``COLUMNS``; empty where nobody tells."""
    features = [
        name
        for name, has in (
            ("tools", each.supports_tools),
            ("structured output", each.supports_structured_output),
            ("free", each.is_free),
            ("by its author", each.is_model_author),
            (each.adapter, each.adapter is not None),
            ("not known to hfi", not each.is_supported),
        )
        if has and name
    ]
    first = None if each.first_token is None else f"{each.first_token:.2f} s"
    return (
        each.provider,
        each.task or "",
        each.status or "",
        each.provider_id or "",
        "" if each.context_length is None else str(each.context_length),
        *("" if price is None else f"{price:g}" for price in (each.input_price, each.output_price)),
        "" if each.throughput is None else f"{each.throughput:.0f}",
        first or "",
        ", ".join(features),
    )
