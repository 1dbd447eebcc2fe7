"""Server-sent events on bytes, incrementally, by the rules of WHATWG HTML 9.2.6.

Lines end in CR, LF or CRLF and in nothing else: ``str.splitlines`` would also cut at U+2028, which
JSON may hold raw. Each byte is looked at once, however the network cut the stream.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import attrs

from hfi.errors import LimitExceededError
from hfi.types.hints import NO_API

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["MAX_EVENT_SIZE", "Block", "SSEDecoder", "ServerSentEvent"]

MAX_EVENT_SIZE = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_LF, _CR, _SPACE, _COLON = b"\n\r :"
# No server means more milliseconds than this; int() refuses thousands of digits.
_RETRY_DIGITS = 100


# Not slotted: attrs fills a frozen instance's __dict__ three times as fast as its slots.
@attrs.frozen(kw_only=True, slots=False)
class ServerSentEvent:
    """One dispatched event.

    Attributes:
        event: The event's type; ``"message"`` where the server named none.
        data: The ``data`` lines, joined by line feeds.
        id: The last event id at the time of this event; it stays until the server sets another.
        retry: Always None: the reconnection time belongs to the stream, see ``SSEDecoder.retry``.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None


# The lines up to a blank one, undecoded: (event's name, data, last event id, foreign lines). A
# plain tuple because one is made for each token of a stream. Data is None where the block had no
# ``data`` line: by the rules no event, but llama.cpp before September 2025 reported errors in a
# field line of its own. Foreign lines are neither comments nor fields of the specification.
Block: TypeAlias = "tuple[bytes | None, bytes | None, str, list[bytes] | None]"


class SSEDecoder:
    """Decodes a stream of server-sent events from pieces of bytes cut anywhere.

    Attributes:
        last_event_id: What a reconnecting client would send as ``Last-Event-ID``.
        retry: The reconnection time in milliseconds, or None while the server has set none.
        fault: The bound that was broken, or None. Nothing is decoded after it.
    """

    def __init__(self, *, max_size: int = MAX_EVENT_SIZE) -> None:
        """Bounds a line, and all lines of one event, to ``max_size`` bytes."""
        self.last_event_id = ""
        self.retry: int | None = None
        self.fault: LimitExceededError | None = None
        self._max_size = max_size
        self._start: bytes | None = b""  # the first bytes, while they may become a BOM
        self._after_cr = False
        self._line = bytearray()  # of the line whose end has not come; appending is linear
        self._id = ""  # becomes last_event_id when its block is dispatched
        self._name: bytes | None = None
        self._data: list[bytes] = []
        self._foreign: list[bytes] = []
        self._size = 0
        self._fresh = True  # no line of the current block has come yet

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Takes the next piece and gives the events it completes.

        Raises:
            LimitExceededError: A line or an event is larger than ``max_size``. The events before
                it are given first, by the call before.
        """
        blocks = self.feed_data(data)
        if self.fault is not None and not blocks:
            raise self.fault
        return [_event(block) for block in blocks if block[1] is not None]

    def close(self) -> list[ServerSentEvent]:
        """Ends the stream. A block without its blank line is no event, so this gives none.

        Raises:
            LimitExceededError: As ``feed``, where no call of it could.
        """
        if self.fault is not None:
            raise self.fault
        return []

    def feed_data(self, chunk: bytes) -> list[Block]:
        """Does as ``feed``, but gives undecoded blocks, foreign lines too, and never raises."""
        blocks: list[Block] = []
        if self.fault is not None:
            return blocks
        if self._start is not None:
            chunk = self._skip_bom(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == _LF:
                chunk = chunk[1:]
        if not chunk:
            return blocks
        if b"\r" in chunk:
            # A CR at the very end ends its line now; if LF comes next, it is skipped.
            self._after_cr = chunk[-1] == _CR
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._lines(chunk, self._first_line(chunk), blocks)
        return blocks

    def pending(self) -> Block | None:
        """Gives the block that would be dispatched if the stream ended in a blank line here.

        By the rules it is discarded; a server that ends right after ``data: [DONE]`` meant it.
        """
        rest = copy.copy(self)
        rest._data, rest._foreign = list(self._data), list(self._foreign)
        blocks: list[Block] = []
        if self._line:
            rest._take_line(bytes(self._line))
        rest._dispatch(blocks)
        return blocks[0] if blocks else None

    def _skip_bom(self, chunk: bytes) -> bytes:
        head = (self._start or b"") + chunk
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._start = head
            return b""
        self._start = None
        return head[len(_BOM) :] if head.startswith(_BOM) else head

    def _first_line(self, chunk: bytes) -> int:
        """Ends the line that earlier pieces began; gives where the next one starts."""
        if not self._line:
            return 0
        end = chunk.find(b"\n")
        if end < 0:
            return 0
        self._line += chunk[:end]
        line = bytes(self._line)
        self._line.clear()
        if self._fits(len(line)):
            self._take_line(line)
        return end + 1

    def _lines(self, chunk: bytes, pos: int, blocks: list[Block]) -> None:
        find, startswith, limit = chunk.find, chunk.startswith, self._max_size
        size = len(chunk)
        while self.fault is None:
            end = find(b"\n", pos)
            if end < 0:
                break
            after = end + 1
            if end == pos:
                self._dispatch(blocks)
            elif (
                self._fresh
                and after < size
                and chunk[after] == _LF
                and startswith(b"data:", pos)
                and after - pos <= limit
            ):
                # Nearly every event of a chat stream: one data line, then a blank one.
                start = pos + 5
                if chunk[start] == _SPACE:
                    start += 1
                self.last_event_id = self._id
                blocks.append((None, chunk[start:end], self._id, None))
                after += 1
            elif self._fits(end - pos):
                self._take_line(chunk[pos:end])
            pos = after
        else:
            return
        if pos < size:
            self._line += chunk[pos:] if pos else chunk
            self._fits(len(self._line))

    def _fits(self, size: int) -> bool:
        if size <= self._max_size - self._size:
            return True
        self.fault = LimitExceededError(
            f"The server sent an event of more than {self._max_size:,} bytes; hfi reads no more.",
            hint=NO_API,
        )
        self._line.clear()
        self._data.clear()
        self._foreign.clear()
        return False

    def _take_line(self, line: bytes) -> None:
        if not line or line[0] == _COLON:
            return
        self._fresh = False
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._size += len(line) + 1
            self._data.append(value)
        elif name == b"event":
            self._name = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry":
            if value.isdigit() and len(value) <= _RETRY_DIGITS:
                self.retry = int(value)
        else:
            self._size += len(line) + 1
            self._foreign.append(line)

    def _dispatch(self, blocks: list[Block]) -> None:
        self.last_event_id = self._id
        if self._fresh:
            return
        data = b"\n".join(self._data) if self._data else None
        if data is not None or self._foreign:
            blocks.append((self._name or None, data, self._id, self._foreign or None))
        self._name, self._data, self._foreign = None, [], []
        self._size, self._fresh = 0, True


def _event(block: Block) -> ServerSentEvent:
    name, data, last_id, _ = block
    return ServerSentEvent(
        event="message" if name is None else name.decode("utf-8", "replace"),
        data=(data or b"").decode("utf-8", "replace"),
        id=last_id,
    )
