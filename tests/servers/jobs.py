"""A fake provider that works in jobs, in the shape of any provider's own queue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import attrs
import pytest

from hfi._core.providers import all_providers
from hfi._core.providers.way import Provider, Queue, Way
from hfi.testing import FakeServer
from hfi.testing.answers import Answer
from hfi.testing.requests import ReceivedRequest
from servers.images import PNG

__all__ = ["JOBS", "JobServer", "known_to"]

WAV = bytes.fromhex(
    "524946462600000057415645666d74201000000001000100401f0000803e000002001000"
    "6461746102000000" + "0000"
)
MP4 = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d") + bytes(8)
FILES = {"image": PNG, "audio": WAV, "video": MP4}
# What a job gives, by the last word of its task.
_GIVEN = {
    "image": {"output": ["{url}/file.png"]},
    "video": {"output": ["{url}/file.mp4"]},
    "speech": {"output": "{url}/file.wav"},
    "audio": {"audio": {"url": "{url}/file.wav", "content_type": "audio/wav"}},
    "recognition": {"output": {"text": "hello"}},
    "segmentation": {"image": {"url": "{url}/file.png"}},
}


def _jobs() -> Iterator[tuple[str, str, Way]]:
    for provider in all_providers():
        for task, way in provider.ways.items():
            if way.queue is not None:
                yield provider.name, task, way


JOBS = tuple(_jobs())
"""Every provider, task and way that works in jobs."""


class JobServer(FakeServer):
    """Takes jobs, is asked after them, and keeps what they made.

    Args:
        provider: Whose ways it has.
        task: Which of them.
        words: The words for the state, one for each reply; the last one stays. None is the word
            for "done".
        fields: Further fields of every reply.
    """

    def __init__(
        self,
        provider: str,
        task: str,
        words: tuple[str | None, ...] = ("starting", "working", None),
        fields: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        found = next(each for each in JOBS if each[:2] == (provider, task))
        self.queue: Queue = found[2].queue or Queue(
            status=(), done=frozenset(), failed=frozenset(), path=""
        )
        self._task = task
        self._words = list(words)
        self._fields = fields or {}

    @property
    def asked(self) -> list[ReceivedRequest]:
        """The questions after a job."""
        return [
            each
            for each in self.requests
            if each.method == "GET" and not each.path.startswith("/file.")
        ]

    @property
    def downloads(self) -> list[ReceivedRequest]:
        """The requests for what it made."""
        return [each for each in self.requests if each.path.startswith("/file.")]

    def _is_call(self, request: ReceivedRequest) -> bool:
        return True

    def _answer(self, request: ReceivedRequest) -> Answer:
        if request.path.startswith("/file."):
            kind = {"png": "image", "wav": "audio", "mp4": "video"}[request.path[-3:]]
            return Answer(headers=[("Content-Type", "")], parts=[FILES[kind]])
        is_result = self.queue.result and request.method == "GET" and "/status" not in request.path
        return Answer(
            headers=[("Content-Type", "application/json")],
            parts=[json.dumps(self._made() if is_result else self._state()).encode()],
        )

    def _state(self) -> dict[str, Any]:
        queue = self.queue
        word = self._words.pop(0) if len(self._words) > 1 else self._words[0]
        done = word is None
        body: dict[str, Any] = {} if not done or queue.result else self._made()
        _put(body, queue.status, sorted(queue.done)[0] if word is None else word)
        _put(body, queue.id, "job-1")
        for name, value in self._fields.items():
            _put(body, tuple(name.split(".")), value)
        return body

    def _made(self) -> dict[str, Any]:
        text = json.dumps(_GIVEN[self._task.rpartition("-")[2]])
        made: dict[str, Any] = json.loads(text.replace("{url}", self.url))
        return made


def _put(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *way, last = path
    for name in way:
        inner = body.get(name)
        if not isinstance(inner, dict):
            inner = body[name] = {}
        body = inner
    body[last] = value


@contextmanager
def known_to(
    provider: str, server: FakeServer, monkeypatch: pytest.MonkeyPatch, **queue: Any
) -> Iterator[None]:
    """A provider that lives at a server, and is asked after jobs in no time."""
    module = import_module(f"hfi._core.providers.{provider.replace('-', '_')}")
    known: Provider = module.PROVIDER
    timing = {"interval": 0.01, "longest": 0.02, **queue}

    def moved(way: Way) -> Way:
        at = None if way.queue is None else attrs.evolve(way.queue, **timing)
        special = {words: moved(other) for words, other in way.special.items()}
        return attrs.evolve(way, base=server.url, queue=at, special=special)

    ways = {task: moved(way) for task, way in known.ways.items()}
    with monkeypatch.context() as patch:
        patch.setattr(module, "PROVIDER", attrs.evolve(known, base=server.url, ways=ways))
        yield
