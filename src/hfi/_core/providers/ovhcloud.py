"""OVHcloud: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="ovhcloud",
    base="https://oai.endpoints.kepler.ai.cloud.ovh.net",
    text="/v1/completions",
)
