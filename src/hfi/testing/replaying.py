"""Replaying what was recorded.

::

    with replay("poem.json") as tape:  # no server, no network
        Client(transport=tape, token="hf_any").chat("A poem on rain, please.")

What is replayed are bytes: they go through the parsers, the retries and the limits of the client
like those of a server.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from difflib import SequenceMatcher
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from hfi.errors import ConfigurationError
from hfi.testing.exchanges import FAILURES, Exchange, read_tape

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Replayer", "replay"]


@contextmanager
def replay(path: str | PathLike[str], *, timed: bool = False) -> Iterator[Replayer]:
    """Answers the clients whose ``transport`` it gives with what was recorded.

    A request is answered with the first exchange, not yet used, that has the same method, path,
    query and body; the host and the headers may differ. When all such are used, the last is used
    again.

    Args:
        path: A file that ``record`` wrote.
        timed: Whether the pieces of a stream come with the pauses that they came with.

    Raises:
        ConfigurationError: The file is no recording; or, in a call, nothing was recorded for it.
    """
    yield Replayer(read_tape(Path(path).read_text(encoding="utf-8")), timed=timed)


class Replayer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of both kinds of client that says again what was recorded."""

    def __init__(self, exchanges: list[Exchange], *, timed: bool = False) -> None:
        self._exchanges = exchanges
        self._used: set[int] = set()
        self._timed = timed
        self._lock = Lock()

    @property
    def unused(self) -> list[Exchange]:
        """What was recorded and not asked for."""
        return [each for number, each in enumerate(self._exchanges) if number not in self._used]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers a request.

        Raises:
            ConfigurationError: Nothing was recorded for it.
        """
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers a request.

        Raises:
            ConfigurationError: Nothing was recorded for it.
        """
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        exchange = self._find(request)
        if exchange.status is None:
            raise _failure(exchange.failure)
        return httpx.Response(
            exchange.status,
            headers=list(exchange.reply_headers),
            stream=_Said(exchange, self._timed),
        )

    def _find(self, request: httpx.Request) -> Exchange:
        asked = Exchange(method=request.method, url=str(request.url), body=request.content)
        # As it would have been recorded: what is masked there is masked here.
        asked = asked.without([request.headers.get("authorization", "").rpartition(" ")[2]])
        with self._lock:
            same = [
                number for number, each in enumerate(self._exchanges) if _key(each) == _key(asked)
            ]
            if not same:
                raise _unknown(asked, self._exchanges)
            number = next((each for each in same if each not in self._used), same[-1])
            self._used.add(number)
        return self._exchanges[number]


class _Said(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A reply's body, said again."""

    def __init__(self, exchange: Exchange, timed: bool) -> None:
        self._exchange = exchange
        self._timed = timed

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._exchange.pieces:
            if self._timed:
                time.sleep(piece.after)
            yield piece.data
        if self._exchange.failure is not None:
            raise _failure(self._exchange.failure)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._exchange.pieces:
            if self._timed:
                await anyio.sleep(piece.after)
            yield piece.data
        if self._exchange.failure is not None:
            raise _failure(self._exchange.failure)


def _failure(name: str | None) -> Exception:
    kind = FAILURES.get(name or "")
    if kind is None:
        raise ConfigurationError(
            f"The recording tells of a failure {name!r}, which is none.",
            hint=f"There are {', '.join(sorted(FAILURES))}.",
        )
    return kind("as recorded")


def _key(exchange: Exchange) -> tuple[str, str, Any]:
    return exchange.method, exchange.target, _meaning(exchange.body)


def _meaning(body: bytes) -> Any:
    """What a body says: JSON without its blanks and the order of its names."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):
        return body


def _unknown(asked: Exchange, known: list[Exchange]) -> ConfigurationError:
    hint = "Record it again."
    if known:
        nearest = max(known, key=lambda each: _likeness(asked, each))
        hint = f"The nearest was {_difference(asked, nearest)}. {hint}"
    return ConfigurationError(
        f"Nothing was recorded for {asked.method} {asked.target}"
        + (" with this body." if asked.body else "."),
        hint=hint,
    )


def _likeness(one: Exchange, other: Exchange) -> float:
    first, second = (
        f"{each.method} {each.target} {_meaning(each.body)!r}"[:2000] for each in (one, other)
    )
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _difference(asked: Exchange, known: Exchange) -> str:
    shown = f"{known.method} {known.target}"
    if (asked.method, asked.target) != (known.method, known.target):
        return shown
    one, other = repr(_meaning(asked.body)), repr(_meaning(known.body))
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    start = max((min(len(one), len(other)) if at is None else at) - 30, 0)
    ends = slice(start, start + 80)
    return f"{shown}, whose body has ...{other[ends]}... for ...{one[ends]}..."
