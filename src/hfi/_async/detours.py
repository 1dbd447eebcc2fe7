"""Other ways to answer a chat, after a refusal that tells of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._async.conversation import over_text, plan_for
from hfi._async.generation import server_of
from hfi._async.metadata import model_info
from hfi._async.prompting import trimmed
from hfi._core.generation.chat import TextChatPlan
from hfi._core.generation.evidence import (
    asks_mapping,
    asks_server,
    mapping_evidence,
    refusal_evidence,
    server_evidence,
)
from hfi._core.generation.text import refused_parameters
from hfi.errors import BadRequestError, ContextLengthError

if TYPE_CHECKING:
    from hfi._async.base import AsyncBase
    from hfi._core.chat import ChatPlan
    from hfi.errors import APIStatusError

__all__ = ["other_plan"]


async def other_plan(client: AsyncBase, plan: ChatPlan, error: APIStatusError) -> ChatPlan | None:
    """What to do after a refusal, where there is evidence that something else will do."""
    if isinstance(error, ContextLengthError) and plan.call.fit == "trim":
        call = await trimmed(client, plan, error)
        return await plan_for(client, call, plan.config) if call is not None else None
    if isinstance(error, BadRequestError) and isinstance(plan, TextChatPlan):
        names, warning = refused_parameters(error, plan.text)
        if names:
            client._lookups.remember(plan.text.refusal_key, plan.text.refused | names)
            client._warn([warning] if warning else [])
            return await plan_for(client, plan.call, plan.config)
    if plan.call.protocol == "auto" and not isinstance(plan, TextChatPlan):
        reason = await evidence(client, plan, error)
        if reason is not None:
            client._lookups.remember(plan.protocol_key, reason)
            return await over_text(client, plan.call, plan.config, reason)
    return None


async def evidence(client: AsyncBase, plan: ChatPlan, error: APIStatusError) -> str | None:
    """Why the chat would be answered over text generation, or None."""
    reason = refusal_evidence(error)
    if reason is None and asks_server(error):
        server = await server_of(client, plan.config, plan.route)
        reason = server_evidence(error, server) if server is not None else None
    if reason is None and asks_mapping(error) and plan.config.model and plan.is_routed:
        info = await model_info(client, plan.config)
        reason = mapping_evidence(info)
    return reason
