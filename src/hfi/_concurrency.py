"""What the two colours cannot spell alike, both on one page: the async name, then the plain one.

The async half runs on asyncio and on trio.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextlib import AbstractContextManager

__all__ = [
    "AsyncGate",
    "AsyncSlots",
    "AsyncThreadLock",
    "Gate",
    "Home",
    "Slots",
    "ThreadLock",
    "async_home",
    "async_home_is_gone",
    "async_map",
    "async_pause",
    "async_shield",
    "async_sleep",
    "async_to_thread",
    "home",
    "home_is_gone",
    "map_",
    "pause",
    "shield",
    "sleep",
    "to_thread",
]

Item = TypeVar("Item")
Result = TypeVar("Result")


# -- waiting, and work that blocks -----------------------------------------------------------------

async_sleep = anyio.sleep
sleep = time.sleep

# How late a pause may notice that it is over: a stream that is closed ends in a tenth of a second.
NOTICED_WITHIN = 0.05


async def async_pause(seconds: float, over: Callable[[], bool]) -> None:
    """Sleeps, until ``over`` says that nobody waits any more, which any thread may cause."""
    end = time.monotonic() + seconds
    # Not an event: those belong to one loop, and a stream may be closed from outside of it.
    while (left := end - time.monotonic()) > 0 and not over():  # noqa: ASYNC110
        await anyio.sleep(min(left, NOTICED_WITHIN))


def pause(seconds: float, over: Callable[[], bool]) -> None:
    """Sleeps, until ``over`` says that nobody waits any more, which any thread may cause."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not over():
        time.sleep(min(left, NOTICED_WITHIN))


async def async_to_thread(function: Callable[..., Result], *args: Any) -> Result:
    """Runs work that blocks where it does not hold up the event loop."""
    return await anyio.to_thread.run_sync(function, *args, abandon_on_cancel=True)


def to_thread(function: Callable[..., Result], *args: Any) -> Result:
    """Runs work that blocks; here that is all there is to it."""
    return function(*args)


async def async_map(
    function: Callable[[Item], Awaitable[Result]], items: Iterable[Item], *, limit: int
) -> list[Result]:
    """The results in the order of the items, ``limit`` at a time; the first error ends it all."""
    todo = enumerate(items)
    results: dict[int, Result] = {}
    errors: list[Exception] = []

    async def work() -> None:
        for index, item in todo:
            try:
                results[index] = await function(item)
            except Exception as error:
                errors.append(error)
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        for _ in range(limit):
            group.start_soon(work)
    if errors:
        raise errors[0]
    return [results[index] for index in sorted(results)]


