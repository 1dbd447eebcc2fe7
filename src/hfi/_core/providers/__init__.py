"""Inference providers: who there is, and where their own APIs are."""

from __future__ import annotations

from hfi._core.providers.table import POLICIES, PROVIDERS, Provider

__all__ = ["POLICIES", "PROVIDERS", "Provider", "nearest_provider"]


def nearest_provider(name: str) -> str | None:
    """The known provider that ``name`` may be a slip of, or None; None for a known one too."""
    if name in PROVIDERS or name in POLICIES or name in ("auto", "local"):
        return None
    import difflib  # noqa: PLC0415 - 2 ms, and only a slip needs it

    near = difflib.get_close_matches(name, [*PROVIDERS, *POLICIES, "local"], n=1, cutoff=0.7)
    return near[0] if near else None
