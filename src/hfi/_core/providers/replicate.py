"""Replicate: data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from hfi._core.providers.way import HERE, LORA_PAGE, Provider, Queue, Way

__all__ = ["PROVIDER"]

_JOB = Way(
    path="/v1/models/{id}/predictions",
    body="input",
    # Holds the reply back for up to a minute.
    headers={"prefer": "wait"},
    queue=Queue(
        status=("status",),
        done=frozenset({"succeeded"}),
        failed=frozenset({"failed", "canceled", "aborted"}),
        address=("urls", "get"),
        path="/v1/predictions/{id}",
    ),
)
# Its models for images call it so; none for sound and video is known to take an adapter by name.
_LORA = {"lora_weights": LORA_PAGE}


def _job(**changes: Any) -> Way:
    """A way, and that for one version of a model: it stands by itself, without the model."""
    way = attrs.evolve(_JOB, **changes)
    version = attrs.evolve(way, path="/v1/predictions", names="version")
    return attrs.evolve(way, special={":": version})


def _text(body: Any) -> Any:
    output = body.get("output") if isinstance(body, Mapping) else None
    if isinstance(output, list):
        output = output[0] if output else None
    if isinstance(output, Mapping):
        names = ("transcription", "translation", "text", "txt_file")
        texts = (output.get(name) for name in names)
        text = next((text for text in texts if isinstance(text, str)), None)
        # Some models tell segments alone.
        return output if text is None else {**output, "text": text}
    return {"text": output} if isinstance(output, str) else body


PROVIDER = Provider(
    name="replicate",
    base="https://api.replicate.com",
    chat=None,
    ways={
        "automatic-speech-recognition": _job(fetch=(("output", "txt_file"),), reply=_text),
        # Models differ in what they call it.
        "image-to-image": _job(
            lora=_LORA,
            takes={
                "image": {
                    "image": HERE,
                    "images": [HERE],
                    "input_image": HERE,
                    "input_images": [HERE],
                }
            },
        ),
        "text-to-image": _job(lora=_LORA),
        "text-to-speech": _job(),
        "text-to-video": _job(),
    },
)
