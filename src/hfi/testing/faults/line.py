"""Faults of the connection, and of the time that bytes take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Literal

import attrs

from hfi.errors import ConfigurationError
from hfi.testing.answers import Answer, End, How, Send, Step, Wait, cut_at
from hfi.testing.faults.base import Fault
from hfi.testing.replies import as_json

__all__ = [
    "AnswerEarly",
    "Break",
    "CloseAfter",
    "Dribble",
    "DropReused",
    "Hangup",
    "Interim",
    "KeepAlives",
    "Refuse",
    "Slow",
]


def _one_of(*words: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """A fault that is misspelt would be none, and its test would pass."""

    def check(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value not in words:
            listed = ", ".join(map(repr, words))
            raise ConfigurationError(f"{attribute.name} must be one of {listed}, not {value!r}.")

    return check


@attrs.frozen
class Refuse(Fault):
    """No connection is accepted. Only for a server that never does anything else."""


@attrs.frozen(kw_only=True)
class Hangup(Fault):
    """The connection ends without an answer.

    Attributes:
        how: Whether it is closed, reset, or left open in silence.
        after: When: once it was accepted (before a TLS handshake), or once a request was read.
    """

    how: How = attrs.field(default="close", validator=_one_of("close", "reset", "stall"))
    after: Literal["connect", "request"] = attrs.field(
        default="request", validator=_one_of("connect", "request")
    )

    @property
    def at_connect(self) -> bool:  # type: ignore[override]
        """Whether it shows before any request was read."""
        return self.after == "connect"

    def send(self, steps: Iterable[Step]) -> Iterable[Step]:  # noqa: ARG002
        """Nothing, and the end."""
        return [End(self.how)]


@attrs.frozen
class DropReused(Fault):
    """Closes an idle connection just as its next request comes; a fresh one is answered well."""


@attrs.frozen
class CloseAfter(Fault):
    """Ends the connection after a good answer, without having said that it would."""

    how: Literal["close", "reset"] = attrs.field(
        default="close", validator=_one_of("close", "reset")
    )

    def change(self, answer: Answer) -> Answer:
        """The answer, and the end."""
        return attrs.evolve(answer, end=self.how)


@attrs.frozen(kw_only=True)
class AnswerEarly(Fault):
    """Answers when only the head of the request was read, and closes the connection.

    Attributes:
        status: The answer's status; None gives the good answer.
    """

    early: ClassVar[bool] = True
    status: int | None = 413

    def change(self, answer: Answer) -> Answer:
        """The refusal."""
        answer = attrs.evolve(answer, end="close").with_header("Connection", "close")
        if self.status is None:
            return answer
        body = as_json({"error": {"message": "Payload too large", "type": "too_large"}})
        return attrs.evolve(answer, status=self.status, parts=[body], framing="length")


@attrs.frozen(kw_only=True)
class Break(Fault):
    """The answer breaks off.

    One place is given, or ``events`` for streams and ``tenths`` for whole replies.

    Attributes:
        after: Bytes of the whole reply that are sent, its head included.
        events: Events of a stream that are sent.
        tenths: Tenths of a whole body that are sent.
        inside: A regular expression: it breaks in the middle of what matches it first in the body.
        how: How it breaks: the connection is closed, reset, or silent; ``"end"`` ends the reply as
            if it were whole.
    """

    after: int | None = None
    events: int | None = None
    tenths: int | None = None
    inside: bytes | None = None
    how: How | Literal["end"] = attrs.field(
        default="close", validator=_one_of("close", "reset", "stall", "end")
    )

    def change(self, answer: Answer) -> Answer:
        """The part of the answer that is sent."""
        parts = self._parts(answer)
        if parts is None:
            return answer
        if self.how == "end":
            return attrs.evolve(answer, parts=parts)
        return attrs.evolve(
            answer, parts=parts, length=len(answer.body), end=self.how, finished=False
        )

    def send(self, steps: Iterable[Step]) -> Iterable[Step]:
        """The first bytes only, where they were counted."""
        if self.after is None:
            return steps
        return cut_at(steps, self.after, End("close" if self.how == "end" else self.how))

    def _parts(self, answer: Answer) -> Sequence[bytes] | None:
        body = answer.body
        if self.inside is not None:
            found = re.search(self.inside, body)
            if found is None:
                raise ValueError(f"No {self.inside!r} in the answer, to break off inside of it.")
            return [body[: (found.start() + found.end()) // 2]]
        if answer.stream and self.events is not None:
            return answer.parts[: self.events]
        if not answer.stream and self.tenths is not None:
            return [body[: len(body) * self.tenths // 10]]
        return None


@attrs.frozen(kw_only=True)
class Dribble(Fault):
    """A few bytes at a time.

    Attributes:
        seconds: The wait before each piece.
        size: Bytes in a piece.
        of: What dribbles; the rest is sent at once.
    """

    seconds: float = 0.02
    size: int = 1
    of: Literal["all", "head", "body"] = "all"

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The same bytes in small pieces."""
        for place, step in enumerate(steps):
            slow = self.of == "all" or (self.of == "head") == (place == 0)
            if not slow or not isinstance(step, Send):
                yield step
                continue
            for start in range(0, len(step.data), self.size):
                yield Wait(self.seconds)
                yield Send(step.data[start : start + self.size])


@attrs.frozen(kw_only=True)
class Slow(Fault):
    """The answer takes its time.

    Attributes:
        seconds: The silence.
        before: Where it falls: before the head, before the body, or before each part of the body.
    """

    seconds: float
    before: Literal["head", "body", "parts"] = "head"

    def change(self, answer: Answer) -> Answer:
        """The answer with its waits."""
        if self.before == "head":
            return answer
        waits = (self.seconds, 0.0) if self.before == "body" else (self.seconds,)
        return attrs.evolve(answer, waits=waits)

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The wait before the head."""
        if self.before == "head":
            yield Wait(self.seconds)
        yield from steps


@attrs.frozen(kw_only=True)
class KeepAlives(Fault):
    """Comments in place of an answer, for ever; a whole reply gets white space instead.

    Attributes:
        every: Seconds between them.
        events: Events of a stream that are sent first.
    """

    every: float = 0.02
    events: int = 0

    def change(self, answer: Answer) -> Answer:
        """The head and the first events; the rest has no end."""
        parts = answer.parts[: self.events] if answer.stream else ()
        return attrs.evolve(answer, parts=parts, framing="chunked", finished=False)

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The comments."""
        comment = b"1\r\n \r\n"
        for step in steps:
            if isinstance(step, Send) and b"text/event-stream" in step.data:
                comment = b"e\r\n: keep-alive\n\n\r\n"
            yield step
        while True:
            yield Wait(self.every)
            yield Send(comment)


@attrs.frozen(kw_only=True)
class Interim(Fault):
    """Interim heads (``100 Continue``) in place of an answer.

    Attributes:
        every: Seconds between them.
        times: How many come before the answer; None is for ever.
    """

    every: float = 0.02
    times: int | None = None

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The interim heads."""
        sent = 0
        while self.times is None or sent < self.times:
            yield Wait(self.every)
            yield Send(b"HTTP/1.1 100 Continue\r\n\r\n")
            sent += 1
        yield from steps
