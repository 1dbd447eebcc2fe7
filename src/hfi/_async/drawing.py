"""Several images of one prompt at the same time."""

from __future__ import annotations

from random import getrandbits
from typing import TYPE_CHECKING, Any

from hfi._async.performing import carry_out, prepare
from hfi._concurrency import async_map
from hfi._core.outgoing.option_values import checked
from hfi._core.tasks.images import one_each, with_partial
from hfi.errors import HFIError
from hfi.types.media import Images

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._async.tasks import AsyncTaskMethods
    from hfi._core.tasks.plan import TaskPlan
    from hfi.types.media import Image

__all__ = ["draw"]

AT_ONCE = 8  # images of one call; providers limit what one account may have under way


async def draw(client: AsyncTaskMethods, prompt: str, n: int, options: Mapping[str, Any]) -> Images:
    """Makes ``n`` images; what was begun is finished, also where another one fails.

    Raises:
        HFIError: One failed; its ``.partial`` holds those that were made, in their order.
    """
    count = checked("n", n)
    plan = await prepare(client, "text_to_image", {"prompt": prompt}, options)
    client._warn(plan.warnings)
    errors: list[HFIError] = []

    async def make(one: TaskPlan) -> Image | None:
        if errors:
            return None
        try:
            image: Image = await carry_out(client, one)
        except HFIError as error:
            errors.append(error)
            return None
        return image

    plans = one_each(plan, count, getrandbits(32))
    made = await async_map(make, plans, limit=min(count, AT_ONCE))
    images = Images(image for image in made if image is not None)
    if errors:
        raise with_partial(errors[0], images, count)
    return images
