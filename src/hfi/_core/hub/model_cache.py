"""What was looked up, kept for a while: bounded, and with a lifetime."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from hfi.errors import (
    APIStatusError,
    ConflictError,
    ModelLoadingError,
    OfflineError,
    RateLimitError,
    ResponseError,
    ServerError,
)

if TYPE_CHECKING:
    from hfi.errors import HFIError

__all__ = ["ModelCache", "is_final"]

Value = TypeVar("Value")

LIFETIME = 3600.0
"""Seconds. Templates and tags change by the month; who needs a provider's status of this very
minute asks with ``refresh=True``."""

BOUND = 256
"""Entries. One with a long chat template and its raw reply is some 100 kB."""


def is_final(error: HFIError) -> bool:
    """Whether asking the Hub again, by another caller, would end the same way."""
    return isinstance(error, (APIStatusError, OfflineError, ResponseError)) and not isinstance(
        error, (ConflictError, RateLimitError, ServerError, ModelLoadingError)
    )


class _Entry(Generic[Value]):
    __slots__ = ("kept_since", "used_at", "value")

    def __init__(self, value: Value, now: float) -> None:
        self.value = value
        self.kept_since = now
        self.used_at = now


class ModelCache(Generic[Value]):
    """Values by key; each lives for a time, and the least recently used goes when it is full.

    Every step on the dict is a single operation, so tasks and threads may share one.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        lifetime: float = LIFETIME,
        bound: int = BOUND,
    ) -> None:
        """Begins empty.

        Args:
            clock: Gives seconds that never go back.
            lifetime: Seconds that a value is kept.
            bound: The most values kept.
        """
        self._clock = clock
        self._lifetime = lifetime
        self._bound = bound
        self._entries: dict[Hashable, _Entry[Value]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        # Keys hold credentials.
        return f"<{type(self).__name__} with {len(self)} entries>"

    def get(self, key: Hashable, lifetime: float | None = None) -> Value | None:
        """The value, or None where there is none or its time, or ``lifetime``, is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        now = self._clock()
        if now - entry.kept_since >= (self._lifetime if lifetime is None else lifetime):
            self._entries.pop(key, None)
            return None
        entry.used_at = now
        return entry.value

    def put(self, key: Hashable, value: Value) -> None:
        """Keeps a value from now on."""
        # Last in the dict: among entries used at the same moment the oldest goes first.
        self._entries.pop(key, None)
        self._entries[key] = _Entry(value, self._clock())
        while len(self._entries) > self._bound:
            oldest = min(list(self._entries.items()), key=lambda item: item[1].used_at)
            self._entries.pop(oldest[0], None)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
