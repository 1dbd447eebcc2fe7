from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi import errors
from hfi._core.failures.failure import (
    connection_error,
    error_from_body,
    error_from_response,
    timeout_error,
)
from hfi._core.failures.retry import RetryPolicy, idempotency_headers, next_wait
from hfi._core.request import Request

POLICY = RetryPolicy()
MANY = RetryPolicy(max_retries=10)
REQUEST = Request(url="https://router.huggingface.co/v1/chat/completions")


def reply(
    status: int, body: object = b"", headers: dict[str, str] | None = None
) -> errors.APIStatusError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_from_response(status, headers or {}, content, request=REQUEST)


def delay(error: errors.HFIError, attempt: int = 1, **changes: Any) -> float | None:
    facts: dict[str, Any] = {"elapsed": 0.0, "deadline": None, "jitter": 0.5} | changes
    policy: RetryPolicy = facts.pop("policy", POLICY)
    return policy.next_delay(error, attempt=attempt, **facts)


UNHANDLED = {"server": "uvicorn", "content-type": "text/plain; charset=utf-8"}

# Every row of the taxonomy: how often one call with ten retries tries again.
ROWS: list[tuple[str, errors.HFIError, int]] = [
    ("refused", connection_error("refused", REQUEST, ""), 10),
    ("name not resolved", connection_error("dns", REQUEST, ""), 10),
    ("reset before a byte", connection_error("reset", REQUEST, ""), 10),
    ("closed before the reply", connection_error("closed", REQUEST, ""), 10),
    ("broken HTTP", connection_error("protocol", REQUEST, ""), 10),
    ("certificate", connection_error("tls", REQUEST, ""), 0),
    ("proxy", connection_error("proxy", REQUEST, ""), 1),
    ("connect timeout", timeout_error("connect", 1, REQUEST), 10),
    ("read timeout", timeout_error("first_token", 1, REQUEST), 1),
    ("silence", timeout_error("between_tokens", 1, REQUEST), 1),
    ("whole time over", timeout_error("total", 1, REQUEST), 0),
    ("pool", timeout_error("pool", 1, REQUEST), 0),
    ("cut before content", errors.StreamInterruptedError("cut"), 10),
    (
        "in-stream overloaded",
        error_from_body({"error": "Model is overloaded"}, status_code=200),
        10,
    ),
    ("in-stream, unknown", error_from_body({"error": "CUDA error"}, status_code=200), 1),
    ("in-stream validation", error_from_body({"error": {"code": 400}}, status_code=200), 0),
    ("no provider", reply(400, {"error": {"code": "model_not_supported"}}), 0),
    ("too long", reply(400, {"error": {"code": "context_length_exceeded"}}), 0),
    ("model_kwargs", reply(400, {"error": "`model_kwargs` are not used"}), 0),
    ("bad request", reply(400), 0),
    ("token", reply(401), 0),
    ("credits", reply(402, {"error": "depleted"}), 0),
    ("credits, with a wait", reply(402, b"", {"retry-after": "1"}), 10),
    ("permission", reply(403), 0),
    ("gated", reply(403, b"", {"x-error-code": "GatedRepo"}), 0),
    ("not found", reply(404), 0),
    ("upstream timeout", reply(408), 10),
    ("conflict", reply(409), 10),
    ("retired", reply(410), 0),
    ("too large", reply(413), 0),
    ("wrong type", reply(415), 0),
    ("validation", reply(422, {"error": "x", "error_type": "validation"}), 0),
    ("backend", reply(424, {"error": "x", "error_type": "generation"}), 2),
    ("queue full", reply(429, {"error": "x", "error_type": "overloaded"}), 10),
    ("Hub limit", reply(429, b"", {"ratelimit": '"api";r=0;t=9'}), 10),
    ("provider limit", reply(429), 10),
    ("quota", reply(429, {"error": {"type": "insufficient_quota"}}), 0),
    ("incomplete", reply(500, {"error": "x", "error_type": "incomplete_generation"}), 10),
    ("server", reply(500, {"error": "Internal Server Error"}), 10),
    ("unhandled exception", reply(500, b"Internal Server Error", UNHANDLED), 1),
    ("bare text of another server", reply(500, b"Internal Server Error"), 10),
    ("cannot", reply(500, {"error": "image input is not supported"}), 0),
    ("not implemented", reply(501), 0),
    ("gateway", reply(502, b"<html>"), 10),
    ("unavailable", reply(503), 10),
    ("no provider fits", reply(503, {"error": "No allowed providers are available"}), 1),
    ("gateway timeout", reply(504), 10),
    ("HTTP version", reply(505), 0),
    ("CDN 520", reply(520), 10),
    ("CDN 529", reply(529), 10),
    ("loading, waited for apart", reply(503, {"error": "x", "estimated_time": 2.0}), 0),
    ("redirect", reply(302), 0),
    ("closed client", errors.ClientClosedError("closed"), 0),
    ("configuration", errors.ConfigurationError("no"), 0),
    ("offline", errors.OfflineError("no"), 0),
    ("no protocol", errors.ResponseError("no"), 0),
    ("too large a reply", errors.LimitExceededError("no"), 0),
    ("after content", errors.GenerationError("no"), 0),
    ("anything else", errors.HFIError("no"), 0),
]


