"""What a task gives: one value with the facts of its call, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, overload

import attrs

from hfi.types.meta import CallMeta
from hfi.types.raw import WireValue

__all__ = ["Results", "TaskValue"]

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V", bound="TaskValue")

_SHOWN = 3  # items in a repr


@attrs.frozen(kw_only=True, slots=False)
class TaskValue(WireValue):
    """A value that can be the whole answer of a call.

    Attributes:
        model: The model that was asked.
        provider: Who answered; None for a server of your own.
        meta: The facts of the call.
        raw: The JSON object as sent.
    """

    model: str | None = attrs.field(default=None, eq=False, repr=False)
    provider: str | None = attrs.field(default=None, eq=False, repr=False)
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False, repr=False)
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    def with_facts(
        self: V, meta: CallMeta, *, model: str | None = None, provider: str | None = None
    ) -> V:
        """Gives this value with the facts of the call that it answers."""
        return attrs.evolve(self, meta=meta, model=model, provider=provider)


@attrs.frozen(slots=False, eq=False, repr=False)
class Results(Sequence[T_co]):
    """The results of a call, in the server's order: a list that cannot be changed.

    It equals a list of the same items. A notebook draws it.

    Attributes:
        items: The results as a tuple.
        inputs: What was asked about: the text, the picture, or the table.
        model: The model that was asked.
        provider: Who answered; None for a server of your own.
        meta: The facts of the call.
        raw: The JSON as the server sent it, unknown fields included.
    """

    items: tuple[T_co, ...] = attrs.field(default=(), converter=tuple)
    inputs: Any = attrs.field(default=None, kw_only=True)
    model: str | None = attrs.field(default=None, kw_only=True)
    provider: str | None = attrs.field(default=None, kw_only=True)
    meta: CallMeta = attrs.field(factory=CallMeta, kw_only=True)
    raw: Any = attrs.field(default=None, kw_only=True)

    def with_facts(
        self, meta: CallMeta, *, model: str | None = None, provider: str | None = None
    ) -> Results[T_co]:
        """Gives these results with the facts of the call, each of them as well."""
        items = tuple(
            item.with_facts(meta, model=model, provider=provider)
            if isinstance(item, TaskValue)
            else item
            for item in self.items
        )
        return attrs.evolve(self, items=items, meta=meta, model=model, provider=provider)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> Results[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | Results[T_co]:
        """The item at a place, or the results of a slice."""
        if isinstance(index, slice):
            return attrs.evolve(self, items=self.items[index])
        return self.items[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Results):
            return self.items == other.items
        if isinstance(other, list):
            return list(self.items) == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        shown = [repr(item) for item in self.items[:_SHOWN]]
        if len(self.items) > _SHOWN:
            shown.append(f"... {len(self.items) - _SHOWN} more")
        return f"Results([{', '.join(shown)}])"

    def _repr_html_(self) -> str:
        """The results drawn, for a notebook."""
        from hfi.types.drawings import drawn  # noqa: PLC0415 - needed by who draws

        return drawn(self)
