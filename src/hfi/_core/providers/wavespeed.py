"""WaveSpeed: data."""

from __future__ import annotations

import attrs

from hfi._core.providers.way import HERE, LORA_ID, Provider, Queue, Way

__all__ = ["PROVIDER"]

_JOB = Way(
    path="/api/v3/{id}",
    lora={"loras": [{"path": LORA_ID, "scale": 1}]},
    queue=Queue(
        status=("data", "status"),
        done=frozenset({"completed"}),
        failed=frozenset({"failed", "error", "cancelled"}),
        error=("data", "error"),
        address=("data", "urls", "get"),
        id=("data", "id"),
        path="/api/v3/predictions/{id}/result",
    ),
)
# Some models read the one, some the other.
_WITH_IMAGE = attrs.evolve(_JOB, takes={"image": {"image": HERE, "images": [HERE]}})

PROVIDER = Provider(
    name="wavespeed",
    base="https://api.wavespeed.ai",
    chat=None,
    ways={
        "image-text-to-image": _WITH_IMAGE,
        "image-text-to-video": _WITH_IMAGE,
        "image-to-image": _WITH_IMAGE,
        "image-to-video": _WITH_IMAGE,
        "text-to-image": _JOB,
        "text-to-video": _JOB,
    },
)
