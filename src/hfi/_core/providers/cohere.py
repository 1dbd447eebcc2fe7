"""Cohere: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="cohere",
    base="https://api.cohere.com",
    chat="/compatibility/v1/chat/completions",
    dialect="cohere",
)
