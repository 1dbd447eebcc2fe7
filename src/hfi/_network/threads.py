"""The network of the plain half."""

# ruff: noqa: ARG002 - the parameters are httpcore's

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

import httpcore

from hfi._network.wire import Mapped, Wire, alternating, numeric

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

__all__ = ["WireBackend"]

# Written at once at most, so that the clock is looked at while a large body goes out.
WRITE_SIZE = 1 << 16


class _WireStream(httpcore.NetworkStream):
    def __init__(self, wire: Wire, inner: httpcore.NetworkStream, layers: int = 0) -> None:
        self._wire = wire
        self._inner = inner
        self._layers = layers
        # TLS takes the descriptor over from the socket that it was made of.
        sock = inner.get_extra_info("socket")
        wire.connected(sock)
        # TLS within TLS is not the socket's affair any more.
        self._socket: socket.socket | None = sock if layers < 2 else None
        self._conversation = wire.converse()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._wire.held:
            # As httpcore has it: a server may answer early and refuse the rest of the request.
            with contextlib.suppress(httpcore.WriteError):
                self._write(self._wire.release())
        while data := self._read(max_bytes):
            self._wire.heard = True
            if data := self._conversation.heard(data):
                return data
        return b""

    def _read(self, max_bytes: int) -> bytes:
        limit = self._wire.left(httpcore.ReadTimeout)
        if self._socket is None:
            return self._inner.read(max_bytes, limit)
        with Mapped(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(limit)
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._conversation.said(buffer)
        data = self._wire.hold(buffer)
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        for start in range(0, len(data), WRITE_SIZE):
            piece = data[start : start + WRITE_SIZE] if len(data) > WRITE_SIZE else data
            limit = self._wire.left(httpcore.WriteTimeout)
            if self._socket is None:
                self._inner.write(piece, limit)
                continue
            with Mapped(httpcore.WriteTimeout, httpcore.WriteError):
                self._socket.settimeout(limit)
                self._socket.sendall(piece)

    def close(self) -> None:
        self._wire.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._wire.left(httpcore.ConnectTimeout, connecting=True)
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, limit)
        except BaseException:
            self._inner.close()
            self._wire.close()
            raise
        return _WireStream(self._wire, inner, self._layers + 1)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._inner.get_extra_info(info)
        return self._wire.info(info)


class WireBackend(httpcore.NetworkBackend):
    """Connects one wire. A look-up of a name blocks, and cannot be cut off."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._wire.left(httpcore.ConnectTimeout, connecting=True)
        with Mapped(httpcore.ConnectTimeout, httpcore.ConnectError):
            addresses = numeric(host, port)
            if not addresses:
                addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = alternating(addresses)
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for tried, address in enumerate(addresses):
            left = self._wire.left(httpcore.ConnectTimeout, connecting=True)
            # An address that does not answer leaves time for the next ones.
            limit = None if left is None else left / (len(addresses) - tried)
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    str(address[4][0]), port, limit, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            self._wire.close()
            return _WireStream(self._wire, stream)
        raise problem

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError  # only httpcore's own retries call it, which are off
