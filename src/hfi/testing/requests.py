"""What a server was asked, as a value that keeps secrets out of its repr."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["ReceivedRequest"]

# Headers by which somebody identifies himself.
_SECRET = frozenset(
    {"authorization", "cookie", "proxy-authorization"}
    | {"api-key", "x-api-key", "xi-api-key", "x-key"}
)


class _Headers(dict[str, str]):
    """Headers with lower-case names; the repr masks what is secret."""

    def __repr__(self) -> str:
        shown = {name: "***" if name in _SECRET else value for name, value in self.items()}
        return repr(shown)


def _as_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    return _Headers(headers)


@attrs.frozen(kw_only=True)
class ReceivedRequest:
    """A request as it came.

    Attributes:
        method: The HTTP method.
        target: Path and query as they were sent.
        headers: The headers, names in lower case. Their repr masks tokens and keys.
        body: The body; empty where the server answered before it read it.
        connection: The number of the connection it came on, counted from 1.
    """

    method: str
    target: str
    headers: Mapping[str, str] = attrs.field(converter=_as_headers)
    body: bytes = attrs.field(default=b"", repr=False)
    connection: int = 0

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        """The decoded body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def wants_stream(self) -> bool:
        """Whether the body asks for a stream, or the path does (``/generate_stream``)."""
        if self.path.endswith("/generate_stream"):
            return True
        body = self.json
        asked = isinstance(body, dict) and body.get("stream") is True
        return asked and not self.path.endswith("/generate")

    @property
    def prompt(self) -> str:
        """The text asked about: the last user turn of a chat, or the prompt of a generation."""
        body = self.json
        if not isinstance(body, dict):
            return ""
        for message in reversed(body.get("messages") or ()):
            if isinstance(message, dict) and message.get("role") == "user":
                return _text(message.get("content"))
        return _text(body.get("inputs") or body.get("prompt"))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
