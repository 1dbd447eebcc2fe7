"""The plan of a task's call: which requests, in which order, with which bodies.

The same plan serves the call and its explanation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import with_query
from hfi._core.outgoing.media_input import MediaInput
from hfi._core.request import Request
from hfi._core.tasks.payloads import body_of, lora_fields, needs_bytes
from hfi._core.tasks.routing import Stop, stops

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.tasks.arguments import TaskCall
    from hfi.types.models import ModelInfo

__all__ = ["Attempt", "TaskPlan", "attempt_at", "plan_task"]


@attrs.frozen(kw_only=True)
class Attempt:
    """One provider's request."""

    request: Request
    payload: Any = attrs.field(repr=False)
    stop: Stop


@attrs.frozen(kw_only=True)
class TaskPlan:
    """What a call will send, and every decision that led there.

    Attributes:
        stops: Who is asked, in order; at least one.
        call: What was asked.
        config: The configuration of the call.
        notes: What was decided, and why some providers are left out, one sentence each.
        warnings: What the user should be told.
    """

    stops: tuple[Stop, ...]
    call: TaskCall
    config: ClientConfig
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether the first request needs nothing fetched."""
        media = (value for value in self.call.inputs.values() if isinstance(value, MediaInput))
        return not needs_bytes(self.stops[0].way) or all(each.data is not None for each in media)

    def first(self) -> Attempt:
        """The first request; media at URLs are not fetched."""
        return attempt_at(self.stops[0], self.call, self.config)


def plan_task(call: TaskCall, config: ClientConfig, info: ModelInfo | None) -> TaskPlan:
    """Plans one call.

    Args:
        call: What the user asked.
        config: The client's configuration, with the call's own options and model merged in.
        info: The Hub's word on the model; None where it was not asked or does not know it.

    Raises:
        ConfigurationError: The arguments do not fit together, or a token is needed and missing.
        ModelNotSupportedError: Nobody who was asked for does this with the model.
        OfflineError: The environment forbids the host.
    """
    found = stops(call, config, info)
    first = found.stops[0]
    ignored = sorted(first.way.ignored & call.options.keys())
    warnings = tuple(
        f"{first.route.provider or 'The server'} takes no {name}; it is not sent."
        for name in ignored
    )
    return TaskPlan(
        stops=found.stops,
        call=call,
        config=config,
        notes=found.notes,
        warnings=first.route.warnings + warnings,
    )


def attempt_at(stop: Stop, call: TaskCall, config: ClientConfig) -> Attempt:
    """The request to one provider.

    Raises:
        ConfigurationError: Something in it is no JSON, or media are too large for it.
    """
    route, way = stop.route, stop.way
    adapter = lora_fields(way, route.model or "", stop.mapping)
    body = body_of(call, way, provider_id=stop.provider_id, adapter=adapter)
    headers = {"content-type": body.content_type, "accept": way.accept}
    for layer in (route.headers, config.headers, call.extra_headers or {}):
        headers.update({name.lower(): value for name, value in layer.items()})
    request = Request(
        url=with_query(route.url, call.extra_query or {}),
        headers=headers,
        content=body.content,
        credential=route.credential,
        task=call.task.name,
        model=route.model,
        provider=route.provider,
    )
    return Attempt(request=request, payload=body.payload, stop=stop)
