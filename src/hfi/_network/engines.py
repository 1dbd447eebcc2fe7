"""What there is to choose an engine by: whether the fast one is installed, whether a mock waits."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hfi.errors import MissingExtraError

__all__ = ["fast_is_there", "fast_room", "is_known", "is_mocked", "require_fast"]


_rooms: dict[str, Any] = {}


def fast_is_there() -> bool:
    """Whether the extra ``fast`` can be used."""
    return fast_room("hfi._network") is not None


def is_known(package: str) -> bool:
    """Whether ``fast_room`` has nothing to import any more."""
    return package in _rooms


def fast_room(package: str) -> Any:
    """The module of a package that serves the fast engine; None where that is not installed."""
    if package not in _rooms:
        try:
            _rooms[package] = import_module(f"{package}.compiled")
        except ImportError:  # httptools is not there, or not for this Python
            _rooms[package] = None
    return _rooms[package]


def require_fast() -> None:
    """Checks that the extra ``fast`` is installed.

    Raises:
        MissingExtraError: It is not.
    """
    if not fast_is_there():
        raise MissingExtraError(
            "engine='fast' needs the package httptools, which is not installed.",
            hint='Install it with `pip install "hfi[fast]"`, or leave engine= to "auto".',
        )


def is_mocked(method: Any) -> bool:
    """Whether a method of httpcore's was replaced; ``respx`` and its like do that."""
    return not str(getattr(method, "__module__", "")).startswith("httpcore.")
