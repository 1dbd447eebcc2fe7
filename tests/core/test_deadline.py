"""The clock of a call: which limit passes next, and when."""

from __future__ import annotations

import pytest

from hfi._core.line.deadline import CallClock
from hfi.types.settings import Timeout

LIMITS = Timeout(connect=1, first_token=5, between_tokens=2, total=10)


def test_the_first_token_counts_from_the_attempt() -> None:
    clock = CallClock(LIMITS, 100)
    assert clock.left(101) == 4
    assert (clock.phase, clock.limit) == ("first_token", 5)
    clock.begin(104)
    assert clock.left(104) == 5


def test_connecting_has_a_limit_of_its_own_that_starts_once() -> None:
    clock = CallClock(LIMITS, 100)
    assert clock.left(102, connecting=True) == 1
    assert clock.phase == "connect"
    assert clock.left(102.5, connecting=True) == 0.5  # TCP, TLS: one limit for both
    assert clock.left(102.5) == 2.5
    assert clock.phase == "first_token"
    clock.begin(103)
    assert clock.left(103, connecting=True) == 1


def test_the_smaller_limit_counts() -> None:
    clock = CallClock(Timeout(connect=10, first_token=3, between_tokens=3, total=5), 0)
    assert clock.left(0, connecting=True) == 3
    assert clock.phase == "first_token"
    clock.begin(4)
    assert clock.left(4, connecting=True) == 1
    assert clock.phase == "total"
    assert clock.left(5.5) == -0.5
    assert clock.total_left(4) == 1


def test_tokens_start_the_silence_anew() -> None:
    clock = CallClock(LIMITS, 0)
    clock.touch(3)
    assert clock.left(4) == 1
    assert (clock.phase, clock.limit) == ("between_tokens", 2)
    clock.touch(4)
    assert clock.left(4) == 2
    assert clock.first_token == 3


def test_the_reader_s_own_time_is_no_silence_but_counts_in_all() -> None:
    clock = CallClock(LIMITS, 0)
    clock.touch(1)
    clock.pause(1.5)
    clock.resume(7.5)
    assert clock.left(7.5) == 1.5
    clock.resume(8)  # once only
    assert clock.left(8) == 1
    clock.pause(8)
    clock.resume(9.5)
    assert clock.left(9.5) == 0.5
    assert clock.phase == "total"


def test_what_is_left_after_the_end_is_not_worth_waiting_for() -> None:
    clock = CallClock(LIMITS, 0)
    clock.touch(1)
    clock.hurry(1, 0.1)
    assert clock.left(1) == pytest.approx(0.1)
    clock.end(2)
    clock.end(3)
    assert clock.total == 2


def test_no_limits() -> None:
    clock = CallClock(Timeout.of(None), 0)
    assert clock.left(1e9, connecting=True) is None
    assert clock.left(1e9) is None
    assert clock.total_left(5) is None
    clock.pause(1)
    clock.resume(2)
    clock.touch(3)
    assert clock.left(1e9) is None
    assert (clock.first_token, clock.total) == (3, None)
