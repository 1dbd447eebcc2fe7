"""Jobs: providers that answer with a ticket, and are asked until the result is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import attrs

from hfi._core.configuration.urls import safe_url
from hfi._core.failures.error_facts import find_error
from hfi._core.failures.failure import error_from_body
from hfi._core.flows import Sleep
from hfi._core.tasks.media_replies import json_body, media_of
from hfi.errors import ModelNotFoundError, ResponseError

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.providers.way import Queue
    from hfi._core.request import Request, Response

__all__ = ["Ticket", "wait_for"]

_GROWTH = 1.25
_PATH = re.compile(r"/[!-~]*")


@attrs.frozen(kw_only=True)
class Ticket:
    """What is known of a job before its first reply.

    Attributes:
        request: The request that made it.
        base: What paths stand behind: the provider's base, or the router's for it.
        query: What every URL below ends with, such as ``"_subdomain=queue"``.
        provider_id: The provider's id of the model.
    """

    request: Request
    base: str = attrs.field(repr=safe_url)
    query: str = ""
    provider_id: str = ""


def wait_for(queue: Queue, reply: Response, ticket: Ticket) -> Flow[Response]:
    """Waits for a job, and gives the reply that holds its result.

    How long that may take is the driver's business; every wait tells the provider's last word in
    ``Sleep.progress``.

    Raises:
        APIStatusError: The job failed.
        ResponseError: The provider forgot the job, or its replies are not what it promises.
    """
    body = json_body(reply)
    is_done = not queue.result and _state(queue, body, ticket) is None
    if is_done or _has_no_job(queue, body):
        return reply
    delay, address = queue.interval, _address(queue, body, ticket)
    while (state := _state(queue, body, ticket)) is not None:
        yield Sleep(seconds=delay, reason=f"the job is {state!r}", progress=body)
        reply = yield from _asked(_question(address + queue.poll, ticket), state)
        body = _word(queue, reply, ticket)
        delay = min(delay * _GROWTH, queue.longest)
    if queue.result:
        reply = yield from _asked(_question(address, ticket), "completed")
    return reply


def _word(queue: Queue, reply: Response, ticket: Ticket) -> Mapping[str, Any]:
    """What a provider says of a job.

    Raises:
        APIStatusError: It tells an error and no state: waiting on would be in vain.
    """
    body = json_body(reply)
    told = None if isinstance(_at(body, queue.status), str) else find_error(body)
    if told is not None:
        raise error_from_body(
            told, status_code=reply.status_code, headers=reply.headers, request=ticket.request
        )
    return body


def _has_no_job(queue: Queue, body: Mapping[str, Any]) -> bool:
    """Whether the reply is the answer already, or an error: whoever reads it will say so."""
    if isinstance(_at(body, queue.status), str):  # an error's is a number
        return False
    return bool(media_of(body)) or (
        _at(body, queue.address) is None and _at(body, queue.id) is None
    )


def _state(queue: Queue, body: Mapping[str, Any], ticket: Ticket) -> str | None:
    """The word for a job that is not done yet; None once it is.

    Raises:
        APIStatusError: It failed.
    """
    word = _at(body, queue.status)
    state = word[:40] if isinstance(word, str) else "pending"
    if state.lower() in queue.done:
        return None
    if state.lower() not in queue.failed:
        return state
    reason = _at(body, queue.error) or _at(body, ("error",)) or f"the job ended as {state!r}"
    raise error_from_body({"error": reason}, status_code=None, request=ticket.request)


def _asked(request: Request, state: str) -> Flow[Response]:
    """Asks after a job; one that the provider no longer knows is lost."""
    try:
        reply: Response = yield request
    except ModelNotFoundError as error:
        raise ResponseError(
            f"{request.provider or 'The server'} no longer knows the job that was {state!r}.",
            hint="Try again.",
            body=str(error.body)[:500],
        ) from error
    return reply


def _question(url: str, ticket: Ticket) -> Request:
    headers = {
        name: value
        for name, value in ticket.request.headers.items()
        if name not in ("content-type", "prefer")
    }
    if ticket.query:
        url = f"{url}{'&' if '?' in url else '?'}{ticket.query}"
    return attrs.evolve(ticket.request, method="GET", url=url, headers=headers, content=None)


def _address(queue: Queue, body: Mapping[str, Any], ticket: Ticket) -> str:
    told = _at(body, queue.address)
    if isinstance(told, str) and told:
        return _behind(ticket.base, told)
    job = _at(body, queue.id)
    if not isinstance(job, (str, int)) or isinstance(job, bool) or str(job) in ("", ".", ".."):
        raise ResponseError(
            "The reply names neither a job nor where to ask after it.",
            hint="Try again, or another provider.",
            body=str(body)[:500],
        )
    app = quote("/".join(ticket.provider_id.split("/")[:2]), safe="/")
    return ticket.base + queue.path.format(app=app, id=quote(str(job), safe="", errors="replace"))


def _behind(base: str, told: str) -> str:
    try:
        parts = urlsplit(told)
    except ValueError:
        parts = urlsplit("")
    path = parts.path
    if not _PATH.fullmatch(path) or ".." in path.split("/"):
        raise ResponseError(
            "The reply names no address at which to ask after the job.", body=told[:200]
        )
    root = urlsplit(base)
    inside = parts.netloc == root.netloc and path.startswith(f"{root.path}/") and root.path
    return f"{root.scheme}://{root.netloc}{path}" if inside else base + path


def _at(body: object, path: tuple[str, ...]) -> Any:
    if not path:
        return None
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body
