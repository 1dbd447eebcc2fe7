"""A text-generation call, planned: from what the user asked to the request that will be sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs

from hfi._core.chat import merged_headers
from hfi._core.configuration.defaults import DEFAULT_MODELS
from hfi._core.configuration.urls import with_query
from hfi._core.generation.answer import TextReading
from hfi._core.generation.bodies import text_body
from hfi._core.generation.dialects import text_dialect
from hfi._core.generation.servers import KINDS
from hfi._core.generation.stream import TextStreamParser, text_generation
from hfi._core.observe.masking import masked_options
from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import split_options
from hfi._core.outgoing.payloads import encode
from hfi._core.request import Request
from hfi._core.resuming.parsers import TextResumingParser
from hfi._core.resuming.requests import check_resume, continued_text, text_obstacle
from hfi._core.resuming.resumption import Resumption, Way
from hfi._core.sse import MAX_EVENT_SIZE
from hfi.errors import ConfigurationError
from hfi.types.changing import changed
from hfi.types.options import TextOptions, TextShape

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.routes import TextRoute
    from hfi._core.request import Response
    from hfi._core.routing import Route
    from hfi.errors import BadRequestError
    from hfi.types.meta import CallMeta
    from hfi.types.text import TextGeneration

__all__ = ["TextCall", "TextPlan", "configured", "plan_text", "refused_parameters"]

_TASK = "text-generation"
_UNUSED = re.compile(r"following `model_kwargs` are not used by the model: \[(.*?)\]")


@attrs.frozen(kw_only=True)
class TextCall:
    """The arguments of one ``text_generation`` call that end up in its request."""

    prompt: str = attrs.field(repr=False)
    stream: bool = False
    model: str | None = None
    resume: int = 0
    extra_body: Mapping[str, Any] | None = None
    extra_headers: Mapping[str, str] | None = None
    extra_query: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)
    client_options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def changes(self) -> Mapping[str, Any]:
        """What the call changes in the client's configuration."""
        if self.model is None:
            return self.client_options
        return {**self.client_options, "model": self.model}

    @classmethod
    def of(cls, prompt: object, stream: bool, options: Mapping[str, Any]) -> TextCall:
        """Sorts a call's keywords.

        Raises:
            ConfigurationError: A name is unknown, or a value can be right for no server.
        """
        masked_options(options)
        if not isinstance(prompt, str):
            raise ConfigurationError(
                f"prompt must be a string, not {type(prompt).__name__!r}.",
                hint="chat() takes a list of messages.",
            )
        shape = TextShape.__annotations__
        shaping = {n: checked(n, v) for n, v in options.items() if n in shape and v is not None}
        rest = {n: v for n, v in options.items() if n not in shape}
        check_resume(shaping.get("resume"), stream)
        wire, own = split_options(rest, TextOptions, arguments=shape)
        return cls(prompt=prompt, stream=stream, options=wire, client_options=own, **shaping)


def configured(config: ClientConfig) -> ClientConfig:
    """The configuration with the task's own model, where nobody names one."""
    if config.model is not None or config.base_url is not None or config.is_local:
        return config
    return config.evolve(model=DEFAULT_MODELS[_TASK])


