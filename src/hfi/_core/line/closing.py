"""Whether somebody closed a stream, for the requests that are still made on its behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Closing"]


class Closing:
    """One stream's: anybody may ask, from any thread, while a retry or a resumption goes on."""

    __slots__ = ("_asked", "_wake")

    def __init__(self) -> None:
        self._asked = False
        self._wake: Callable[[], None] | None = None

    def asked(self) -> bool:
        """Whether the stream was closed."""
        return self._asked

    def ask(self) -> None:
        """The stream is closed: wakes whoever waits for a server on its behalf."""
        self._asked = True
        if self._wake is not None:
            self._wake()

    def reach(self, wake: Callable[[], None]) -> None:
        """Says how to wake whoever waits from now on."""
        self._wake = wake
        if self._asked:  # meanwhile
            wake()
