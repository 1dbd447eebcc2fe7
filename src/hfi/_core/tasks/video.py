"""Videos: tasks that make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.incoming.video_header import video_facts
from hfi.types.media import Video

if TYPE_CHECKING:
    from hfi._core.tasks.task import Made

__all__ = ["read_video"]


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
