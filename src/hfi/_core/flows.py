"""Calls of several round trips, written once for both colours.

A flow is a generator. It yields a ``Request``, and is sent the ``Response`` (a success, redirects
followed, retries made) or has the ``HFIError`` thrown in that the request ended with. It yields a
``Sleep``, and is sent the seconds since the flow began. What it returns is the result. It reads no
clock and does no I/O; ``drive`` of each colour runs it.

::

    def first_that_answers(requests) -> Flow[Response]:
        for request in requests:
            try:
                response: Response = yield request
            except ModelNotFoundError:
                continue
            return response
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import attrs

from hfi._core.request import Request

__all__ = ["Flow", "Sleep", "Step"]

Result = TypeVar("Result")


@attrs.frozen(kw_only=True)
class Sleep:
    """A wait between two requests of a flow.

    Attributes:
        seconds: How long.
        reason: Why, in a few words, for whoever watches.
        progress: The server's last word on how far it is, decoded, or None.
    """

    seconds: float
    reason: str = ""
    progress: Any = None


Step = Request | Sleep

# What is sent depends on what was yielded, which a generator's type cannot say: annotate the
# variable, as above.
Flow = Generator[Step, Any, Result]
