"""What event hooks are, and what they are shown: requests and replies without secrets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from hfi._core.failures.redact import MASK, redact_headers, secrets_of, shown_url
from hfi._core.request import Request, Response
from hfi.errors import ConfigurationError

__all__ = ["Hooks", "seen_request", "seen_response"]

Hook = Callable[..., Any]

_EVENTS = ("request", "response")


@attrs.frozen(kw_only=True)
class Hooks:
    """The functions to call, in their order."""

    request: tuple[Hook, ...] = ()
    response: tuple[Hook, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Iterable[Hook]] | None) -> Hooks:
        """Reads an ``event_hooks=`` argument.

        Raises:
            ConfigurationError: An event that there is none of, or what is no plain function.
        """
        if given is None:
            return cls()
        if not isinstance(given, Mapping):
            raise ConfigurationError(
                f"event_hooks must be a mapping, not {type(given).__name__}.",
                hint="It looks like {'request': [function], 'response': [function]}.",
            )
        for event, hooks in given.items():
            if event not in _EVENTS:
                raise ConfigurationError(
                    f"There is no event {event!r} to hook.",
                    hint="event_hooks has 'request' and 'response', each a list of functions.",
                )
            _check(event, hooks)
        return cls(**{event: tuple(hooks) for event, hooks in given.items()})


def _check(event: str, hooks: Any) -> None:
    if not isinstance(hooks, (list, tuple)) or not all(map(callable, hooks)):
        raise ConfigurationError(
            f"event_hooks[{event!r}] must be a list of functions.",
            hint="Put a single one in brackets.",
        )
    if any(map(inspect.iscoroutinefunction, hooks)):
        raise ConfigurationError(
            f"event_hooks[{event!r}] has a coroutine function, which nothing would wait for.",
            hint="Hooks are plain functions on both clients.",
        )


def seen_request(request: Request) -> Request:
    """The request as a hook sees it: all of it but the secrets, which are masked."""
    from hfi._core.explain import shown_headers  # noqa: PLC0415 - hooks are rare

    _, secret_names = shown_headers(request)
    headers = {
        name: MASK if name in secret_names else value for name, value in request.headers.items()
    }
    credential = request.credential
    if credential is not None:
        credential = attrs.evolve(credential, value=MASK)
    return attrs.evolve(request, url=shown_url(request.url), headers=headers, credential=credential)


def seen_response(request: Request, status_code: int, headers: Mapping[str, str]) -> Response:
    """A reply as a hook sees it: its body is not read yet."""
    return Response(
        status_code=status_code,
        headers=redact_headers(headers, secrets_of(request)),
        url=shown_url(request.url),
    )
