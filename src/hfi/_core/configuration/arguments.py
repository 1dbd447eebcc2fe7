"""Reading a client's arguments, one at a time: headers, limits, names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.configuration.tokens import authorization_credential
from hfi._core.configuration.urls import is_url
from hfi._core.observe.masking import masked
from hfi.errors import ConfigurationError
from hfi.types.settings import Timeout

if TYPE_CHECKING:
    from hfi._core.request import Credential

__all__ = ["READERS", "merged_headers", "unknown_option"]

# The transport frames messages itself; a second opinion would desynchronise the connection.
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})
_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def merged_headers(
    before: Mapping[str, str], authorization: Credential | None, given: object
) -> tuple[Mapping[str, str], Credential | None]:
    """The headers with ``given`` added, and the credential that stood among them.

    Raises:
        ConfigurationError: A name or a value that no header may have; values are not shown.
    """
    if given is None:
        return before, authorization
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"headers must be a mapping of names to values, not {type(given).__name__}."
        )
    problem = next(filter(None, (_header_problem(*item) for item in given.items())), None)
    if problem is not None:
        del given
        raise ConfigurationError(problem)
    headers = dict(before)
    for name, value in given.items():
        lower = name.lower()
        if lower == "authorization":
            authorization = None if value is None else authorization_credential(value)
        elif value is None:
            headers.pop(lower, None)
        else:
            headers[lower] = masked(value.strip())
    return headers, authorization


def _header_problem(name: object, value: object) -> str | None:
    if not isinstance(name, str) or not name or not _HEADER_NAME.issuperset(name.lower()):
        # A whole line given as the name holds the value.
        shown = repr(name.partition(":")[0][:40]) if isinstance(name, str) else type(name).__name__
        return f"headers: {shown} is not the name of a header."
    if name.lower() in _FRAMING:
        return f"headers: {name!r} is set by the transport and cannot be given."
    if value is None:
        return None
    if not isinstance(value, str):
        return f"headers: the value of {name!r} must be a string, not {type(value).__name__}."
    if name.lower() == "authorization" and not value.strip():
        return f"headers: the value of {name!r} is empty."
    if not value.isascii() or not value.strip().isprintable():
        return f"headers: the value of {name!r} holds a character that no header may hold."
    return None


def _timeout(value: Any) -> Timeout:
    return Timeout.of(value)


def _max_retries(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"max_retries must be a whole number, 0 or more, not {value!r}.")
    return value


def _max_wait(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ConfigurationError(f"max_wait must be seconds, 0 or more, or None, not {value!r}.")
    return float(value)


def _on_wait(value: object) -> Callable[..., object] | None:
    if value is not None and not callable(value):
        raise ConfigurationError(f"on_wait must be a function, not {type(value).__name__}.")
    return value


def _bill_to(value: object) -> str | None:
    if value is None:
        return None
    problem = _header_problem("bill_to", value) if value != "" else "it is empty"
    if problem is not None:
        raise ConfigurationError(
            "bill_to must be the name of an organisation on the Hub, in plain ASCII."
        )
    return str(value).strip()


def _aliases(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigurationError(
            f"aliases must be a mapping of names to models, not {type(value).__name__}."
        )
    aliases: dict[str, str] = {}
    for name, models in value.items():
        model = _first(models)
        if not isinstance(name, str) or not isinstance(model, str) or not model or is_url(model):
            raise ConfigurationError(f"aliases: {name!r} must stand for the id of a model.")
        aliases[name] = model
    return aliases


def _first(models: object) -> object:
    """The first of several models; a name must not mean another model on every call."""
    return models[0] if isinstance(models, (list, tuple)) and models else models


READERS: Mapping[str, Callable[[Any], Any]] = {
    "aliases": _aliases,
    "bill_to": _bill_to,
    "max_retries": _max_retries,
    "max_wait": _max_wait,
    "on_wait": _on_wait,
    "timeout": _timeout,
}


def unknown_option(name: str, known: Iterable[str]) -> ConfigurationError:
    """The error for an option that a client does not have, with the one that may be meant."""
    import difflib  # noqa: PLC0415 - 2 ms, and only a slip needs it

    near = difflib.get_close_matches(name, list(known), n=1)
    return ConfigurationError(
        f"A client has no option {name!r}.", hint=f"Did you mean {near[0]!r}?" if near else None
    )
