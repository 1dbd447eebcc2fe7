"""``run``: one call for any model that makes text or images, as the origin had it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

from hfi._async.chat import AsyncChatMethods
from hfi._async.images import AsyncImageMethods
from hfi._core.outgoing.options import check_names, lists_options
from hfi.types.options import CHAT_DEFAULTS, RunArguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._async.stream import AsyncChatStream
    from hfi.types.chat import ChatCompletion
    from hfi.types.media import Image
    from hfi.types.message import MessagesLike

if sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    from typing_extensions import Self, Unpack

__all__ = ["AsyncRunMethods"]


class AsyncRunMethods(AsyncChatMethods, AsyncImageMethods):
    """``run``."""

    @overload
    async def run(
        self,
        messages: MessagesLike | None = None,
        *,
        stream: Literal[True],
        **options: Unpack[RunArguments],
    ) -> AsyncChatStream | Image | list[Image]: ...
    @overload
    async def run(
        self,
        messages: MessagesLike | None = None,
        *,
        stream: Literal[False] = ...,
        **options: Unpack[RunArguments],
    ) -> ChatCompletion | Image | list[Image]: ...
    @overload
    async def run(
        self,
        messages: MessagesLike | None = None,
        *,
        stream: bool,
        **options: Unpack[RunArguments],
    ) -> ChatCompletion | AsyncChatStream | Image | list[Image]: ...
    @lists_options(RunArguments, CHAT_DEFAULTS)
    async def run(
        self,
        messages: MessagesLike | None = None,
        *,
        stream: bool = False,
        **options: Unpack[RunArguments],
    ) -> ChatCompletion | AsyncChatStream | Image | list[Image]:
        """Looks a model up and does what it is for: answers the messages, or makes an image.

        The model's pipeline tag decides. The embedded model and a server of one's own answer,
        unless an argument was given that only images have a use for. What only the other kind has
        a use for is left out.

        Args:
            messages: As for ``chat``; an image is made of the text of the last user messages.
            stream: Gives text as a stream; an image always comes whole.
            **options: What ``chat`` and ``text_to_image`` take, and the spellings of the provider
                class that hfi began as, which ``hfi.types.options.OriginArguments`` lists.

        Raises:
            ModelNotSupportedError: The model is for something else.
            ConfigurationError: The arguments do not fit together.
            HFIError: As ``chat`` and ``text_to_image``.
        """
        check_names(options, RunArguments)
        room = await self._room("running")
        answer: ChatCompletion | AsyncChatStream | Image | list[Image]
        answer = await room.run(self, messages, stream, options)
        return answer

    def _relative(self, changes: Mapping[str, Any]) -> Self:
        """This client with another proxy or server, made once and closed with this one."""
        key = tuple(sorted(changes.items()))
        if key not in self._relatives:
            self._relatives[key] = self.with_options(**changes)
        relative: Self = self._relatives[key]
        return relative
