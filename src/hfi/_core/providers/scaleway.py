"""Scaleway: data."""

from __future__ import annotations

from hfi._core.providers.way import HERE, Provider, Way

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="scaleway",
    base="https://api.scaleway.ai",
    text="/v1/completions",
    ways={
        "feature-extraction": Way(
            path="/v1/embeddings", names="model", takes={"text": {"input": HERE}}
        ),
    },
)
