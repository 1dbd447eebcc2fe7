"""Chat: plan, send, parse."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

from hfi._async.base import AsyncBase, retry_policy
from hfi._async.stream import AsyncChatStream
from hfi._concurrency import async_to_thread
from hfi._core.chat import ChatCall, ChatPlan, plan_chat
from hfi._core.explain import explain_chat
from hfi._core.incoming import parse
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.outgoing.messages import file_paths
from hfi._core.outgoing.options import lists_options
from hfi._environment import read_files
from hfi.types.options import CHAT_DEFAULTS, ChatArguments

if TYPE_CHECKING:
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
        plan = await self._plan_chat(ChatCall.of(messages, stream, options))
        self._warn(plan.route.warnings)
        timeout, retry = plan.config.timeout, retry_policy(plan.config)
        if stream:
            reply = await self._transport.open(plan.request, timeout=timeout, retry=retry)
            parser = ChatStreamParser(plan.request, headers=reply.headers)
            return AsyncChatStream(reply, parser)
        response, meta = await self._transport.send(plan.request, timeout=timeout, retry=retry)
        return parse.chat_completion(response, plan.request).with_meta(meta)

    async def _plan_chat(self, call: ChatCall) -> ChatPlan:
        config = self._call_config(call.changes)
        server = await self._local_endpoint(config)
        paths = file_paths(call.messages)
        files = await async_to_thread(read_files, paths) if paths else {}
        return plan_chat(call, config, server=server, files=files)

    async def _explain_chat(self, messages: Any, stream: bool, options: Any) -> Explanation:
        return explain_chat(await self._plan_chat(ChatCall.of(messages, stream, options)))
