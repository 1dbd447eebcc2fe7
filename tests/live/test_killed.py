"""The real server killed in mid-stream: an error with what had come, or the whole answer."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from hfi.local import Weights
from killing import COLOURS, Stage, faults_of, held, read, read_whole
from rawserver import wait_until

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
]


@pytest.fixture(scope="module")
def stage(live_weights: Weights) -> Iterator[Stage]:
    with Stage(live_weights) as stage:
        yield stage


@pytest.mark.parametrize("colour", COLOURS)
def test_a_killed_server_is_an_interrupted_stream(stage: Stage, colour: str) -> None:
    read(stage, colour, 1)  # what is loaded and cached once
    before = held()
    for kill_after in (1, 2, 4, 7, 12):
        outcome = read(stage, colour, kill_after)
        assert faults_of(outcome) == [], kill_after
    assert wait_until(lambda: held() == before), (before, held())


@pytest.mark.parametrize("colour", COLOURS)
def test_with_resume_and_a_server_started_again_the_answer_is_whole(
    stage: Stage, colour: str
) -> None:
    whole = read(stage, colour)
    assert whole.error == ""
    read(stage, colour, 1, resume=3)
    before = held()
    for kill_after in (1, 2, 4, 7, 12):
        outcome = read_whole(stage, colour, kill_after, whole.shown)
        assert faults_of(outcome, whole.shown) == [], kill_after
    assert wait_until(lambda: held() == before), (before, held())
