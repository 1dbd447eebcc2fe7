"""The attempts of one call: what came of them, and whether there is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.failures.retry import next_wait
from hfi.errors import AuthenticationError, ModelLoadingError
from hfi.types.waiting import Waiting

if TYPE_CHECKING:
    from hfi._core.failures.retry import RetryPolicy
    from hfi.errors import HFIError

__all__ = ["Attempts"]


class Attempts:
    """Counts the attempts of a call, and decides about the next one.

    Retries and the waiting for a cold model are counted apart: a model that loads for a minute
    uses up neither the retries nor the time of the call.

    Attributes:
        earlier: The errors of the attempts so far, oldest first.
        waited: Seconds waited for the model to load.
    """

    def __init__(
        self, policy: RetryPolicy, *, deadline: float | None, may_renew: bool = False
    ) -> None:
        """Begins a call.

        Args:
            policy: What may be tried again.
            deadline: Seconds the call may take, without those spent waiting for a cold model.
            may_renew: Whether another token can be asked for after a 401.
        """
        self.earlier: tuple[HFIError, ...] = ()
        self.waited = 0.0
        self._policy = policy
        self._deadline = deadline
        self._may_renew = may_renew
        self._retries = 0
        self._delayed = 0.0

    def next(self, error: HFIError, *, elapsed: float, jitter: float) -> Waiting | None:
        """The wait before the next attempt, or None to raise ``error``, which is made ready.

        Args:
            error: What the last attempt ended with.
            elapsed: Seconds since the call began.
            jitter: A random number from 0 to 1.
        """
        error.earlier = self.earlier
        waiting = self._decide(error, elapsed=elapsed, jitter=jitter)
        if waiting is None:
            self._tell_waited(error)
            return None
        self.earlier += (error,)
        return waiting

    def _decide(self, error: HFIError, *, elapsed: float, jitter: float) -> Waiting | None:
        if self._may_renew and isinstance(error, AuthenticationError):
            self._may_renew = False
            return Waiting(reason="retry", seconds=0.0, waited=self._delayed, error=error)
        if isinstance(error, ModelLoadingError):
            return self._cold(error, jitter)
        delay = self._policy.next_delay(
            error,
            attempt=self._retries + 1,
            elapsed=elapsed - self.waited,
            deadline=self._deadline,
            jitter=jitter,
        )
        if delay is None:
            return None
        self._retries += 1
        before, self._delayed = self._delayed, self._delayed + delay
        return Waiting(reason="retry", seconds=delay, waited=before, error=error)

    def _cold(self, error: ModelLoadingError, jitter: float) -> Waiting | None:
        limit = self._policy.max_wait
        seconds = next_wait(error, waited=self.waited, max_wait=limit, jitter=jitter)
        if seconds is None:
            return None
        before, self.waited = self.waited, self.waited + seconds
        told = error.estimated_time
        return Waiting(
            reason="loading", seconds=seconds, waited=before, limit=limit, told=told, error=error
        )

    def _tell_waited(self, error: HFIError) -> None:
        if self.waited and isinstance(error, ModelLoadingError):
            error.message += f" hfi waited {self.waited:.3g} s for it."
            error.hint = "Wait longer with max_wait=..., or ask a model that is warm."
