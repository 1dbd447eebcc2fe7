"""What a call under a fault comes to, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import attrs

from hfi.testing.faults import Fault
from hfi.types.settings import Timeout

__all__ = ["ANSWER", "COLUMNS", "LIMITS", "PIECES", "QUICK", "Case", "Column", "Outcome"]

# Characters of two bytes, blanks and a number: something to be cut in.
PIECES = ("Héllo", " wörld,", " 42!")
ANSWER = "".join(PIECES)

Task = Literal["chat", "text generation"]
Column = tuple[Task, bool]  # whether it is streamed
COLUMNS: tuple[Column, ...] = (
    ("chat", True),
    ("chat", False),
    ("text generation", True),
    ("text generation", False),
)

# Limits of the calls: far away, and tenths of a second where a limit is to pass.
LIMITS = Timeout(connect=5, first_token=5, between_tokens=5, total=60)
QUICK = Timeout(connect=0.3, first_token=0.3, between_tokens=0.3, total=5)


@attrs.frozen(kw_only=True)
class Outcome:
    """What a call comes to.

    Attributes:
        error: The name of the error's class; None is a good answer.
        text: The answer's text, or that of the error's ``.partial``; None where there is none.
        attempts: How often the request was sent in all.
        reused: Whether the next call goes over the same connection.
        waits: Seconds between the attempts, without jitter; None is not looked at.
    """

    error: str | None = None
    text: str | None = ANSWER
    attempts: int = 1
    reused: bool = True
    waits: tuple[float, ...] | None = None


@attrs.frozen(kw_only=True)
class Case:
    """One fault, and what each kind of call must make of it.

    Attributes:
        name: What the server does, for the table.
        faults: The server's faults.
        streamed: What streams come to; None where the fault cannot be shown.
        whole: What whole replies come to.
        text_streamed: What streamed text generations come to, where it is something else.
        text_whole: What whole text generations come to, where it is something else.
        timeout: The limits of the call.
        unseen: Attempts that the server does not see as a request.
        extra: Requests that belong to no attempt (redirects, a dropped connection).
        warm: Whether a good call goes before, so that there is an idle connection.
        scheme: The URL's scheme; None is the server's own.
        tls: The certificate that the server has, if any.
        size: Characters of the prompt.
        pause: Seconds between it and the next call.
        next: Whether a call after it can go well.
    """

    name: str
    faults: Fault | Iterable[Fault | None] = ()
    streamed: Outcome | None
    whole: Outcome | None
    text_streamed: Outcome | Literal["same"] | None = "same"
    text_whole: Outcome | Literal["same"] | None = "same"
    timeout: Timeout = LIMITS
    unseen: int = 0
    extra: int = 0
    warm: bool = False
    scheme: str | None = None
    tls: str | None = None
    size: int = 10
    pause: float = 0.0
    next: bool = True

    def expected(self, column: Column) -> Outcome | None:
        """What a call of one column must come to."""
        return self.outcomes[column]

    @property
    def outcomes(self) -> Mapping[Column, Outcome | None]:
        """What the calls of all columns must come to."""
        text_streamed = self.streamed if self.text_streamed == "same" else self.text_streamed
        text_whole = self.whole if self.text_whole == "same" else self.text_whole
        return dict(
            zip(COLUMNS, (self.streamed, self.whole, text_streamed, text_whole), strict=True)
        )
