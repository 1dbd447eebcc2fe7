"""Prompts of chats over text generation."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._async.text import AsyncTextMethods
from hfi._concurrency import async_to_thread
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
from hfi._core.outgoing.messages import file_paths, raw_messages, wire_messages
from hfi._core.routing import chat_route
from hfi._environment import read_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi._core.chat import ChatPlan
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.servers import Server, ServerKind
    from hfi._core.routing import Route
    from hfi.errors import ContextLengthError
    from hfi.types.message import MessagesLike
    from hfi.types.models import PromptFacts

__all__ = ["AsyncPromptMethods"]


class AsyncPromptMethods(AsyncTextMethods):
    """``format_prompt``, and the plan of a chat over text generation."""

    async def format_prompt(
        self,
        messages: MessagesLike,
        *,
        model: str | None = None,
        system: str | None = None,
        tools: Sequence[Any] | None = None,
        documents: Sequence[Any] | None = None,
        add_generation_prompt: bool | None = None,
        continue_final_message: bool | str = False,
        repair: bool = True,
        **variables: Any,
    ) -> str:
        """Gives the prompt that chat over text generation would send for these messages.

        The template is the model's own, from the Hub; a llama.cpp server that was named, or the
        embedded one, tells its template itself. A model without one gets its family's form.

        Args:
            messages: As for ``chat``.
            model: The model, where the client names none.
            system: A system message to put first.
            tools: As for ``chat``; a template may have a form for them.
            documents: Dicts, with a title and a text by custom.
            add_generation_prompt: Open an answer at the end. None: unless a message is continued.
            continue_final_message: Leave the last message open; True for its content, or the name
                of a field such as ``"reasoning_content"``.
            repair: Whether messages are changed to suit the template. False gives exactly what
                transformers' ``apply_chat_template`` gives.
            **variables: Variables for the template, such as ``enable_thinking``; and
                ``chat_template``, the name of one of several, or a text to use instead.

        Raises:
            ConfigurationError: The arguments do not fit together.
            TemplateError: The template refused the messages, or failed.
            ModelNotFoundError: There is no such model, or the token may not see it.
        """
        config = self._call_config({} if model is None else {"model": model})
        server, kind, chat = await self._prompt_server(config)
        if not repair:
            turns = raw_messages(messages, system=system)
        elif chat is not None:
            turns, _ = chat_messages(ChatCall(messages=messages, system=system), chat)
        else:
            turns = wire_messages(messages, system=system)
        facts = await self._facts(config, server)
        prompt = write_prompt(
            turns,
            facts,
            now=datetime.now(),
            repair=repair,
            continue_final_message=continue_final_message,
            adds_bos=await self._adds_bos(config, server, kind, chat),
            variables=variables,
            tools=tools,
            documents=documents,
            add_generation_prompt=add_generation_prompt,
        )
        return prompt.text

    async def _prompt_server(
        self, config: ClientConfig
    ) -> tuple[Server | None, ServerKind | None, Route | None]:
        """Who would get the prompt, as far as that is known without a token."""
        if config.base_url is None and not config.is_local:
            info = None
            if config.providers[0] == "auto":
                info = await self._model_info(config, facts_model(config, None))
            return None, prompt_kind(config, info), None
        chat = chat_route(config, server=await self._local_endpoint(config))
        server = await self._server(config, chat)
        return server, server.kind if server is not None else None, chat

    async def _facts(self, config: ClientConfig, server: Server | None) -> PromptFacts:
        if server is not None and knows_template(server):
            return server_facts(server)
        return await self._prompt_facts(config, facts_model(config, server))

    async def _adds_bos(
        self,
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
                self._transport, flow, timeout=ASKING, retry=RetryPolicy(max_retries=0)
            )
            return (adds,)

        found: tuple[bool | None] = await self._lookups.get(
            ("bos", server.root, chat.credential),
            ask,
            refresh=False,
            seconds=ASKING.total,
            lifetime=KEPT,
        )
        return found[0]

    async def _plan_text_chat(
        self, call: ChatCall, config: ClientConfig, reason: str
    ) -> TextChatPlan:
        """Plans a chat over text generation."""
        refuse_extras(call)
        target = await self._text_route(config)
        messages, notes = chat_messages(call, target.route, await self._files(call.messages))
        if not call.repair:
            messages, notes = raw_messages(call.messages, system=call.system), ()
        write = partial(
            write_prompt,
            facts=await self._facts(config, target.server),
            now=datetime.now(),
            repair=call.repair,
            continue_final_message=call.continue_final_message,
            adds_bos=await self._adds_bos(config, target.server, target.kind, target.route),
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
        refused = self._lookups.recall(plan.text.refusal_key)
        if refused:
            plan = plan_text_chat(call, config, target, prompt, refused=refused, **parts)
        return plan

    async def _trimmed(self, plan: ChatPlan, error: ContextLengthError) -> ChatCall | None:
        """The call without its oldest turns, as few of them as will do; None if none may go."""
        server = await self._server(plan.config, plan.route)
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
        cut, _ = await drive(self._transport, flow, timeout=plan.config.timeout, retry=retry)
        kept, gone = turns.without(cut)
        return attrs.evolve(
            plan.call, messages=kept, system=None, trimmed=(*plan.call.trimmed, *gone)
        )

    async def _files(self, messages: MessagesLike) -> Mapping[str, bytes]:
        paths = file_paths(messages)
        return await async_to_thread(read_files, paths) if paths else {}
