"""Ways in which servers misbehave, as values.

A server that is given one fault shows it on every request for an inference; given a sequence, on
one request after the other, and behaves well after the last::

    FakeServer("Hello", faults=Status(503))               # always
    FakeServer("Hello", faults=[Status(503)] * 2)         # twice, then well
    FakeServer("Hello", faults=[None, Break(events=2)])   # well, broken off, well ...
"""

from __future__ import annotations

from hfi.testing.faults.base import Fault
from hfi.testing.faults.http import (
    BadChunk,
    ContentLength,
    Headers,
    RawHead,
    Redirect,
    Status,
    TwoReplies,
    http_date,
)
from hfi.testing.faults.line import (
    AnswerEarly,
    Break,
    CloseAfter,
    Dribble,
    DropReused,
    Hangup,
    Interim,
    KeepAlives,
    Refuse,
    Slow,
)
from hfi.testing.faults.speech import (
    Body,
    Endless,
    GzipBomb,
    InStreamError,
    MissingDone,
    MissingFinish,
    Replace,
)

__all__ = [
    "AnswerEarly",
    "BadChunk",
    "Body",
    "Break",
    "CloseAfter",
    "ContentLength",
    "Dribble",
    "DropReused",
    "Endless",
    "Fault",
    "GzipBomb",
    "Hangup",
    "Headers",
    "InStreamError",
    "Interim",
    "KeepAlives",
    "MissingDone",
    "MissingFinish",
    "RawHead",
    "Redirect",
    "Refuse",
    "Replace",
    "Slow",
    "Status",
    "TwoReplies",
    "http_date",
]
