"""Where a reply begins and ends on its connection, and chunked bodies in fewer, larger chunks.

Servers put each event of a stream into a chunk of its own, and the HTTP library takes longer over a
chunk than all that comes after it. So what one read of the socket brings is made one chunk before
the library sees it. It means the same, since the borders of chunks mean nothing (RFC 9112, 7.1).
Anything out of the ordinary goes through as it came, for the library to judge.

The library also reads on in what follows a reply, and would take it for the next request's answer.
So a connection is used again only if nothing followed.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Framing"]

SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})[ \r]")
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
FRAMING = re.compile(rb"\r\n(?:transfer-encoding|content-length)[ \t]*:", re.IGNORECASE)
LAST_CHUNK = re.compile(rb"0{1,8}\r\n\r\n")
MAX_HEAD = 100_000
MAX_SIZE_LINE = 10


class Framing:
    """The bytes of one reply, from its head on; give it all that the socket brings, in order."""

    __slots__ = ("_bodiless", "_closing", "_left", "_owed", "_state", "_tail", "begun")

    def __init__(self, request: bytes) -> None:
        """Begins with the first bytes of the request: after HEAD no body follows."""
        self.begun = False  # whether anything of the reply has come
        self._bodiless = request.startswith(b"HEAD ")
        self._state: Literal["head", "chunks", "last chunk", "counted", "odd"] = "head"
        if request.startswith(b"CONNECT "):
            self._state = "odd"
        # What is not understood yet: all of a head, the beginning of a chunk's size, a last chunk.
        self._tail = b""
        self._left = 0  # bytes still to come, of the current chunk or of all
        self._closing = False  # whether the line end after a chunk is due
        self._owed = b""  # that line end, handed on only once it has come

    @property
    def whole(self) -> bool:
        """Whether exactly one reply has come, and nothing after it."""
        if self._state == "counted":
            return self._left == 0
        return self._state == "last chunk" and LAST_CHUNK.fullmatch(self._tail) is not None

    def feed(self, data: bytes) -> bytes:
        """What to hand on; nothing while only a part of a chunk's size is there."""
        self.begun = True
        if self._state == "chunks":
            return self._chunks(data)
        if self._state == "head":
            return self._head(data)
        if self._state == "counted":
            self._left -= len(data)
        elif self._state == "last chunk":
            self._tail += data[: MAX_SIZE_LINE * 2]  # more than fits is too much, however much
        return data

    def _head(self, data: bytes) -> bytes:
        seen = self._tail + data
        end = seen.find(b"\r\n\r\n")
        if end < 0:
            self._tail = seen
            if len(seen) > MAX_HEAD:
                self._state, self._tail = "odd", b""
            return data
        end += 4
        head, rest = seen[:end], seen[end:]
        own = data[: len(data) - len(rest)]
        self._tail = b""
        status = STATUS.match(head)
        if status is not None and status[1].startswith(b"1") and status[1] != b"101":
            return own + (self._head(rest) if rest else b"")  # the real head is still to come
        self._read_head(head, None if status is None else status[1])
        return own + self.feed(rest) if rest else own

    def _read_head(self, head: bytes, status: bytes | None) -> None:
        self._state = "odd"
        if status is None or status == b"101":
            return
        length = LENGTH.search(head)
        only_one = len(FRAMING.findall(head)) == 1
        if self._bodiless or status in (b"204", b"304"):
            self._state = "counted"
        elif only_one and length is not None:
            self._state, self._left = "counted", int(length[1])
        elif only_one and CHUNKED.search(head) is not None:
            self._state = "chunks"

    def _chunks(self, data: bytes) -> bytes:
        if self._is_one_chunk(data):
            return data
        if self._tail:
            data, self._tail = self._tail + data, b""
        pieces: list[bytes] = []
        position, end = 0, len(data)
        while position < end:
            if self._left:
                piece = data[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
                self._closing = not self._left
            elif self._closing:
                if end - position < 2:
                    break
                if data[position : position + 2] != b"\r\n":
                    return self._leave("odd", pieces, data[position:])
                position += 2
                self._closing = False
            else:
                size = SIZE.match(data, position)
                if (
                    size is None
                    and end - position < MAX_SIZE_LINE
                    and data.find(b"\n", position) < 0
                ):
                    break
                if size is None:
                    return self._leave("odd", pieces, data[position:])
                self._left = int(size[1], 16)
                if not self._left:
                    return self._leave("last chunk", pieces, data[position:])
                position = size.end()
        self._tail = data[position:]
        return self._out(pieces)

    def _is_one_chunk(self, data: bytes) -> bool:
        """Whether it is a whole chunk and nothing else, as of a model that takes its time."""
        if self._tail or self._left or self._closing or self._owed:
            return False
        size = SIZE.match(data)
        if size is None or not data.endswith(b"\r\n"):
            return False
        length = int(size[1], 16)
        return length > 0 and size.end() + length + 2 == len(data)

    def _leave(
        self, state: Literal["last chunk", "odd"], pieces: list[bytes], rest: bytes
    ) -> bytes:
        self._state = state
        return self._out(pieces) + (self.feed(rest) if rest else b"")

    def _out(self, pieces: list[bytes]) -> bytes:
        """One chunk of what has come; a line end that has not come after it is not made up."""
        if not pieces:
            if self._closing:
                return b""
            owed, self._owed = self._owed, b""
            return owed
        owed = self._owed
        self._owed = b"\r\n" if self._closing else b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return b"%b%x\r\n%b%b" % (owed, len(data), data, b"" if self._closing else b"\r\n")
