"""The network of the async half, on asyncio and on trio."""

# ruff: noqa: ARG002, ASYNC109 - the parameters are httpcore's

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc
import anyio.lowlevel
import httpcore
from anyio.streams.tls import TLSAttribute, TLSStream

from hfi._network.wire import Mapped, Wire, alternating, numeric, set_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hfi._network.wire import Address

__all__ = ["AsyncWireBackend"]

# A second address is tried when the first has not answered after so long (RFC 8305).
NEXT_ADDRESS_AFTER = 0.25
UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, 10035)  # 10035: on Windows


async def _receive(sock: socket.socket, size: int) -> bytes:
    try:
        data = sock.recv(size)
    except (BlockingIOError, InterruptedError):
        pass
    else:
        await anyio.lowlevel.checkpoint()  # others get their turn, and cancelling works
        return data
    while True:
        await anyio.wait_readable(sock)
        try:
            return sock.recv(size)
        except (BlockingIOError, InterruptedError):
            continue


async def _send(sock: socket.socket, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[sock.send(view) :]
        except (BlockingIOError, InterruptedError):
            await anyio.wait_writable(sock)


async def _connect(address: Address) -> socket.socket:
    family, kind, protocol, _, target = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        problem = sock.connect_ex(target)
        if problem in UNDER_WAY:
            await anyio.wait_writable(sock)
            problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, os.strerror(problem))
    except BaseException:
        sock.close()
        raise
    return sock


async def _connect_first(addresses: Sequence[Address]) -> socket.socket:
    """A socket to the address that answers first; each has a head start over the next."""
    if len(addresses) == 1:
        return await _connect(addresses[0])
    connected: list[socket.socket] = []
    problems: list[OSError] = []

    async def attempt(address: Address, over: anyio.Event) -> None:
        try:
            connected.append(await _connect(address))
        except OSError as error:
            problems.append(error)
        else:
            group.cancel_scope.cancel()
        finally:
            over.set()

    try:
        async with anyio.create_task_group() as group:
            for address in addresses:
                over = anyio.Event()
                group.start_soon(attempt, address, over)
                with anyio.move_on_after(NEXT_ADDRESS_AFTER):
                    await over.wait()
    except BaseException:
        for sock in connected:
            sock.close()
        raise
    for sock in connected[1:]:
        sock.close()
    if not connected:
        raise problems[0]
    return connected[0]


class _PlainStream(anyio.abc.ByteStream):
    """A socket as anyio's TLS wants it."""

    def __init__(self, wire: Wire, sock: socket.socket) -> None:
        self._wire = wire
        self._socket = sock

    async def receive(self, max_bytes: int = 65536) -> bytes:
        data = await _receive(self._socket, max_bytes)
        if not data:
            raise anyio.EndOfStream
        return data

    async def send(self, item: bytes) -> None:
        await _send(self._socket, item)

    async def send_eof(self) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        self._wire.close()


async def _handshake(
    below: anyio.abc.ByteStream, ssl_context: ssl.SSLContext, hostname: str | None
) -> TLSStream:
    try:
        return await TLSStream.wrap(
            below,
            ssl_context=ssl_context,
            hostname=hostname,
            server_side=False,
            standard_compatible=False,
        )
    except anyio.EndOfStream as error:
        raise ssl.SSLEOFError("the connection was closed in the handshake") from error


class _AsyncWireStream(httpcore.AsyncNetworkStream):
    def __init__(self, wire: Wire, sock: socket.socket, tls: TLSStream | None = None) -> None:
        self._wire = wire
        self._socket = sock
        self._tls = tls
        self._conversation = wire.converse()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._wire.held:
            # As httpcore has it: a server may answer early and refuse the rest of the request.
            with contextlib.suppress(httpcore.WriteError):
                await self._write(self._wire.release())
        while data := await self._read(max_bytes):
            self._wire.heard = True
            if data := self._conversation.heard(data):
                return data
        return b""

    async def _read(self, max_bytes: int) -> bytes:
        limit = self._wire.left(httpcore.ReadTimeout)
        with Mapped(httpcore.ReadTimeout, httpcore.ReadError), anyio.move_on_after(limit):
            if self._tls is None:
                return await _receive(self._socket, max_bytes)
            try:
                return await self._tls.receive(max_bytes)
            except anyio.EndOfStream:
                return b""
        raise httpcore.ReadTimeout

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._conversation.said(buffer)
        data = self._wire.hold(buffer)
        if data:
            await self._write(data)

    async def _write(self, data: bytes) -> None:
        limit = self._wire.left(httpcore.WriteTimeout)
        with Mapped(httpcore.WriteTimeout, httpcore.WriteError), anyio.move_on_after(limit):
            if self._tls is None:
                await _send(self._socket, data)
            else:
                await self._tls.send(data)
            return
        raise httpcore.WriteTimeout

    async def aclose(self) -> None:
        self._wire.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        limit = self._wire.left(httpcore.ConnectTimeout, connecting=True)
        below = _PlainStream(self._wire, self._socket) if self._tls is None else self._tls
        tls: TLSStream | None = None
        try:
            with (
                Mapped(httpcore.ConnectTimeout, httpcore.ConnectError),
                anyio.move_on_after(limit),
            ):
                tls = await _handshake(below, ssl_context, server_hostname)
            if tls is None:
                raise httpcore.ConnectTimeout
        except BaseException:
            self._wire.close()
            raise
        return _AsyncWireStream(self._wire, self._socket, tls)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and self._tls is not None:
            return self._tls.extra(TLSAttribute.ssl_object, None)  # noqa: S610 - not Django's
        return self._wire.info(info)


class AsyncWireBackend(httpcore.AsyncNetworkBackend):
    """Connects one wire; asyncio and trio."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        limit = self._wire.left(httpcore.ConnectTimeout, connecting=True)
        sock: socket.socket | None = None
        with Mapped(httpcore.ConnectTimeout, httpcore.ConnectError), anyio.move_on_after(limit):
            addresses = numeric(host, port)
            if not addresses:
                addresses = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            sock = await _connect_first(alternating(addresses))
        if sock is None:
            raise httpcore.ConnectTimeout
        self._wire.close()
        self._wire.connected(sock)
        set_options(sock, socket_options)
        return _AsyncWireStream(self._wire, sock)

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)
