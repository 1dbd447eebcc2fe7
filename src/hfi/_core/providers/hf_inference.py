"""Hugging Face's own provider, through its router alone: data.

Its ways without their paths are also those of an Inference Endpoint at its root.
"""

from __future__ import annotations

import attrs

from hfi._core.providers.way import HERE, Provider, Way

__all__ = ["PROVIDER"]

_MODEL = Way(path="/models/{id}", body="parameters")
# Inference Endpoints run Hugging Face's inference toolkit, which refuses media types that are not
# on its list (serialization/base.py), whatever the model could read: these are its words for them.
_OTHER_SOUNDS = (
    *("audio/aac", "audio/aiff", "audio/basic", "audio/x-caf"),
    *("video/mp4", "video/mpeg", "video/quicktime", "video/x-flv", "video/x-matroska"),
    *("video/x-ms-asf", "video/x-msvideo"),
)
_TYPES = {
    "audio/mp4": "audio/m4a",
    "video/ogg": "audio/ogg",
    "video/webm": "audio/webm",  # a browser's recording of a microphone
    **dict.fromkeys(_OTHER_SOUNDS, "audio/x-audio"),
    **dict.fromkeys(("image/avif", "image/heic", "image/jp2", "image/jxl"), "image/x-image"),
}
# A file without options is the body; with options it is base64 in JSON.
_FILE = attrs.evolve(_MODEL, media="raw", media_types=_TYPES)
_INSIDE = attrs.evolve(_MODEL, media="base64")
# The toolkit answers any type with the samples as numbers in JSON, and has versions that fail when
# they are asked for audio/*.
_SOUND = attrs.evolve(_MODEL, accept="*/*")

PROVIDER = Provider(
    name="hf-inference",
    # Its chat route stands behind the model: /models/{id}/v1/...
    dialect="hf-inference",
    ways={
        "audio-classification": _FILE,
        "audio-to-audio": _FILE,
        "automatic-speech-recognition": _FILE,
        "document-question-answering": _INSIDE,
        # Its options stand beside the inputs.
        "feature-extraction": Way(
            path="/models/{id}/pipeline/feature-extraction", takes={"text": {"inputs": HERE}}
        ),
        "fill-mask": _MODEL,
        "image-classification": _FILE,
        "image-segmentation": _FILE,
        "image-to-image": attrs.evolve(_FILE, accept="image/png"),
        "image-to-text": _FILE,
        "object-detection": _FILE,
        "question-answering": _MODEL,
        "sentence-similarity": attrs.evolve(
            _MODEL,
            path="/models/{id}/pipeline/sentence-similarity",
            takes={
                "sentence": {"source_sentence": HERE},
                "other_sentences": {"sentences": HERE},
            },
        ),
        "summarization": _MODEL,
        # The first is what transformers calls it, the second what the schema of the task does.
        "table-question-answering": attrs.evolve(
            _MODEL, takes={"query": {"query": HERE, "question": HERE}}
        ),
        "tabular-classification": attrs.evolve(_MODEL, takes={"table": {"data": HERE}}),
        "tabular-regression": attrs.evolve(_MODEL, takes={"table": {"data": HERE}}),
        "text-classification": _MODEL,
        "text-to-audio": _SOUND,
        "text-to-image": attrs.evolve(_MODEL, accept="image/png"),
        "text-to-speech": _SOUND,
        "token-classification": _MODEL,
        "translation": _MODEL,
        "visual-question-answering": _INSIDE,
        "zero-shot-classification": _MODEL,
        "zero-shot-image-classification": _INSIDE,
    },
)
