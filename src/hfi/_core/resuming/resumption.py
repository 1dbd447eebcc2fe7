"""Whether a broken stream is taken up again, with what request, and what to say if it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.outgoing.json_body import encode
from hfi._core.resuming.requests import limited
from hfi._core.resuming.seam import Seam, split_tail
from hfi.errors import (
    APIConnectionError,
    APITimeoutError,
    ConflictError,
    ModelLoadingError,
    PoolTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    StreamStalledError,
)

if TYPE_CHECKING:
    from hfi._core.incoming.event_stream import EventStreamParser
    from hfi._core.request import Request
    from hfi._core.resuming.parsers import ResumingParser
    from hfi.errors import HFIError
    from hfi.types.meta import CallMeta
    from hfi.types.settings import Timeout

__all__ = ["Resumption", "Way"]

_PASSING = (
    APIConnectionError,
    ConflictError,
    ModelLoadingError,
    RateLimitError,
    ServerError,
)


def _none(_: str) -> str:
    return ""


@attrs.frozen(kw_only=True)
class Way:
    """How an answer is gone on from.

    Attributes:
        request: The first request.
        payload: Its body.
        obstacle: Why half an answer cannot be gone on from there, or None.
        continued: Gives the body of the request for the rest after a beginning.
        parser: Gives the parser of a further reply, whose text ``goes on`` from a beginning.
        wrap: Gives the parser of all replies, around that of the first.
        echo: Gives what the server may repeat before the rest after a beginning.
    """

    request: Request
    payload: Mapping[str, Any] = attrs.field(repr=False)
    obstacle: str | None
    continued: Callable[[str], Mapping[str, Any]]
    parser: Callable[[Mapping[str, str], bool], EventStreamParser[Any]]
    wrap: Callable[[EventStreamParser[Any]], ResumingParser[Any]]
    echo: Callable[[str], str] = _none


class Resumption:
    """One answer's further replies.

    Attributes:
        resumes: How often it was taken up again.
        earlier: What it broke off with since the last reply began, and the failures since.
    """

    def __init__(self, way: Way, times: int, timeout: Timeout) -> None:
        """Begins before the first reply.

        Args:
            way: How it is gone on from.
            times: How often at most.
            timeout: The limits of the call.
        """
        self.resumes = 0
        self.earlier: tuple[HFIError, ...] = ()
        self._way = way
        self._left = times
        self._tries = 0
        self._timeout = timeout
        self._parser: ResumingParser[Any] | None = None
        self._seam = Seam()
        self._goes_on = False

    @classmethod
    def of(cls, way: Way, times: int, timeout: Timeout) -> Resumption | None:
        """The same, or None where an answer is not to be taken up again."""
        return cls(way, times, timeout) if times else None

    def wrap(self, inner: EventStreamParser[Any]) -> ResumingParser[Any]:
        """The parser of all replies, around that of the first."""
        self._parser = self._way.wrap(inner)
        return self._parser

    def timeout(self, elapsed: float) -> Timeout:
        """The limits of the next request, ``elapsed`` seconds after the call began."""
        total = self._timeout.total
        return (
            self._timeout if total is None else attrs.evolve(self._timeout, total=total - elapsed)
        )

    def next(self, error: HFIError, *, elapsed: float) -> Request | None:
        """The request for the rest, or None where there is to be none; ``error`` says why.

        Args:
            error: What the stream broke off with.
            elapsed: Seconds since the call began.
        """
        parser = self._parser
        if parser is None or not _is_break(error):
            return None
        sent, tail = split_tail(parser.text)
        reason = parser.obstacle or (self._way.obstacle if sent else None)
        total = self._timeout.total
        if reason is None and total is not None and elapsed >= total:
            reason = "the time of the whole call is over."
        if reason is not None:
            _explain(error, f"It cannot be taken up again: {reason}")
            return None
        made = parser.tokens(len(sent))
        payload = limited(self._way.continued(sent) if sent else self._way.payload, made)
        if payload is None:
            parser.at_limit = True
            return None
        if not self._left:
            _explain(error, self._spent())
            return None
        self._left -= 1
        self._goes_on = bool(sent)
        self._seam = Seam(tail, echo=self._way.echo(sent) if sent else "")
        return attrs.evolve(self._way.request, content=encode(payload))

    def _spent(self) -> str:
        failed = self.earlier[-1].message if self.earlier else ""
        if not self.resumes:
            return f"It could not be taken up again: {failed}"
        times = "once" if self.resumes == 1 else f"{self.resumes} times"
        told = f"It was taken up again {times}, as resume= allows."
        return f"{told} The last try failed: {failed}" if failed else told

    def failed(self, error: HFIError, fault: HFIError) -> bool:
        """Whether another try is worth it after ``fault`` in place of a reply; else tells it."""
        self.earlier += (*fault.earlier, fault)
        self._tries += len(fault.earlier) + 1
        passing = isinstance(fault, _PASSING) and not isinstance(fault, PoolTimeoutError)
        if passing and getattr(fault, "phase", None) != "total":
            return True
        _explain(error, f"It could not be taken up again: {fault.message}")
        return False

    def begin(self, error: HFIError, before: CallMeta, after: CallMeta) -> CallMeta:
        """Begins the reply with the rest, and gives the facts of the call.

        Args:
            error: What the reply before broke off with.
            before: The facts of the call until then.
            after: Those of the new reply.
        """
        assert self._parser is not None  # noqa: S101 - a request was made for it
        self._parser.go_on(self._way.parser(after.headers, self._goes_on), self._seam)
        self.resumes += 1
        failed, self.earlier = self.earlier, ()
        tries, self._tries = self._tries, 0
        return attrs.evolve(
            before,
            attempts=before.attempts + tries + after.attempts,
            earlier=(*before.earlier, error, *failed, *after.earlier),
            status_code=after.status_code,
            headers=after.headers,
            url=after.url,
            resumes=self.resumes,
        )


def _is_break(error: HFIError) -> bool:
    if not isinstance(error, (StreamInterruptedError, StreamStalledError)):
        return False
    cause = error.__cause__
    return not (isinstance(cause, APITimeoutError) and cause.phase == "total")


def _explain(error: HFIError, why: str) -> None:
    error.hint = f"{why} What had come is in the error's .partial."
