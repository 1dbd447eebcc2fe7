"""Prompts of chats over text generation."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import retry_policy
from hfi._async.conversation import files_of
from hfi._async.drive import drive
from hfi._async.generation import server_of, text_target
from hfi._async.metadata import model_info, prompt_facts
from hfi._core.chat import ChatCall, chat_messages
from hfi._core.failures.retry import RetryPolicy
from hfi._core.generation.chat import (
    TextChatPlan,
    plan_text_chat,
    refuse_extras,
    template_variables,
)
from hfi._core.generation.prompt import (
    ask_bos,
    knows_template,
    server_facts,
    write_prompt,
)
from hfi._core.generation.routes import facts_model, prompt_kind
from hfi._core.generation.servers import ASKING, KEPT
from hfi._core.generation.trimming import TokenCounter, Turns, find_cut, shortage_of
from hfi._core.outgoing.messages import raw_messages, wire_messages
from hfi._core.routing import chat_route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi._async.base import AsyncBase
    from hfi._core.chat import ChatPlan
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.servers import Server, ServerKind
    from hfi._core.routing import Route
    from hfi.errors import ContextLengthError
    from hfi.types.message import MessagesLike
    from hfi.types.models import PromptFacts

__all__ = ["format_prompt", "plan_chat_over_text", "trimmed"]


async def format_prompt(  # noqa: PLR0913 - one keyword per argument of the method
    client: AsyncBase,
    messages: MessagesLike,
    *,
    model: str | None,
    system: str | None,
    tools: Sequence[Any] | None,
    documents: Sequence[Any] | None,
    add_generation_prompt: bool | None,
    continue_final_message: bool | str,
    repair: bool,
    variables: Mapping[str, Any],
) -> str:
    """``format_prompt``."""
    config = client._call_config({} if model is None else {"model": model})
    server, kind, chat = await prompt_server(client, config)
    if not repair:
        turns = raw_messages(messages, system=system)
    elif chat is not None:
        turns, _ = chat_messages(ChatCall(messages=messages, system=system), chat)
    else:
        turns = wire_messages(messages, system=system)
    facts = await facts_for(client, config, server)
    prompt = write_prompt(
        turns,
        facts,
        now=datetime.now(),
        repair=repair,
        continue_final_message=continue_final_message,
        adds_bos=await adds_bos(client, config, server, kind, chat),
        variables=variables,
        tools=tools,
        documents=documents,
        add_generation_prompt=add_generation_prompt,
    )
    return prompt.text


async def prompt_server(
    client: AsyncBase, config: ClientConfig
) -> tuple[Server | None, ServerKind | None, Route | None]:
    """Who would get the prompt, as far as that is known without a token."""
    if config.base_url is None and not config.is_local:
        info = None
        if config.providers[0] == "auto":
            info = await model_info(client, config, facts_model(config, None))
        return None, prompt_kind(config, info), None
    chat = chat_route(config, server=await client._local_endpoint(config))
    server = await server_of(client, config, chat)
    return server, server.kind if server is not None else None, chat


async def facts_for(client: AsyncBase, config: ClientConfig, server: Server | None) -> PromptFacts:
    if server is not None and knows_template(server):
        return server_facts(server)
    return await prompt_facts(client, config, facts_model(config, server))


async def adds_bos(
    client: AsyncBase,
    config: ClientConfig,
    server: Server | None,
    kind: ServerKind | None,
    chat: Route | None,
) -> bool | None:
    """Whether a BOS token will be put before the prompt; None where that is only likely."""
    if kind is None or kind.adds_bos is False:
        return False
    if server is None or chat is None:
        return None
    headers = {**chat.headers, **config.headers}

    async def ask() -> tuple[bool | None]:
        flow = ask_bos(server, headers=headers, credential=chat.credential)
        adds, _ = await drive(
            client._transport, flow, timeout=ASKING, retry=RetryPolicy(max_retries=0)
        )
        return (adds,)

    found: tuple[bool | None] = await client._lookups.get(
        ("bos", server.root, chat.credential),
        ask,
        refresh=False,
        seconds=ASKING.total,
        lifetime=KEPT,
    )
    return found[0]


async def plan_chat_over_text(
    client: AsyncBase, call: ChatCall, config: ClientConfig, reason: str
) -> TextChatPlan:
    """Plans a chat over text generation."""
    refuse_extras(call)
    target = await text_target(client, config)
    messages, notes = chat_messages(call, target.route, await files_of(call.messages))
    if not call.repair:
        messages, notes = raw_messages(call.messages, system=call.system), ()
    write = partial(
        write_prompt,
        facts=await facts_for(client, config, target.server),
        now=datetime.now(),
        repair=call.repair,
        continue_final_message=call.continue_final_message,
        adds_bos=await adds_bos(client, config, target.server, target.kind, target.route),
        variables=template_variables(call),
    )
    parts: Any = {
        "messages": messages,
        "notes": notes,
        "reason": reason,
        "render": lambda turns: write(turns).text,
    }
    prompt = write(messages)
    plan = plan_text_chat(call, config, target, prompt, **parts)
    refused = client._lookups.recall(plan.text.refusal_key)
    if refused:
        plan = plan_text_chat(call, config, target, prompt, refused=refused, **parts)
    return plan


async def trimmed(client: AsyncBase, plan: ChatPlan, error: ContextLengthError) -> ChatCall | None:
    """The call without its oldest turns, as few of them as will do; None if none may go."""
    server = await server_of(client, plan.config, plan.route)
    shortage = shortage_of(error, plan.call.options, server)
    turns = Turns(plan.messages)
    if shortage is None or not turns.groups:
        return None
    counter = None
    if server is not None and server.kind.tokenize is not None:
        headers = {**plan.route.headers, **plan.config.headers}
        counter = TokenCounter(server=server, headers=headers, credential=plan.route.credential)
    flow = find_cut(turns, shortage, counter, getattr(plan, "render", None))
    retry = retry_policy(plan.config)
    cut, _ = await drive(client._transport, flow, timeout=plan.config.timeout, retry=retry)
    kept, gone = turns.without(cut)
    return attrs.evolve(plan.call, messages=kept, system=None, trimmed=(*plan.call.trimmed, *gone))