@pytest.mark.parametrize(("name", "error", "times"), ROWS, ids=[row[0] for row in ROWS])
def test_how_often_each_error_is_tried_again(name: str, error: errors.HFIError, times: int) -> None:
    assert sum(delay(error, n, policy=MANY) is not None for n in range(1, 20)) == times


def test_once_counts_errors_of_its_kind_where_they_are_known() -> None:
    error = timeout_error("first_token", 1, REQUEST)
    error.earlier = (reply(503), reply(502))
    assert delay(error, 3, policy=MANY) is not None
    error.earlier = (timeout_error("first_token", 1, REQUEST), reply(502))
    assert delay(error, 3, policy=MANY) is None


def test_budget_of_attempts() -> None:
    error = reply(500)
    assert [delay(error, n) is not None for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert delay(error, policy=RetryPolicy(max_retries=0)) is None


def test_nothing_is_repeated_after_the_first_piece() -> None:
    for _, error, _ in ROWS:
        assert delay(error, started=True) is None
    assert delay(reply(500, b"", {"x-should-retry": "true"}), started=True) is None


def test_full_jitter() -> None:
    error = reply(500)
    heights = [delay(error, n, jitter=1.0, policy=MANY) for n in (1, 2, 3, 4, 5, 6, 10)]
    assert heights == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert delay(error, jitter=0.0) == 0.0
    assert delay(error, 2, jitter=0.25) == 0.25


def test_a_limit_is_not_run_into_at_once() -> None:
    assert delay(reply(429), jitter=0.0) == 1.0
    assert delay(reply(429, {"error": "Model is overloaded"}), jitter=0.0) is not None
    busy = reply(429, {"error": "x", "error_type": "overloaded"})
    assert delay(busy, jitter=0.0) == 0.5
    assert delay(busy, jitter=1.0) == 1.0


@pytest.mark.parametrize("asked", ["0.2", "7", "60", "90"])
def test_a_hint_is_obeyed(asked: str) -> None:
    error = reply(429, b"", {"retry-after": asked})
    hint = float(asked)
    assert delay(error, jitter=0.0) == hint
    latest = delay(error, jitter=1.0)
    assert latest is not None
    assert hint < latest <= hint + 0.5


def test_a_hint_beyond_the_cap_gives_up_and_is_told() -> None:
    error = reply(429, b"", {"retry-after": "99999999"})
    assert delay(error) is None
    assert error.retry_after == 86_400
    assert delay(error, policy=RetryPolicy(max_hint=100_000)) is not None


def test_a_hint_of_nothing_backs_off() -> None:
    assert delay(reply(503, b"", {"retry-after": "0"}), jitter=1.0) == 0.5


def test_deadline() -> None:
    error = reply(503, b"", {"retry-after": "5"})
    assert delay(error, jitter=0.0, elapsed=4.0, deadline=10.0) == 5.0
    assert delay(error, jitter=0.0, elapsed=5.0, deadline=10.0) is None
    assert delay(reply(500), elapsed=11.0, deadline=10.0) is None
    assert delay(reply(500), elapsed=11.0) is not None


def test_the_server_decides() -> None:
    assert delay(reply(500, b"", {"X-Should-Retry": "false"})) is None
    assert delay(reply(400, b"", {"x-should-retry": "true"})) is not None
    assert delay(reply(400, b"", {"x-should-retry": "perhaps"})) is None
    assert delay(reply(400, b"", {"x-should-retry": "true"}), 3) is None


def test_requests_that_may_not_run_twice() -> None:
    again = [error for _, error, _ in ROWS if delay(error, idempotent=False) is not None]
    assert {getattr(error, "kind", None) for error in again} >= {"refused", "dns", "overloaded"}
    assert {getattr(error, "phase", None) for error in again} == {None, "connect"}
    for error in again:
        status = getattr(error, "status_code", None)
        kind = getattr(error, "kind", None)
        phase = getattr(error, "phase", None)
        assert status in (402, 429) or kind in ("refused", "dns") or phase == "connect"


@pytest.mark.parametrize("value", [-1, 1.5, True, "2", None])
def test_max_retries_is_checked(value: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="max_retries"):
        RetryPolicy(max_retries=value)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([row[1] for row in ROWS]),
    st.integers(-1, 10**9),
    st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
    st.floats(-2, 3),
)
def test_a_delay_is_bounded(
    error: errors.HFIError, attempt: int, elapsed: float, deadline: float | None, jitter: float
) -> None:
    policy = RetryPolicy(max_retries=10**9)
    wait = policy.next_delay(
        error, attempt=attempt, elapsed=elapsed, deadline=deadline, jitter=jitter
    )
    assert wait is None or 0 <= wait <= policy.max_hint + policy.base
    assert wait is None or deadline is None or elapsed + wait < deadline


