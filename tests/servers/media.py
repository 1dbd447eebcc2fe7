"""Providers of sounds and videos behind the router, the Hub, a CDN and a user's own files."""

from __future__ import annotations

import base64
import json
import struct
import threading
from typing import Any

import httpx

CDN = "https://cdn.example.com"
FILES = "https://files.example.com"
ROUTER = "router.huggingface.co"


def wav(samples: bytes = bytes(range(16)), rate: int = 8000) -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form
    body += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


WAV = wav()
MP4 = base64.b64decode("AAAAGGZ0eXBpc29tAAACAGlzb21tcDQxAAAACG1kYXQ=")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
)
STORED = {"wav": WAV, "mp4": MP4, "png": PNG, "txt": b"from a file", "html": b"<html>gone</html>"}

Reply = Any  # bytes, a body, or (status, body)


class MediaProviders:
    """Answers as the Hub, the router's providers, a CDN and a file server do, and keeps all.

    Args:
        task: The Hub's name of the task that the model does.
        replies: By provider, what it answers, one after another; the last one stays.
    """

    def __init__(self, task: str, **replies: list[Reply]) -> None:
        self.task = task
        self.replies = {name.replace("_", "-"): list(each) for name, each in replies.items()}
        self.seen: list[httpx.Request] = []
        self._lock = threading.Lock()

    @property
    def transport(self) -> httpx.MockTransport:
        """For ``transport=`` of a client of either colour."""
        return httpx.MockTransport(self)

    def asked(self, host: str) -> list[httpx.Request]:
        """The requests that one host was sent."""
        return [request for request in self.seen if request.url.host == host]

    def bodies(self) -> list[Any]:
        """The JSON that was posted."""
        return [json.loads(each.content) for each in self.seen if each.method == "POST"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.seen.append(request)
            return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        host, path = request.url.host, request.url.path
        if host == "huggingface.co":
            return httpx.Response(200, json=self._model())
        if host in ("cdn.example.com", "files.example.com"):
            found = STORED.get(path.rpartition(".")[2])
            return httpx.Response(404) if found is None else httpx.Response(200, content=found)
        replies = self.replies[path.split("/")[1]]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        status, body = reply if isinstance(reply, tuple) else (200, reply)
        if isinstance(body, bytes):
            return httpx.Response(status, content=body)
        return httpx.Response(status, json=body)

    def _model(self) -> dict[str, Any]:
        mapping = {
            name: {"status": "live", "providerId": f"{name}-id", "task": self.task}
            for name in self.replies
        }
        return {"id": "org/m", "pipeline_tag": self.task, "inferenceProviderMapping": mapping}
