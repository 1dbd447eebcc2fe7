"""Every fault, and what must come out: the table that the tests run and the documentation shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from faults.outcome import ANSWER, LIMITS, PIECES, QUICK, Case, Outcome
from hfi.testing import payloads
from hfi.testing.faults import (
    AnswerEarly,
    BadChunk,
    Body,
    Break,
    CloseAfter,
    ContentLength,
    Dribble,
    DropReused,
    Endless,
    GzipBomb,
    Hangup,
    Headers,
    InStreamError,
    Interim,
    KeepAlives,
    MissingDone,
    MissingFinish,
    RawHead,
    Redirect,
    Refuse,
    Replace,
    Slow,
    Status,
    TwoReplies,
    http_date,
)

__all__ = ["GROUPS"]

FINE = Outcome()
AGAIN = Outcome(attempts=2)  # whose connection the next call uses


def fails(
    error: str, attempts: int = 1, *, reused: bool = False, text: str | None = None
) -> Outcome:
    return Outcome(error=error, text=text, attempts=attempts, reused=reused)


def broken(text: str, error: str = "StreamInterruptedError", attempts: int = 1) -> Outcome:
    return Outcome(error=error, text=text, attempts=attempts, reused=False)


# Errors that many cases end with.
LOST = fails("APIConnectionError", 3)
LATE = fails("APITimeoutError", 2)
TLS = fails("APIConnectionError")
HALF = broken(PIECES[0])
ALMOST = broken(PIECES[0] + PIECES[1])

CONNECTION = (
    Case(
        name="refuses connections",
        faults=Refuse(),
        streamed=LOST,
        whole=LOST,
        unseen=3,
        next=False,
    ),
    Case(
        name="closes the connection before the request, once",
        faults=[Hangup(after="connect")],
        streamed=AGAIN,
        whole=AGAIN,
        unseen=1,
    ),
    Case(
        name="resets the connection before the request, once",
        faults=[Hangup(after="connect", how="reset")],
        streamed=AGAIN,
        whole=AGAIN,
        unseen=1,
    ),
    Case(
        name="closes instead of answering, once",
        faults=[Hangup()],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="resets instead of answering, once",
        faults=[Hangup(how="reset")],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(name="closes instead of answering, always", faults=Hangup(), streamed=LOST, whole=LOST),
    Case(
        name="resets instead of answering, always",
        faults=Hangup(how="reset"),
        streamed=LOST,
        whole=LOST,
    ),
    Case(
        name="never answers",
        faults=Hangup(how="stall"),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="closes an idle connection as it is used again",
        faults=[None, DropReused()],
        streamed=FINE,
        whole=FINE,
        warm=True,
        extra=1,
    ),
    Case(
        name="closes after its answer without saying so",
        faults=[CloseAfter()],
        streamed=attrs.evolve(FINE, reused=False),
        whole=attrs.evolve(FINE, reused=False),
    ),
    Case(
        name="resets after its answer",
        faults=[CloseAfter("reset")],
        streamed=attrs.evolve(FINE, reused=False),
        whole=attrs.evolve(FINE, reused=False),
    ),
    Case(
        name="sends the reply twice in one go",
        faults=[TwoReplies()],
        streamed=attrs.evolve(FINE, reused=False),
        whole=attrs.evolve(FINE, reused=False),
    ),
    Case(
        name="sends the reply again, unasked, a moment later",
        faults=[TwoReplies(seconds=0.02)],
        streamed=attrs.evolve(FINE, reused=False),
        whole=attrs.evolve(FINE, reused=False),
        pause=0.3,
    ),
    Case(
        name="refuses with 413 before it has read a large body",
        faults=AnswerEarly(),
        streamed=fails("RequestTooLargeError"),
        whole=fails("RequestTooLargeError"),
        size=4 << 20,
    ),
    Case(
        name="answers 503 before it has read a large body, once",
        faults=[AnswerEarly(status=503)],
        streamed=AGAIN,
        whole=AGAIN,
        size=4 << 20,
    ),
    Case(
        name="has a certificate of an authority nobody knows",
        tls="unknown",
        streamed=TLS,
        whole=TLS,
        unseen=1,
        next=False,
    ),
    Case(
        name="has a certificate for another host",
        tls="other host",
        streamed=TLS,
        whole=TLS,
        unseen=1,
        next=False,
    ),
    Case(
        name="has a certificate that expired",
        tls="expired",
        streamed=TLS,
        whole=TLS,
        unseen=1,
        next=False,
    ),
    Case(
        name="speaks no TLS where https is asked for",
        scheme="https",
        streamed=TLS,
        whole=TLS,
        unseen=1,
        next=False,
    ),
    Case(
        name="resets within the TLS handshake, once",
        faults=[Hangup(after="connect", how="reset")],
        tls="good",
        streamed=AGAIN,
        whole=AGAIN,
        unseen=1,
    ),
    Case(
        name="closes within the TLS handshake, once",
        faults=[Hangup(after="connect")],
        tls="good",
        streamed=AGAIN,
        whole=AGAIN,
        unseen=1,
    ),
    Case(
        name="falls silent in the TLS handshake",
        faults=Hangup(after="connect", how="stall"),
        tls="good",
        streamed=fails("APITimeoutError", 3),
        whole=fails("APITimeoutError", 3),
        unseen=3,
        timeout=attrs.evolve(LIMITS, connect=0.2),
    ),
)


def heard(events: int) -> tuple[str, str]:
    """What a chat and a text generation have heard after so many events."""
    # A chat's first event holds the role alone.
    return "".join(PIECES[: max(events - 1, 0)]), "".join(PIECES[:events])


def cuts() -> tuple[Case, ...]:
    """A break between any two events of a stream, in each way.

    A chat has seven events: role, three pieces, finish, usage, [DONE]; a text generation four:
    three pieces, and the end with the whole text.
    """
    found = []
    ways: Mapping[Literal["close", "reset", "end"], str] = {
        "close": "closes the connection after {} of the stream",
        "reset": "resets the connection after {} of the stream",
        "end": "ends the reply properly after {} of the stream",
    }
    for how, words in ways.items():
        for events in range(7):
            chat, text = heard(events)
            at = "event 1" if events == 1 else f"events 1 to {events}"
            # Nothing was handed out before the first piece of the answer: it is tried again. After
            # the reason for the end, what drops is success.
            ended = attrs.evolve(FINE, reused=how == "end")
            streamed = attrs.evolve(broken(chat), reused=how == "end") if chat else AGAIN
            text_streamed = attrs.evolve(broken(text), reused=how == "end") if text else AGAIN
            found.append(
                Case(
                    name=words.format(at if events else "the head"),
                    faults=[Break(events=events, how=how)],
                    streamed=ended if events >= 5 else streamed,
                    whole=None,
                    text_streamed=(ended if events == 4 else None if events > 4 else text_streamed),
                    text_whole=None,
                )
            )
    return tuple(found)


NUMBER = rb":-?[0-9]{3,}"
BYTES = (
    *cuts(),
    Case(
        name="resets after 10 bytes, in the status line, once",
        faults=[Break(after=10, how="reset")],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="closes after 60 bytes, in the headers, once",
        faults=[Break(after=60)],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="falls silent after 10 bytes, in the status line",
        faults=Break(after=10, how="stall"),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="falls silent after 60 bytes, in the headers",
        faults=Break(after=60, how="stall"),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="closes in the middle of a whole reply, once",
        faults=[Break(tenths=5)],
        streamed=None,
        whole=AGAIN,
    ),
    Case(
        name="resets in the middle of a whole reply, always",
        faults=Break(tenths=5, how="reset"),
        streamed=None,
        whole=LOST,
    ),
    Case(
        name="ends a reply in its middle as if it were whole",
        faults=Break(tenths=5, how="end"),
        streamed=None,
        whole=fails("ResponseError", reused=True),
    ),
    Case(
        name="falls silent in the middle of the answer",
        faults=Break(events=3, tenths=5, how="stall"),
        streamed=broken(PIECES[0] + PIECES[1], "StreamStalledError"),
        text_streamed=broken(ANSWER, "StreamStalledError"),
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="closes within a character of UTF-8, once",
        faults=[Break(inside="ö".encode())],
        streamed=HALF,
        whole=AGAIN,
    ),
    Case(
        name="ends the reply within a character of UTF-8",
        faults=Break(inside="ö".encode(), how="end"),
        streamed=attrs.evolve(HALF, reused=True),
        whole=fails("ResponseError", reused=True),
    ),
    Case(
        name="closes within a number, before any of the answer, once",
        faults=[Break(inside=NUMBER)],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="sends a byte at a time",
        faults=Dribble(seconds=0.0005),
        streamed=FINE,
        whole=FINE,
    ),
    Case(
        name="dribbles its headers longer than the limit",
        faults=Dribble(seconds=0.02, of="head"),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="dribbles its body longer than the limit",
        faults=Dribble(seconds=0.02, of="body"),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="dribbles its headers longer than the whole call may take",
        faults=Dribble(seconds=0.02, of="head"),
        streamed=fails("APITimeoutError"),
        whole=fails("APITimeoutError"),
        timeout=attrs.evolve(LIMITS, total=0.3),
    ),
    Case(
        name="is slow, within the limits",
        faults=Slow(seconds=0.1),
        streamed=FINE,
        whole=FINE,
    ),
    Case(
        name="sends tokens for longer than the whole call may take",
        faults=Endless(tokens=True, every=0.02),
        streamed=broken("more ...", "StreamStalledError"),
        whole=None,
        timeout=attrs.evolve(LIMITS, total=0.3),
    ),
    Case(
        name="sends keep-alive comments for ever (a whole reply: blanks)",
        faults=KeepAlives(),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="sends keep-alive comments for ever after a part of the answer",
        faults=KeepAlives(events=2),
        streamed=broken(PIECES[0], "StreamStalledError"),
        text_streamed=broken(PIECES[0] + PIECES[1], "StreamStalledError"),
        whole=None,
        timeout=QUICK,
    ),
    Case(
        name="sends 100 Continue for ever",
        faults=Interim(),
        streamed=LATE,
        whole=LATE,
        timeout=QUICK,
    ),
    Case(
        name="sends 100 Continue three times, then answers",
        faults=Interim(times=3, every=0.005),
        streamed=FINE,
        whole=FINE,
    ),
)


def status_cases() -> tuple[Case, ...]:
    found = []
    for status, error in (
        (429, "RateLimitError"),
        (500, "ServerError"),
        (502, "ServerError"),
        (503, "ServerError"),
        (504, "ServerError"),
    ):
        for times in (1, 2):
            found.append(
                Case(
                    name=f"answers {status} {'once' if times == 1 else 'twice'}, then well",
                    faults=[Status(status)] * times,
                    streamed=Outcome(attempts=1 + times),
                    whole=Outcome(attempts=1 + times),
                )
            )
        found.append(
            Case(
                name=f"always answers {status}",
                faults=Status(status),
                streamed=fails(error, 3, reused=True),
                whole=fails(error, 3, reused=True),
            )
        )
    for status, error, attempts in (
        (400, "BadRequestError", 1),
        (401, "AuthenticationError", 1),
        (402, "PaymentRequiredError", 1),
        (403, "PermissionDeniedError", 1),
        (408, "ConflictError", 3),
        (409, "ConflictError", 3),
        (413, "RequestTooLargeError", 1),
        (422, "BadRequestError", 1),
        (424, "ServerError", 3),
        (501, "ServerError", 1),
        (520, "ServerError", 3),
        (999, "APIStatusError", 1),
    ):
        found.append(
            Case(
                name=f"always answers {status}",
                faults=Status(status),
                streamed=fails(error, attempts, reused=True),
                whole=fails(error, attempts, reused=True),
            )
        )
    return tuple(found)


def told_to_wait(
    says: str,
    wait: float | None,
    *,
    status: int = 429,
    error: str = "RateLimitError",
    body: object = None,
    **headers: str | Callable[[], str],
) -> Case:
    """A 429 with a hint how long to wait; None is longer than hfi waits for anybody."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    waited = Outcome(attempts=2, waits=None if wait is None else (wait,))
    refused = fails(error, reused=True)
    return Case(
        name=f"answers {status} once, with {says}",
        faults=[Status(status, body=body, headers=named)],
        streamed=refused if wait is None else waited,
        whole=refused if wait is None else waited,
    )


