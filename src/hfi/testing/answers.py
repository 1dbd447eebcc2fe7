"""An answer on its way out: what is sent, and the steps that send it. No sockets here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Literal

import attrs

__all__ = ["Answer", "End", "How", "Send", "Step", "Wait", "steps_of"]

How = Literal["close", "reset", "stall"]
"""How a connection ends: properly, by a reset, or not at all while nothing more is sent."""


@attrs.frozen
class Send:
    """Bytes to send."""

    data: bytes = attrs.field(repr=False)


@attrs.frozen
class Wait:
    """Seconds in which nothing is sent."""

    seconds: float


@attrs.frozen
class End:
    """The end of the connection."""

    how: How = "close"


Step = Send | Wait | End


@attrs.frozen(kw_only=True)
class Answer:
    """A reply before it is put into bytes.

    Attributes:
        status: The HTTP status.
        headers: The headers without those of the framing, in order; a name may come twice.
        parts: The body: the events of a stream one by one, or a whole body as one.
        waits: Seconds before each part; the last number holds for all further ones.
        framing: ``"chunked"``, ``"length"``, or ``"close"`` for a body that ends with the
            connection.
        length: The Content-Length to send in place of the right one.
        end: How the connection ends after the answer; None keeps it for the next request.
        finished: Whether the framing is brought to its end: the last chunk is sent.
        stream: Whether it is an event stream.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    parts: Sequence[bytes] = attrs.field(default=(), repr=False)
    waits: Sequence[float] = ()
    framing: Literal["chunked", "length", "close"] = "length"
    length: int | None = None
    end: How | None = None
    finished: bool = True
    stream: bool = False

    @property
    def body(self) -> bytes:
        """All parts together."""
        return b"".join(self.parts)

    def with_header(self, name: str, value: str) -> Answer:
        """The answer with a header in place of any of that name."""
        kept = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return attrs.evolve(self, headers=[*kept, (name, value)])


def head_of(answer: Answer) -> bytes:
    """The status line and the headers."""
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
    elif answer.framing == "length":
        length = len(answer.body) if answer.length is None else answer.length
        lines.append(f"Content-Length: {length}")
    if answer.framing == "close":
        lines.append("Connection: close")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1", "replace")


def steps_of(answer: Answer) -> Iterator[Step]:
    """The steps that send an answer."""
    yield Send(head_of(answer))
    for place, part in enumerate(answer.parts):
        wait = answer.waits[min(place, len(answer.waits) - 1)] if answer.waits else 0.0
        if wait:
            yield Wait(wait)
        yield Send(framed(part, answer.framing))
    if answer.framing == "chunked" and answer.finished:
        yield Send(b"0\r\n\r\n")
    if answer.end is not None:
        yield End(answer.end)
    elif answer.framing == "close":
        yield End("close")


def framed(part: bytes, framing: str) -> bytes:
    """A part of a body, as it stands between the others."""
    return b"%x\r\n%b\r\n" % (len(part), part) if framing == "chunked" and part else part


def cut_at(steps: Iterable[Step], size: int, end: End) -> Iterator[Step]:
    """The first ``size`` bytes of what steps send, and then ``end``."""
    left = size
    for step in steps:
        if not isinstance(step, Send):
            yield step
            continue
        if len(step.data) >= left:
            if left:
                yield Send(step.data[:left])
            break
        left -= len(step.data)
        yield step
    yield end
