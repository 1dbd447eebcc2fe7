"""Where calls are told of: the logger ``hfi``, and spans where the program records them.

Nothing is made up while nobody listens: no text below the logger's level.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

from hfi._core.observe import lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.request import Request
    from hfi._tracing import Watch
    from hfi.errors import HFIError
    from hfi.types.waiting import Waiting

__all__ = [
    "begin",
    "follow_environment",
    "log_failure",
    "log_reply",
    "log_request",
    "log_wait",
]

LOG = logging.getLogger("hfi")
LOG.addHandler(logging.NullHandler())


# -- the log ---------------------------------------------------------------------------------------


# The class takes no parameter at run time before Python 3.11.
if TYPE_CHECKING:
    TextHandler = logging.StreamHandler[TextIO]
else:
    TextHandler = logging.StreamHandler


class ErrorOutput(TextHandler):
    """Writes to what ``sys.stderr`` is at the time, as long as the program has no handler."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # fixed when it is made, for the others
        """Where it writes."""
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line, unless it would be there twice."""
        if not logging.getLogger().handlers:
            super().emit(record)


def follow_environment(environ: Mapping[str, str]) -> None:
    """Turns the log on where ``HF_DEBUG`` is set, unless the program has set its level itself."""
    if LOG.level == logging.NOTSET and lines.asked_for_debug(environ):
        LOG.setLevel(logging.DEBUG)
        LOG.addHandler(ErrorOutput())


def log_request(request: Request) -> None:
    """A request that is about to be sent."""
    if LOG.isEnabledFor(logging.DEBUG):
        from hfi._core.observe.curl import curl_line  # noqa: PLC0415 - nobody reads it but here

        LOG.debug("%s", curl_line(request))


def log_reply(
    request: Request, status_code: int, headers: Mapping[str, str], *, seconds: float, attempt: int
) -> None:
    """A reply whose head came."""
    if LOG.isEnabledFor(logging.DEBUG):
        line = lines.reply_line(request, status_code, headers, seconds=seconds, attempt=attempt)
        LOG.debug("%s", line)


def log_failure(request: Request, error: HFIError) -> None:
    """A call that is given up."""
    if LOG.isEnabledFor(logging.DEBUG):
        LOG.debug("%s", lines.failure_line(request, error))


def log_wait(waiting: Waiting, *, attempt: int = 0) -> None:
    """A wait that is about to begin; those for a job are many."""
    level = logging.DEBUG if waiting.reason == "queue" else logging.INFO
    if LOG.isEnabledFor(level):
        LOG.log(level, "%s", lines.wait_line(waiting, attempt=attempt))


# -- spans -----------------------------------------------------------------------------------------


def begin(request: Request) -> Watch | None:
    """The span of the call that begins with this request; None where nobody records it.

    A program that records spans has imported OpenTelemetry itself, so it is never imported here.
    """
    if "opentelemetry.trace" not in sys.modules:
        return None
    from hfi._tracing import begin_span  # noqa: PLC0415 - only who records spans pays for it

    return begin_span(request)
