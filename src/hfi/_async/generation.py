"""Text generation: find out who is asked, plan, send, parse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._async.fall_over import in_turn
from hfi._async.metadata import model_info
from hfi._async.resuming import AsyncResuming
from hfi._async.stream import AsyncTextStream
from hfi._core.configuration.defaults import TEXT
from hfi._core.failures.retry import RetryPolicy
from hfi._core.fall_over import Tour
from hfi._core.generation.routes import (
    TextRoute,
    bare_model,
    named_server,
    needs_mapping,
    text_provider_route,
    text_route,
)
from hfi._core.generation.servers import ASKING, KEPT, Server, identify
from hfi._core.generation.text import (
    TextCall,
    TextPlan,
    configured,
    plan_text,
    refused_parameters,
)
from hfi._core.routing import asks_for_names, chat_route
from hfi.errors import BadRequestError

if TYPE_CHECKING:
    from hfi._async.base import AsyncBase
    from hfi._async.reply import AsyncReply
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.routing import Route
    from hfi.types.explanation import Explanation
    from hfi.types.text import TextGeneration

__all__ = ["explain", "generate", "server_of", "text_target"]


async def generate(
    client: AsyncBase, prompt: Any, stream: bool, options: Any
) -> TextGeneration | AsyncTextStream:
    """``text_generation``."""
    call = TextCall.of(prompt, stream, options)
    answer: TextGeneration | AsyncTextStream = await in_turn(
        tour_of(client, call), partial(generate_with, client, call)
    )
    return answer


def tour_of(client: AsyncBase, call: TextCall) -> Tour:
    return Tour(client._call_config(call.changes), text_provider_route)


async def generate_with(
    client: AsyncBase, call: TextCall, tour: Tour
) -> TextGeneration | AsyncTextStream:
    """The text of the provider whose turn it is."""
    plan = await plan_for(client, call, tour.config)
    try:
        return await ask(client, plan, tour)
    except BadRequestError as error:
        names, warning = refused_parameters(error, plan)
        if not names:
            raise
        client._lookups.remember(plan.refusal_key, plan.refused | names)
        again = await plan_for(client, call, tour.config)
        client._warn([warning] if warning else [])
    return await ask(client, again, tour)


async def ask(client: AsyncBase, plan: TextPlan, tour: Tour) -> TextGeneration | AsyncTextStream:
    client._warn(plan.route.warnings + plan.warnings)
    timeout, retry = plan.config.timeout, retry_policy(plan.config)
    if plan.request.stream:
        resumption = plan.resumption()

        def begun(reply: AsyncReply) -> Any:
            reply.facts, reply.before = tour.facts(plan.facts(reply.facts)), tour.spent
            return plan.parser(reply.headers, resumption)

        resuming = AsyncResuming.of(client._transport, plan.config, resumption)
        reply = await client._transport.open(plan.request, timeout=timeout, retry=retry)
        stream = AsyncTextStream(reply, begun(reply), begun, resuming)
        if not tour.is_last:
            await stream.begin()
        return stream
    response, meta = await client._transport.send(
        plan.request, timeout=timeout, retry=retry, read=plan.read
    )
    generation: TextGeneration = response.answer
    return generation.with_meta(tour.facts(plan.facts(meta)))


async def plan_for(client: AsyncBase, call: TextCall, config: ClientConfig) -> TextPlan:
    config = configured(config)
    target = await text_target(client, config)
    plan = plan_text(call, config, target)
    refused = client._lookups.recall(plan.refusal_key)
    return plan_text(call, config, target, refused) if refused else plan


async def explain(client: AsyncBase, prompt: Any, stream: bool, options: Any) -> Explanation:
    call = TextCall.of(prompt, stream, options)
    tour = tour_of(client, call)
    plan = await plan_for(client, call, tour.config)
    from hfi._core.explain import explain_text

    return explain_text(attrs.evolve(plan, notes=tour.notes + plan.notes))


async def text_target(client: AsyncBase, config: ClientConfig) -> TextRoute:
    """Where a request for text goes; asks the server or the Hub where that must be known."""
    chat = chat_route(config, server=await client._local_endpoint(config))
    if asks_for_names(config, TEXT):
        room = await client._room("naming")
        naming = await room.naming(client, config, TEXT)
        return text_route(naming.named(chat), None)
    server = await server_of(client, config, chat)
    info = None
    if needs_mapping(chat, config.base_url):
        info = await model_info(client, config, bare_model(chat.model))
    return text_route(chat, config.base_url, server=server, info=info)


async def server_of(client: AsyncBase, config: ClientConfig, chat: Route) -> Server | None:
    """What the server is that was named, or the embedded one; None where it is no question."""
    root = named_server(chat, config.base_url)
    if root is None:
        return None
    headers = {**chat.headers, **config.headers}

    async def ask() -> Server:
        flow = identify(root, headers=headers, credential=chat.credential)
        server, _ = await drive(
            client._transport, flow, timeout=ASKING, retry=RetryPolicy(max_retries=0)
        )
        return server

    server: Server = await client._lookups.get(
        ("server", root, chat.credential),
        ask,
        refresh=False,
        seconds=ASKING.total,
        lifetime=KEPT,
    )
    return server
