"""A fake Hub with the router behind it, as an httpx handler."""

from __future__ import annotations

import json
from typing import Any

import httpx

from servers.images import PNG

POET, PAINTER, EARS = "org/poet", "org/painter", "org/ears"
# Those of the examples, and three made up.
TAGS = {
    "openai/gpt-oss-120b": "text-generation",
    "black-forest-labs/FLUX.1-schnell": "text-to-image",
    POET: "text-generation",
    PAINTER: "text-to-image",
    EARS: "automatic-speech-recognition",
}
LINES = ["Весна ", "пришла, ", "звенит капель."]


class FakeHub:
    """The Hub and the router: one model that writes, one that paints, one that listens."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        path = request.url.path
        if request.url.host == "huggingface.co":
            return self.model(path.removeprefix("/api/models/"))
        if path.startswith("/hf-inference/"):
            return httpx.Response(200, content=PNG, headers={"content-type": "image/png"})
        assert (request.url.host, path) == ("router.huggingface.co", "/v1/chat/completions")
        return self.chat(json.loads(request.content))

    def model(self, name: str) -> httpx.Response:
        tag = TAGS.get(name)
        if tag is None:
            return httpx.Response(404, headers={"x-error-code": "RepoNotFound"})
        task = "conversational" if tag == "text-generation" else tag
        entry = {"status": "live", "providerId": name, "task": task}
        facts: dict[str, Any] = {"id": name, "pipeline_tag": tag}
        return httpx.Response(
            200, json=facts | {"inferenceProviderMapping": {"hf-inference": entry}}
        )

    def chat(self, body: dict[str, Any]) -> httpx.Response:
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(LINES)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return httpx.Response(200, json={"choices": [choice]})
        deltas = [({"content": line}, None) for line in LINES] + [({}, "stop")]
        events = [
            {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
            for delta, finish in deltas
        ]
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})
