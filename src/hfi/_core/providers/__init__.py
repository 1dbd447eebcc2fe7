"""Inference providers: who there is, and where their own APIs are. Each is one module of data.

A provider's module is called as the provider, with ``_`` for ``-``, and is imported when a call
needs it; ``way.py`` says what stands in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfi._core.providers.way import Provider

__all__ = ["POLICIES", "all_providers", "find_provider", "nearest_provider", "provider_names"]

POLICIES = frozenset({"fastest", "cheapest", "preferred"})
"""Suffixes of a model that leave the choice of the provider to the router."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The module beside the providers, and what stands in a provider's place.
_NO_PROVIDERS = frozenset({"way", "auto", "local", *POLICIES})


def find_provider(name: str | None) -> Provider | None:
    """The provider that the Hub spells ``name``, or None where hfi knows none of that name."""
    if name is None or name in _NO_PROVIDERS or not _NAME.fullmatch(name):
        return None
    from importlib import import_module  # noqa: PLC0415 - few calls need a provider's own facts

    module = f"{__name__}.{name.replace('-', '_')}"
    try:
        found: Provider = import_module(module).PROVIDER
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    return found


def provider_names() -> tuple[str, ...]:
    """The names of all providers that hfi knows, in alphabetical order."""
    from pkgutil import iter_modules  # noqa: PLC0415 - only lists and slips need all names

    modules = (module.name for module in iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in modules if name not in _NO_PROVIDERS))


def all_providers() -> tuple[Provider, ...]:
    """All providers that hfi knows, in the order of their names."""
    found = (find_provider(name) for name in provider_names())
    return tuple(provider for provider in found if provider is not None)


def nearest_provider(name: str) -> str | None:
    """The known provider that ``name`` may be a slip of, or None; None for a known one too."""
    if name in _NO_PROVIDERS or find_provider(name) is not None:
        return None
    import difflib  # noqa: PLC0415 - 2 ms, and only a slip needs it

    known = [*provider_names(), *POLICIES, "local"]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return near[0] if near else None
