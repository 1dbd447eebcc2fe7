"""What a call waits for: in words, and as a line of a terminal that moves."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from hfi.cli.waits import WaitLine, Wanted, wanted
from hfi.types.waiting import Waiting


@pytest.mark.parametrize(
    ("facts", "text", "guess"),
    [
        ({"reason": "loading"}, "Waiting for the model to load", None),
        (
            {"reason": "loading", "told": 20.4},
            "Waiting for the model to load (about 20 s, it says)",
            20.4,
        ),
        ({"reason": "loading", "told": -1}, "Waiting for the model to load", None),
        ({"reason": "loading", "told": float("nan")}, "Waiting for the model to load", None),
        ({"reason": "loading", "told": True}, "Waiting for the model to load", None),
        ({"reason": "retry"}, "Trying again in 3 s", None),
        (
            {"reason": "queue", "told": {"status": "IN_QUEUE", "queue_position": 3}},
            "Waiting for the image (in queue, place 3)",
            None,
        ),
        (
            {"reason": "queue", "told": {"data": {"status": "created"}}},
            "Waiting for the image (created)",
            None,
        ),
        (
            {"reason": "queue", "told": {"task_status": "a\x1b[1m"}},
            "Waiting for the image (a␛[1m)",
            None,
        ),
        ({"reason": "queue", "told": {"status": ["?"]}}, "Waiting for the image", None),
        ({"reason": "queue", "told": {"status": "x" * 50}}, "Waiting for the image", None),
        ({"reason": "queue", "told": "x"}, "Waiting for the image", None),
    ],
)
def test_what_is_waited_for(facts: dict[str, Any], text: str, guess: float | None) -> None:
    wait = wanted(Waiting(seconds=3.2, waited=1.5, **facts), thing="image")
    assert wait == Wanted(text=text, waited=1.5, guess=guess)


def test_what_is_over_is_not_waited_for() -> None:
    assert wanted(Waiting(reason="loading", seconds=1.0).over()) is None


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def line_of(wait: Wanted, *, after: float, width: int) -> str:
    """The line as it stands so many seconds after the wait began, without its motion."""
    clock = Clock()
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False, get_time=clock)
    line = WaitLine.__new__(WaitLine)
    line._console, line._wait = console, wait
    line._began = clock.now - wait.waited
    line._spinner = line._new_spinner()
    clock.now += after
    console.print(line._line())
    return out.getvalue().rstrip("\n")


@pytest.mark.parametrize("width", [80, 40, 20])
def test_the_line_is_one_line_as_wide_as_the_terminal(width: int) -> None:
    wait = Wanted(text="Waiting for the model to load (about 20 s, it says)", guess=20.0)
    line = line_of(wait, after=12.3, width=width)
    assert "\n" not in line
    assert len(line.rstrip()) <= width
    assert "12 s" in line
    assert "Waiting" in line


def test_the_seconds_go_on_from_what_was_waited() -> None:
    assert line_of(Wanted(text="A"), after=0.5, width=80).split()[1:] == ["A"]
    line = line_of(Wanted(text="A", waited=60.0), after=5.0, width=80)
    assert line.split()[1:] == ["A", "65", "s"]


def test_a_bar_fills_by_the_guess() -> None:
    short = line_of(Wanted(text="A", guess=10.0), after=2.0, width=80)
    long = line_of(Wanted(text="A", guess=10.0), after=30.0, width=80)
    assert short.count("\u2501") < long.count("\u2501") == 16


def test_saying_something_else_starts_the_seconds_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    line = WaitLine(Wanted(text="A"))
    try:
        line._began -= 10
        began = line._began
        line.update(Wanted(text="A"))
        assert line._began == began
        line.update(Wanted(text="B"))
        assert line._began > began + 9
    finally:
        line.stop()
