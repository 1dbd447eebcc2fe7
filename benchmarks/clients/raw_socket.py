"""A bare socket: what wire and operating system cost, with JSON decoded and nothing else."""

from __future__ import annotations

import json
import re
import socket
from urllib.parse import urlsplit

import msgspec

from benchmarks.clients import BODY
from benchmarks.clients.raw_httpx import STREAMED

FRAME = re.compile(rb"data: (\{.*\})\n\n")


class Sync:
    """One connection, and no protocol to speak of."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self._call = self._request(parts.path, BODY)
        self._stream = self._request(parts.path, STREAMED)

    @staticmethod
    def _request(path: str, body: object) -> bytes:
        content = json.dumps(body).encode()
        head = f"POST {path}/chat/completions HTTP/1.1\r\nHost: here\r\n"
        return head.encode() + b"Content-Length: %d\r\n\r\n" % len(content) + content

    def call(self) -> str:
        self._socket.sendall(self._call)
        head, _, body = self._socket.recv(65536).partition(b"\r\n\r\n")
        del head
        return str(msgspec.json.decode(body)["choices"][0]["message"]["content"])

    def stream(self) -> int:
        self._socket.sendall(self._stream)
        count, rest = 0, b""
        while not rest.endswith(b"0\r\n\r\n"):
            rest += self._socket.recv(65536)
            end = 0
            for match in FRAME.finditer(rest):
                msgspec.json.decode(match[1])
                count, end = count + 1, match.end()
            rest = rest[end:]
        return count

    def close(self) -> None:
        self._socket.close()
