"""Secrets that frames hold: tools that print tracebacks print the local variables too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hfi._core.configuration.urls import safe_url
from hfi._core.failures.redact import MASK

__all__ = ["Masked", "masked", "masked_options", "masked_url"]

_SECRET = ("token", "proxy", "headers", "extra_headers", "extra_query")
_ADDRESS = ("base_url", "model")


class Masked(str):
    """A string like any other, but for its repr: that shows of a URL no login, of others nothing.

    The repr is what shows where values are printed by somebody who does not know what they are.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return safe_url(str(self)) if "://" in self else repr(MASK)


def masked(value: Any) -> Any:
    """A string as a ``Masked``, a mapping with its strings so; anything else as it is."""
    if isinstance(value, str):
        return Masked(value)
    if isinstance(value, Mapping):
        return {name: masked(item) for name, item in value.items()}
    return value


def masked_url(value: Any) -> Any:
    """A URL as a ``Masked``; the name of a model, and anything else, as it is."""
    return Masked(value) if isinstance(value, str) and "://" in value else value


def masked_options(options: Mapping[str, Any]) -> None:
    """Puts what may be secret in a client's or a call's options out of sight, in place.

    In place, since the frames of the callers hold the same dict; a mapping that cannot be changed
    was made by somebody else and is left.
    """
    if not isinstance(options, dict):
        return
    for name in _SECRET:
        if name in options:
            options[name] = masked(options[name])
    for name in _ADDRESS:
        if name in options:
            options[name] = masked_url(options[name])
