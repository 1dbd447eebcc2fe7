"""Images: look up, plan, make."""

from __future__ import annotations

import sys
from random import getrandbits
from typing import TYPE_CHECKING, overload

import attrs

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._async.hub import AsyncHubMethods
from hfi._concurrency import async_map
from hfi._core.images.arguments import ImageCall
from hfi._core.images.explanation import explain_image
from hfi._core.images.making import make_image
from hfi._core.images.plan import ImagePlan, plan_image
from hfi._core.images.routing import needs_mapping, own_ids, wanted_model
from hfi._core.outgoing.options import lists_options
from hfi.errors import ConfigurationError, ModelNotFoundError
from hfi.types.options import ImageArguments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hfi._core.configuration.config import ClientConfig
    from hfi.types.explanation import Explanation
    from hfi.types.media import Image
    from hfi.types.models import ModelInfo

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncImageMethods"]

AT_ONCE = 8  # images of one call; providers limit what one account may have under way


class AsyncImageMethods(AsyncHubMethods):
    """``text_to_image``, and what explains it."""

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
                another, and given as a list, ``n=1`` too. None gives one image as such.
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
        call = ImageCall.of(prompt, n, options)
        config = self._call_config(call.changes)
        info = await self._image_info(config)
        plans = [plan_image(each, config, info) for each in call.each(getrandbits(32))]
        self._warn(plans[0].warnings)
        if n is None:
            return await self._make_image(plans[0])
        return await async_map(self._make_image, plans, limit=min(len(plans), AT_ONCE))

    async def _make_image(self, plan: ImagePlan) -> Image:
        config = plan.config
        image, meta = await drive(
            self._transport,
            make_image(plan),
            timeout=config.timeout,
            retry=retry_policy(config),
        )
        return attrs.evolve(image, meta=meta)

    async def _image_info(self, config: ClientConfig) -> ModelInfo | None:
        """The Hub's word on the model, where it is needed."""
        if not needs_mapping(config):
            return None
        try:
            return await self._model_info(config, wanted_model(config))
        except ModelNotFoundError:
            if not own_ids(config):
                raise
            return None  # the provider's own name for it

    async def _explain_image(
        self, prompt: str, stream: bool, options: Mapping[str, Any]
    ) -> Explanation:
        """What ``text_to_image`` would send first; the Hub may be asked, nobody makes an image."""
        if stream:
            raise ConfigurationError("text_to_image has no stream: an image comes whole.")
        rest = {name: value for name, value in options.items() if name != "n"}
        call = ImageCall.of(prompt, options.get("n"), rest)
        config = self._call_config(call.changes)
        info = await self._image_info(config)
        return explain_image(plan_image(call.each(getrandbits(32))[0], config, info))
