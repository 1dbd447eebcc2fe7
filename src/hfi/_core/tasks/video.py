"""Videos: tasks that make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.incoming.video_header import video_facts
from hfi._core.tasks.checks import checked_seed, checked_size, checked_texts
from hfi._core.tasks.task import Task, checked_text
from hfi.types.media import Video
from hfi.types.media_options import ImageToVideoArguments, TextToVideoArguments

if TYPE_CHECKING:
    from hfi._core.tasks.task import Made

__all__ = ["TASKS", "read_video"]

_CHECKS = {
    "negative_prompt": checked_texts,
    "prompt": checked_text,
    "seed": checked_seed,
    "target_size": checked_size,
}


def read_video(made: Made) -> Video:
    """The video that a provider made."""
    facts = video_facts(made.data)
    return Video(
        bytes=made.data,
        content_type=made.content_type,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        seed=made.seed,
        model=made.model,
        provider=made.provider,
        url=made.url,
        prompt=made.prompt,
    )


TASKS = (
    Task(
        name="text-to-video",
        method="text_to_video",
        inputs=("prompt",),
        arguments=TextToVideoArguments,
        read=read_video,
        gives="video",
        checks=_CHECKS,
    ),
    Task(
        name="image-to-video",
        method="image_to_video",
        inputs=("image",),
        arguments=ImageToVideoArguments,
        read=read_video,
        media={"image": "image"},
        gives="video",
        checks=_CHECKS,
    ),
    Task(
        name="image-text-to-video",
        method="image_text_to_video",
        inputs=("image",),
        arguments=ImageToVideoArguments,
        read=read_video,
        media={"image": "image"},
        optional=frozenset({"image"}),
        gives="video",
        checks=_CHECKS,
    ),
)
