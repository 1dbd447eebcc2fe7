"""Cerebras: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="cerebras",
    base="https://api.cerebras.ai",
)
