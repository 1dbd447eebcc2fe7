"""What a client looked up; of many callers that want the same at once, one asks for all."""

from __future__ import annotations

from copy import copy
from time import monotonic
from typing import TYPE_CHECKING, Any

from hfi._concurrency import AsyncGate, async_home
from hfi._core.hub.model_cache import ModelCache, is_final
from hfi.errors import HFIError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["AsyncLookups", "AsyncSingleFlight"]


class AsyncLookups:
    """What a client knows of models, and the look-ups that are under way."""

    def __init__(self) -> None:
        self._cache: ModelCache[Any] = ModelCache(clock=monotonic)
        self._flights = AsyncSingleFlight(is_final)

    def recall(self, key: tuple[Any, ...], lifetime: float | None = None) -> Any:
        """What was learnt under ``key``, within ``lifetime`` seconds where given, or None."""
        return self._cache.get(key, lifetime)

    def remember(self, key: tuple[Any, ...], value: Any) -> None:
        """Keeps what was learnt on the way."""
        self._cache.put(key, value)

    async def get(
        self,
        key: tuple[Any, ...],
        work: Callable[[], Any],
        *,
        refresh: bool,
        seconds: float | None,
        lifetime: float | None = None,
    ) -> Any:
        """The value kept under ``key``; where there is none, or it is to be fresh, that of work.

        ``lifetime`` is for how many seconds this one counts, where that is less than usual.
        """
        found = None if refresh else self._cache.get(key, lifetime)
        if found is not None:
            return found

        async def kept() -> Any:
            value = await work()
            self._cache.put(key, value)
            return value

        return await self._flights.run(key, kept, seconds=seconds)


class AsyncFlight:
    """What one caller gets for all who wait."""

    def __init__(self) -> None:
        self.gate = AsyncGate()
        self.landed = False
        self.result: Any = None
        self.error: HFIError | None = None


class AsyncSingleFlight:
    """Runs work under a key, once for all who ask while it runs.

    The first to ask does the work. When it is cancelled, another does it. When it fails, the others
    try once more together, since the fault may have been its own (a shorter time limit); where that
    fails too, or the error ``is_final``, each gets a copy of the error.
    """

    def __init__(self, is_final: Callable[[HFIError], bool]) -> None:
        """Begins with no work.

        Args:
            is_final: Whether a further try would end the same way.
        """
        self._is_final = is_final
        self._flights: dict[Hashable, AsyncFlight] = {}

    async def run(
        self, key: Hashable, work: Callable[[], Any], *, seconds: float | None = None
    ) -> Any:
        """The result of ``work``, or that of another caller's under the same key.

        Args:
            key: What the work gets; equal keys mean equal results.
            work: Does it.
            seconds: How long to wait for another caller.

        Raises:
            APITimeoutError: The other caller took too long.
        """
        # A gate of another event loop, or of the parent of this process, would never open here.
        key = (async_home(), key)
        failed_before = False
        while True:
            mine = AsyncFlight()
            flight = self._flights.setdefault(key, mine)
            if flight is mine:
                return await self._lead(key, mine, work)
            if not await flight.gate.wait(seconds):
                from hfi._core.failures.line_failure import timeout_error

                raise timeout_error("total", seconds)
            if flight.landed:
                return flight.result
            if flight.error is not None:
                if failed_before or self._is_final(flight.error):
                    # Each caller's own: raising one in many places would mix their tracebacks.
                    raise copy(flight.error)
                failed_before = True

    async def _lead(self, key: Hashable, flight: AsyncFlight, work: Callable[[], Any]) -> Any:
        try:
            flight.result = await work()
            flight.landed = True
        except HFIError as error:
            flight.error = error
            raise
        finally:
            self._flights.pop(key, None)
            flight.gate.open()
        return flight.result
