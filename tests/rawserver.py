"""A server over raw sockets that answers as a script says, byte by byte if need be."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

Handler = Callable[["Peer"], None]


class GoneError(Exception):
    """The client has closed its end."""


class Peer:
    """One accepted connection, seen from the server."""

    def __init__(self, server: RawServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number  # counted from 1 over all connections of the server
        self.requests = 0
        self.method = self.target = ""
        self.headers: dict[str, str] = {}
        self.body = b""
        self._buffer = b""

    def read_request(self) -> bool:
        """Reads one request; False where the client closed instead."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                return False
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        length = int(self.headers.get("content-length", "0"))
        while len(self._buffer) < length:
            if not self._fill():
                return False
        self.body, self._buffer = self._buffer[:length], self._buffer[length:]
        self.requests += 1
        self.server.seen.append((self.method, self.target, self.headers, self.body))
        return True

    def _fill(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except OSError:
            return False
        self._buffer += data
        return bool(data)

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise GoneError from error

    def reply(
        self, body: bytes = b"{}", status: str = "200 OK", headers: dict[str, str] | None = None
    ) -> None:
        lines = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines.update(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def start_stream(self, headers: dict[str, str] | None = None) -> None:
        lines = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
        lines.update(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode())

    def chunk(self, data: bytes) -> None:
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def event(self, text: str) -> None:
        data = text.encode()
        self.chunk(b"data: " + data + b"\n\n")

    def word(self, text: str, finish: str | None = None) -> None:
        reason = "null" if finish is None else f'"{finish}"'
        self.event(
            '{"choices":[{"index":0,"delta":{"content":"'
            + text
            + '"},"finish_reason":'
            + reason
            + "}]}"
        )

    def end_stream(self) -> None:
        self.event("[DONE]")
        self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """Ends the connection with a reset instead of a close."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def tunnel(self) -> None:
        """Answers a CONNECT, and copies bytes both ways."""
        host, _, port = self.target.rpartition(":")
        self.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection((host, int(port))) as other:
            ends = {self.sock: other, other: self.sock}
            while not self.server.stop.is_set():
                for end in select.select(list(ends), [], [], 0.1)[0]:
                    data = end.recv(65536)
                    while isinstance(end, ssl.SSLSocket) and end.pending():
                        data += end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def wait_gone(self, seconds: float) -> float | None:
        """Seconds until the client closed the connection; None if it did not in time."""
        start = time.monotonic()
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            return None
        except OSError:
            pass
        return time.monotonic() - start


class RawServer:
    """Listens on loopback; each connection is given to ``handler`` in a thread of its own.

    ``seen`` holds the requests read with ``Peer.read_request``, ``notes`` what handlers put there.
    """

    def __init__(self, handler: Handler, *, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._peers: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closed = False
        self.connections = 0
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.notes: list[object] = []
        self.gone: list[float | None] = []
        self.stop = threading.Event()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.stop.set()
        self._closed = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._accepting.join(5)
        self._listener.close()
        for sock in self._peers:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for sock in self._peers:
            sock.close()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closed:
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            thread = threading.Thread(
                target=self._serve, args=(sock, self.connections), daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        if self._tls is not None:
            try:
                sock = self._tls.wrap_socket(sock, server_side=True)
            except OSError:
                sock.close()
                return
        self._peers.append(sock)
        with contextlib.suppress(GoneError):
            self._handler(Peer(self, sock, number))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


def wait_until(condition: Callable[[], object], seconds: float = 2.0) -> bool:
    """Waits for something to become true; False if it did not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return bool(condition())
