"""What the speech and video models of the docs answer."""

from __future__ import annotations

import base64
import math
import struct

import httpx

from servers.media import MP4, wav

__all__ = ["recording"]

CDN = "https://cdn.example.com"
_TONE = [round(8000 * math.sin(at / 4)) for at in range(12_800)]  # 1.6 s
SPEECH = wav(struct.pack(f"<{len(_TONE)}h", *_TONE))
TEXT = "The weather is nice today."
SAID = {"text": TEXT, "chunks": [{"text": TEXT, "timestamp": [0.0, 1.6]}]}
_MODELS = {
    "facebook/mms-tts-eng": SPEECH,
    "openai/whisper-large-v3": SAID,
    "MIT/ast-finetuned-audioset-10-10-0.4593": [
        {"label": "Speech", "score": 0.91},
        {"label": "Narration", "score": 0.04},
    ],
    "speechbrain/sepformer-wham": [
        {
            "label": f"label_{number}",
            "content-type": "audio/wav",
            "blob": base64.b64encode(SPEECH).decode(),
        }
        for number in range(2)
    ],
}
_FILMS = {
    "Wan-AI/Wan2.2-T2V-A14B": "text-to-video",
    "Wan-AI/Wan2.2-I2V-A14B": "image-to-video",
}


def recording(request: httpx.Request) -> httpx.Response | None:
    """Give the reply of a speech or video model, or None for any other request."""
    host, path = request.url.host, request.url.path
    found = None
    if request.url.port == 8083:
        found = SPEECH if path == "/v1/audio/speech" else {"text": "Hello."}
    elif host == "cdn.example.com" and path.endswith(".mp4"):
        found = MP4
    elif path.startswith("/api/models/"):
        found = _hub_entry(path.removeprefix("/api/models/"))
    elif path.startswith("/fal-ai/wan/"):
        found = _job(request)
    else:
        found = _MODELS.get(path.removeprefix("/hf-inference/models/"))
    if found is None:
        return None
    if isinstance(found, bytes):
        return httpx.Response(200, content=found)
    return httpx.Response(200, json=found)


def _hub_entry(model: str) -> object:
    task = _FILMS.get(model)
    if task is None:
        return None
    entry = {"status": "live", "providerId": f"wan/{task}", "task": task}
    return {"id": model, "pipeline_tag": task, "inferenceProviderMapping": {"fal-ai": entry}}


def _job(request: httpx.Request) -> object:
    if request.method == "GET" and not request.url.path.endswith("/status"):
        return {"video": {"url": f"{CDN}/out.mp4"}, "seed": 7}
    url = "https://queue.fal.run/wan/requests/1"
    return {"status": "COMPLETED", "request_id": "1", "response_url": url}