def said(message: str, **fields: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "rate_limit", **fields}}


STATUS = (
    *status_cases(),
    told_to_wait("`Retry-After: 7`", 7.0, retry_after="7"),
    told_to_wait("`Retry-After: 7.5`", 7.5, retry_after="7.5"),
    told_to_wait("`Retry-After:` a date in 10 s", 10.0, retry_after=http_date(10)),
    told_to_wait("`Retry-After:` a date that has passed", 1.0, retry_after=http_date(-100)),
    told_to_wait("`Retry-After: soon`", 1.0, retry_after="soon"),
    told_to_wait("`Retry-After: -5`", 1.0, retry_after="-5"),
    told_to_wait("`Retry-After: 99999999`", None, retry_after="99999999"),
    told_to_wait("`Retry-After:` a date in a year", None, retry_after=http_date(365 * 86400)),
    told_to_wait("`retry-after-ms: 1500`", 1.5, retry_after_ms="1500"),
    told_to_wait('`RateLimit: "api";r=0;t=5`', 6.0, ratelimit='"api";r=0;t=5'),
    told_to_wait("`try again in 7.66s` in its body", 7.66, body=said("Please try again in 7.66s.")),
    told_to_wait(
        "`retry_after_seconds: 3` in its body",
        3.0,
        body=said("Slow down", metadata={"retry_after_seconds": 3}),
    ),
    told_to_wait("`Retry-After: 3`", 3.0, status=503, error="ServerError", retry_after="3"),
    told_to_wait(
        "`Retry-After: 99999999`", None, status=503, error="ServerError", retry_after="99999999"
    ),
    Case(
        name="is loading its model, twice (`estimated_time: 8`)",
        faults=[Status(503, body={"error": "Model x is currently loading", "estimated_time": 8.0})]
        * 2,
        streamed=Outcome(attempts=3, waits=(8.0, 8.0)),
        whole=Outcome(attempts=3, waits=(8.0, 8.0)),
    ),
    Case(
        name="forbids retries (`x-should-retry: false`)",
        faults=Status(503, headers={"x-should-retry": "false"}),
        streamed=fails("ServerError", reused=True),
        whole=fails("ServerError", reused=True),
    ),
    Case(
        name="answers 503, then breaks off in the middle of the answer",
        faults=[Status(503), Break(events=3, tenths=5)],
        streamed=broken(PIECES[0] + PIECES[1], attempts=2),
        text_streamed=broken(ANSWER, attempts=2),
        whole=Outcome(attempts=3),
    ),
)

