"""Chat: plan, send, parse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import retry_policy
from hfi._async.fall_over import in_turn
from hfi._async.resuming import AsyncResuming
from hfi._async.stream import AsyncChatStream
from hfi._concurrency import async_to_thread
from hfi._core.chat import ChatCall, plan_chat
from hfi._core.configuration.defaults import CHAT
from hfi._core.fall_over import Tour
from hfi._core.outgoing.messages import file_paths, has_media
from hfi._core.routing import asks_for_names, chat_route
from hfi._environment import read_files
from hfi.errors import APIStatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._async.base import AsyncBase
    from hfi._async.reply import AsyncReply
    from hfi._core.chat import ChatPlan
    from hfi._core.configuration.config import ClientConfig
    from hfi.types.chat import ChatCompletion
    from hfi.types.explanation import Explanation
    from hfi.types.message import MessagesLike

__all__ = ["chat", "explain", "files_of", "over_text", "plan_for"]

# A refusal may lead to another plan: the other protocol, without a parameter, without old turns.
MOST_PLANS = 8


async def chat(
    client: AsyncBase, messages: MessagesLike, stream: bool, options: Any
) -> ChatCompletion | AsyncChatStream:
    """``chat``."""
    call = ChatCall.of(messages, stream, options)
    answer: ChatCompletion | AsyncChatStream = await in_turn(
        tour_of(client, call), partial(chat_with, client, call)
    )
    return answer


def tour_of(client: AsyncBase, call: ChatCall) -> Tour:
    config = client._call_config(call.changes)
    if call.protocol != "text-generation":
        return Tour(config, chat_route)
    from hfi._core.generation.routes import text_provider_route

    return Tour(config, text_provider_route)


async def chat_with(
    client: AsyncBase, call: ChatCall, tour: Tour
) -> ChatCompletion | AsyncChatStream:
    """The chat with the provider whose turn it is."""
    plan = await plan_for(client, call, tour.config)
    for _ in range(MOST_PLANS):
        try:
            return await converse(client, plan, tour)
        except APIStatusError as error:
            room = await client._room("detours")
            other = await room.other_plan(client, plan, error)
            if other is None:
                raise
            plan = other
    return await converse(client, plan, tour)


async def converse(
    client: AsyncBase, plan: ChatPlan, tour: Tour
) -> ChatCompletion | AsyncChatStream:
    client._warn(plan.route.warnings)
    timeout, retry = plan.config.timeout, retry_policy(plan.config)
    if not plan.call.stream:
        response, meta = await client._transport.send(
            plan.request, timeout=timeout, retry=retry, read=plan.read
        )
        completion: ChatCompletion = response.answer
        return completion.with_meta(tour.facts(plan.facts(meta)))

    resumption = plan.resumption()

    def begun(reply: AsyncReply) -> Any:
        reply.facts, reply.before = tour.facts(plan.facts(reply.facts)), tour.spent
        return plan.parser(reply.headers, resumption)

    resuming = AsyncResuming.of(client._transport, plan.config, resumption)
    reply = await client._transport.open(plan.request, timeout=timeout, retry=retry)
    stream = AsyncChatStream(reply, begun(reply), begun, resuming)
    if plan.may_change or not tour.is_last:
        # A refusal may come as the first event: it must be known before the stream is given.
        await stream.begin()
    return stream


async def plan_for(client: AsyncBase, call: ChatCall, config: ClientConfig) -> ChatPlan:
    if call.protocol == "text-generation":
        return await over_text(client, call, config, 'protocol="text-generation" was given.')
    naming = None
    if asks_for_names(config, CHAT):
        room = await client._room("naming")
        naming = await room.naming(client, config, CHAT)
    build = partial(
        plan_chat,
        call,
        config,
        server=await client._local_endpoint(config),
        files=await files_of(call.messages),
        naming=naming,
    )
    # Images are encoded for longer than an event loop should stand still.
    off_loop = has_media(call.messages)
    plan = await async_to_thread(build) if off_loop else build()
    if call.protocol == "auto":
        reason = client._lookups.recall(plan.protocol_key)
        if reason is not None:
            return await over_text(client, call, config, reason)
    if (call.continue_final_message or call.resume) and config.base_url is not None:
        room = await client._room("generation")
        server = await room.server_of(client, config, plan.route)
        if server is not None:
            dialect = server.kind.chat
            build = partial(build, dialect=dialect)
            plan = await async_to_thread(build) if off_loop else build()
    return plan


async def over_text(
    client: AsyncBase, call: ChatCall, config: ClientConfig, reason: str
) -> ChatPlan:
    """The plan of a chat over text generation."""
    room = await client._room("prompting")
    plan: ChatPlan = await room.plan_chat_over_text(client, call, config, reason)
    return plan


async def files_of(messages: MessagesLike) -> Mapping[str, bytes]:
    """The files that messages name."""
    paths = file_paths(messages)
    return await async_to_thread(read_files, paths) if paths else {}


async def explain(client: AsyncBase, messages: Any, stream: bool, options: Any) -> Explanation:
    call = ChatCall.of(messages, stream, options)
    tour = tour_of(client, call)
    plan = await plan_for(client, call, tour.config)
    from hfi._core.explain import explain_chat

    return explain_chat(attrs.evolve(plan, notes=tour.notes + plan.notes))
