"""DeepInfra: data."""

from __future__ import annotations

from hfi._core.providers.way import HERE, Provider, Way

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="deepinfra",
    base="https://api.deepinfra.com",
    chat="/v1/openai/chat/completions",
    text="/v1/openai/completions",
    ways={
        "automatic-speech-recognition": Way(
            path="/v1/openai/audio/transcriptions",
            body="multipart",
            names="model",
            takes={"audio": {"file": HERE}},
            media="raw",
        ),
        "feature-extraction": Way(
            path="/v1/openai/embeddings", names="model", takes={"text": {"input": HERE}}
        ),
        "text-to-image": Way(
            path="/v1/openai/images/generations",
            names="model",
            fixed={"response_format": "b64_json"},
            size="size",
        ),
        "text-to-speech": Way(
            path="/v1/openai/audio/speech",
            names="model",
            takes={"text": {"input": HERE}},
            accept="*/*",
        ),
    },
)
