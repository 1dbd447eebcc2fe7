"""Which HTTP engine a request goes over, and why."""

from __future__ import annotations

from typing import Literal

import attrs

from hfi.errors import ConfigurationError

__all__ = ["ENGINES", "Engine", "check_engine", "choose_engine"]

ENGINES = ("auto", "default", "fast")


@attrs.frozen
class Engine:
    """An engine, and why it is that one; ``"transport"`` is one that the user gave."""

    name: Literal["default", "fast", "transport"]
    reason: str


def check_engine(engine: str, *, transport: bool) -> None:
    """Looks at ``engine=`` before anything is connected.

    Raises:
        ConfigurationError: There is no such engine, or a transport was given beside it.
    """
    if engine not in ENGINES:
        raise ConfigurationError(
            f"There is no engine {str(engine)[:40]!r}.", hint="It is 'auto', 'default' or 'fast'."
        )
    if transport and engine == "fast":
        raise ConfigurationError(
            "engine='fast' and transport= exclude each other: a transport is an engine.",
            hint="Leave one of them out.",
        )


def choose_engine(asked: str, *, installed: bool, proxied: bool, mocked: bool) -> Engine:
    """The engine for requests to one server.

    Args:
        asked: The client's ``engine=``.
        installed: Whether the extra ``fast`` is.
        proxied: Whether the requests go through a proxy, which the fast engine does not speak to.
        mocked: Whether something has taken httpcore's place and waits to be asked, as ``respx``.
    """
    if asked == "default":
        return Engine("default", "as asked for")
    if not installed:
        return Engine("default", "for the faster one: pip install 'hfi[fast]'")
    if proxied:
        return Engine("default", "the fast one goes through no proxy")
    if mocked:
        return Engine("default", "something stands in for httpcore and is asked")
    return Engine("fast", "as asked for" if asked == "fast" else "it is installed")
