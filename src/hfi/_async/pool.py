"""The connection pool: httpcore's connections, one request on each.

httpx's own pool looks at every connection for every request, and collapses above some dozens of
calls in flight. Here idle connections lie on a stack per origin, and a call costs the same however
many there are.
"""

from __future__ import annotations

import contextlib
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpcore

from hfi._concurrency import (
    AsyncSlots,
    AsyncThreadLock,
    async_home,
    async_home_is_gone,
    async_shield,
    async_to_thread,
)
from hfi._core.line.engines import choose_engine
from hfi._core.line.proxies import check_proxy, proxy_for
from hfi._environment import read_proxies
from hfi._network import engines
from hfi._network.security import ssl_context_for
from hfi._network.tasks import AsyncWireBackend
from hfi._network.translation import httpcore_proxy, httpcore_request
from hfi._network.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hfi._concurrency import Home
    from hfi._core.line.deadline import CallClock
    from hfi._core.line.engines import Engine
    from hfi._core.line.outgoing import Address, Outgoing
    from hfi._network.security import Verify
    from hfi.types.settings import Limits

__all__ = ["AsyncPool", "AsyncPooledStream"]

Origin = tuple[bytes, bytes, int]

PACKAGE = __name__.rpartition(".")[0]

# What a server's close of an idle connection looks like to the request that met it.
STALE = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)

# Iterators of replies that were dropped unread. Their sockets are closed; they themselves can be
# finished in their own event loop only, or it warns of them. The next call there does it.
_dropped: deque[tuple[Home, Any, Wire]] = deque()


class AsyncConnection:
    """One connection, its socket, and until when it is worth keeping.

    It is one of httpcore's, or of the fast engine's.
    """

    __slots__ = ("core", "fast", "good_until", "origin", "reused", "wire")

    def __init__(self, origin: Origin, core: Any, wire: Wire, *, fast: bool) -> None:
        self.origin = origin
        self.core = core
        self.fast = fast
        self.wire = wire
        self.reused = False
        self.good_until = 0.0

    async def send(self, request: Outgoing) -> Any:
        """Sends a request; gives the head of its reply, with the body to be read."""
        response: Any
        if self.fast:
            response = await self.core.send(request)
        else:
            response = await self.core.handle_async_request(httpcore_request(request))
        return response


class AsyncPart:
    """The connections of one event loop, or of one process."""

    def __init__(self, home: Home, limits: Limits) -> None:
        self.home = home
        self.slots = AsyncSlots(limits.max_connections, home)
        self._limits = limits
        self._lock = AsyncThreadLock()
        self._closed = False
        # Dicts for their order: the last of a stack is the warmest, the first of all the oldest.
        self._stacks: dict[Origin, dict[AsyncConnection, None]] = {}
        self._idle: dict[AsyncConnection, None] = {}

    def take(self, origin: Origin) -> AsyncConnection | None:
        """The idle connection that was used last, if one is still good."""
        with self._lock:
            self._expire(monotonic())
            while stack := self._stacks.get(origin):
                connection = next(reversed(stack))
                self._remove(connection)
                if not connection.wire.readable():
                    connection.reused = True
                    return connection
                connection.wire.close()  # the server has ended it, or says what nobody asked for
            return None

    def put(self, connection: AsyncConnection) -> None:
        """Keeps a connection for the next call."""
        now = monotonic()
        connection.good_until = now + self._limits.idle_seconds
        with self._lock:
            if self._closed:
                connection.wire.close()
                return
            self._stacks.setdefault(connection.origin, {})[connection] = None
            self._idle[connection] = None
            self._expire(now)

    def close(self) -> None:
        """Closes what is idle; what is in use is closed when it comes back."""
        with self._lock:
            self._closed = True
            for connection in list(self._idle):
                self._remove(connection)
                connection.wire.close()

    def abandon(self) -> None:
        """Closes what a loop that ended, or a parent process, left behind.

        Without the lock: a thread of the parent's may have held it when the process was forked.
        """
        for connection in list(self._idle):
            connection.wire.close()

    def _expire(self, now: float) -> None:
        while self._idle:
            oldest = next(iter(self._idle))
            if len(self._idle) <= self._limits.max_idle and oldest.good_until > now:
                return
            self._remove(oldest)
            oldest.wire.close()

    def _remove(self, connection: AsyncConnection) -> None:
        del self._idle[connection]
        stack = self._stacks[connection.origin]
        del stack[connection]
        if not stack:
            del self._stacks[connection.origin]


