"""Hugging Face inference for Python: ``Client().chat("Hello")``, ``AsyncClient`` for services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hfi._async.client import AsyncClient as AsyncClient
