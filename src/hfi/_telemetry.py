"""Where calls are told of: the logger ``hfi``, and OpenTelemetry where the program uses it.

Nothing is made up while nobody listens: no text below the logger's level, no attribute for a span
that is not recorded.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

from hfi._core.observe import lines, spans
from hfi._core.observe.curl import curl_line
from hfi.errors import HFIError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from hfi._core.request import Request, Response
    from hfi.types.meta import CallMeta
    from hfi.types.waiting import Waiting

__all__ = [
    "Watch",
    "begin",
    "follow_environment",
    "log_failure",
    "log_reply",
    "log_request",
    "log_wait",
]

LOG = logging.getLogger("hfi")
LOG.addHandler(logging.NullHandler())

# What instrumentation of other libraries sets around calls that it records itself.
SUPPRESSED = "suppress_instrumentation"
SCHEMA = "https://opentelemetry.io/schemas/1.37.0"


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
    name = spans.span_name(request)
    if name is None:
        return None
    # By its name: another thread may be importing it just now.
    trace = importlib.import_module("opentelemetry.trace")
    if sys.modules["opentelemetry.context"].get_value(SUPPRESSED):
        return None
    tracer = trace.get_tracer("hfi", sys.modules["hfi"].__version__, schema_url=SCHEMA)
    span = tracer.start_span(
        name, kind=trace.SpanKind.CLIENT, attributes=spans.begin_attributes(request)
    )
    if not span.is_recording():
        return None
    span.set_attributes(spans.request_attributes(request))
    return Watch(trace, span, request)


class Watch:
    """The span of one call, from its first attempt to the end of its answer.

    As a context manager it makes the span the current one, and ends it where the block fails. Else
    it ends when the answer is told, or when it is closed or dropped. What ends it first counts.
    """

    def __init__(self, trace: Any, span: Any, request: Request) -> None:
        self._trace = trace
        self._span = span
        # Taken out by who ends it: a stream may be closed by one thread while another reads it.
        self._open = [span]
        self._request = request
        self._current: Any = None

    def __enter__(self) -> Watch:
        self._current = self._trace.use_span(
            self._span, record_exception=False, set_status_on_exception=False
        )
        self._current.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        current, self._current = self._current, None
        # Without the error: the block that it would be thrown into has nothing to do with it.
        current.__exit__(None, None, None)
        if error is not None:
            self.failed(error)

    def replied(self, response: Response, meta: CallMeta) -> None:
        """The reply is there, whole."""
        if self._open:
            facts = spans.fact_attributes(meta)
            told = spans.reply_attributes(self._request, response.content, response.headers)
            self._end({**facts, **told})

    def answered(self, answer: Any, meta: CallMeta) -> None:
        """A stream is at its end, and whole."""
        if self._open:
            self._end({**spans.fact_attributes(meta), **spans.answer_attributes(answer)})

    def made(self, image: Any, meta: CallMeta) -> None:
        """A call of several requests has its result."""
        if self._open:
            self._end({**spans.fact_attributes(meta), **spans.image_attributes(image)})

    def failed(self, error: BaseException) -> None:
        """The call ends with an error, or is cancelled."""
        if self._open:
            self._end(spans.error_attributes(error))

    def close(self) -> None:
        """The call is given up before its end, which is no fault."""
        if self._open:
            self._end({"hfi.closed_early": True})

    def __del__(self) -> None:
        self.close()

    def _end(self, attributes: spans.Attributes) -> None:
        try:
            span = self._open.pop()
        except IndexError:
            return
        span.set_attributes(attributes)
        if "error.type" in attributes:
            # Not the error's words: servers quote what they were asked.
            span.set_status(self._trace.StatusCode.ERROR, attributes["error.type"])
        span.end()
