"""A port that stays, before servers that come and go."""

from __future__ import annotations

import contextlib
import select
import socket

from rawserver import Peer, RawServer


class Forwarder(RawServer):
    """Passes bytes on to ``target``, a port of loopback; without one it closes what comes."""

    def __init__(self) -> None:
        self.target: int | None = None
        super().__init__(self._pass_on)

    def _pass_on(self, peer: Peer) -> None:
        target = self.target
        # A server that is killed resets its connections; the client sees the same from here.
        with contextlib.suppress(OSError):
            if target is not None:
                with socket.create_connection(("127.0.0.1", target), timeout=5) as far:
                    self._copy(peer.sock, far)

    def _copy(self, near: socket.socket, far: socket.socket) -> None:
        ends = {near: far, far: near}
        while not self.stop.is_set():
            for end in select.select(list(ends), [], [], 0.05)[0]:
                data = end.recv(65536)
                if not data:
                    return
                ends[end].sendall(data)
