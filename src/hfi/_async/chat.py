"""Chat: plan, send, parse."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import attrs

from hfi._async.base import retry_policy
from hfi._async.fall_over import in_turn
from hfi._async.prompting import AsyncPromptMethods
from hfi._async.resuming import AsyncResuming
from hfi._async.stream import AsyncChatStream
from hfi._concurrency import async_to_thread
from hfi._core.chat import ChatCall, ChatPlan, plan_chat
from hfi._core.explain import explain_chat
from hfi._core.fall_over import Tour
from hfi._core.generation.chat import TextChatPlan
from hfi._core.generation.evidence import (
    asks_mapping,
    asks_server,
    mapping_evidence,
    refusal_evidence,
    server_evidence,
)
from hfi._core.generation.routes import text_provider_route
from hfi._core.generation.text import refused_parameters
from hfi._core.outgoing.messages import has_media
from hfi._core.outgoing.options import lists_options
from hfi._core.routing import chat_route
from hfi.errors import APIStatusError, BadRequestError, ContextLengthError
from hfi.types.options import CHAT_DEFAULTS, ChatArguments

if TYPE_CHECKING:
    from hfi._async.reply import AsyncReply
    from hfi._core.configuration.config import ClientConfig
    from hfi.types.chat import ChatCompletion
    from hfi.types.explanation import Explanation
    from hfi.types.message import MessagesLike

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncChatMethods"]

# A refusal may lead to another plan: the other protocol, without a parameter, without old turns.
MOST_PLANS = 8


class AsyncChatMethods(AsyncPromptMethods):
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
        call = ChatCall.of(messages, stream, options)
        answer: ChatCompletion | AsyncChatStream = await in_turn(
            self._chat_tour(call), partial(self._chat_with, call)
        )
        return answer

    def _chat_tour(self, call: ChatCall) -> Tour:
        over_text = call.protocol == "text-generation"
        config = self._call_config(call.changes)
        return Tour(config, text_provider_route if over_text else chat_route)

    async def _chat_with(self, call: ChatCall, tour: Tour) -> ChatCompletion | AsyncChatStream:
        """The chat with the provider whose turn it is."""
        plan = await self._plan_chat(call, tour.config)
        for _ in range(MOST_PLANS):
            try:
                return await self._converse(plan, tour)
            except APIStatusError as error:
                other = await self._other_plan(plan, error)
                if other is None:
                    raise
                plan = other
        return await self._converse(plan, tour)

    async def _converse(self, plan: ChatPlan, tour: Tour) -> ChatCompletion | AsyncChatStream:
        self._warn(plan.route.warnings)
        timeout, retry = plan.config.timeout, retry_policy(plan.config)
        if not plan.call.stream:
            response, meta = await self._transport.send(
                plan.request, timeout=timeout, retry=retry, read=plan.read
            )
            completion: ChatCompletion = response.answer
            return completion.with_meta(tour.facts(plan.facts(meta)))

        resumption = plan.resumption()

        def begun(reply: AsyncReply) -> Any:
            reply.facts, reply.before = tour.facts(plan.facts(reply.facts)), tour.spent
            return plan.parser(reply.headers, resumption)

        resuming = AsyncResuming.of(self._transport, plan.config, resumption)
        reply = await self._transport.open(plan.request, timeout=timeout, retry=retry)
        stream = AsyncChatStream(reply, begun(reply), begun, resuming)
        if plan.may_change or not tour.is_last:
            # A refusal may come as the first event: it must be known before the stream is given.
            await stream.begin()
        return stream

    async def _plan_chat(self, call: ChatCall, config: ClientConfig) -> ChatPlan:
        if call.protocol == "text-generation":
            return await self._plan_text_chat(call, config, 'protocol="text-generation" was given.')
        build = partial(
            plan_chat,
            call,
            config,
            server=await self._local_endpoint(config),
            files=await self._files(call.messages),
        )
        # Images are encoded for longer than an event loop should stand still.
        off_loop = has_media(call.messages)
        plan = await async_to_thread(build) if off_loop else build()
        if call.protocol == "auto":
            reason = self._lookups.recall(plan.protocol_key)
            if reason is not None:
                return await self._plan_text_chat(call, config, reason)
        if (call.continue_final_message or call.resume) and config.base_url is not None:
            server = await self._server(config, plan.route)
            if server is not None:
                dialect = server.kind.chat
                build = partial(build, dialect=dialect)
                plan = await async_to_thread(build) if off_loop else build()
        return plan

    async def _other_plan(self, plan: ChatPlan, error: APIStatusError) -> ChatPlan | None:
        """What to do after a refusal, where there is evidence that something else will do."""
        if isinstance(error, ContextLengthError) and plan.call.fit == "trim":
            call = await self._trimmed(plan, error)
            return await self._plan_chat(call, plan.config) if call is not None else None
        if isinstance(error, BadRequestError) and isinstance(plan, TextChatPlan):
            names, warning = refused_parameters(error, plan.text)
            if names:
                self._lookups.remember(plan.text.refusal_key, plan.text.refused | names)
                self._warn([warning] if warning else [])
                return await self._plan_chat(plan.call, plan.config)
        if plan.call.protocol == "auto" and not isinstance(plan, TextChatPlan):
            reason = await self._evidence(plan, error)
            if reason is not None:
                self._lookups.remember(plan.protocol_key, reason)
                return await self._plan_text_chat(plan.call, plan.config, reason)
        return None

    async def _evidence(self, plan: ChatPlan, error: APIStatusError) -> str | None:
        """Why the chat would be answered over text generation, or None."""
        reason = refusal_evidence(error)
        if reason is None and asks_server(error):
            server = await self._server(plan.config, plan.route)
            reason = server_evidence(error, server) if server is not None else None
        if reason is None and asks_mapping(error) and plan.config.model and plan.is_routed:
            info = await self._model_info(plan.config)
            reason = mapping_evidence(info)
        return reason

    async def _explain_chat(self, messages: Any, stream: bool, options: Any) -> Explanation:
        call = ChatCall.of(messages, stream, options)
        tour = self._chat_tour(call)
        plan = await self._plan_chat(call, tour.config)
        return explain_chat(attrs.evolve(plan, notes=tour.notes + plan.notes))
