"""Text generation: find out who is asked, plan, send, parse."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import attrs

from hfi._async.base import retry_policy
from hfi._async.drive import drive
from hfi._async.fall_over import in_turn
from hfi._async.hub import AsyncHubMethods
from hfi._async.resuming import AsyncResuming
from hfi._async.stream import AsyncTextStream
from hfi._core.explain import explain_text
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
from hfi._core.outgoing.options import lists_options
from hfi._core.routing import chat_route
from hfi.errors import BadRequestError
from hfi.types.options import TEXT_DEFAULTS, TextArguments

if TYPE_CHECKING:
    from hfi._async.reply import AsyncReply
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.routing import Route
    from hfi.types.explanation import Explanation
    from hfi.types.text import TextGeneration

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncTextMethods"]


class AsyncTextMethods(AsyncHubMethods):
    """``text_generation``, and what a server is."""

    @overload
    async def text_generation(
        self, prompt: str, *, stream: Literal[False] = ..., **options: Unpack[TextArguments]
    ) -> TextGeneration: ...
    @overload
    async def text_generation(
        self, prompt: str, *, stream: Literal[True], **options: Unpack[TextArguments]
    ) -> AsyncTextStream: ...
    @overload
    async def text_generation(
        self, prompt: str, *, stream: bool, **options: Unpack[TextArguments]
    ) -> TextGeneration | AsyncTextStream: ...
    @lists_options(TextArguments, TEXT_DEFAULTS)
    async def text_generation(
        self, prompt: str, *, stream: bool = False, **options: Unpack[TextArguments]
    ) -> TextGeneration | AsyncTextStream:
        """Goes on from a prompt, exactly as it stands, and gives the text, whole or as a stream.

        A server that was named is asked what it is: TGI, llama.cpp, or one with OpenAI's
        ``/v1/completions``. Stop sequences and special tokens are not part of the text.

        Args:
            prompt: What the model goes on from.
            stream: Gives a stream of chunks instead of the whole text.
            **options: What ``hfi.types.options.TextArguments`` lists. One that is None is not
                sent.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: No provider generates text with this model.
            APIStatusError: The server refused; its subclasses say why.
            APIConnectionError: The server could not be reached, or not in time.
            StreamError: A stream broke off; ``.partial`` holds what had arrived.
            ResponseError: The reply is not what the protocol promises.
        """
        call = TextCall.of(prompt, stream, options)
        answer: TextGeneration | AsyncTextStream = await in_turn(
            self._text_tour(call), partial(self._generate_with, call)
        )
        return answer

    def _text_tour(self, call: TextCall) -> Tour:
        return Tour(self._call_config(call.changes), text_provider_route)

    async def _generate_with(self, call: TextCall, tour: Tour) -> TextGeneration | AsyncTextStream:
        """The text of the provider whose turn it is."""
        plan = await self._plan_text(call, tour.config)
        try:
            return await self._generate(plan, tour)
        except BadRequestError as error:
            names, warning = refused_parameters(error, plan)
            if not names:
                raise
            self._lookups.remember(plan.refusal_key, plan.refused | names)
            again = await self._plan_text(call, tour.config)
            self._warn([warning] if warning else [])
        return await self._generate(again, tour)

    async def _generate(self, plan: TextPlan, tour: Tour) -> TextGeneration | AsyncTextStream:
        self._warn(plan.route.warnings + plan.warnings)
        timeout, retry = plan.config.timeout, retry_policy(plan.config)
        if plan.request.stream:
            resumption = plan.resumption()

            def begun(reply: AsyncReply) -> Any:
                reply.facts, reply.before = tour.facts(reply.facts), tour.spent
                return plan.parser(reply.headers, resumption)

            resuming = AsyncResuming.of(self._transport, plan.config, resumption)
            reply = await self._transport.open(plan.request, timeout=timeout, retry=retry)
            stream = AsyncTextStream(reply, begun(reply), begun, resuming)
            if not tour.is_last:
                await stream.begin()
            return stream
        response, meta = await self._transport.send(
            plan.request, timeout=timeout, retry=retry, read=plan.read
        )
        generation: TextGeneration = response.answer
        return generation.with_meta(tour.facts(meta))

    async def _plan_text(self, call: TextCall, config: ClientConfig) -> TextPlan:
        config = configured(config)
        target = await self._text_route(config)
        plan = plan_text(call, config, target)
        refused = self._lookups.recall(plan.refusal_key)
        return plan_text(call, config, target, refused) if refused else plan

    async def _explain_text(self, prompt: Any, stream: bool, options: Any) -> Explanation:
        call = TextCall.of(prompt, stream, options)
        tour = self._text_tour(call)
        plan = await self._plan_text(call, tour.config)
        return explain_text(attrs.evolve(plan, notes=tour.notes + plan.notes))

    async def _text_route(self, config: ClientConfig) -> TextRoute:
        """Where a request for text goes; asks the server or the Hub where that must be known."""
        chat = chat_route(config, server=await self._local_endpoint(config))
        server = await self._server(config, chat)
        info = None
        if needs_mapping(chat, config.base_url):
            info = await self._model_info(config, bare_model(chat.model))
        return text_route(chat, config.base_url, server=server, info=info)

    async def _server(self, config: ClientConfig, chat: Route) -> Server | None:
        """What the server is that was named, or the embedded one; None where it is no question."""
        root = named_server(chat, config.base_url)
        if root is None:
            return None
        headers = {**chat.headers, **config.headers}

        async def ask() -> Server:
            flow = identify(root, headers=headers, credential=chat.credential)
            server, _ = await drive(
                self._transport, flow, timeout=ASKING, retry=RetryPolicy(max_retries=0)
            )
            return server

        server: Server = await self._lookups.get(
            ("server", root, chat.credential),
            ask,
            refresh=False,
            seconds=ASKING.total,
            lifetime=KEPT,
        )
        return server
