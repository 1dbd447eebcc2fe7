"""fal: data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hfi._core.providers.way import HERE, LORA_FILE, Provider, Queue, Way

__all__ = ["PROVIDER"]

_BASE = "https://fal.run"

_LORA = {"loras": [{"path": LORA_FILE, "scale": 1}]}
# fal's own route for adapters wants to be told what they are put on.
_LORA_BASE = {"model_name": "stabilityai/stable-diffusion-xl-base-1.0"}
# The only types it takes in a data URL besides these are audio/mpeg and video/webm.
_SOUNDS = {"audio/wav": "audio/x-wav"}

# The queue, not the synchronous route at fal.run: a slow or cold model outlives any gateway's
# patience, a lost connection loses no result, and the wait can be shown. It costs one request and
# up to half a second.
_JOB = Way(
    path="/{id}",
    base="https://queue.fal.run",
    subdomain="queue",
    lora=_LORA,
    queue=Queue(
        status=("status",),
        done=frozenset({"completed", "ok"}),
        failed=frozenset({"failed", "error", "cancelled", "canceled"}),
        address=("response_url",),
        id=("request_id",),
        path="/{app}/requests/{id}",
        poll="/status",
        result=True,
    ),
)
_DRAW = attrs.evolve(_JOB, size="image_size")
_EDIT = attrs.evolve(
    _JOB,
    # Some models read the one, some the other.
    takes={"image": {"image_url": HERE, "image_urls": [HERE]}},
    renamed={"target_size": "image_size"},
)
_FILM = attrs.evolve(_JOB, takes={"image": {"image_url": HERE}})


def _mask(body: Any) -> Any:
    image = body.get("image") if isinstance(body, Mapping) else None
    mask = image.get("url") if isinstance(image, Mapping) else None
    return [{"label": "mask", "score": None, "mask": mask}] if mask else body


def _part(body: Any) -> Any:
    sound = body.get("audio") if isinstance(body, Mapping) else None
    if not isinstance(sound, Mapping) or not sound.get("url"):
        return body
    kind = sound.get("content_type")
    return [{"label": "speech", "content-type": kind, "blob": sound["url"]}]


PROVIDER = Provider(
    name="fal-ai",
    base=_BASE,
    chat=None,
    key_scheme="Key",
    ways={
        "audio-to-audio": attrs.evolve(
            _JOB,
            takes={"audio": {"audio_url": HERE}},
            media_types=_SOUNDS,
            fetch=(("audio", "url"),),
            reply=_part,
        ),
        "automatic-speech-recognition": Way(
            path="/{id}", takes={"audio": {"audio_url": HERE}}, media_types=_SOUNDS
        ),
        "image-segmentation": attrs.evolve(
            _JOB,
            takes={"image": {"image_url": HERE}},
            fixed={"sync_mode": True},
            fetch=(("image", "url"),),
            reply=_mask,
        ),
        "image-text-to-image": attrs.evolve(_EDIT, above=True),
        "image-text-to-video": attrs.evolve(_FILM, above=True),
        "image-to-image": _EDIT,
        "image-to-video": _FILM,
        "text-to-audio": attrs.evolve(_JOB, takes={"text": {"prompt": HERE}}),
        "text-to-image": attrs.evolve(
            _DRAW, special={r"^fal-ai/lora$": attrs.evolve(_DRAW, lora={**_LORA, **_LORA_BASE})}
        ),
        "text-to-speech": Way(path="/{id}", takes={"text": {"text": HERE}}),
        "text-to-video": _JOB,
    },
)
