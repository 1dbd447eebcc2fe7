"""HTTP/1.1 over a compiled parser (llhttp, which httptools wraps), for connections of any colour.

Only the parser is compiled. Sockets, TLS, time limits, closing and the pool stay hfi's own, so in
these the fast engine cannot differ from the default one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import h11
import httpcore
import httptools

from hfi._network.odd_replies import OddReply

if TYPE_CHECKING:
    from hfi._core.line.outgoing import Outgoing

__all__ = ["FORGIVEN", "CompiledConversation", "CompiledReply", "request_bytes"]

# A server may refuse a request before it has read all of it; its answer is what counts then.
FORGIVEN = httpcore.WriteError

MAX_HEAD = 100_000  # bytes of a head, of trailers, or of a chunk's size line; as httpcore has it
FORBIDDEN = re.compile(rb"[\r\n\0]")  # what would end a line of the head early (RFC 9112, 2.2)
TARGET = re.compile(rb"[\x21-\x7e]+")
END = b"\r\n\r\n"  # of a head, and of chunks
FRAMING = (b"content-length", b"transfer-encoding")


def request_bytes(request: Outgoing) -> bytes:
    """A request as it goes over the line.

    Raises:
        LocalProtocolError: It has something in it that HTTP does not allow.
    """
    method, target, content = request.method.encode(), request.address.target, request.content
    announced = b"%d" % len(content or b"")
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    sound = TARGET.fullmatch(target) is not None
    for name, value in request.headers:
        lines.append(b"%b: %b" % (name, value))
        if name.lower() in FRAMING:  # of the user's own making, unless it says how it is
            sound = sound and name.lower() == b"content-length" and value == announced
    head = b"\r\n".join(lines)
    if not sound or len(FORBIDDEN.findall(head)) != 2 * (len(lines) - 1):
        raise httpcore.LocalProtocolError("the head of the request is not as HTTP has it")
    return b"%b\r\n\r\n%b" % (head, content or b"")


class CompiledConversation:
    """What a wire asks of those who use it; here the parser tells the replies apart."""

    __slots__ = ("reply",)

    def __init__(self) -> None:
        self.reply: CompiledReply | None = None

    @property
    def settled(self) -> bool:
        """Whether the last request was answered, and nothing came that nobody asked for."""
        return self.reply is not None and self.reply.settled

    def said(self, data: bytes) -> None:
        """Bytes of a request."""

    def heard(self, data: bytes) -> bytes:
        """Bytes of a reply; the parser takes them as they are."""
        return data


class CompiledReply:
    """One reply: give it what the socket brings, in order.

    Attributes:
        status: The status code, once ``headed``.
        headers: The fields of the head, as they came.
        headed: Whether the head is whole.
        over: Whether the body is.
    """

    __slots__ = (
        "_alive",
        "_chunked",
        "_clean",
        "_failure",
        "_head",
        "_interim",
        "_method",
        "_odd",
        "_open_ended",
        "_parser",
        "_pieces",
        "_silent",
        "_whole",
        "headed",
        "headers",
        "on_body",
        "over",
        "status",
    )

    def __init__(self, method: str) -> None:
        """Begins with the method of the request: after HEAD no body follows."""
        self._odd: OddReply | None = None
        self._head = b""
        self._method = method
        self._pieces: list[bytes] = []
        self._whole = 0  # pieces that there were at the end of the body
        self.on_body = self._pieces.append
        self._failure: Exception | None = None
        self._silent = 0  # bytes since the last ones of the body
        self._interim = self._alive = self._chunked = self._open_ended = False
        self._clean = True
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.headed = self.over = False
        self._parser: Any = httptools.HttpResponseParser(self)
        # Some servers pad the sizes of their chunks, and h11 lets them.
        self._parser.set_dangerous_leniencies(lenient_spaces_after_chunk_size=True)

    def feed(self, data: bytes) -> None:
        """Takes what a read of the socket gave; nothing is the end of the connection.

        Raises:
            RemoteProtocolError: It is no reply. What is wrong in the body of one is raised by
                ``take``, after the pieces that came before.
        """
        if self._odd is not None:
            self._feed_odd(self._odd, data)
        elif not data:
            self._end()
        elif self._parser is not None:
            self._feed(data)
        if self.over or self._failure is not None:
            self.drop()
        if self._failure is not None and not self.headed:
            raise self._failure

    def _feed(self, data: bytes) -> None:
        if not self.headed:
            self._head = self._head + data if self._head else data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.headed:
                self._odd = OddReply(self._method)
                self._feed_odd(self._odd, self._head)
                return
            if not self.over:
                self._failure = httpcore.RemoteProtocolError(str(error))
            elif self._method != "HEAD":  # where it was stopped after the head
                self._clean = False
        if self.over:
            del self._pieces[self._whole :]
            self._look_behind(data)
        self._silent = 0 if self._pieces else self._silent + len(data)
        if self._silent > MAX_HEAD and not self.over:
            self._failure = httpcore.RemoteProtocolError("a head or a size line is too long")

    def _feed_odd(self, odd: OddReply, data: bytes) -> None:
        """What the compiled parser refuses is judged by the default engine's."""
        try:
            odd.feed(data, self._pieces)
        except h11.RemoteProtocolError as error:
            self._failure = httpcore.RemoteProtocolError(str(error))
        self.status, self.headers, self.headed = odd.status, odd.headers, odd.headed
        self.over, self._alive = odd.over, odd.settled

    def take(self) -> bytes:
        """What has come of the body since the last time; nothing where more has to be read."""
        pieces = self._pieces
        if pieces:
            data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            pieces.clear()
            return data
        if self._failure is not None:
            raise self._failure
        return b""

    def drop(self) -> None:
        """Parses no more: the parser and this, which it calls, would keep each other alive."""
        self._parser = None
        self._odd = None

    @property
    def settled(self) -> bool:
        """Whether it is whole, nothing came after it, and the server goes on listening."""
        return self.over and self._alive and self._clean

    # -- what the parser calls, beside on_body -----------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a message."""
        if self.over:
            self._clean = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or of the trailers."""
        if not self.headed:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The end of a head."""
        if self.headed:
            return
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200 and self.status != 101:
            self._interim = True
            self.headers = []
            return
        framing = [(name.lower(), value) for name, value in self.headers if name.lower() in FRAMING]
        self._chunked = any(name == FRAMING[1] for name, _ in framing)
        if self.status <= 101 or (self._chunked and not _is_chunked(framing)):
            raise _OddError
        self.headed = True
        self._head = b""
        self._open_ended = not framing
        if self._method == "HEAD":
            self._complete()
            raise _NoBodyError  # the parser does not know the request, and would wait for a body

    def on_message_complete(self) -> None:
        """The end of a message."""
        if self._interim:
            self._interim = False
        elif not self.over:
            self._complete()

    # ----------------------------------------------------------------------------------------------

    def _complete(self) -> None:
        self.over = True
        self._whole = len(self._pieces)
        self._alive = self._parser.should_keep_alive()

    def _end(self) -> None:
        if self.headed and self._open_ended and self._failure is None:
            self.over = True
        elif self._failure is None:
            self._failure = httpcore.RemoteProtocolError(
                "peer closed connection without sending the whole reply"
                if self._head or self.headed
                else "Server disconnected without sending a response."
            )

    def _look_behind(self, data: bytes) -> None:
        """Looks for line ends after the reply: the parser passes over them without a word."""
        if self._method == "HEAD":
            clean = data.find(END) == len(data) - len(END)
        elif self._pieces and not self._chunked:
            clean = data.endswith(self._pieces[-1])
        else:
            clean = END.endswith(data[-4:]) and not data.endswith(b"\r\n" + END)
        self._clean = self._clean and clean


def _is_chunked(framing: list[tuple[bytes, bytes]]) -> bool:
    return len(framing) == 1 and framing[0][1].lower() == b"chunked"


class _NoBodyError(Exception):
    pass


class _OddError(Exception):
    pass
