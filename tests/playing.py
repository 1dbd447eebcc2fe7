"""Plays a flow without a network: what it asks for is answered by a function, and noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hfi._core.failures.failure import error_from_response
from hfi._core.flows import Flow, Sleep, Step
from hfi._core.request import Request, Response
from hfi.errors import HFIError

Answer = Callable[[Request], "Response | HFIError"]

MOST_STEPS = 200


def reply(content: bytes, status: int = 200, **headers: str) -> Response:
    """A reply; header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status_code=status, headers=named, content=content)


def play(flow: Flow[Any], answer: Answer) -> tuple[Any, list[Step]]:
    """Runs a flow to its end; sleeps take no time. Gives its result, and its steps."""
    steps: list[Step] = []
    outcome: Any = None
    error: HFIError | None = None
    try:
        for _ in range(MOST_STEPS):
            step = flow.throw(error) if error is not None else flow.send(outcome)
            steps.append(step)
            outcome, error = 0.0, None
            if not isinstance(step, Sleep):
                outcome, error = _answered(step, answer(step))
    except StopIteration as end:
        return end.value, steps
    raise AssertionError(f"more than {MOST_STEPS} steps")


def _answered(
    request: Request, given: Response | HFIError
) -> tuple[Response | None, HFIError | None]:
    if isinstance(given, HFIError):
        return None, given
    if given.status_code < 300:
        return given, None
    return None, error_from_response(
        given.status_code, given.headers, given.content, request=request
    )


def requests_of(steps: list[Step]) -> list[Request]:
    return [step for step in steps if isinstance(step, Request)]


def sleeps_of(steps: list[Step]) -> list[Sleep]:
    return [step for step in steps if isinstance(step, Sleep)]
