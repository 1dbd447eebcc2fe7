"""A storyteller that does not come back: what a client does in vain when a stream broke off."""

from __future__ import annotations

from typing import Any

from rawserver import Peer
from servers.storyteller import Storyteller

__all__ = ["Deserter"]


class Deserter(Storyteller):
    """Breaks its first reply off, and leaves whoever asks again without an answer.

    Args:
        how: "in silence" reads the further requests, "refusing" ends their connections; "mute"
            breaks all its replies off before the first word.
    """

    def __init__(self, how: str) -> None:
        self.how = how
        super().__init__("vllm", cuts=[5])

    def _tell(self, peer: Peer, path: str, body: dict[str, Any]) -> bool:
        if self.how == "mute":
            peer.start_stream()
            return False
        if self.cuts:
            return super()._tell(peer, path, body)
        if self.how == "in silence":
            peer.wait_gone(5)
        return False
