"""What tests of logs, spans and secrets share."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

SECRET = "hf_Th1sIsS0SecretThatNobodySees"


def spans_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Records spans from now on; gives a function that gives the ones that have ended."""
    trace = pytest.importorskip("opentelemetry.trace")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    # The program's own provider can be set but once.
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter.get_finished_spans


def with_variables(error: BaseException) -> str:
    """The traceback with every variable of every frame, as tools that report errors print it.

    Frames of the tests are left out: what a caller has in variables of his own is his.
    """
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        part.stack = traceback.StackSummary.from_list(
            [frame for frame in part.stack if "/tests/" not in frame.filename]
        )
        waiting += [each for each in (part.__cause__, part.__context__) if each is not None]
    return "".join(whole.format())


@contextmanager
def own_logger() -> Iterator[logging.Logger]:
    """The logger as a fresh process has it, and put back afterwards."""
    logger = logging.getLogger("hfi")
    level, handlers = logger.level, list(logger.handlers)
    try:
        yield logger
    finally:
        logger.setLevel(level)
        logger.handlers[:] = handlers