def map_(function: Callable[[Item], Result], items: Iterable[Item], *, limit: int) -> list[Result]:
    """The results in the order of the items, ``limit`` at a time; the first error ends it all."""
    with ThreadPoolExecutor(max_workers=limit) as pool:
        futures = [pool.submit(contextvars.copy_context().run, function, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def async_shield() -> AbstractContextManager[object]:
    """What is inside is finished although the task is cancelled."""
    return anyio.CancelScope(shield=True)


def shield() -> AbstractContextManager[object]:
    """Nothing is cancelled here."""
    return contextlib.nullcontext()


class AsyncThreadLock:
    """Keeps threads apart; the tasks of one event loop need no keeping apart between two waits."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


ThreadLock = threading.Lock


# -- where a connection belongs --------------------------------------------------------------------

Home = tuple[int, Any]  # the process, and its event loop where there is one


def async_home() -> Home:
    """The process and the event loop that are running."""
    trio = sys.modules.get("trio")
    if trio is not None:
        with contextlib.suppress(RuntimeError):
            return os.getpid(), trio.lowlevel.current_trio_token()
    import asyncio  # noqa: PLC0415 - the plain half does without its 30 ms

    return os.getpid(), asyncio.get_running_loop()


def home() -> Home:
    """The process that is running."""
    return os.getpid(), None


def async_home_is_gone(home: Home) -> bool:
    """Whether that loop has ended, or was left behind in the parent of this process."""
    pid, loop = home
    if pid != os.getpid():
        return True
    if not hasattr(loop, "run_sync_soon"):  # asyncio's
        closed: bool = loop.is_closed()
        return closed
    try:
        loop.run_sync_soon(lambda: None)
    except RuntimeError:  # trio.RunFinishedError
        return True
    return False


def home_is_gone(home: Home) -> bool:
    """Whether that is the parent of this process."""
    return home[0] != os.getpid()


def _soon(home: Home, function: Callable[[], None]) -> None:
    """Has the loop call a function; from any thread, and from a finaliser."""
    loop = home[1]
    trio_s = hasattr(loop, "run_sync_soon")
    with contextlib.suppress(RuntimeError):  # a loop that has ended needs nothing any more
        (loop.run_sync_soon if trio_s else loop.call_soon_threadsafe)(function)


# -- gates: some wait until one opens --------------------------------------------------------------


class AsyncGate:
    """Tasks wait until it is opened, once and for all. Belongs to one loop."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def open(self) -> None:
        """Lets all of them on."""
        self._event.set()

    async def wait(self, seconds: float | None) -> bool:
        """Waits until it is open; False if it was not within so many seconds."""
        with anyio.move_on_after(seconds):
            await self._event.wait()
        return self._event.is_set()


class Gate:
    """Threads wait until it is opened, once and for all."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def open(self) -> None:
        """Lets all of them on."""
        self._event.set()

    def wait(self, seconds: float | None) -> bool:
        """Waits until it is open; False if it was not within so many seconds."""
        return self._event.wait(seconds)


# -- slots: so many at once, the others wait in order ----------------------------------------------


class _AsyncWaiter:
    __slots__ = ("event", "gone", "granted")

    def __init__(self) -> None:
        self.event = anyio.Event()
        self.granted = False
        self.gone = False


class AsyncSlots:
    """So many callers at once; further ones wait in the order they came. Belongs to one loop."""

    def __init__(self, size: int, home: Home) -> None:
        self._home = home
        self._free = size
        self._waiters: deque[_AsyncWaiter] = deque()
        self._returned: deque[None] = deque()

    async def acquire(self, seconds: float | None) -> bool:
        """Takes a slot; False if none became free within so many seconds."""
        self._collect()
        if self._free:
            self._free -= 1
            return True
        waiter = _AsyncWaiter()
        self._waiters.append(waiter)
        self._collect()  # one may have been given back before there was a waiter to be told
        try:
            with anyio.move_on_after(seconds):
                await waiter.event.wait()
        except BaseException:
            if waiter.granted:
                self.release()
            raise
        finally:
            waiter.gone = True
            while self._waiters and self._waiters[0].gone:
                self._waiters.popleft()
        return waiter.granted

    def release(self) -> None:
        """Hands the slot to the one who waits longest."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.gone:
                waiter.granted = True
                waiter.event.set()
                return
        self._free += 1

    def give_back(self) -> None:
        """Releases a slot from a finaliser, in whatever thread that runs."""
        self._returned.append(None)
        if self._waiters:
            _soon(self._home, self._collect)

    def _collect(self) -> None:
        while self._returned:
            self._returned.popleft()
            self.release()


class _Waiter:
    __slots__ = ("gate", "gone", "granted")

    def __init__(self) -> None:
        # A bare lock, not an Event: a finaliser that runs in the waiting thread may open it.
        self.gate = threading.Lock()
        self.gate.acquire()
        self.granted = False
        self.gone = False


class Slots:
    """So many callers at once; further ones wait in the order they came."""

    def __init__(self, size: int, home: Home) -> None:
        self._home = home
        self._free = size
        self._waiters: deque[_Waiter] = deque()
        self._returned: deque[None] = deque()
        self._lock = threading.Lock()

    def acquire(self, seconds: float | None) -> bool:
        """Takes a slot; False if none became free within so many seconds."""
        self._collect()
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            waiter = _Waiter()
            self._waiters.append(waiter)
        self._collect()
        try:
            limit = -1 if seconds is None else min(max(seconds, 0.0), threading.TIMEOUT_MAX)
            waiter.gate.acquire(timeout=limit)
        except BaseException:
            self._leave(waiter)
            if waiter.granted:
                self.release()
            raise
        self._leave(waiter)
        return waiter.granted

    def release(self) -> None:
        """Hands the slot to the one who waits longest."""
        with self._lock:
            self._hand_on()
        self._collect()

    def _leave(self, waiter: _Waiter) -> None:
        with self._lock:
            waiter.gone = True
            while self._waiters and self._waiters[0].gone:
                self._waiters.popleft()
        self._collect()

    def give_back(self) -> None:
        """Releases a slot from a finaliser, which may have interrupted any line of this class."""
        self._returned.append(None)
        self._collect()

    def _collect(self) -> None:
        # Whoever holds the lock looks again after letting go of it, so that nothing given back
        # meanwhile is forgotten; a finaliser must not wait for a lock its own thread may hold.
        while self._returned and self._lock.acquire(blocking=False):
            try:
                with contextlib.suppress(IndexError):
                    self._returned.popleft()
                    self._hand_on()
            finally:
                self._lock.release()

    def _hand_on(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.gone:
                waiter.granted = True
                waiter.gate.release()
                return
        self._free += 1
