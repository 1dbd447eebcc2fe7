"""Runs one cell of the matrix: a call of one colour to a server with one fault, and the next."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any
from unittest import mock

import attrs
import trustme

import hfi
from faults.outcome import COLUMNS, PIECES, Case, Column, Outcome
from hfi.testing import FakeServer, ReceivedRequest, Reply

__all__ = ["Cell", "cells", "complaints", "no_waiting", "run"]

TOKEN = "hf_notarealtokenbutasecret"
NEXT = "the answer to the next call"
FIRST_PROMPT = "Say "
# Seconds that no cell may take, on a machine that has other things to do.
MOST_SECONDS = 20.0

_waits = threading.local()


@attrs.frozen(kw_only=True, eq=False)
class Cell:
    """One call: a case, a column, and the colour of the client."""

    case: Case
    column: Column
    colour: str

    def __str__(self) -> str:
        task, streamed = self.column
        return f"{self.colour}, {task}, {'streamed' if streamed else 'whole'}"


def cells(case: Case) -> list[Cell]:
    """The cells of a case that have an expectation."""
    return [
        Cell(case=case, column=column, colour=colour)
        for column in COLUMNS
        if case.expected(column) is not None
        for colour in ("sync", "async")
    ]


@contextlib.contextmanager
def no_waiting() -> Iterator[None]:
    """The waits between attempts are noted down instead, and have no jitter."""

    def note(seconds: float, over: object) -> None:
        _waits.seconds.append(seconds)

    async def async_note(seconds: float, over: object) -> None:
        note(seconds, over)

    with (
        mock.patch("hfi._sync.transport.pause", note),
        mock.patch("hfi._async.transport.async_pause", async_note),
        mock.patch("hfi._sync.transport.random", return_value=0.0),
        mock.patch("hfi._async.transport.random", return_value=0.0),
    ):
        yield


def run(case: Case) -> dict[Cell, list[str]]:
    """Runs all cells of a case at once; gives what is wrong with each."""
    todo = cells(case)
    with ThreadPoolExecutor(max_workers=len(todo)) as pool:
        return dict(zip(todo, pool.map(complaints, todo), strict=True))


def complaints(cell: Cell) -> list[str]:
    """Runs a cell; gives what it did that it should not have done."""
    case = cell.case
    expected = case.expected(cell.column)
    assert expected is not None
    found: list[str] = []
    began = time.monotonic()
    with FakeServer(_reply, faults=case.faults, tls=_tls(case.tls)) as server:
        watch = Watch(cell, server)
        if cell.colour == "async":
            asyncio.run(watch.call_async())
        else:
            watch.call()
        outcome = watch.outcome()
        if not _same(outcome, expected):
            found.append(f"expected {_told(expected)}, came {_told(outcome)}")
        found += watch.complaints
        if time.monotonic() - began > MOST_SECONDS:
            found.append(f"took {time.monotonic() - began:.1f} s")
        if not _soon(lambda: server.open_connections == 0):
            found.append(f"left {server.open_connections} connections open")
        found += [f"the server failed: {error!r}" for error in server.errors]
    return found


class Watch:
    """One cell on its way: makes the calls and keeps what came of them."""

    def __init__(self, cell: Cell, server: FakeServer) -> None:
        self.complaints: list[str] = []
        self._case = cell.case
        self._task, self._streamed = cell.column
        self._server = server
        self._texts: list[str] = []
        self._answer: Any = None
        self._error: BaseException | None = None
        self._calls_before = 0
        self._calls = 0
        self._reused = False
        _waits.seconds = []

    # -- the calls, in both colours ----------------------------------------------------------------

    def call(self) -> None:
        with hfi.Client(**self._options()) as client:
            ask = client.chat if self._task == "chat" else client.text_generation
            if self._case.warm:
                ask("Say hello")
            self._begin()
            try:
                if self._streamed:
                    with ask(self._prompt, stream=True, timeout=self._case.timeout) as stream:
                        for chunk in stream:
                            self._texts.append(chunk.text)
                    self._answer = stream.completion
                else:
                    self._answer = ask(self._prompt, timeout=self._case.timeout)
            except BaseException as error:  # whatever it is, it is compared
                self._error = error
            self._over()
            if self._case.next:
                time.sleep(self._case.pause)
                self._check_next(ask("the next").text)

    async def call_async(self) -> None:
        async with hfi.AsyncClient(**self._options()) as client:
            ask = client.chat if self._task == "chat" else client.text_generation
            if self._case.warm:
                await ask("Say hello")
            self._begin()
            try:
                if self._streamed:
                    stream = await ask(self._prompt, stream=True, timeout=self._case.timeout)
                    async with stream:
                        async for chunk in stream:
                            self._texts.append(chunk.text)
                    self._answer = stream.completion
                else:
                    self._answer = await ask(self._prompt, timeout=self._case.timeout)
            except BaseException as error:  # whatever it is, it is compared
                self._error = error
            self._over()
            if self._case.next:
                await asyncio.sleep(self._case.pause)
                self._check_next((await ask("the next")).text)

    def _options(self) -> dict[str, Any]:
        url = self._server.url
        if self._case.scheme is not None:
            url = url.replace("http:", f"{self._case.scheme}:")
        if self._task != "chat":
            # The route says what the server is, so that nobody asks it.
            url += "/generate_stream" if self._streamed else "/generate"
        verify = _ca_context() if self._case.tls in ("good", "expired", "other host") else True
        return {"base_url": url, "token": TOKEN, "verify": verify}

    @property
    def _prompt(self) -> str:
        return FIRST_PROMPT + "o" * self._case.size

    def _begin(self) -> None:
        self._calls_before = len(self._server.calls)

    def _over(self) -> None:
        self._calls = len(self._server.calls) - self._calls_before
        self._connections = self._server.connections
        self._server.faults = None

    def _check_next(self, text: str) -> None:
        # What was left of a faulty reply must not become the answer to another question.
        if text != NEXT:
            self.complaints.append(f"the next call was answered {text[:60]!r}")
        self._reused = self._server.connections == self._connections

    # -- what came of them -------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """What the call came to; complaints about its making stand in ``complaints``."""
        error, attempts, text = self._error, 1, None
        if error is not None:
            text = getattr(getattr(error, "partial", None), "text", None)
            if isinstance(error, hfi.HFIError):
                attempts = len(error.earlier) + 1
            else:
                self.complaints.append("".join(traceback.format_exception(error))[-1500:])
            self._check_error(error)
        else:
            text = self._answer.text
            attempts = self._answer.meta.attempts
            if len(self._answer.meta.earlier) != attempts - 1:
                self.complaints.append(f"meta.earlier has {len(self._answer.meta.earlier)} errors")
        handed = "".join(self._texts)
        if self._streamed and handed != (text or "") and not isinstance(error, hfi.ResponseError):
            self.complaints.append(f"chunks say {handed[:60]!r}, the end says {str(text)[:60]!r}")
        seen = attempts - self._case.unseen + self._case.extra
        if self._calls != max(seen, 0):
            self.complaints.append(f"{attempts} attempts told, but {self._calls} requests came")
        return Outcome(
            error=None if error is None else type(error).__name__,
            text=text,
            attempts=attempts,
            reused=self._reused,
            waits=tuple(_waits.seconds),
        )

    def _check_error(self, error: BaseException) -> None:
        shown = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
        if TOKEN in shown:
            self.complaints.append("the token shows in the error")
        if isinstance(error, hfi.HFIError) and not error.hint:
            self.complaints.append(f"the error tells no next step: {error}")


def _reply(request: ReceivedRequest) -> Reply:
    good = request.prompt.startswith(FIRST_PROMPT) or not request.body
    return Reply(pieces=PIECES) if good else Reply(NEXT)


def _same(outcome: Outcome, expected: Outcome) -> bool:
    waits, text = outcome.waits, outcome.text
    if expected.waits is None:
        waits = None
    elif waits is not None and len(waits) == len(expected.waits):
        # A date tells whole seconds.
        near = all(abs(a - b) <= 1.5 for a, b in zip(waits, expected.waits, strict=True))
        waits = expected.waits if near else waits
    if expected.text is not None and expected.text.endswith("...") and text is not None:
        text = expected.text if text.startswith(expected.text[:-3]) else text
    reused = outcome.reused
    return attrs.evolve(outcome, waits=waits, text=text, reused=reused) == expected


def _told(outcome: Outcome) -> str:
    return (
        f"{outcome.error or 'an answer'} {str(outcome.text)[:60]!r} after {outcome.attempts} "
        f"attempts, reused={outcome.reused}, waits={outcome.waits}"
    )


def _soon(condition: Callable[[], bool], seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return condition()


# -- certificates ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _authority() -> trustme.CA:
    return trustme.CA()


@lru_cache(maxsize=1)
def _ca_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    _authority().configure_trust(context)
    return context


_LOCK = threading.Lock()
_YEAR_2000 = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
_YEAR_2001 = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)


def _tls(kind: str | None) -> ssl.SSLContext | None:
    if kind is None:
        return None
    with _LOCK:
        return _server_context(kind)


@lru_cache(maxsize=8)
def _server_context(kind: str) -> ssl.SSLContext:
    authority = trustme.CA() if kind == "unknown" else _authority()
    expired = kind == "expired"
    host = "other.example" if kind == "other host" else "127.0.0.1"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.issue_cert(
        host,
        not_before=_YEAR_2000 if expired else None,
        not_after=_YEAR_2001 if expired else None,
    )
    certificate.configure_cert(context)
    return context
