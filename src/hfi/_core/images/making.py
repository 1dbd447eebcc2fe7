"""From a planned call to images: falling over, waiting for jobs, downloading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.fall_over import IMAGE_TASKS, Cure, cure
from hfi._core.images.queues import QUEUES, Ticket, wait_for
from hfi._core.images.replies import download, found_in, picture
from hfi._core.request import Request
from hfi.errors import APIStatusError, ResponseError
from hfi.types.media import Image
from hfi.types.raw import loads

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.images.plan import Attempt, ImagePlan
    from hfi._core.request import Response

__all__ = ["make_image"]


def make_image(plan: ImagePlan) -> Flow[Image]:
    """Makes one image.

    A provider that answers 404, or 400, 401 or 402, is passed over for the next one; the last
    one's answer counts. A job that was taken on is not given to another provider as well: both
    would be paid for.

    Raises:
        APIStatusError: The last provider refused, or the job failed.
        ResponseError: What came is no image.
    """
    *others, last = plan.attempts
    reply: Response
    for attempt in others:
        try:
            reply = yield attempt.request
        except APIStatusError as error:
            if cure(error, IMAGE_TASKS) is Cure.NOBODY:
                raise
            continue
        return (yield from _finished(attempt, reply, plan))
    reply = yield last.request
    return (yield from _finished(last, reply, plan))


def _finished(attempt: Attempt, reply: Response, plan: ImagePlan) -> Flow[Image]:
    stop = attempt.stop
    if stop.way.queue is not None:
        ticket = Ticket(
            request=attempt.request,
            base=stop.base,
            query=stop.query,
            provider_id=stop.provider_id or "",
        )
        reply = yield from wait_for(QUEUES[stop.way.queue], reply, ticket)
    first = found_in(reply, attempt.request)[0]
    data, url = (
        (first, None) if isinstance(first, bytes) else (yield from _fetched(first, attempt, reply))
    )
    seen = picture(data)
    return Image(
        bytes=seen.data,
        content_type=seen.content_type,
        width=seen.width,
        height=seen.height,
        seed=_seed(attempt, reply),
        model=stop.route.model,
        provider=stop.route.provider,
        url=url,
        prompt=plan.call.prompt,
    )


def _fetched(url: str, attempt: Attempt, reply: Response) -> Flow[tuple[bytes, str | None]]:
    """The bytes, and where they came from."""
    wanted = download(
        url,
        api_url=reply.url or attempt.request.url,
        provider=attempt.stop.route.provider,
    )
    if not isinstance(wanted, Request):
        return wanted, None
    try:
        response: Response = yield wanted
    except APIStatusError as error:
        raise ResponseError(
            f"The image was made, but cannot be fetched from where it lies: {error.message}",
            hint="Try again.",
            body=str(error.body)[:500],
        ) from error
    return response.content, wanted.url


def _seed(attempt: Attempt, reply: Response) -> int | None:
    """The seed that the provider names, else the one that was sent."""
    is_object = reply.content[:64].lstrip().startswith(b"{")
    body = loads(reply.content) if is_object else None
    seed = body.get("seed") if isinstance(body, dict) else None
    if isinstance(seed, int) and not isinstance(seed, bool):
        return seed
    return attempt.seed