TYPED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def bad_head(name: str, head: bytes) -> Case:
    return Case(name=f"{name}, once", faults=[RawHead(head)], streamed=AGAIN, whole=AGAIN)


def typed(value: str | None) -> Case:
    says = "has no content type" if value is None else f"calls its reply `{value}`"
    return Case(name=says, faults=Headers(set={"Content-Type": value}), streamed=FINE, whole=FINE)


HTTP = (
    Case(
        name="announces a Content-Length 10 too long, once",
        faults=[ContentLength(10)],
        streamed=attrs.evolve(FINE, reused=False),
        whole=AGAIN,
    ),
    Case(
        name="announces a Content-Length 10 too short",
        faults=ContentLength(-10),
        streamed=attrs.evolve(FINE, reused=False),
        text_streamed=broken(ANSWER),
        whole=fails("ResponseError"),
    ),
    Case(
        name="sends a chunk whose size is no number, once",
        faults=[BadChunk("size")],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="sends a chunk of a negative size, once",
        faults=[BadChunk("negative")],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="sends a chunk of an endless size, once",
        faults=[BadChunk("huge")],
        streamed=AGAIN,
        whole=AGAIN,
    ),
    Case(
        name="sends a bad chunk in the middle of the answer",
        faults=BadChunk("size", place=3),
        streamed=HALF,
        text_streamed=ALMOST,
        whole=None,
    ),
    Case(
        name="ends a chunk with something else",
        faults=[BadChunk("end", place=2)],
        streamed=HALF,
        text_streamed=ALMOST,
        whole=None,
    ),
    bad_head("answers in no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    bad_head("sends a body without a head", b'{"choices": []}\r\n\r\n'),
    bad_head("sends a header line without a colon", TYPED + b"Broken\r\n\r\n"),
    bad_head("sends a header with a NUL", TYPED + b"X-A: \x00\r\n\r\n"),
    bad_head(
        "sends two Content-Lengths that differ",
        TYPED + b"Content-Length: 10\r\nContent-Length: 11\r\n\r\n",
    ),
    bad_head("sends a Content-Length that is no number", TYPED + b"Content-Length: ten\r\n\r\n"),
    Case(
        name="sends headers of 300 kB",
        faults=Headers(add=tuple((f"X-{number}", "x" * 1000) for number in range(300))),
        streamed=fails("LimitExceededError"),
        whole=fails("LimitExceededError"),
    ),
    Case(
        name="sends the same header twice, and names nobody knows",
        faults=Headers(add=(("X-Request-Id", "1"), ("X-Request-Id", "2"), ("X-\tÿ"[:2], "ÿ"))),
        streamed=FINE,
        whole=FINE,
    ),
    typed(None),
    typed("text/html"),
    typed("application/json; charset=latin-1"),
    typed("text/event-stream"),
    Case(
        name="redirects in a circle",
        faults=Redirect(),
        streamed=fails("LimitExceededError"),
        whole=fails("LimitExceededError"),
        extra=5,
    ),
    Case(
        name="redirects a POST with 302",
        faults=Redirect(status=302),
        streamed=fails("APIStatusError", reused=True),
        whole=fails("APIStatusError", reused=True),
    ),
    Case(
        name="redirects to a `file:` address",
        faults=Redirect(to="file:///etc/passwd"),
        streamed=fails("ResponseError"),
        whole=fails("ResponseError"),
    ),
)

TOO_MUCH = fails("LimitExceededError")
PAGE = Body(b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}, raw=True)


