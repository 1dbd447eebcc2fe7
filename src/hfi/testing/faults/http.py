"""Faults of HTTP: statuses, headers, lengths, chunks, redirects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import formatdate
from typing import Literal

import attrs

from hfi.testing.answers import Answer, Send, Step, Wait
from hfi.testing.faults.base import Fault
from hfi.testing.replies import as_json

__all__ = [
    "BadChunk",
    "ContentLength",
    "Headers",
    "RawHead",
    "Redirect",
    "Status",
    "TwoReplies",
    "http_date",
]


def http_date(seconds: float) -> Callable[[], str]:
    """A header's value: the date in so many seconds, counted from when it is sent."""
    return lambda: formatdate(time.time() + seconds, usegmt=True)


@attrs.frozen(kw_only=True)
class Status(Fault):
    """An error status.

    Attributes:
        status: The status.
        message: What the body says is wrong, in the chat protocol's form.
        body: The body in its place, as JSON.
        headers: Further headers, ``Retry-After`` for one; a callable is asked each time.
    """

    status: int = attrs.field(default=503, kw_only=False)
    message: str = "It is on purpose"
    body: object = None
    headers: Mapping[str, str | Callable[[], str]] = attrs.field(factory=dict)

    def change(self, answer: Answer) -> Answer:  # noqa: ARG002
        """The error."""
        given = {name: v() if callable(v) else v for name, v in self.headers.items()}
        body = self.body
        if body is None:
            body = {"error": {"message": self.message, "type": "server_error", "code": self.status}}
        return Answer(
            status=self.status,
            headers=[("Content-Type", "application/json"), *given.items()],
            parts=[as_json(body)],
        )


@attrs.frozen(kw_only=True)
class Headers(Fault):
    """Headers in place of the answer's own of that name.

    Attributes:
        set: Names and values; None takes a header away.
        add: Headers that are sent besides, twice the same name included.
    """

    set: Mapping[str, str | None] = attrs.field(factory=dict)
    add: tuple[tuple[str, str], ...] = ()

    def change(self, answer: Answer) -> Answer:
        """The answer with other headers."""
        gone = {name.lower() for name in self.set}
        kept = [pair for pair in answer.headers if pair[0].lower() not in gone]
        given = [(name, value) for name, value in self.set.items() if value is not None]
        return attrs.evolve(answer, headers=[*kept, *given, *self.add])


@attrs.frozen
class RawHead(Fault):
    """Bytes in place of the reply's head, line ends and all."""

    head: bytes

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The other head, then the body."""
        for place, step in enumerate(steps):
            yield Send(self.head) if place == 0 else step


@attrs.frozen
class ContentLength(Fault):
    """A Content-Length that is too long (above zero) or too short by so many bytes.

    A stream is sent with a Content-Length too, and the connection is closed after what there is.
    """

    difference: int

    def change(self, answer: Answer) -> Answer:
        """The answer with the wrong length."""
        length = max(len(answer.body) + self.difference, 0)
        return attrs.evolve(answer, framing="length", length=length, end="close")


@attrs.frozen
class BadChunk(Fault):
    """Chunks that are not as HTTP has them, from the chunk of this number on."""

    kind: Literal["size", "negative", "end", "huge"] = "size"
    place: int = 1

    def change(self, answer: Answer) -> Answer:
        """The answer in chunks, so that there is something to break."""
        return attrs.evolve(answer, framing="chunked", end="close")

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The chunks, one of them broken."""
        broken: Mapping[str, Callable[[bytes], bytes]] = {
            "size": lambda data: b"zz" + data,
            "negative": lambda data: b"-" + data,
            "end": lambda data: data[:-2] + b"XX",
            "huge": lambda data: b"ffffffffffffffffffff" + data,
        }
        for place, step in enumerate(steps):
            wrong = place == self.place and isinstance(step, Send)
            yield Send(broken[self.kind](step.data)) if wrong else step  # type: ignore[union-attr]


@attrs.frozen(kw_only=True)
class TwoReplies(Fault):
    """The reply is sent twice.

    Attributes:
        seconds: The wait between them; without one they are sent in one go.
    """

    seconds: float = 0.0

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The reply, and once more."""
        reply = b"".join(step.data for step in steps if isinstance(step, Send))
        if not self.seconds:
            yield Send(reply + reply)
            return
        yield Send(reply)
        yield Wait(self.seconds)
        yield Send(reply)


@attrs.frozen(kw_only=True)
class Redirect(Fault):
    """A redirect.

    Attributes:
        to: The Location header; None leads back to the same address, in a circle.
        status: The status.
    """

    to: str | None = None
    status: int = 307

    def change(self, answer: Answer) -> Answer:  # noqa: ARG002
        """The redirect; "{target}" stands for the request's own."""
        return Answer(status=self.status, headers=[("Location", self.to or "{target}")])
