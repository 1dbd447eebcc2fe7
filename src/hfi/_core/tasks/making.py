"""From a planned call to its result: falling over, waiting for jobs, downloading, reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.failures.error_facts import find_error
from hfi._core.failures.failure import error_from_body
from hfi._core.fall_over import OTHER_TASKS, Cure, cure
from hfi._core.outgoing.media import data_url, image_size, sniff
from hfi._core.outgoing.media_input import MediaInput, fetched
from hfi._core.outgoing.orientation import is_on_its_side
from hfi._core.request import Request
from hfi._core.tasks.media_replies import KINDS, download, found_in, media_type
from hfi._core.tasks.payloads import needs_bytes
from hfi._core.tasks.plan import attempt_at
from hfi._core.tasks.queues import Ticket, wait_for
from hfi._core.tasks.task import Made
from hfi.errors import APIStatusError, ResponseError
from hfi.types.media import Image
from hfi.types.raw import beginning, loads

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.request import Response
    from hfi._core.tasks.arguments import TaskCall
    from hfi._core.tasks.media_replies import Kind
    from hfi._core.tasks.plan import Attempt, TaskPlan
    from hfi._core.tasks.stop import Stop
    from hfi.types.meta import CallMeta

__all__ = ["perform", "with_meta"]


def perform(plan: TaskPlan, first: Attempt | None = None) -> Flow[Any]:
    """Does what was planned, and gives what the task's ``read`` makes of the reply.

    It has the model, the provider and what it is about, where it has a place for them.

    A provider that answers 404, or 400, 401 or 402, is passed over for the next one; the last
    one's answer counts. A job that was taken on is not given to another provider as well: both
    would be paid for.

    Args:
        plan: What to do.
        first: The first request, where it was made beforehand.

    Raises:
        APIStatusError: The last provider refused, or the job failed.
        ResponseError: What came is not what the task gives.
        ConfigurationError: What lies at a URL that was given cannot be had.
    """
    call = plan.call
    reply: Response
    for stop in plan.stops:
        call = yield from _with_bytes(call, stop)
        attempt, first = first or attempt_at(stop, call, plan.config), None
        try:
            reply = yield attempt.request
        except APIStatusError as error:
            if stop is plan.stops[-1] or cure(error, OTHER_TASKS) is Cure.NOBODY:
                raise
            continue
        value = yield from _result(attempt, reply, call)
        value = _evolved(value, model=stop.route.model, provider=stop.route.provider)
        return _evolved(value, inputs=_kept(call)) if call.task.keeps else value
    raise AssertionError("a plan has a stop")


def with_meta(value: Any, meta: CallMeta) -> Any:
    """The value with the facts of its call, if it has a place for them."""
    if hasattr(value, "with_facts"):
        return value.with_facts(meta, model=value.model, provider=value.provider)
    return _evolved(value, meta=meta)


def _evolved(value: Any, **facts: Any) -> Any:
    """The value with the facts that it has a field for."""
    if not attrs.has(type(value)):
        return value
    names = {field.name for field in attrs.fields(type(value))}
    known = {name: fact for name, fact in facts.items() if name in names}
    return attrs.evolve(value, **known) if known else value


def _kept(call: TaskCall) -> Any:
    """What the value is about; a picture as an ``Image``."""
    value = call.inputs.get(call.task.keeps or "")
    if not isinstance(value, MediaInput):
        return value
    if value.data is None or value.kind != "image":
        return value.url
    width, height = image_size(value.data) or (None, None)
    if is_on_its_side(value.data):  # servers count pixels as it is shown
        width, height = height, width
    kind = value.content_type or "application/octet-stream"
    return Image(bytes=value.data, content_type=kind, width=width, height=height)


def _with_bytes(call: TaskCall, stop: Stop) -> Flow[TaskCall]:
    """The call with what lies at URLs fetched, for a provider that takes no URLs."""
    if not needs_bytes(stop.way):
        return call
    inputs = dict(call.inputs)
    for name, value in inputs.items():
        if isinstance(value, MediaInput):
            inputs[name] = yield from fetched(value)
    return attrs.evolve(call, inputs=inputs)


def _result(attempt: Attempt, reply: Response, call: TaskCall) -> Flow[Any]:
    stop = attempt.stop
    if stop.way.queue is not None:
        ticket = Ticket(
            request=attempt.request,
            base=stop.base,
            query=stop.query,
            provider_id=stop.provider_id or "",
        )
        reply = yield from wait_for(stop.way.queue, reply, ticket)
    kind = KINDS.get(call.task.gives or "")
    if kind is not None:
        made = yield from _made(attempt, reply, call, kind)
        return call.task.read(made)
    body = _decoded(reply)
    for path in stop.way.fetch:
        yield from _inlined(body, path, attempt, reply)
    return _read(body, attempt, reply, call)


def _decoded(reply: Response) -> Any:
    try:
        return loads(reply.content)
    except ValueError:
        raise ResponseError(
            "The reply is no JSON.",
            hint="Try again, or another provider; .body holds the beginning of the reply.",
            body=beginning(reply.content),
        ) from None


def _read(body: Any, attempt: Attempt, reply: Response, call: TaskCall) -> Any:
    adapt = attempt.stop.way.reply
    try:
        return call.task.read(body if adapt is None else adapt(body))
    except ResponseError:
        told = find_error(body)
        if told is None:
            raise
        raise error_from_body(
            told,
            status_code=reply.status_code,
            headers=reply.headers,
            request=attempt.request,
        ) from None


def _inlined(
    body: Any, path: tuple[str | int, ...], attempt: Attempt, reply: Response
) -> Flow[None]:
    """Puts what lies at a URL in the URL's place: a text as such, other files as data URLs."""
    *way_there, last = path
    for name in way_there:
        body = body.get(name) if isinstance(body, dict) else None
    url = body.get(last) if isinstance(body, dict) else None
    if not isinstance(url, str) or url[:5].lower() == "data:":
        return
    data, *_ = yield from _fetched(url, attempt, reply, None)
    body[last] = data_url(data) if sniff(data) else data.decode("utf-8", "replace")


