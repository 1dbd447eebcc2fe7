"""Together: data."""

from __future__ import annotations

import attrs

from hfi._core.providers.way import HERE, Provider, Queue, Way

__all__ = ["PROVIDER"]

_STEPS = {"num_inference_steps": "steps"}

_DRAW = Way(
    path="/v1/images/generations",
    names="model",
    fixed={"response_format": "base64"},
    renamed=_STEPS,
)
_EDIT = attrs.evolve(
    _DRAW,
    takes={"image": {"reference_images": [HERE]}},
    # It asks for a prompt, be it an empty one.
    fixed={"prompt": "", "response_format": "base64"},
    spread=frozenset({"target_size"}),
)
_FILM = Way(
    path="/v2/videos",
    names="model",
    renamed=_STEPS,
    spread=frozenset({"target_size"}),
    queue=Queue(
        status=("status",),
        done=frozenset({"completed"}),
        failed=frozenset({"failed", "cancelled", "canceled"}),
        path="/v2/videos/{id}",
        interval=2.0,
        longest=5.0,
    ),
)
_SPEAK = Way(path="/v1/audio/speech", names="model", takes={"text": {"input": HERE}}, accept="*/*")

PROVIDER = Provider(
    name="together",
    base="https://api.together.xyz",
    text="/v1/completions",
    dialect="together",
    ways={
        "automatic-speech-recognition": Way(
            path="/v1/audio/transcriptions",
            body="multipart",
            names="model",
            takes={"audio": {"file": HERE}},
        ),
        "feature-extraction": Way(
            path="/v1/embeddings", names="model", takes={"text": {"input": HERE}}
        ),
        "image-to-image": attrs.evolve(
            _EDIT,
            special={
                r"(?i)flux\.1.*kontext": attrs.evolve(_EDIT, takes={"image": {"image_url": HERE}})
            },
        ),
        "image-to-video": attrs.evolve(
            _FILM,
            # A data URL may have some 60 KB.
            takes={"image": {"frame_images": [{"input_image": HERE, "frame": "first"}]}},
        ),
        "text-to-image": _DRAW,
        # The voice is required, and only this model's are known.
        "text-to-speech": attrs.evolve(
            _SPEAK, special={"(?i)kokoro": attrs.evolve(_SPEAK, fixed={"voice": "af_alloy"})}
        ),
        "text-to-video": _FILM,
    },
)
