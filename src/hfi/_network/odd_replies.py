"""Replies that are not as HTTP has them, read by the default engine's parser (h11)."""

from __future__ import annotations

import h11

__all__ = ["OddReply"]

MAX_EVENT = 100_000  # bytes of a head or a size line; as httpcore has it


class OddReply:
    """One reply: give it what the socket brings, from its first byte on.

    Attributes:
        status: The status code, once ``headed``.
        headers: The fields of the head, as they came.
        headed: Whether the head is whole.
        over: Whether the body is.
    """

    def __init__(self, method: str) -> None:
        """Begins with the method of the request: after HEAD no body follows."""
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_EVENT)
        self._parser.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        self._parser.send(h11.EndOfMessage())
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.headed = self.over = False

    @property
    def settled(self) -> bool:
        """Whether it is whole, nothing came after it, and the server goes on listening."""
        return self._parser.their_state is h11.DONE and not self._parser.trailing_data[0]

    def feed(self, data: bytes, pieces: list[bytes]) -> None:
        """Adds to ``pieces`` what of the body came; no data is the end of the connection.

        Raises:
            h11.RemoteProtocolError: It is no reply, and nothing can be made of it.
        """
        self._parser.receive_data(data)
        while True:
            event = self._parser.next_event()
            if isinstance(event, h11.Response):
                self.status, self.headers = event.status_code, event.headers.raw_items()
                self.headed = True
            elif isinstance(event, h11.Data):
                pieces.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self.over = True
                return
            elif not isinstance(event, h11.InformationalResponse):
                return
