"""The facts of a call, beside its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi.errors import HFIError

__all__ = ["CallMeta"]


# Without slots: changed() is for it.
@attrs.frozen(kw_only=True, slots=False)
class CallMeta:
    """How an answer came about.

    Attributes:
        attempts: Requests sent, the successful one included.
        earlier: The errors of the attempts before it, oldest first.
        status_code: HTTP status of the reply.
        headers: Headers of the reply, names in lower case.
        url: Where the request went, without credentials or query.
        protocol: ``"chat-completions"`` or ``"text-generation"``, for chats.
        protocol_reason: Why that protocol was taken where it is not the usual one.
        first_token: Seconds from the first attempt to the first piece of the answer, or None.
        total: Seconds from the first attempt to the end of the answer, or None.
        resumes: How often a broken stream was taken up again.
        trimmed: The messages left out to make the prompt fit, in order.
        repairs: What was changed in the messages to suit the model's template, one sentence each.
        notes: What a call decided by itself, one sentence each: the model it took where none was
            named, the providers that were left out, why a provider gets the model's id as given.
    """

    attempts: int = 1
    earlier: tuple[HFIError, ...] = ()
    status_code: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    url: str | None = None
    protocol: str | None = None
    protocol_reason: str | None = None
    first_token: float | None = None
    total: float | None = None
    resumes: int = 0
    trimmed: tuple[object, ...] = ()
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, from the first header that carries one."""
        for name in ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id"):
            if value := self.headers.get(name):
                return value
        return None
