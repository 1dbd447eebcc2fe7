"""Bars for waits: when there is one, what it says, and that it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from hfi.notebook import waits
from hfi.notebook.waits import show_wait, working
from hfi.types.waiting import Waiting


class Drawing:
    """Stands for tqdm's bar."""

    def __init__(self, *, total: float | None = None, **_: object) -> None:
        self.total = total
        self.n = 0.0
        self.said: list[str] = []
        self.open = True

    def set_description_str(self, words: str, refresh: bool) -> None:
        self.said.append(words)

    def reset(self, total: float) -> None:
        self.total = total

    def refresh(self) -> None:
        assert self.open

    def close(self) -> None:
        self.open = False


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Drawing]]:
    drawn: list[Drawing] = []

    def draw(**options: Any) -> Drawing:
        drawn.append(Drawing(**options))
        return drawn[-1]

    monkeypatch.setattr(waits, "notebook_shell", object)
    monkeypatch.setattr("tqdm.auto.tqdm", draw)
    monkeypatch.setattr(waits, "_TICK", 0.01)
    yield drawn
    assert waits._bars == {}
    assert not any(drawing.open for drawing in drawn)


def loading(seconds: float = 5.0, *, waited: float = 0.0, told: Any = 20.0) -> Waiting:
    return Waiting(reason="loading", seconds=seconds, waited=waited, told=told)


def test_a_bar_goes_on_from_wait_to_wait(drawings: list[Drawing]) -> None:
    show_wait(loading())
    show_wait(loading(waited=5.0))
    (drawing,) = drawings
    assert drawing.said == ["The model is loading"] * 2
    assert drawing.total == 20.0
    assert 5.0 <= drawing.n < 6.0
    show_wait(loading(waited=5.0).over())
    assert drawing.total is None


def test_it_moves_while_the_call_sleeps(drawings: list[Drawing]) -> None:
    show_wait(loading(told=0.2))
    for _ in range(200):
        if drawings[0].n == 0.2:
            break
        waits.Event().wait(0.01)
    assert drawings[0].n == 0.2  # and not beyond the server's guess
    show_wait(loading().over())


def test_a_moment_is_not_worth_a_bar(drawings: list[Drawing]) -> None:
    show_wait(Waiting(reason="retry", seconds=0.1))
    show_wait(Waiting(reason="retry", seconds=0.1).over())
    assert drawings == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"status": "IN_QUEUE", "queue_position": 2}, " (in queue)"),
        ({"data": {"status": "created"}}, " (created)"),
        ({"task_status": "PROCESSING"}, " (processing)"),
        ({"status": "x" * 100}, ""),
        ({"status": "a\nb"}, ""),
        ({"status": 7}, ""),
        (["?"], ""),
        (None, ""),
    ],
)
def test_a_job_s_state_is_told(drawings: list[Drawing], told: Any, words: str) -> None:
    wait = Waiting(reason="queue", seconds=1.0, told=told)
    show_wait(wait)
    assert drawings[0].said == [f"Waiting for the result{words}"]
    assert drawings[0].total is None
    show_wait(wait.over())


@pytest.mark.parametrize("told", [float("nan"), -1.0, 0, True, 1e9, "20"])
def test_what_is_no_guess_is_none(drawings: list[Drawing], told: Any) -> None:
    show_wait(loading(told=told))
    assert drawings[0].total is None
    show_wait(loading().over())


async def test_each_task_has_its_own(drawings: list[Drawing]) -> None:
    async def call(name: str) -> None:
        wait = Waiting(reason=name, seconds=1.0)
        show_wait(wait)
        await asyncio.sleep(0.01)
        show_wait(wait.over())

    await asyncio.gather(call("one"), call("two"))
    assert [drawing.said for drawing in drawings] == [["one"], ["two"]]


def test_what_is_made_has_one_bar_from_beginning_to_end(drawings: list[Drawing]) -> None:
    with pytest.raises(ZeroDivisionError), working(show_wait, "image"):  # noqa: PT012
        show_wait(loading())
        show_wait(loading().over())
        with working(show_wait, "image"):
            raise ZeroDivisionError
    (drawing,) = drawings
    assert drawing.said == ["Making the image", "The model is loading", "Making the image"]


def test_who_gave_on_wait_sees_no_bar(drawings: list[Drawing]) -> None:
    with working(print, "image"), working(None, "image"):
        pass
    assert drawings == []


def test_without_a_notebook_there_is_none() -> None:
    show_wait(loading())
    with working(show_wait, "image"):
        pass
    assert waits._bars == {}
