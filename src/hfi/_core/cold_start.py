"""Waiting for a model that is being loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.failures.retry import next_wait
from hfi._core.flows import Sleep
from hfi.errors import ModelLoadingError

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.request import Request, Response

__all__ = ["once_warm"]


def once_warm(request: Request, *, max_wait: float | None, jitter: float = 0.5) -> Flow[Response]:
    """Sends a request, again and again while its model is being loaded.

    Args:
        request: What to send.
        max_wait: Seconds to wait in all; None waits as long as the call may take.
        jitter: A number from 0 to 1.

    Raises:
        ModelLoadingError: It was not loaded in time.
    """
    waited = 0.0
    while True:
        try:
            response: Response = yield request
        except ModelLoadingError as error:
            wait = next_wait(error, waited=waited, max_wait=max_wait, jitter=jitter)
            if wait is None:
                raise
            told = error.estimated_time
        else:
            return response
        yield Sleep(seconds=wait, reason="the model is being loaded", progress=told)
        waited += wait