def stream_errors() -> tuple[Case, ...]:
    found = []
    for shape in payloads.STREAM_ERRORS:
        found.append(
            Case(
                name=f"reports an error in place of the answer, once ({shape})",
                faults=[InStreamError(shape)],
                streamed=AGAIN,
                whole=AGAIN,
            )
        )
        found.append(
            Case(
                name=f"reports an error in the middle of the answer ({shape})",
                faults=InStreamError(shape, events=2),
                streamed=broken(PIECES[0], "GenerationError"),
                text_streamed=broken(PIECES[0] + PIECES[1], "GenerationError"),
                whole=None,
            )
        )
    return tuple(found)


SPEECH = (
    *stream_errors(),
    Case(
        name="reports an error in place of the answer, always (openai)",
        faults=InStreamError("openai"),
        streamed=fails("ServerError", 3),
        whole=fails("ServerError", 3, reused=True),
    ),
    Case(
        name="leaves out `[DONE]`",
        faults=MissingDone(),
        streamed=FINE,
        whole=FINE,
    ),
    Case(
        name="leaves out the reason for the end",
        faults=MissingFinish(),
        streamed=attrs.evolve(broken(ANSWER), reused=True),
        whole=None,
    ),
    Case(
        name="leaves out the reason for the end, but not `[DONE]`",
        faults=MissingFinish(done=True),
        streamed=FINE,
        text_streamed=attrs.evolve(broken(ANSWER), reused=True),
        whole=None,
    ),
    Case(
        name="sends invalid UTF-8",
        faults=Replace(old="ö".encode(), new=b"\xff"),
        streamed=Outcome(text="Héllo w\ufffdrld, 42!"),
        whole=Outcome(text="Héllo w\ufffdrld, 42!"),
    ),
    Case(
        name="sends a page of HTML with status 200",
        faults=PAGE,
        streamed=fails("ResponseError", reused=True),
        whole=fails("ResponseError", reused=True),
    ),
    Case(
        name="sends what is no JSON in the middle of the answer",
        faults=Body(b"{oops}"),
        streamed=broken(PIECES[0], "ResponseError"),
        text_streamed=broken(PIECES[0] + PIECES[1], "ResponseError"),
        whole=fails("ResponseError", reused=True),
    ),
    Case(
        name="sends an empty body",
        faults=Body(b"", raw=True),
        streamed=fails("StreamInterruptedError", 3, text="", reused=True),
        whole=fails("ResponseError", reused=True),
    ),
    Case(
        name="sends JSON a million deep",
        faults=Body(payloads.deep_json),
        streamed=broken(PIECES[0], "LimitExceededError"),
        text_streamed=broken(PIECES[0] + PIECES[1], "LimitExceededError"),
        whole=fails("LimitExceededError", reused=True),
    ),
    Case(
        name="sends a line without an end",
        faults=Endless(piece=b"x" * (1 << 20)),
        streamed=TOO_MUCH,
        whole=TOO_MUCH,
        timeout=attrs.evolve(LIMITS, first_token=20, between_tokens=20),
    ),
    Case(
        name="sends a body that inflates to 1 GB (gzip) of blanks",
        faults=GzipBomb(1 << 30),
        streamed=TOO_MUCH,
        whole=TOO_MUCH,
        timeout=attrs.evolve(LIMITS, first_token=20, between_tokens=20),
    ),
    Case(
        name="sends a body that inflates to 1 GB (gzip) of text",
        faults=GzipBomb(1 << 30, fill=b"x"),
        streamed=TOO_MUCH,
        whole=TOO_MUCH,
        timeout=attrs.evolve(LIMITS, first_token=20, between_tokens=20),
    ),
)

GROUPS = {
    "The connection": CONNECTION,
    "Bytes and time": BYTES,
    "Statuses and waits": STATUS,
    "HTTP": HTTP,
    "What is said": SPEECH,
}
