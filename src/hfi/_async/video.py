"""Videos: made of a prompt, of an image, or of both."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.media_options import ImageToVideoArguments, TextToVideoArguments

if TYPE_CHECKING:
    from hfi.types.media import Video

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncVideoMethods"]


class AsyncVideoMethods(AsyncTaskMethods):
    """``text_to_video``, ``image_to_video`` and ``image_text_to_video``."""

    @lists_options(TextToVideoArguments)
    async def text_to_video(self, prompt: str, **options: Unpack[TextToVideoArguments]) -> Video:
        """Makes a video of a prompt.

        Most providers take minutes: ``timeout.total`` limits the whole, and ``on_wait`` is told
        how far the job is.

        Args:
            prompt: What to show.
            **options: What ``hfi.types.media_options`` lists. One that is None is not sent;
                ``extra_body`` takes what only a provider knows.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: Nobody makes videos with this model.
            APIStatusError: The last provider refused, or the job failed; ``.earlier`` holds what
                the others said.
            APIConnectionError: There was no answer, or no video within ``timeout.total``.
            ResponseError: What came is no video.
        """
        video: Video = await self._perform("text_to_video", {"prompt": prompt}, options)
        return video

    @lists_options(ImageToVideoArguments)
    async def image_to_video(self, image: Any, **options: Unpack[ImageToVideoArguments]) -> Video:
        """Makes an image move.

        Args:
            image: A path, a URL, bytes, a binary file, a PIL image, a NumPy array or an ``Image``.
                A URL is passed on where the provider takes one, and fetched for it otherwise.
            **options: ``prompt`` says what is to happen; the others are listed below.

        Raises:
            HFIError: As ``text_to_video``.
        """
        video: Video = await self._perform("image_to_video", {"image": image}, options)
        return video

    @lists_options(ImageToVideoArguments)
    async def image_text_to_video(
        self, image: Any = None, **options: Unpack[ImageToVideoArguments]
    ) -> Video:
        """Makes a video of an image and a prompt, or of either alone.

        Args:
            image: As for ``image_to_video``; None where the prompt says it all.
            **options: ``prompt`` says what is to happen; the others are listed below.

        Raises:
            HFIError: As ``text_to_video``.
        """
        video: Video = await self._perform("image_text_to_video", {"image": image}, options)
        return video
