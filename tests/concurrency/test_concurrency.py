"""The page of both colours: slots, maps, threads."""

from __future__ import annotations

import threading
import time

import anyio
import pytest

from hfi import _concurrency as c

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


@BACKENDS
def test_async_map_keeps_order_and_limit(backend: str) -> None:
    running = most = 0

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.sleep(0.02 if number % 2 else 0.001)
        running -= 1
        return number * 10

    async def main() -> None:
        assert await c.async_map(work, range(10), limit=3) == [n * 10 for n in range(10)]
        assert await c.async_map(work, [], limit=3) == []
        assert most == 3

    anyio.run(main, backend=backend)


@BACKENDS
def test_async_map_ends_with_the_first_error(backend: str) -> None:
    async def work(number: int) -> int:
        if number == 1:
            raise KeyError(number)
        await anyio.sleep(5)
        return number

    async def main() -> None:
        with anyio.fail_after(2), pytest.raises(KeyError):
            await c.async_map(work, range(10), limit=3)

    anyio.run(main, backend=backend)


def test_map_keeps_order_and_limit() -> None:
    lock = threading.Lock()
    running = most = 0

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02 if number % 2 else 0.001)
        with lock:
            running -= 1
        return number * 10

    assert c.map_(work, range(10), limit=3) == [number * 10 for number in range(10)]
    assert c.map_(work, [], limit=3) == []
    assert 1 < most <= 3


def test_map_ends_with_the_first_error() -> None:
    began: list[int] = []

    def work(number: int) -> int:
        began.append(number)
        time.sleep(0.05)
        raise KeyError(number)

    with pytest.raises(KeyError):
        c.map_(work, range(100), limit=2)
    assert len(began) < 10


@BACKENDS
def test_async_slots_are_fair(backend: str) -> None:
    order: list[int] = []

    async def main() -> None:
        slots = c.AsyncSlots(1, c.async_home())

        async def use(number: int) -> None:
            assert await slots.acquire(None)
            order.append(number)
            await anyio.sleep(0.001)
            slots.release()

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(use, number)
                await anyio.sleep(0.0001)
        assert slots._free == 1
        assert not slots._waiters

    anyio.run(main, backend=backend)
    assert order == list(range(10))


@BACKENDS
def test_async_slots_survive_timeouts_and_cancelling(backend: str) -> None:
    async def main() -> None:
        slots = c.AsyncSlots(1, c.async_home())
        assert await slots.acquire(None)
        assert not await slots.acquire(0.01)
        with anyio.move_on_after(0.01) as scope:
            await slots.acquire(None)
        assert scope.cancelled_caught
        # Granted and cancelled at the same moment: the slot must not be lost.
        async with anyio.create_task_group() as group:

            async def wait() -> None:
                await slots.acquire(None)
                slots.release()

            group.start_soon(wait)
            await anyio.sleep(0.01)
            slots.release()
            group.cancel_scope.cancel()
        assert await slots.acquire(0)
        threading.Thread(target=slots.give_back).start()
        with anyio.fail_after(1):
            assert await slots.acquire(1)
        assert not slots._waiters

    anyio.run(main, backend=backend)


def test_slots_are_fair_and_survive_timeouts() -> None:
    slots = c.Slots(1, c.home())
    assert slots.acquire(None)
    assert not slots.acquire(0.01)
    assert not slots.acquire(0)
    assert not slots.acquire(-5)
    order: list[int] = []

    def use(number: int) -> None:
        assert slots.acquire(5)
        order.append(number)
        slots.give_back() if number % 2 else slots.release()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
        time.sleep(0.005)
    slots.release()
    for thread in threads:
        thread.join(5)
    assert order == list(range(10))
    assert slots._free == 1
    assert not slots._waiters


def test_slots_can_be_given_back_from_within() -> None:
    """A finaliser may run in the thread that holds the lock."""
    slots = c.Slots(1, c.home())
    slots.acquire(None)
    with slots._lock:
        slots.give_back()
    assert slots.acquire(0)


@BACKENDS
def test_to_thread_does_not_hold_up_the_loop(backend: str) -> None:
    async def main() -> None:
        ticks = 0
        async with anyio.create_task_group() as group:

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await anyio.sleep(0.01)

            group.start_soon(tick)
            await c.async_to_thread(time.sleep, 0.2)
            group.cancel_scope.cancel()
        assert ticks > 5

    anyio.run(main, backend=backend)
    assert c.to_thread(max, 1, 2) == 2


@BACKENDS
def test_a_home_that_ended_is_known(backend: str) -> None:
    homes = []

    async def main() -> None:
        homes.append(c.async_home())
        assert not c.async_home_is_gone(homes[-1])
        assert c.async_home() == homes[-1]

    anyio.run(main, backend=backend)
    assert c.async_home_is_gone(homes[0])
    assert not c.home_is_gone(c.home())
    assert c.home_is_gone((-1, None))
