"""Media that a task is given: files are read, and images and sounds encoded, off the event loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hfi._concurrency import async_to_thread
from hfi._core.outgoing.media_input import media_input, must_be_worked_on
from hfi._core.outgoing.sources import is_web, path_of
from hfi._environment import read_files

if TYPE_CHECKING:
    from hfi._core.outgoing.media_input import MediaInput

__all__ = ["take_media"]


async def take_media(source: Any, kind: str, where: str) -> MediaInput:
    """Takes what a user gave as an image, a sound or a video; a URL is not fetched.

    Args:
        source: What was given.
        kind: ``"image"``, ``"audio"`` or ``"video"``.
        where: What it is called in error messages: the name of the argument.

    Raises:
        ConfigurationError: It is nothing of the kind, is empty, too large, or cannot be read.
    """
    path = None if is_web(source) or not must_be_worked_on(source) else path_of(source)
    files = await async_to_thread(read_files, [path]) if path is not None else {}
    take = partial(media_input, source, kind, where, files)
    return await async_to_thread(take) if must_be_worked_on(source) else take()
