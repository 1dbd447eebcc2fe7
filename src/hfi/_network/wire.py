"""A connection's socket, and the clock of the call that it serves.

The sockets are our own. So a connection can be closed from any thread, after its event loop has
ended or after a fork, and nothing of asyncio or trio is left to complain. Every connect, handshake,
read and write gets what is left of the call: a server that dribbles bytes gains no time by it.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

import anyio

from hfi._core.line.framing import Framing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hfi._core.line.deadline import CallClock

__all__ = ["Address", "Conversation", "Mapped", "Wire", "alternating", "numeric", "set_options"]

HOLD_SIZE = 1 << 14

FAILURES = (OSError, UnicodeError, anyio.BrokenResourceError, anyio.ClosedResourceError)

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


class Mapped:
    """Turns what sockets, TLS and anyio raise into httpcore's exceptions.

    A class, since an exception that changes on its way through a generator ends up in a cycle with
    its own traceback, which keeps every caller's variables until the collector comes.
    """

    __slots__ = ("_expired", "_failed")

    def __init__(self, expired: type[Exception], failed: type[Exception]) -> None:
        self._expired = expired
        self._failed = failed

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, TimeoutError):
            # With a number it is the kernel that gave up, not the call's limit.
            raise (self._expired if error.errno is None else self._failed)(str(error)) from error
        if isinstance(error, FAILURES):
            raise self._failed(str(error)) from error


class Talk(Protocol):
    """What a wire tells, so that requests and replies are told apart."""

    @property
    def settled(self) -> bool:
        """Whether the last request was answered, and by one reply only."""
        ...

    def said(self, data: bytes) -> None:
        """Bytes of a request."""
        ...

    def heard(self, data: bytes) -> bytes:
        """Bytes of a reply, to be handed on."""
        ...


class _Socket(socket.socket):
    """A socket that goes without a word."""

    __slots__ = ()

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


class _EncryptedSocket(ssl.SSLSocket):
    """The same with TLS."""

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


_SILENT = {socket.socket: _Socket, ssl.SSLSocket: _EncryptedSocket}


def _silenced(sock: socket.socket) -> socket.socket:
    """The same socket, without Python's warning that nobody closed it.

    Dropping a client closes its connections, which is the wire's business. But where all of them
    are in a cycle, the collector may come to the socket before it comes to the wire. The class is
    changed, since the sockets of the plain half, and those of TLS, are made by others.
    """
    silent = _SILENT.get(type(sock))
    if silent is not None:
        sock.__class__ = silent
    return sock


class Wire:
    """What a connection shares with whoever holds it: the socket, and the clock of the call."""

    __slots__ = (
        "__weakref__",
        "clock",
        "conversation",
        "given",
        "heard",
        "held",
        "process",
        "socket",
        "used",
    )

    def __init__(self) -> None:
        self.clock: CallClock | None = None
        self.heard = False  # whether anything came since the call took the connection
        self.given: Talk | None = None  # how another engine follows the conversation
        self.conversation: Talk | None = None
        self.held = b""  # written, but not sent yet
        self.used = False  # whether it was ever connected; under a mock it is not
        self.socket: socket.socket | None = None
        self.process = os.getpid()

    def left(self, expired: type[Exception], *, connecting: bool = False) -> float | None:
        """Seconds until the call's next limit; raises ``expired`` once it has passed."""
        if self.clock is None:
            return None
        left = self.clock.left(monotonic(), connecting=connecting)
        if left is not None and left <= 0:
            raise expired
        return left

    def hold(self, data: bytes) -> bytes:
        """What to send now of what was written: small pieces wait for the next one, or for a read.

        httpcore writes the head of a request and its body one after the other; sent together they
        are one packet and one system call.
        """
        data = self.held + data if self.held else data
        self.held, data = (data, b"") if len(data) < HOLD_SIZE else (b"", data)
        return data

    def release(self) -> bytes:
        """What was held back, to be sent now."""
        data, self.held = self.held, b""
        return data

    @property
    def settled(self) -> bool:
        """Whether the last request was answered, and nothing came that nobody asked for."""
        return self.conversation is not None and self.conversation.settled

    def converse(self) -> Talk:
        """Begins to follow what is said, on a new connection or once it is encrypted."""
        self.conversation = Conversation() if self.given is None else self.given
        return self.conversation

    def connected(self, sock: socket.socket) -> None:
        """Takes the socket of a connection, which is bare or encrypted from now on."""
        self.used = True
        self.held = b""
        self.socket = _silenced(sock)

    def abort(self) -> None:
        """Wakes whoever reads or writes, from any thread; that one has to close it then."""
        sock = self.socket
        # A forked child has its own descriptor of the parent's connection, and must not end it.
        if sock is not None and self.process == os.getpid():
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: that drops the TLS state from under the reader.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def abort_call(self, clock: CallClock) -> None:
        """The same, if the connection still serves that call."""
        if self.clock is clock:
            self.abort()

    def close(self) -> None:
        """Frees the descriptor; only for whoever knows that nobody reads or writes."""
        self.abort()
        sock, self.socket = self.socket, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()

    def __del__(self) -> None:
        self.close()

    def readable(self) -> bool:
        """Whether a read would not wait: an idle connection has been ended by the server then."""
        sock = self.socket
        if sock is None or sock.fileno() < 0:
            return True
        if sys.platform == "win32" or not hasattr(select, "poll"):
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))

    def info(self, name: str) -> Any:
        """What httpcore asks a stream about."""
        if name == "is_readable":
            return self.readable()
        if name == "socket":
            return self.socket
        return None


class Conversation:
    """Requests and replies on a connection, told apart."""

    __slots__ = ("_framing",)

    def __init__(self) -> None:
        self._framing: Framing | None = None

    @property
    def settled(self) -> bool:
        """Whether the last request was answered, and by one reply only."""
        return self._framing is not None and self._framing.whole

    def said(self, data: bytes) -> None:
        """Bytes of a request; those after a reply begin the next one."""
        if data and (self._framing is None or self._framing.begun):
            self._framing = Framing(data[:8])

    def heard(self, data: bytes) -> bytes:
        """Bytes of a reply, to be handed on."""
        return data if self._framing is None else self._framing.feed(data)


def set_options(sock: socket.socket, options: Iterable[Any] | None) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option in options or ():
        sock.setsockopt(*option)


def numeric(host: str, port: int) -> Sequence[Address]:
    """The addresses of a host that is spelled as one, else none; asks nobody."""
    try:
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError):
        return []


def alternating(addresses: Sequence[Address]) -> list[Address]:
    """The addresses with their families taking turns, the preferred one first (RFC 8305)."""
    families = list(dict.fromkeys(address[0] for address in addresses))
    queues = [[address for address in addresses if address[0] == family] for family in families]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
