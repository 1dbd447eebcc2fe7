"""Faults of what is said: other bodies, errors inside streams, missing ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from hfi.testing import payloads
from hfi.testing.answers import Answer, Send, Step, Wait, framed
from hfi.testing.faults.base import Fault

__all__ = [
    "Body",
    "Endless",
    "GzipBomb",
    "InStreamError",
    "MissingDone",
    "MissingFinish",
    "Replace",
]


@attrs.frozen(kw_only=True)
class Body(Fault):
    """Another body in place of a whole one, and another event after the first ones of a stream.

    Attributes:
        data: The body, or the event's data; a callable is asked for it each time.
        events: Events of the stream that come before it.
        raw: Whether it is the whole body of a stream too.
        headers: Headers in place of the answer's own.
    """

    data: bytes | Callable[[], bytes] = attrs.field(kw_only=False, repr=False)
    events: int = 2
    raw: bool = False
    headers: Mapping[str, str] = attrs.field(factory=dict)

    def change(self, answer: Answer) -> Answer:
        """The answer with the other body."""
        data = self.data() if callable(self.data) else self.data
        for name, value in self.headers.items():
            answer = answer.with_header(name, value)
        if self.raw or not answer.stream:
            return attrs.evolve(answer, parts=[data])
        event = b"data: %b\n\n" % data
        before, after = answer.parts[: self.events], answer.parts[self.events :]
        return attrs.evolve(answer, parts=[*before, event, *after])


@attrs.frozen(kw_only=True)
class Replace(Fault):
    """Some bytes of the body in place of others: ``Replace(old=b"o", new=b"\\xff")``."""

    old: bytes
    new: bytes

    def change(self, answer: Answer) -> Answer:
        """The changed body."""
        parts = [part.replace(self.old, self.new) for part in answer.parts]
        return attrs.evolve(answer, parts=parts)


@attrs.frozen
class GzipBomb(Fault):
    """A body that inflates to so many bytes, all of them the same."""

    size: int = 1 << 30
    fill: bytes = b" "

    def change(self, answer: Answer) -> Answer:
        """The bomb, sent as members of gzip one after the other."""
        members = payloads.bomb(self.size, self.fill)
        changed = answer.with_header("Content-Encoding", "gzip")
        return attrs.evolve(changed, parts=members, framing="chunked")


@attrs.frozen(kw_only=True)
class Endless(Fault):
    """An answer without an end.

    Attributes:
        piece: What comes again and again: a piece of one endless line, or of one endless text.
        tokens: Sends one more event of an endless answer each time instead.
        every: Seconds between the pieces.
    """

    piece: bytes = b"x" * 65536
    tokens: bool = False
    every: float = 0.0

    def change(self, answer: Answer) -> Answer:
        """The beginning; the rest has no end."""
        first = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"'
        first = b"data: " + first if answer.stream else first
        parts = [] if self.tokens else [first]
        return attrs.evolve(answer, parts=parts, framing="chunked", finished=False)

    def send(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The pieces."""
        yield from steps
        piece = payloads.TOKEN if self.tokens else self.piece
        while True:
            if self.every:
                yield Wait(self.every)
            yield Send(framed(piece, "chunked"))


@attrs.frozen(kw_only=True)
class InStreamError(Fault):
    """The server reports an error inside its 200 reply.

    Attributes:
        shape: How it is spelled, a name of ``payloads.STREAM_ERRORS``. A whole reply has the
            shape's JSON as its body.
        events: Events of the stream that come before it.
    """

    shape: str = attrs.field(default="openai", kw_only=False)
    events: int = 0

    def change(self, answer: Answer) -> Answer:
        """The first events and the error."""
        shape = payloads.STREAM_ERRORS[self.shape]
        if not answer.stream:
            return attrs.evolve(answer, parts=[shape.body], length=None)
        parts = [*answer.parts[: self.events], shape.event]
        return attrs.evolve(answer, parts=[*parts, payloads.DONE] if shape.done else parts)


@attrs.frozen
class MissingDone(Fault):
    """The stream ends without ``[DONE]``, or the last event of its protocol's own."""

    def change(self, answer: Answer) -> Answer:
        """The answer without that event."""
        if not answer.stream:
            return answer
        return attrs.evolve(answer, parts=[p for p in answer.parts if p != payloads.DONE])


@attrs.frozen(kw_only=True)
class MissingFinish(Fault):
    """No event of the stream says why the answer ended.

    Attributes:
        done: Whether ``[DONE]`` comes all the same, where the protocol has it.
    """

    done: bool = False

    def change(self, answer: Answer) -> Answer:
        """The answer without the events that say so."""
        if not answer.stream:
            return answer
        ends = (b'"finish_reason":"', b'"generated_text":"', b'"stop":true')
        parts = [part for part in answer.parts if not any(end in part for end in ends)]
        kept = [part for part in parts if self.done or part != payloads.DONE]
        return attrs.evolve(answer, parts=kept)