def _made(attempt: Attempt, reply: Response, call: TaskCall, kind: Kind) -> Flow[Made]:
    stop = attempt.stop
    found = found_in(reply, attempt.request, kind)
    first, url, told = found.items[0], None, ""
    if isinstance(first, str):
        first, url, told = yield from _fetched(first, attempt, reply, kind)
    elif found.body is None:
        told = reply.headers.get("content-type", "")
    return Made(
        data=first,
        content_type=media_type(first, kind, told.partition(";")[0].strip().lower()),
        url=url,
        body=found.body,
        seed=_seed(found.body, call),
        model=stop.route.model,
        provider=stop.route.provider,
        prompt=call.prompt,
    )


def _fetched(
    url: str, attempt: Attempt, reply: Response, kind: Kind | None
) -> Flow[tuple[bytes, str | None, str]]:
    """The bytes, where they came from, and what whoever keeps them says they are."""
    wanted = download(
        url,
        api_url=reply.url or attempt.request.url,
        provider=attempt.stop.route.provider,
        kind=kind,
    )
    if not isinstance(wanted, Request):
        return wanted, None, ""
    try:
        response: Response = yield wanted
    except APIStatusError as error:
        what = "result" if kind is None else kind.name
        raise ResponseError(
            f"The {what} was made, but cannot be fetched from where it lies: {error.message}",
            hint="Try again.",
            body=str(error.body)[:500],
        ) from error
    return response.content, wanted.url, response.headers.get("content-type", "")


def _seed(body: Any, call: TaskCall) -> int | None:
    """The seed that the provider names, else the one that was sent."""
    seed = body.get("seed") if isinstance(body, dict) else None
    if isinstance(seed, int) and not isinstance(seed, bool):
        return seed
    sent = call.options.get("seed")
    return sent if isinstance(sent, int) else None
