"""Nscale: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider, Way

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="nscale",
    base="https://inference.api.nscale.com",
    ways={
        "text-to-image": Way(
            path="/v1/images/generations",
            names="model",
            fixed={"response_format": "b64_json"},
            ignored=frozenset({"num_inference_steps"}),
            size="size",
        ),
    },
)
