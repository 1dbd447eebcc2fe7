"""Chat."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

from hfi._async.base import AsyncBase
from hfi._core.outgoing.options import lists_options
from hfi.types.options import CHAT_DEFAULTS, ChatArguments

if TYPE_CHECKING:
    from hfi._async.stream import AsyncChatStream
    from hfi.types.chat import ChatCompletion
    from hfi.types.explanation import Explanation
    from hfi.types.message import MessagesLike

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncChatMethods"]


class AsyncChatMethods(AsyncBase):
    """``chat``, and the explanation of one."""

    @overload
    async def chat(
        self,
        messages: MessagesLike,
        *,
        stream: Literal[False] = ...,
        **options: Unpack[ChatArguments],
    ) -> ChatCompletion: ...
    @overload
    async def chat(
        self, messages: MessagesLike, *, stream: Literal[True], **options: Unpack[ChatArguments]
    ) -> AsyncChatStream: ...
    @overload
    async def chat(
        self, messages: MessagesLike, *, stream: bool, **options: Unpack[ChatArguments]
    ) -> ChatCompletion | AsyncChatStream: ...
    @lists_options(ChatArguments, CHAT_DEFAULTS)
    async def chat(
        self, messages: MessagesLike, *, stream: bool = False, **options: Unpack[ChatArguments]
    ) -> ChatCompletion | AsyncChatStream:
        """Sends a conversation and gives the model's answer, whole or as a stream.

        Of several providers the next is asked on an error that another can cure, as long as
        nothing of the answer was handed out; ``completion.provider`` tells who answered.

        Args:
            messages: A string (one user turn), or a sequence of ``Message`` values and dicts in
                the wire's form. Parts of a content list may be images: a URL, a path, bytes or a
                PIL image.
            stream: Gives a stream of chunks instead of the whole completion.
            **options: What ``hfi.types.options.ChatArguments`` lists: fields of the wire, what
                shapes the request, and the client's options that a call may change. One that is
                None is not sent.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            APIStatusError: The server refused; its subclasses say why.
            APIConnectionError: The server could not be reached, or not in time.
            StreamError: A stream broke off; ``.partial`` holds what had arrived.
            ResponseError: The reply is not what the protocol promises.
        """
        room = await self._room("conversation")
        answer: ChatCompletion | AsyncChatStream = await room.chat(self, messages, stream, options)
        return answer

    async def _explain_chat(self, messages: Any, stream: bool, options: Any) -> Explanation:
        room = await self._room("conversation")
        explanation: Explanation = await room.explain(self, messages, stream, options)
        return explanation
