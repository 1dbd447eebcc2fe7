"""Baseten: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="baseten",
    base="https://inference.baseten.co",
)
