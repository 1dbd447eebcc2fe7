"""A chat call, planned: from what the user asked to the request that will be sent.

The same functions serve the call itself and ``explain()``, so that what is explained is what
is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core import embedded
from hfi._core.configuration.hosts import is_router
from hfi._core.configuration.urls import with_query
from hfi._core.incoming import parse
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.observe.masking import masked_options
from hfi._core.outgoing import payloads
from hfi._core.outgoing.dialects import dialect as dialect_named
from hfi._core.outgoing.messages import wire_messages
from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import split_options
from hfi._core.request import Request
from hfi._core.resuming.parsers import ChatResumingParser
from hfi._core.resuming.requests import chat_obstacle, check_resume, continued_chat
from hfi._core.resuming.resumption import Resumption, Way
from hfi._core.routing import chat_route
from hfi._core.sse import MAX_EVENT_SIZE
from hfi.types.changing import changed
from hfi.types.options import ChatOptions, ChatShape

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.naming import Naming
    from hfi._core.request import Response
    from hfi._core.routing import LocalEndpoint, Route
    from hfi.types.chat import ChatCompletion
    from hfi.types.message import MessagesLike
    from hfi.types.meta import CallMeta

__all__ = ["ChatCall", "ChatPlan", "chat_messages", "merged_headers", "plan_chat"]


@attrs.frozen(kw_only=True)
class ChatCall:
    """The arguments of one ``chat`` call that end up in its request."""

    messages: MessagesLike = attrs.field(repr=False)
    model: str | None = None
    stream: bool = False
    system: str | None = attrs.field(default=None, repr=False)
    tools: Sequence[Any] | None = None
    response_format: Any = None
    protocol: str = "auto"
    continue_final_message: bool = False
    fit: str = "error"
    repair: bool = True
    resume: int = 0
    extra_body: Mapping[str, Any] | None = None
    extra_headers: Mapping[str, str] | None = None
    extra_query: Mapping[str, Any] | None = None
    trimmed: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=False)
    options: Mapping[str, Any] = attrs.field(factory=dict)
    client_options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def changes(self) -> Mapping[str, Any]:
        """What the call changes in the client's configuration."""
        if self.model is None:
            return self.client_options
        return {**self.client_options, "model": self.model}

    @classmethod
    def of(cls, messages: MessagesLike, stream: bool, options: Mapping[str, Any]) -> ChatCall:
        """Sorts a call's keywords.

        Raises:
            ConfigurationError: A name is unknown, or a value can be right for no server.
        """
        masked_options(options)
        shape = ChatShape.__annotations__
        shaping = {n: checked(n, v) for n, v in options.items() if n in shape and v is not None}
        rest = {n: v for n, v in options.items() if n not in shape}
        check_resume(shaping.get("resume"), stream)
        wire, own = split_options(rest, ChatOptions, arguments=shape)
        return cls(messages=messages, stream=stream, options=wire, client_options=own, **shaping)


@attrs.frozen(kw_only=True)
class ChatPlan:
    """What a chat call will send, and every decision that led there.

    Attributes:
        messages: The messages of the wire that the request holds.
        echo: What the server repeats before a whole answer, to be left out of it.
    """

    call: ChatCall
    messages: list[dict[str, Any]] = attrs.field(repr=False)
    request: Request
    payload: Mapping[str, Any] = attrs.field(repr=False)
    route: Route
    config: ClientConfig
    protocol: str = "chat-completions"
    protocol_reason: str | None = None
    prompt: str | None = attrs.field(default=None, repr=False)
    template: str | None = None
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    echo: str = attrs.field(default="", repr=False)

    @property
    def protocol_key(self) -> tuple[str, str, str | None]:
        """Under what the protocol is remembered that this server and model take."""
        return "protocol", self.route.url, self.route.model

    @property
    def is_routed(self) -> bool:
        """Whether Hugging Face's router passes the request on."""
        return self.config.base_url is None and is_router(self.route.url)

    @property
    def may_change(self) -> bool:
        """Whether a refusal may lead to another request."""
        return self.call.fit == "trim"

    def parser(self, headers: Mapping[str, str], resumption: Resumption | None = None) -> Any:
        """Gives the parser of the stream that answers the request."""
        # llama.cpp repeats what it goes on from in whole replies alone (observed 2026-11-22): a
        # stream that begins with the same words means them, and the parser leaves them.
        parser = ChatStreamParser(self.request, headers=headers, echo=self.echo)
        return parser if resumption is None else resumption.wrap(parser)

    def resumption(self) -> Resumption | None:
        """Gives what takes a broken stream up again, where that was asked for."""
        way = Way(
            request=self.request,
            payload=self.payload,
            obstacle=self.resume_obstacle,
            continued=self._continued,
            parser=self._rest_parser,
            wrap=ChatResumingParser,
            echo=self._echoed,
        )
        return Resumption.of(way, self.call.resume, self.config.timeout)

    @property
    def resume_obstacle(self) -> str | None:
        """Why half an answer could not be gone on from, or None."""
        who = self.route.provider or "The server"
        return chat_obstacle(self.payload, self.route.dialect, who)

    def _continued(self, sent: str) -> dict[str, Any]:
        name, continues = self.route.dialect, self.call.continue_final_message
        return continued_chat(self.payload, sent, name, continues=continues)

    def _echoed(self, sent: str) -> str:
        if not dialect_named(self.route.dialect).echoes:
            return ""
        last: str = self._continued(sent)["messages"][-1]["content"]
        return last

    def _rest_parser(self, headers: Mapping[str, str], plain: bool) -> ChatStreamParser:
        echo = "" if plain else self.echo
        return ChatStreamParser(self.request, headers=headers, echo=echo, plain=plain)

    def read(self, response: Response) -> ChatCompletion:
        """Reads the reply that answers the request."""
        return parse.chat_completion(response, self.request, echo=self.echo)

    def facts(self, meta: CallMeta) -> CallMeta:
        """The facts of the call, with those that the plan knows."""
        return changed(
            meta,
            protocol=self.protocol,
            protocol_reason=self.protocol_reason,
            repairs=self.repairs,
            trimmed=self.call.trimmed,
            notes=self.route.notes,
        )


