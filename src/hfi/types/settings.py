"""How long a call may take, and how many may run at once."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.errors import ConfigurationError

__all__ = ["DEFAULT_LIMITS", "DEFAULT_TIMEOUT", "Limits", "Timeout"]


def _seconds(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigurationError(
            f"Timeout.{attribute.name} must be seconds above zero or None, not {value!r}."
        )


@attrs.frozen(kw_only=True)
class Timeout:
    """Time limits of one call, in seconds; None means no limit.

    Attributes:
        connect: Until the connection stands, TLS included.
        first_token: From the request to the first piece of the answer; for replies that are not
            streamed, to the whole reply.
        between_tokens: The longest silence inside an answer. Keep-alive comments are silence.
        total: The whole call, from its first attempt to its last byte.
    """

    connect: float | None = attrs.field(default=10.0, validator=_seconds)
    first_token: float | None = attrs.field(default=120.0, validator=_seconds)
    between_tokens: float | None = attrs.field(default=60.0, validator=_seconds)
    total: float | None = attrs.field(default=600.0, validator=_seconds)

    @classmethod
    def of(cls, value: float | Timeout | None) -> Timeout:
        """Reads a ``timeout=`` argument: a number is the silence allowed, None is no limit."""
        if isinstance(value, Timeout):
            return value
        if value is None:
            return cls(connect=None, first_token=None, between_tokens=None, total=None)
        return cls(first_token=value, between_tokens=value)


def _count(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(
            f"Limits.{attribute.name} must be a whole number above zero, not {value!r}."
        )


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds of a client's connection pool.

    Attributes:
        max_connections: Calls that may be under way at once; further ones wait in order.
        max_idle: Connections kept open for the next call.
        idle_seconds: How long an idle connection is kept.
        wait: Seconds a call may wait for its turn before ``PoolTimeoutError``; None waits as long
            as the call's own time limits allow.
    """

    max_connections: int = attrs.field(default=1000, validator=_count)
    max_idle: int = attrs.field(default=100, validator=_count)
    idle_seconds: float = attrs.field(default=15.0)
    wait: float | None = attrs.field(default=None, validator=_seconds)


DEFAULT_TIMEOUT = Timeout()
DEFAULT_LIMITS = Limits()
