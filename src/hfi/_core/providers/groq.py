"""Groq: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="groq",
    base="https://api.groq.com",
    chat="/openai/v1/chat/completions",
)
