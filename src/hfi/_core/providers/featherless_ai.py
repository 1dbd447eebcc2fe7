"""Featherless AI: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="featherless-ai",
    base="https://api.featherless.ai",
    text="/v1/completions",
)
