"""Fake image providers behind the router, the Hub and a CDN, as an httpx transport."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx

CDN = "https://cdn.example.com"
ROUTER = "router.huggingface.co"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
)


class FakeProviders:
    """Answers as the Hub, the router's providers and a CDN do, and keeps what it was asked.

    Args:
        providers: Who serves the model, in the Hub's order.
        states: The words for a job's state, one for each question; the last one stays.
        refusals: Status and body by provider, for its first request.
        stored: What the CDN gives.
        refused_seeds: Status and body by seed.
        tasks: What the model is served for.
    """

    def __init__(
        self,
        *providers: str,
        states: Sequence[str] = ("IN_QUEUE", "IN_PROGRESS", "COMPLETED"),
        refusals: dict[str, tuple[int, Any]] | None = None,
        stored: bytes = PNG,
        refused_seeds: dict[int, tuple[int, Any]] | None = None,
        tasks: Sequence[str] = ("text-to-image",),
    ) -> None:
        self.providers = providers
        self.states = list(states)
        self.refusals = refusals or {}
        self.stored = stored
        self.refused_seeds = refused_seeds or {}
        self.tasks = tasks
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
        """What was posted."""
        return [json.loads(each.content) for each in self.seen if each.method == "POST"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.seen.append(request)
        host, path = request.url.host, request.url.path
        if host == "huggingface.co":
            return httpx.Response(200, json=self._model(path.removeprefix("/api/models/")))
        if host == "cdn.example.com":
            return httpx.Response(200, content=self.stored)
        provider = path.split("/")[1] if host == ROUTER else host
        if request.method == "POST" and provider in self.refusals:
            status, body = self.refusals[provider]
            return httpx.Response(status, json=body)
        seed = self._seed(request) if self.refused_seeds else None
        if seed in self.refused_seeds:
            status, body = self.refused_seeds[seed]
            return httpx.Response(status, json=body)
        return self._provider(provider)(request)

    def _seed(self, request: httpx.Request) -> int | None:
        seed: int | None = json.loads(request.content).get("seed") if request.content else None
        return seed

    def _model(self, model: str) -> dict[str, Any]:
        mapping = [
            {"provider": name, "status": "live", "providerId": f"{name}-id", "task": task}
            for name in self.providers
            for task in self.tasks
        ]
        return {
            "id": model,
            "pipeline_tag": self.tasks[0],
            "inferenceProviderMapping": mapping,
        }

    def _provider(self, name: str) -> Callable[[httpx.Request], httpx.Response]:
        if name == "hf-inference":
            return lambda _: httpx.Response(200, content=PNG)
        return self._fal if name == "fal-ai" else self._openai

    def _openai(self, _: httpx.Request) -> httpx.Response:
        encoded = base64.b64encode(PNG).decode()
        return httpx.Response(200, json={"data": [{"b64_json": encoded}]})

    def _fal(self, request: httpx.Request) -> httpx.Response:
        url = "https://queue.fal.run/fal-ai-id/requests/job-1"
        if request.method == "GET" and not request.url.path.endswith("/status"):
            return httpx.Response(200, json={"images": [{"url": f"{CDN}/out.png"}], "seed": 77})
        with self._lock:
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state == "GONE":
            return httpx.Response(404, json={"detail": "no such request"})
        body = {"status": state, "request_id": "job-1", "response_url": url}
        return httpx.Response(200, json=body)
