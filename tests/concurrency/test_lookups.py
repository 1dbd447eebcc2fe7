"""Many callers that want one look-up at once: tasks of either loop, and threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from hfi._async.lookups import AsyncLookups, AsyncSingleFlight
from hfi._sync.lookups import Lookups, SingleFlight
from hfi.errors import APIConnectionError, APITimeoutError, ModelNotFoundError


def is_final(error: Exception) -> bool:
    return isinstance(error, ModelNotFoundError)


class Work:
    """What is done for a key: counted, and with the outcomes it is given, the last for ever."""

    def __init__(self, *outcomes: Any, seconds: float = 0.05) -> None:
        self.outcomes = list(outcomes)
        self.seconds = seconds
        self.begun = 0

    def _outcome(self) -> Any:
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def wait(self) -> Any:
        self.begun += 1
        await anyio.sleep(self.seconds)
        return self._outcome()

    def block(self) -> Any:
        self.begun += 1
        time.sleep(self.seconds)
        return self._outcome()


async def gather(flights: AsyncSingleFlight, work: Work, count: int) -> list[Any]:
    """The results, or errors, of so many tasks."""
    results: list[Any] = [None] * count

    async def one(index: int) -> None:
        try:
            results[index] = await flights.run("key", work.wait)
        except Exception as error:
            results[index] = error

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            for index in range(count):
                group.start_soon(one, index)
    return results


def in_threads(call: Callable[[], Any], count: int) -> list[Any]:
    results: list[Any] = []

    def one() -> None:
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    return results


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_share_one_try(backend: str) -> None:
    work = Work("found")
    results = anyio.run(gather, AsyncSingleFlight(is_final), work, 50, backend=backend)
    assert results == ["found"] * 50
    assert work.begun == 1


def test_threads_share_one_try() -> None:
    flights, work = SingleFlight(is_final), Work("found", seconds=0.3)
    assert in_threads(lambda: flights.run("key", work.block), 20) == ["found"] * 20
    assert work.begun == 1


async def test_a_failure_of_the_leaders_own_is_not_the_others() -> None:
    work = Work(APIConnectionError("mine."), "found")
    results = await gather(AsyncSingleFlight(is_final), work, 10)
    assert [result for result in results if isinstance(result, str)] == ["found"] * 9
    assert work.begun == 2


async def test_a_failure_that_stays_is_tried_twice_and_not_by_each() -> None:
    work = Work(APIConnectionError("down."))
    results = await gather(AsyncSingleFlight(is_final), work, 10)
    assert [str(result) for result in results] == ["down."] * 10
    assert work.begun == 2


async def test_a_final_answer_is_told_to_all_each_with_an_error_of_its_own() -> None:
    work = Work(ModelNotFoundError("none.", status_code=404))
    results = await gather(AsyncSingleFlight(is_final), work, 10)
    assert {(type(result), result.status_code) for result in results} == {(ModelNotFoundError, 404)}
    assert len({id(result) for result in results}) == 10
    assert work.begun == 1


def test_threads_are_not_stranded_by_a_failure() -> None:
    flights, work = SingleFlight(is_final), Work(APIConnectionError("down."), seconds=0.2)
    results = in_threads(lambda: flights.run("key", work.block), 8)
    assert [str(result) for result in results] == ["down."] * 8
    assert work.begun <= 3


def test_threads_are_not_stranded_by_an_interrupt() -> None:
    flights, begun = SingleFlight(is_final), threading.Event()

    def interrupted() -> Any:
        begun.set()
        time.sleep(0.2)
        raise KeyboardInterrupt

    def leader() -> None:
        with pytest.raises(KeyboardInterrupt):
            flights.run("key", interrupted)

    thread = threading.Thread(target=leader)
    thread.start()
    assert begun.wait(5)
    assert in_threads(lambda: flights.run("key", lambda: "found"), 3) == ["found"] * 3
    thread.join(5)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_leader_is_followed_by_another(backend: str) -> None:
    async def main() -> None:
        flights, work = AsyncSingleFlight(is_final), Work("found", seconds=0.1)
        results: list[Any] = []

        async def follow() -> None:
            results.append(await flights.run("key", work.wait))

        with anyio.fail_after(10):
            async with (
                anyio.create_task_group() as followers,
                anyio.create_task_group() as leader,
            ):
                leader.start_soon(flights.run, "key", work.wait)
                await anyio.sleep(0.02)
                for _ in range(5):
                    followers.start_soon(follow)
                await anyio.sleep(0.02)
                leader.cancel_scope.cancel()
        assert results == ["found"] * 5
        assert work.begun == 2
        assert flights._flights == {}

    anyio.run(main, backend=backend)


async def test_a_cancelled_follower_takes_nobody_along() -> None:
    flights, work = AsyncSingleFlight(is_final), Work("found", seconds=0.1)
    results: list[Any] = []

    async def lead() -> None:
        results.append(await flights.run("key", work.wait))

    async with anyio.create_task_group() as group:
        group.start_soon(lead)
        await anyio.sleep(0.01)
        with anyio.move_on_after(0.02):
            await flights.run("key", work.wait)
    assert (results, work.begun) == (["found"], 1)


async def test_a_follower_waits_no_longer_than_it_may() -> None:
    flights, work = AsyncSingleFlight(is_final), Work("found", seconds=0.2)
    async with anyio.create_task_group() as group:
        group.start_soon(flights.run, "key", work.wait)
        await anyio.sleep(0.01)
        with pytest.raises(APITimeoutError):
            await flights.run("key", work.wait, seconds=0.02)


def test_loops_in_two_threads_do_not_wait_for_each_other() -> None:
    flights, work = AsyncSingleFlight(is_final), Work("found", seconds=0.2)

    async def ask() -> Any:
        return await flights.run("key", work.wait)

    assert in_threads(lambda: anyio.run(ask), 2) == ["found"] * 2


async def test_what_was_found_is_kept_and_what_failed_is_not() -> None:
    lookups, work = AsyncLookups(), Work(APIConnectionError("down."), "one", "two")
    with pytest.raises(APIConnectionError):
        await lookups.get(("k",), work.wait, refresh=False, seconds=None)
    for refresh, expected in ((False, "one"), (False, "one"), (True, "two"), (False, "two")):
        found = await lookups.get(("k",), work.wait, refresh=refresh, seconds=None)
        assert found == expected


def test_threads_keep_it_too() -> None:
    lookups, work = Lookups(), Work("one", seconds=0.1)
    found = in_threads(lambda: lookups.get(("k",), work.block, refresh=False, seconds=None), 10)
    assert (found, work.begun) == (["one"] * 10, 1)
