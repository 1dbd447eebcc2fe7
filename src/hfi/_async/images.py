"""Images: made of a prompt, of an image, or of both."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, overload

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.options import EditArguments, ImageArguments

if TYPE_CHECKING:
    from hfi.types.media import Image

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncImageMethods"]


class AsyncImageMethods(AsyncTaskMethods):
    """``text_to_image``, ``image_to_image`` and ``image_text_to_image``."""

    @overload
    async def text_to_image(
        self, prompt: str, *, n: None = None, **options: Unpack[ImageArguments]
    ) -> Image: ...
    @overload
    async def text_to_image(
        self, prompt: str, *, n: int, **options: Unpack[ImageArguments]
    ) -> list[Image]: ...
    @overload
    async def text_to_image(
        self, prompt: str, *, n: int | None, **options: Unpack[ImageArguments]
    ) -> Image | list[Image]: ...
    @lists_options(ImageArguments)
    async def text_to_image(
        self, prompt: str, *, n: int | None = None, **options: Unpack[ImageArguments]
    ) -> Image | list[Image]:
        """Makes an image of a prompt, or several.

        The Hub says who serves the model; they are asked in the order of your settings there.
        Where one answers 404, 400, 401 or 402, the next is asked.

        Args:
            prompt: What to show.
            n: How many images; they are made at the same time, with seeds that follow one
                another, and given as a list, ``n=1`` too. None gives one image as such. Where one
                fails, no further ones are begun, and the error's ``.partial`` holds those that
                were made.
            **options: What ``hfi.types.options.ImageArguments`` lists. One that is None is not
                sent; ``extra_body`` takes what only a provider knows.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: Nobody makes images with this model.
            APIStatusError: The last provider refused, or the job failed; ``.earlier`` holds what
                the others said.
            APIConnectionError: There was no answer, or no image within ``timeout.total``.
            ResponseError: What came is no image.
        """
        made: Image | list[Image]
        if n is None:
            made = await self._perform("text_to_image", {"prompt": prompt}, options)
            return made
        room = await self._room("drawing")
        made = await room.draw(self, prompt, n, options)
        return made

    @lists_options(EditArguments)
    async def image_to_image(self, image: Any, **options: Unpack[EditArguments]) -> Image:
        """Makes an image of an image.

        Args:
            image: A path, a URL, bytes, a binary file, a PIL image, a NumPy array or an ``Image``.
                A URL is passed on where the provider takes one, and fetched for it otherwise.
            **options: ``prompt`` says what to change; the others are listed below.

        Raises:
            HFIError: As ``text_to_image``.
        """
        made: Image = await self._perform("image_to_image", {"image": image}, options)
        return made

    @lists_options(EditArguments)
    async def image_text_to_image(
        self, image: Any = None, **options: Unpack[EditArguments]
    ) -> Image:
        """Makes an image of an image and a prompt, or of either alone.

        Args:
            image: As for ``image_to_image``; None where the prompt says it all.
            **options: ``prompt`` says what to show; the others are listed below.

        Raises:
            HFIError: As ``text_to_image``.
        """
        made: Image = await self._perform("image_text_to_image", {"image": image}, options)
        return made
