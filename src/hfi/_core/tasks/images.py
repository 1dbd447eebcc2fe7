"""Images: tasks that make one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.outgoing.media import image_size
from hfi._core.providers.way import Way
from hfi._core.tasks.aspect_ratio import pixels
from hfi._core.tasks.checks import SEEDS, checked_seed, checked_size
from hfi._core.tasks.task import Task, checked_text
from hfi.types.media import Image
from hfi.types.options import EditArguments, ImageArguments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi._core.tasks.plan import TaskPlan
    from hfi._core.tasks.task import Made
    from hfi.errors import HFIError

__all__ = ["TASKS", "one_each", "read_image", "with_partial"]


def read_image(made: Made) -> Image:
    """The image that a provider made."""
    width, height = image_size(made.data) or (None, None)
    return Image(
        bytes=made.data,
        content_type=made.content_type,
        width=width,
        height=height,
        seed=made.seed,
        model=made.model,
        provider=made.provider,
        url=made.url,
        prompt=made.prompt,
    )


def one_each(plan: TaskPlan, count: int, spare_seed: int) -> tuple[TaskPlan, ...]:
    """The plans for ``count`` images, one each.

    Their seeds follow one another, so that no two images are the same where a server keeps
    replies to equal requests. The first is the one that was given, else ``spare_seed``; a single
    image gets none that was not given.
    """
    if count == 1:
        return (plan,)
    call = plan.call
    first = call.options.get("seed", spare_seed)
    seeds = ((first + offset) % SEEDS for offset in range(count))
    calls = (attrs.evolve(call, options={**call.options, "seed": seed}) for seed in seeds)
    return tuple(attrs.evolve(plan, call=each) for each in calls)


def with_partial(error: HFIError, images: Sequence[Image], wanted: int) -> HFIError:
    """The error of one of several images, with those that were made."""
    error.partial = tuple(images)
    if images:
        kept = f"{len(images)} of {wanted} images were made: see .partial of this error."
        error.hint = f"{error.hint} {kept}" if error.hint else kept
    return error


def _sized(options: dict[str, Any]) -> dict[str, Any]:
    sides = pixels(options.pop("aspect_ratio", None), options.get("width"), options.get("height"))
    sized = zip(("width", "height"), sides, strict=True)
    return options | {name: side for name, side in sized if side is not None}


# OpenAI's own route.
_OPENAI = Way(
    path="/images/generations",
    names="model",
    fixed={"response_format": "b64_json"},
    size="size",
)

TASKS = (
    Task(
        name="text-to-image",
        method="text_to_image",
        inputs=("prompt",),
        arguments=ImageArguments,
        read=read_image,
        gives="image",
        checks={"prompt": checked_text, "seed": checked_seed},
        prepare=_sized,
        openai=_OPENAI,
    ),
    Task(
        name="image-to-image",
        method="image_to_image",
        inputs=("image",),
        arguments=EditArguments,
        read=read_image,
        media={"image": "image"},
        gives="image",
        checks={"seed": checked_seed, "target_size": checked_size, "prompt": checked_text},
    ),
    Task(
        name="image-text-to-image",
        method="image_text_to_image",
        inputs=("image",),
        arguments=EditArguments,
        read=read_image,
        media={"image": "image"},
        optional=frozenset({"image"}),
        gives="image",
        checks={"seed": checked_seed, "target_size": checked_size, "prompt": checked_text},
    ),
)
