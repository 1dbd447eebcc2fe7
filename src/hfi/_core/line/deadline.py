"""The time limits of one call, followed from outside: every method is told what time it is."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hfi._core.line.closing import Closing
    from hfi.types.settings import Timeout

__all__ = ["CallClock", "Phase"]

Phase = Literal["connect", "first_token", "between_tokens", "total"]


class CallClock:
    """Which limit of a call passes next, and when.

    ``now`` is any clock that only goes forward, in seconds. Silence is counted only while somebody
    waits for the server: the time a caller takes between two reads is not the server's.
    ``closing`` is that of the stream on whose behalf the call is made, where there is one.
    """

    __slots__ = (
        "_connect_by",
        "_paused_at",
        "_silence",
        "_silent_by",
        "_total_by",
        "closing",
        "ended_at",
        "first_token_at",
        "phase",
        "started_at",
        "timeout",
    )

    def __init__(self, timeout: Timeout, now: float) -> None:
        self.timeout = timeout
        self.started_at = now
        self.first_token_at: float | None = None
        self.ended_at: float | None = None
        self.phase: Phase | None = None
        self.closing: Closing | None = None
        self._total_by = inf if timeout.total is None else now + timeout.total
        self.begin(now)

    def begin(self, now: float) -> None:
        """An attempt begins: its connection and its first token are due."""
        first = self.timeout.first_token
        self._connect_by: float | None = None
        self._silent_by = inf if first is None else now + first
        self._silence: Phase = "first_token"
        self._paused_at: float | None = None
        self.phase = None
        self.ended_at = None

    def touch(self, now: float) -> None:
        """A piece of the answer came; keep-alive comments are none."""
        if self.first_token_at is None:
            self.first_token_at = now
        between = self.timeout.between_tokens
        self._silent_by = inf if between is None else now + between
        self._silence = "between_tokens"

    def pause(self, now: float) -> None:
        """Nobody waits for the server any more."""
        self._paused_at = now

    def resume(self, now: float) -> None:
        """Somebody waits for the server again."""
        if self._paused_at is not None:
            self._silent_by += now - self._paused_at
            self._paused_at = None

    def extend(self, seconds: float) -> None:
        """So many seconds do not count, such as those of waiting for a cold model."""
        self._total_by += seconds

    def hurry(self, now: float, seconds: float) -> None:
        """What still comes is not worth more than so many seconds."""
        self._silent_by = min(self._silent_by, now + seconds)

    def end(self, now: float) -> None:
        """The last byte came, or the call was given up."""
        if self.ended_at is None:
            self.ended_at = now

    def left(self, now: float, *, connecting: bool = False) -> float | None:
        """Seconds until the next limit passes, not above zero once one has; None if there is none.

        ``phase`` then names that limit. The first question about a connection starts its limit.
        """
        by, phase = self._silent_by, self._silence
        if connecting:
            if self._connect_by is None:
                connect = self.timeout.connect
                self._connect_by = inf if connect is None else now + connect
            if self._connect_by <= by:
                by, phase = self._connect_by, "connect"
        if self._total_by <= by:
            by, phase = self._total_by, "total"
        self.phase = phase
        return None if by == inf else by - now

    def total_left(self, now: float) -> float | None:
        """Seconds until the whole call must be over."""
        return None if self._total_by == inf else self._total_by - now

    @property
    def limit(self) -> float | None:
        """The limit that ``phase`` names, in seconds as it was set."""
        return None if self.phase is None else getattr(self.timeout, self.phase)

    @property
    def first_token(self) -> float | None:
        """Seconds from the first attempt to the first piece of the answer."""
        return None if self.first_token_at is None else self.first_token_at - self.started_at

    @property
    def total(self) -> float | None:
        """Seconds from the first attempt to the end."""
        return None if self.ended_at is None else self.ended_at - self.started_at
