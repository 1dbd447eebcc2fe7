"""Spans of OpenTelemetry, where the program records them.

No attribute is made up for a span that is not recorded.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from hfi._core.observe import spans

if TYPE_CHECKING:
    from types import TracebackType

    from hfi._core.request import Request, Response
    from hfi.types.meta import CallMeta

__all__ = ["Watch", "begin_span"]

# What instrumentation of other libraries sets around calls that it records itself.
SUPPRESSED = "suppress_instrumentation"
SCHEMA = "https://opentelemetry.io/schemas/1.37.0"


def begin_span(request: Request) -> Watch | None:
    """The span of the call that begins with this request; None where nobody records it."""
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
