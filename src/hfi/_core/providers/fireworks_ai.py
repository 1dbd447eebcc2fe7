"""Fireworks AI: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="fireworks-ai",
    base="https://api.fireworks.ai",
    chat="/inference/v1/chat/completions",
    dialect="fireworks-ai",
)
