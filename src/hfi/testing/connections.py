"""One accepted connection of a fake server: requests in, steps out."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterable

from hfi.testing.answers import End, Send, Step, Wait
from hfi.testing.requests import ReceivedRequest

__all__ = ["ClientGoneError", "Connection"]

_LINGER = struct.pack("ii", 1, 0)
_TLS_HELLO = b"\x16\x03"  # what a client begins with that takes this for an https server
MAX_HEAD = 1 << 20


class ClientGoneError(Exception):
    """The client has closed its end, or the server is being closed."""


class Connection:
    """A socket, and what was read from it."""

    def __init__(self, sock: socket.socket, number: int, stop: threading.Event) -> None:
        """Takes the socket over."""
        self.number = number
        self.answered = 0
        self._sock = sock
        self._stop = stop
        self._buffer = bytearray()
        self._lock = threading.Lock()
        self._left_out = 0  # bytes of a body that nobody read

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Makes the handshake; raises OSError where it fails."""
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def read_head(self) -> ReceivedRequest | None:
        """The next request without its body; None once the client has closed."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._buffer.startswith(_TLS_HELLO):
                self._send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                return None
            if len(self._buffer) > MAX_HEAD or not self._fill():
                return None
        head = bytes(self._buffer[:end]).decode("latin-1")
        del self._buffer[: end + 4]
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            return None
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        return ReceivedRequest(
            method=words[0], target=words[1], headers=headers, connection=self.number
        )

    def read_body(self, request: ReceivedRequest) -> bytes:
        """The body of a request whose head was read."""
        if "chunked" in request.headers.get("transfer-encoding", ""):
            return self._chunks()
        announced = request.headers.get("content-length", "0")
        return self._take(int(announced) if announced.isdecimal() else 0)

    def run(self, steps: Iterable[Step]) -> bool:
        """Sends an answer; gives whether the connection is good for another request."""
        for step in steps:
            if isinstance(step, Send):
                self._send(step.data)
            elif isinstance(step, Wait):
                self._wait(step.seconds)
            else:
                self._end(step)
                return False
        self.answered += 1
        return True

    def close(self) -> None:
        """Closes the connection; from any thread, and more than once."""
        with self._lock, contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def free(self) -> None:
        """Frees the descriptor; only for the thread that serves the connection."""
        self.close()
        with self._lock:
            self._sock.close()

    def _chunks(self) -> bytes:
        pieces = []
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                if not self._fill():
                    raise ClientGoneError
            size = int(bytes(self._buffer[:end]).partition(b";")[0], 16)
            del self._buffer[: end + 2]
            pieces.append(self._take(size + 2)[:size])
            if not size:
                return b"".join(pieces)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._fill():
                raise ClientGoneError
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _fill(self) -> bool:
        try:
            data = self._sock.recv(1 << 16)
        except OSError:
            return False
        self._buffer += data
        return bool(data)

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise ClientGoneError from error

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise ClientGoneError

    def _end(self, end: End) -> None:
        if end.how == "stall":
            self._outlast()
        elif end.how == "reset":
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
            # Not shut down first: that would say a proper goodbye.
            with self._lock:
                self._sock.close()
        else:
            self._say_goodbye()

    def _outlast(self) -> None:
        """Stays silent until the client has gone."""
        while not self._stop.is_set():
            if select.select([self._sock], [], [], 0.05)[0] and not self._fill():
                return

    def _say_goodbye(self) -> None:
        """Closes so that what was sent arrives: unread bytes would make a reset of it."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_WR)
        for _ in range(2000):
            if self._stop.is_set() or not select.select([self._sock], [], [], 0.5)[0]:
                return
            if not self._fill():
                return
            self._buffer.clear()