def plan_chat(
    call: ChatCall,
    config: ClientConfig,
    *,
    server: LocalEndpoint | None = None,
    files: Mapping[str, bytes] | None = None,
    dialect: str | None = None,
    naming: Naming | None = None,
) -> ChatPlan:
    """Plans a chat over ``/v1/chat/completions``.

    Args:
        call: What the user asked.
        config: The client's configuration, with the call's own options and model merged in.
        server: The embedded model's server, where the configuration asks for it.
        files: The bytes of the files that the messages name, by path.
        dialect: The dialect of a server that was asked what it is.
        naming: The Hub's word on the model, where ``asks_for_names``.

    Raises:
        ConfigurationError: The arguments do not fit together, or a token is needed and missing.
        OfflineError: The environment forbids the host.
    """
    route = chat_route(config, server=server)
    if naming is not None:
        route = naming.named(route)
    if dialect is not None:
        route = attrs.evolve(route, dialect=dialect)
    messages, notes = chat_messages(call, route, files)
    payload = payloads.chat_payload(
        messages,
        model=route.model,
        stream=call.stream,
        options=call.options,
        tools=call.tools,
        response_format=call.response_format,
        extra_body=call.extra_body,
        continue_final_message=call.continue_final_message,
        dialect=route.dialect,
    )
    request = Request(
        url=with_query(route.url, call.extra_query or {}),
        headers=merged_headers(call.stream, route.headers, config.headers, call.extra_headers),
        content=payloads.encode(payload),
        stream=call.stream,
        credential=route.credential,
        task="chat",
        model=route.model,
        provider=route.provider,
        limit=MAX_EVENT_SIZE,
    )
    echoes = call.continue_final_message and dialect_named(route.dialect).echoes
    last = messages[-1].get("content") if echoes else None
    return ChatPlan(
        call=call,
        messages=messages,
        request=request,
        payload=payload,
        route=route,
        config=config,
        notes=notes,
        echo=last if isinstance(last, str) else "",
    )


def chat_messages(
    call: ChatCall, route: Route, files: Mapping[str, bytes] | None = None
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The messages of the wire, and a sentence for each that the call did not give.

    Raises:
        ConfigurationError: Something is no message.
    """
    messages = wire_messages(call.messages, system=call.system, files=files or {})
    if route.local and messages[0].get("role") not in ("system", "developer"):
        default = embedded.default_system_prompt(route.model or "")
        if default is not None:
            messages.insert(0, {"role": "system", "content": default})
            note = f"No system message was given; the embedded model gets {default!r}."
            return messages, (note,)
    return messages, ()


def merged_headers(
    stream: bool,
    *layers: Mapping[str, str] | None,
) -> dict[str, str]:
    """The headers of a JSON request; later layers win, names in lower case."""
    accept = "text/event-stream" if stream else "application/json"
    headers = {"content-type": "application/json", "accept": accept}
    for layer in layers:
        headers.update({name.lower(): value for name, value in (layer or {}).items()})
    return headers
