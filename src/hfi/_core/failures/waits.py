"""What ``on_wait`` is told by one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfi.types.waiting import Waiting

__all__ = ["Waits"]


class Waits:
    """Tells of the waits of a call as they begin, and once for each reason that they are over."""

    __slots__ = ("_last", "_tell")

    def __init__(self, tell: Callable[..., object] | None) -> None:
        self._tell = tell
        self._last: Waiting | None = None

    def begin(self, waiting: Waiting) -> None:
        """A wait begins."""
        if self._tell is None:
            return
        if self._last is not None and self._last.reason != waiting.reason:
            self.over()
        self._last = waiting
        self._tell(waiting)

    def over(self) -> None:
        """The call waits no more, whatever became of it."""
        last, self._last = self._last, None
        if last is not None and self._tell is not None:
            self._tell(last.over())
