"""Recording what a client and a server really said to each other.

::

    with record("poem.json") as tape:  # once, with a server
        Client(transport=tape).chat("A poem on rain, please.")

``hfi.testing.replaying`` says it again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx

from hfi._async.foreign import AsyncPoolTransport
from hfi._async.pool import AsyncPool
from hfi._sync.foreign import PoolTransport
from hfi._sync.pool import Pool
from hfi.testing.exchanges import FAILURES, Exchange, Piece, write_tape
from hfi.types.settings import Limits

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Recorder", "record"]


@contextmanager
def record(path: str | PathLike[str]) -> Iterator[Recorder]:
    """Records the exchanges of the clients whose ``transport`` it gives; the file is written last.

    Tokens, cookies and whatever looks like a secret are left out, of bodies too; look at the file
    before you publish it all the same. Bodies are asked for uncompressed, so that they can be read.

    Args:
        path: The file to write; what is there is replaced. The folder must exist.
    """
    recorder = Recorder()
    try:
        yield recorder
    finally:
        recorder.close()
        Path(path).write_text(write_tape(recorder.exchanges), encoding="utf-8")


class Recorder(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of both kinds of client that writes down what goes over it."""

    def __init__(self) -> None:
        self._notes: list[_Note] = []
        self._pool = PoolTransport(Pool(limits=Limits()))
        self._async_pool = AsyncPoolTransport(AsyncPool(limits=Limits()))

    @property
    def exchanges(self) -> list[Exchange]:
        """What was recorded so far, without secrets, in the order of the requests."""
        secrets = {secret for note in self._notes for secret in note.secrets}
        return [note.exchange().without(secrets) for note in self._notes]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, and notes it and its reply."""
        note = self._begin(request)
        try:
            response = self._pool.handle_request(request)
        except Exception as error:
            note.fail(error)
            raise
        return note.reply(response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, and notes it and its reply."""
        note = self._begin(request)
        try:
            response = await self._async_pool.handle_async_request(request)
        except Exception as error:
            note.fail(error)
            raise
        return note.reply(response)

    def close(self) -> None:
        """Closes what connections are idle."""
        self._pool.close()

    async def aclose(self) -> None:
        """Closes what connections are idle."""
        await self._async_pool.aclose()

    def _begin(self, request: httpx.Request) -> _Note:
        request.headers["accept-encoding"] = "identity"
        note = _Note(request)
        self._notes.append(note)
        return note


class _Note:
    """One exchange while it goes on."""

    def __init__(self, request: httpx.Request) -> None:
        self._began = time.monotonic()
        self._pieces: list[Piece] = []
        authorization = request.headers.get("authorization", "")
        self.secrets = {authorization, authorization.rpartition(" ")[2]}
        self._exchange = Exchange(
            method=request.method,
            url=str(request.url),
            body=request.content,
            headers={name.lower(): value for name, value in request.headers.items()},
        )

    def exchange(self) -> Exchange:
        return attrs.evolve(self._exchange, pieces=tuple(self._pieces))

    def fail(self, error: Exception) -> None:
        if type(error).__name__ in FAILURES:
            self._exchange = attrs.evolve(self._exchange, failure=type(error).__name__)

    def reply(self, response: httpx.Response) -> httpx.Response:
        self._exchange = attrs.evolve(
            self._exchange,
            status=response.status_code,
            reply_headers=[
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            ],
        )
        response.stream = _Heard(response.stream, self)
        return response

    def came(self, data: bytes) -> None:
        now = time.monotonic()
        self._pieces.append(Piece(data, round(now - self._began, 3)))
        self._began = now


class _Heard(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A reply's body, which notes what comes of it; all else is the connection pool's."""

    def __init__(self, inner: Any, note: _Note) -> None:
        self._inner = inner
        self._note = note

    def __iter__(self) -> Iterator[bytes]:
        return _Pieces(self._inner.__iter__(), self._note)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Pieces(self._inner.__aiter__(), self._note)

    def end(self) -> None:
        self._inner.end()

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def abort(self) -> None:
        self._inner.abort()

    def drop(self) -> None:
        self._inner.drop()


class _Pieces:
    """An iterator of both kinds."""

    def __init__(self, inner: Any, note: _Note) -> None:
        self._inner = inner
        self._note = note

    def __iter__(self) -> _Pieces:
        return self

    def __aiter__(self) -> _Pieces:
        return self

    def __next__(self) -> bytes:
        try:
            data: bytes = next(self._inner)
        except StopIteration:
            raise
        except Exception as error:
            self._note.fail(error)
            raise
        self._note.came(data)
        return data

    async def __anext__(self) -> bytes:
        try:
            data: bytes = await self._inner.__anext__()
        except StopAsyncIteration:
            raise
        except Exception as error:
            self._note.fail(error)
            raise
        self._note.came(data)
        return data
