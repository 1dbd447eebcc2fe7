from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.failures.wait_hints import (
    MAX_HINT_SECONDS,
    body_hint,
    header_hint,
    text_hint,
    wait_hint,
)

NOW = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT
DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", 5.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5, 5", 5.0),
        ("99999999", MAX_HINT_SECONDS),
        ("9" * 400, None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("0x10", None),
        ("1_000", None),
        ("\u0665", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 60.0),
        ("Wednesday, 21-Oct-15 07:28:10 GMT", 10.0),
        ("Wed Oct 21 07:28:07 2015", 7.0),
        ("Wed, 21 Oct 2015 07:28:30 -0000", 30.0),
        ("Wed, 21 Oct 2015 09:28:30 +0200", 30.0),
        ("Wed, 21 Oct 2015 07:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_HINT_SECONDS),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Wed, 41 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert header_hint({"Retry-After": value}, now=NOW) == expected


def test_a_date_without_a_clock_is_measured_against_the_reply_s_own() -> None:
    later = {"retry-after": "Wed, 21 Oct 2015 07:28:20 GMT", "date": DATE}
    assert header_hint(later) == 20.0
    assert header_hint({"retry-after": DATE}) is None


def test_milliseconds_win() -> None:
    assert header_hint({"Retry-After-Ms": "1500.5", "Retry-After": "9"}) == 1.5005
    assert header_hint({"retry-after-ms": "-1", "retry-after": "9"}) == 9.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"api";r=0;t=55', 56.0),
        ('"api"; r=0; t=55', 56.0),
        ('"api";t=55;r=0', 56.0),
        ('"api";r=489;t=189', None),
        ('"api";r=489;t=189, "pages";r=0;t=20', 21.0),
        ('"api";r=0;t=5, "pages";r=0;t=20', 21.0),
        ('"api";r=0', None),
        ('"api";t=5', None),
        ('"api";r=0;t=99999999', MAX_HINT_SECONDS),
        ('"api";r=-1;t=5', None),
        ("garbage", None),
        ("", None),
    ],
)
def test_rate_limit(value: str, expected: float | None) -> None:
    assert header_hint({"RateLimit": value}, status_code=429) == expected


def test_rate_limit_counts_on_429_only() -> None:
    assert header_hint({"ratelimit": '"api";r=0;t=55'}, status_code=503) is None


def test_retry_after_comes_before_rate_limit() -> None:
    both = {"ratelimit": '"api";r=0;t=55', "retry-after": "3"}
    assert header_hint(both, status_code=429) == 3.0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": "x", "estimated_time": 20.0}, 20.0),
        ({"error": {"estimated_time": "20"}}, 20.0),
        ({"error": {"metadata": {"retry_after_seconds": 7}}}, 7.0),
        ({"error": {"details": [{"retryDelay": "20s"}]}}, 20.0),
        ({"retry_after_ms": 250}, 0.25),
        ({"retry_after": 3, "estimated_time": 20}, 3.0),
        ({"estimated_time": -1}, None),
        ({"estimated_time": float("nan")}, None),
        ({"estimated_time": float("inf")}, MAX_HINT_SECONDS),
        ({"estimated_time": 10**400}, MAX_HINT_SECONDS),
        ({"estimated_time": True}, None),
        ({"estimated_time": None}, None),
        ({"estimated_time": [20]}, None),
        ([{"estimated_time": 2}], 2.0),
        ("estimated_time", None),
        (None, None),
    ],
)
def test_bodies(body: object, expected: float | None) -> None:
    assert body_hint(body) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Rate limit reached. Please try again in 7.66s. Visit", 7.66),
        ("Please try again in 1m30s", 90.0),
        ("Please try again in 6m0.5s.", 360.5),
        ("try again in 450ms", 0.45),
        ("Please retry in 20.5s.", 20.5),
        ("Retry after 5 seconds", 5.0),
        ("retry-after: 10 seconds", 10.0),
        ("please wait 30 seconds before", 30.0),
        ("Try again in 1 minute and 5 seconds", 65.0),
        ("try again in about 2 hours", 7200.0),
        ("Try again in 300 days", MAX_HINT_SECONDS),
        ("Please try again in 5", None),
        ("Please try again later", None),
        ("it took 5s, try again", None),
        ("try again in -5s", None),
        ("retry 3 models", None),
        ("", None),
    ],
)
def test_texts(words: str, expected: float | None) -> None:
    assert text_hint(words) == (None if expected is None else pytest.approx(expected))


def test_order() -> None:
    body = {"estimated_time": 2}
    words = "try again in 9s"
    assert wait_hint({"retry-after": "1"}, body, words=words) == 1.0
    assert wait_hint({"retry-after": "soon"}, body, words=words) == 2.0
    assert wait_hint({}, {}, words=words) == 9.0
    assert wait_hint({}, {}) is None


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "Retry-After-Ms", "RateLimit", "Date"]),
        st.text(max_size=40)
        | st.floats().map(str)
        | st.integers().map(str)
        | st.datetimes().map(lambda d: d.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        max_size=4,
    ),
    st.text(max_size=60),
    st.none() | st.floats(),
)
def test_a_hint_is_none_or_a_bounded_number(
    headers: dict[str, str], words: str, now: float | None
) -> None:
    hint = wait_hint(headers, {"retry_after": words}, status_code=429, words=words, now=now)
    assert hint is None or 0 <= hint <= MAX_HINT_SECONDS