@attrs.frozen(kw_only=True)
class TextPlan:
    """What a call will send, and every decision that led there.

    Attributes:
        refused: Parameters left out since the model refused them.
        own: Parameters that the client added by itself.
    """

    request: Request
    payload: Mapping[str, Any] = attrs.field(repr=False)
    route: Route
    kind: str
    config: ClientConfig
    reading: TextReading = attrs.field(factory=TextReading)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    resume: int = 0

    @property
    def refusal_key(self) -> tuple[str, str, str | None]:
        """Under what the parameters are remembered that the model refuses."""
        return "model_kwargs", self.route.url, self.route.model

    def parser(
        self, headers: Mapping[str, str], resumption: Resumption | None = None
    ) -> TextStreamParser | TextResumingParser:
        """Gives the parser of the stream that answers the request."""
        parser = TextStreamParser(self.request, headers=headers, reading=self.reading)
        return parser if resumption is None else cast(TextResumingParser, resumption.wrap(parser))

    def resumption(self) -> Resumption | None:
        """Gives what takes a broken stream up again, where that was asked for."""
        way = Way(
            request=self.request,
            payload=self.payload,
            obstacle=self.resume_obstacle,
            continued=partial(continued_text, self.payload),
            parser=self._rest_parser,
            wrap=partial(TextResumingParser, prefix=self.reading.prefix),
        )
        return Resumption.of(way, self.resume, self.config.timeout)

    @property
    def resume_obstacle(self) -> str | None:
        """Why half a text could not be gone on from, or None."""
        if not KINDS[self.kind].raw:
            return f"{self.kind} puts every prompt into a template of its own."
        return text_obstacle(self.payload)

    def _rest_parser(self, headers: Mapping[str, str], goes_on: bool) -> TextStreamParser:
        reading = attrs.evolve(self.reading, prefix="") if goes_on else self.reading
        return TextStreamParser(self.request, headers=headers, reading=reading)

    def read(self, response: Response) -> TextGeneration:
        """Reads the reply that answers the request."""
        return text_generation(response, self.request, reading=self.reading)

    def facts(self, meta: CallMeta) -> CallMeta:
        """The facts of the call, with those that the plan knows."""
        return changed(meta, notes=self.route.notes) if self.route.notes else meta


def plan_text(
    call: TextCall, config: ClientConfig, target: TextRoute, refused: frozenset[str] = frozenset()
) -> TextPlan:
    """Plans a call.

    Args:
        call: What the user asked.
        config: The configuration of the call.
        target: Where it goes.
        refused: Parameters that the model is known to refuse.

    Raises:
        ConfigurationError: The options do not fit together, or cannot be sent there.
    """
    route, options = target.route, call.options
    assert target.kind.text is not None  # noqa: S101 - a route to such a server is not made
    body = text_body(
        call.prompt,
        options,
        text_dialect(target.kind.text),
        model=route.model,
        stream=call.stream,
        extra_body=call.extra_body,
        without=refused,
    )
    request = Request(
        url=with_query(_streaming(route.url, call.stream), call.extra_query or {}),
        headers=merged_headers(call.stream, route.headers, config.headers, call.extra_headers),
        content=encode(body.payload),
        stream=call.stream,
        credential=route.credential,
        task=_TASK,
        model=route.model,
        provider=route.provider,
        limit=MAX_EVENT_SIZE,
    )
    reading = TextReading(
        stops=tuple(options.get("stop") or ()),
        prefix=call.prompt if options.get("return_full_text") else "",
        keep_tokens=bool(options.get("details") or options.get("top_n_tokens")),
    )
    return TextPlan(
        request=request,
        payload=body.payload,
        route=route,
        kind=target.kind.name,
        config=config,
        reading=reading,
        notes=body.notes,
        warnings=body.warnings,
        refused=refused,
        own=body.own,
        resume=call.resume,
    )


def _streaming(url: str, stream: bool) -> str:
    """TGI has two routes that differ in this alone, should one of them have been named."""
    head, mark, query = url.partition("?")
    head = head.removesuffix("_stream") if head.endswith("/generate_stream") else head
    if stream and head.endswith("/generate"):
        head += "_stream"
    return head + mark + query


def refused_parameters(error: BadRequestError, plan: TextPlan) -> tuple[frozenset[str], str | None]:
    """Gives the parameters that the model does not use, as the server named them, and a warning.

    The pipelines of transformers refuse a request for a parameter that the model has no use for.
    There are none where leaving them out would change nothing; there is no warning where the
    client had added them by itself.
    """
    told = _UNUSED.search(error.message)
    parameters = plan.payload.get("parameters")
    if told is None or not isinstance(parameters, Mapping):
        return frozenset(), None
    named = (name.strip(" '\"") for name in told[1].split(","))
    names = frozenset(name for name in named if name in parameters)
    asked = ", ".join(sorted(names - plan.own))
    if not asked:
        return names, None
    return names, f"{plan.route.model or 'The model'} does not use {asked}: sent without."
