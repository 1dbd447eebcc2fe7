"""Chunked replies with fewer and larger chunks.

Servers put each event of a stream into a chunk of its own, and the HTTP library takes longer over a
chunk than all that comes after it. So what one read of the socket brings is made one chunk before
the library sees it. It means the same, since the borders of chunks mean nothing (RFC 9112, 7.1).
Anything out of the ordinary goes through as it came, for the library to judge.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Rechunker"]

SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})[ \r]")
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
FRAMING = re.compile(rb"\r\n(?:transfer-encoding|content-length)[ \t]*:", re.IGNORECASE)
MAX_HEAD = 100_000
MAX_SIZE_LINE = 10


class Rechunker:
    """The bytes of one reply, from its head on; give it all that the socket brings, in order.

    ``begun`` is whether any came.
    """

    __slots__ = ("_closing", "_left", "_owed", "_state", "_tail", "begun")

    def __init__(self, request: bytes) -> None:
        """Begins with the first bytes of the request: after HEAD and CONNECT no body follows."""
        self.begun = False
        plain = request.startswith((b"HEAD ", b"CONNECT "))
        self._state: Literal["head", "body", "as it is"] = "as it is" if plain else "head"
        self._tail = b""  # of the head: all so far; of the body: the beginning of a size line
        self._left = 0  # bytes still to come of the current chunk
        self._closing = False  # whether the line end after a chunk is due
        self._owed = b""  # that line end, handed on only once it has come

    def feed(self, data: bytes) -> bytes:
        """What to hand on; nothing while only a part of a chunk's size is there."""
        self.begun = True
        if self._state == "head":
            return self._head(data)
        if self._state == "body":
            return self._body(data)
        return data

    def _head(self, data: bytes) -> bytes:
        seen = self._tail + data
        end = seen.find(b"\r\n\r\n")
        if end < 0:
            self._tail = seen
            if len(seen) > MAX_HEAD:
                self._state, self._tail = "as it is", b""
            return data
        end += 4
        head, rest = seen[:end], seen[end:]
        own = data[: len(data) - len(rest)]
        status = STATUS.match(head)
        self._tail = b""
        if status is not None and status[1].startswith(b"1") and status[1] != b"101":
            return own + (self._head(rest) if rest else b"")  # the real head is still to come
        chunked = CHUNKED.search(head) is not None and len(FRAMING.findall(head)) == 1
        bodiless = status is None or status[1] in (b"101", b"204", b"304")
        self._state = "body" if chunked and not bodiless else "as it is"
        return own + self.feed(rest) if rest else own

    def _body(self, data: bytes) -> bytes:
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
                    return self._give_up(pieces, data[position:])
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
                self._left = int(size[1], 16) if size is not None else 0
                if size is None or not self._left:  # the last chunk, with what may follow it
                    return self._give_up(pieces, data[position:])
                position = size.end()
        self._tail = data[position:]
        return self._out(pieces)

    def _give_up(self, pieces: list[bytes], rest: bytes) -> bytes:
        self._state = "as it is"
        return self._out(pieces) + rest

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