# Cold models ---------------------------------------------------------------------------------


def cold(estimated: float | None = None, **error: Any) -> errors.APIStatusError:
    body: dict[str, Any] = {"error": error or "Model X is currently loading"}
    if estimated is not None:
        body["estimated_time"] = estimated
    return reply(503, body)


def wait(error: errors.HFIError, **changes: Any) -> float | None:
    facts: dict[str, Any] = {"waited": 0.0, "max_wait": 600.0, "jitter": 0.0} | changes
    return next_wait(error, **facts)


def test_a_cold_model_is_asked_again() -> None:
    assert wait(cold()) == 5.0
    assert wait(cold(), jitter=1.0) == 20.0
    assert wait(cold(12.5)) == 12.5
    assert wait(cold(1809.0)) == 20.0
    assert wait(cold(0.1)) == 1.0


def test_llamacpp_loads_in_seconds() -> None:
    loading = cold(code=503, message="Loading model", type="unavailable_error")
    assert wait(loading) == 1.0
    assert wait(loading, jitter=1.0) == 5.0


def test_the_last_question_is_asked_at_the_end_of_max_wait() -> None:
    assert wait(cold(12.5), waited=590.0) == 10.0
    assert wait(cold(12.5), waited=600.0) is None
    assert wait(cold(12.5), waited=601.0) is None
    assert wait(cold(12.5), max_wait=0.0) is None
    assert wait(cold(12.5), max_wait=None, waited=1e9) == 12.5


def test_only_cold_models_are_waited_for() -> None:
    for _, error, _ in ROWS:
        if not isinstance(error, errors.ModelLoadingError):
            assert wait(error) is None
    refused = reply(503, {"error": "x", "estimated_time": 2.0}, {"x-should-retry": "false"})
    assert wait(refused) is None


def test_idempotency_headers() -> None:
    assert idempotency_headers("abc") == {"idempotency-key": "abc"}
