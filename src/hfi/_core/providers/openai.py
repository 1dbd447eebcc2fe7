"""OpenAI, with its own keys alone: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="openai",
    base="https://api.openai.com",
    routed=False,
)
