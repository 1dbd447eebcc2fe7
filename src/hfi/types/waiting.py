"""What ``on_wait`` is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from hfi.errors import HFIError

__all__ = ["Waiting"]


@attrs.frozen(kw_only=True)
class Waiting:
    """A wait that a call is about to make, or, with ``done``, the word that it waits no more.

    A call that waited tells once, when its waiting is over, whatever the outcome: what shows the
    waits can then be taken away.

    Attributes:
        reason: ``"loading"`` for a model that is being loaded, ``"retry"`` after a passing
            failure, ``"queue"`` for a job that is not done.
        seconds: How long this wait lasts; 0 when done.
        waited: Seconds waited for the same reason before it, in this call.
        limit: Seconds that may be waited for this reason in all; None is no limit of its own.
        told: What the server said: its guess in seconds, or a job's progress; or None.
        error: The error that made the wait necessary, or None.
        done: Whether the waiting for this reason is over; ``waited`` is then all of it.
    """

    reason: str
    seconds: float
    waited: float = 0.0
    limit: float | None = None
    told: Any = None
    error: HFIError | None = None
    done: bool = False

    def over(self) -> Waiting:
        """The word that the waiting, of which this was the last, is over."""
        waited = self.waited + self.seconds
        return attrs.evolve(self, seconds=0.0, waited=waited, error=None, done=True)