class AsyncPool:
    """Hands each request a connection until its reply is closed. Raises httpcore's exceptions."""

    def __init__(
        self,
        *,
        limits: Limits,
        proxy: str | None = None,
        verify: Verify = True,
        engine: str = "auto",
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._verify = verify
        self._proxy = None if proxy is None else check_proxy(proxy)
        self._environment = read_proxies() if proxy is None else {}
        self._ssl_context: Any = None
        self._parts: dict[Home, AsyncPart] = {}

    async def send(self, request: Outgoing) -> AsyncPooledStream:
        """Sends a request; its reply holds the connection until it is closed or dropped."""
        part = self._part()
        if _dropped:
            await _finish_dropped(part.home)
        clock = request.clock
        if not await part.slots.acquire(self._patience(clock)):
            raise httpcore.PoolTimeout
        try:
            connection, response = await self._exchange(part, request, clock)
        except BaseException:
            part.slots.release()
            raise
        return AsyncPooledStream(part, connection, response)

    async def aclose(self) -> None:
        """Closes every idle connection; replies that are being read stay whole."""
        for part in list(self._parts.values()):
            part.close()
        with contextlib.suppress(RuntimeError):  # outside of any event loop nothing is to finish
            await _finish_dropped(async_home())

    def _part(self) -> AsyncPart:
        here = async_home()
        part = self._parts.get(here)
        if part is None:
            for other in [other for other in list(self._parts) if async_home_is_gone(other)]:
                self._parts.pop(other).abandon()
            part = self._parts.setdefault(here, AsyncPart(here, self._limits))
        return part

    def _patience(self, clock: CallClock) -> float | None:
        left = clock.total_left(monotonic())
        waits = [seconds for seconds in (left, self._limits.wait) if seconds is not None]
        return min(waits, default=None)

    async def _exchange(
        self, part: AsyncPart, request: Outgoing, clock: CallClock
    ) -> tuple[AsyncConnection, Any]:
        address = request.address
        origin = address.origin
        proxy = self._proxy_of(address)
        if self._ssl_context is None and (address.scheme == b"https" or _is_tls(proxy)):
            self._ssl_context = await async_to_thread(ssl_context_for, self._verify)
        if self._engine != "default" and not engines.is_known(PACKAGE):
            await async_to_thread(engines.fast_room, PACKAGE)
        clock.begin(monotonic())
        connection = part.take(origin) or self._connection(origin, proxy)
        while True:
            connection.wire.clock = clock
            connection.wire.heard = False
            if clock.closing is not None:
                clock.closing.reach(partial(connection.wire.abort_call, clock))
            try:
                return connection, await connection.send(request)
            except STALE:
                connection.wire.close()
                if not connection.reused or connection.wire.heard:
                    raise
                connection = self._connection(origin, proxy)
            except httpcore.ConnectError as error:
                connection.wire.close()
                if proxy is None:
                    raise
                raise httpcore.ProxyError(str(error)) from error
            except BaseException:
                connection.wire.close()
                raise

    def engine_for(self, address: Address) -> Engine:
        """The engine that requests to this address go over, and why."""
        return self.engine(self._proxy_of(address))

    def engine(self, proxy: str | None) -> Engine:
        """The engine of new connections, straight ones or through a proxy."""
        return choose_engine(
            self._engine,
            installed=engines.fast_is_there(),
            proxied=proxy is not None,
            mocked=engines.is_mocked(httpcore.AsyncHTTPConnection.handle_async_request),
        )

    def _proxy_of(self, address: Address) -> str | None:
        if self._proxy is not None or not self._environment:
            return self._proxy
        scheme, host = address.scheme.decode(), address.host.decode()
        return proxy_for(scheme, host, address.port, self._environment)

    def _connection(self, origin: Origin, proxy: str | None) -> AsyncConnection:
        wire = Wire()
        if self.engine(proxy).name == "fast":
            room = engines.fast_room(PACKAGE)
            core = room.AsyncCompiledConnection(origin, self._ssl_context, wire)
            return AsyncConnection(origin, core, wire, fast=True)
        factory = httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            proxy=None if proxy is None else httpcore_proxy(proxy, self._ssl_context),
            network_backend=AsyncWireBackend(wire),
        )
        core = factory.create_connection(httpcore.Origin(*origin))
        return AsyncConnection(origin, core, wire, fast=False)


class AsyncPooledStream:
    """A reply: its head, and its body as an iterator.

    It holds the connection until it is closed; dropping it closes that.

    """

    _open = False
    _read_out = False

    def __init__(self, part: AsyncPart, connection: AsyncConnection, response: Any) -> None:
        self._part = part
        self._connection = connection
        self._response = response
        self.status: int = response.status
        self.headers: list[tuple[bytes, bytes]] = response.headers
        # httpcore's body is a generator: held from the start, so that it can be finished.
        body: Any = response.stream
        self._iterator: Any = body.__aiter__()
        self._open = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterator  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        """Gives the connection back if the body was read to its end, and closes it otherwise."""
        if not self._open:
            return
        self._open = False
        wire, good = self._connection.wire, False
        if not self._read_out:
            wire.close()
        try:
            with async_shield():
                await _finish(self._iterator, wire)
                await self._response.aclose()
            idle = self._connection.core.is_idle() and wire.settled
            good = idle and self._part.home == async_home()
        finally:
            wire.clock = None
            if good:
                self._part.put(self._connection)
            else:
                wire.close()
            self._part.slots.release()

    def end(self) -> None:
        """The body was read to its end: the connection may be kept."""
        self._read_out = True

    def abort(self) -> None:
        """Wakes the reader, from any thread; the reader has to close the stream then."""
        self._connection.wire.abort()

    def drop(self) -> None:
        """Closes the socket at once, from any thread, when nobody reads."""
        if self._open:
            self._open = False
            self._connection.wire.close()
            _dropped.append((self._part.home, self._iterator, self._connection.wire))
            self._part.slots.give_back()

    def __del__(self) -> None:
        self.drop()


def _is_tls(proxy: str | None) -> bool:
    return proxy is not None and proxy.startswith("https:")


async def _finish(iterator: Any, wire: Wire) -> None:
    """Lets a body's generators come to their end.

    Closing the outer one would leave httpcore's inner one to the collector, of which some event
    loops warn. So they are read on: a closed socket gives nothing but an error, which ends both.
    """
    if wire.used:
        with contextlib.suppress(Exception):
            while True:
                await iterator.__anext__()
    elif hasattr(iterator, "aclose"):  # made up by a mock
        await iterator.aclose()


async def _finish_dropped(home: Home) -> None:
    for _ in range(len(_dropped)):
        try:
            where, iterator, wire = _dropped.popleft()
        except IndexError:  # another thread was quicker
            return
        if where == home:
            with async_shield(), contextlib.suppress(Exception):
                await _finish(iterator, wire)
        elif not async_home_is_gone(where):
            _dropped.append((where, iterator, wire))
