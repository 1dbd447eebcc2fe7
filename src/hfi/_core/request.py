"""A request and a reply as values: what the pure half hands to the transport, and gets back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Credential", "Request", "Response"]


@attrs.frozen(kw_only=True)
class Credential:
    """A token bound to the place it may go to; its value shows in no repr.

    ``value`` is the token, or a callable that is asked for one before each call, and once more
    after a 401. ``source`` says where it came from, for ``explain()``: ``"argument"``,
    ``"HF_TOKEN"``, ``"token file"`` ...
    """

    value: str | Callable[[], str] = attrs.field(repr=False)
    source: str
    scheme: str = "Bearer"


# Without slots, as Response: changed() is for them.
@attrs.frozen(kw_only=True, slots=False)
class Request:
    """One HTTP request, complete but for its Authorization header.

    ``headers`` has lower-case names and never holds a credential; the transport adds
    ``credential`` when it sends. ``content`` is the body's bytes. ``task``, ``model`` and
    ``provider`` are facts for error messages. ``limit`` is the most bytes of a whole reply, where
    less than any reply may have is meant. ``idempotency_key`` is the transport's, one for all the
    tries of a call; it is no part of ``headers``, since a request that is shown to be sent again by
    hand is another one.
    """

    method: str = "POST"
    url: str
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    content: bytes | None = attrs.field(default=None, repr=False)
    stream: bool = False
    credential: Credential | None = None
    task: str | None = None
    model: str | None = None
    provider: str | None = None
    limit: int | None = None
    idempotency_key: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True, slots=False)
class Response:
    """A reply read to its end; ``headers`` has lower-case names, repeated ones joined by ", ".

    ``answer`` is what the content says, where somebody has read it.
    """

    status_code: int
    headers: Mapping[str, str] = attrs.field(factory=dict)
    content: bytes = attrs.field(default=b"", repr=False)
    url: str = ""
    answer: Any = attrs.field(default=None, repr=False)
