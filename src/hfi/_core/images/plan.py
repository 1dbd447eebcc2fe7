"""An image call, planned: the requests that may be sent, first choice first.

The same function serves the call and its explanation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import with_query
from hfi._core.images.payloads import image_payload, lora_fields
from hfi._core.images.routing import TASK, Stop, stops
from hfi._core.outgoing.json_body import encode
from hfi._core.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.images.arguments import ImageCall
    from hfi._core.routing import Route
    from hfi.types.models import ModelInfo

__all__ = ["Attempt", "ImagePlan", "plan_image"]


@attrs.frozen(kw_only=True)
class Attempt:
    """One provider's request for the image."""

    request: Request
    payload: Mapping[str, Any] = attrs.field(repr=False)
    stop: Stop
    seed: int | None = None


@attrs.frozen(kw_only=True)
class ImagePlan:
    """What a call for one image will send, and every decision that led there.

    Attributes:
        attempts: The requests in the order in which they are tried; at least one.
        call: What was asked.
        config: The configuration of the call.
        notes: Why some providers are left out, one sentence each.
        warnings: What the user should be told.
    """

    attempts: tuple[Attempt, ...]
    call: ImageCall
    config: ClientConfig
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        """The first request."""
        return self.attempts[0].request

    @property
    def payload(self) -> Mapping[str, Any]:
        """The first request's body."""
        return self.attempts[0].payload

    @property
    def route(self) -> Route:
        """Where the first request goes."""
        return self.attempts[0].stop.route


def plan_image(call: ImageCall, config: ClientConfig, info: ModelInfo | None) -> ImagePlan:
    """Plans one image.

    Args:
        call: What the user asked, for one image.
        config: The client's configuration, with the call's own options and model merged in.
        info: The Hub's word on the model; None where it was not asked or does not know it.

    Raises:
        ConfigurationError: The arguments do not fit together, or a token is needed and missing.
        ModelNotSupportedError: Nobody who was asked for makes images with this model.
        OfflineError: The environment forbids the host.
    """
    found = stops(config, info)
    first = found.stops[0]
    ignored = sorted(first.way.ignored & call.options.keys())
    warnings = tuple(f"{first.route.provider} takes no {name}; it is not sent." for name in ignored)
    return ImagePlan(
        attempts=tuple(_attempt(call, config, stop) for stop in found.stops),
        call=call,
        config=config,
        notes=found.notes,
        warnings=first.route.warnings + warnings,
    )


def _attempt(call: ImageCall, config: ClientConfig, stop: Stop) -> Attempt:
    route, way = stop.route, stop.way
    payload = image_payload(
        call,
        way,
        provider_id=stop.provider_id,
        adapter=lora_fields(way, route.model or "", stop.mapping),
    )
    headers = {"content-type": "application/json", "accept": way.accept}
    for layer in (route.headers, config.headers, call.extra_headers or {}):
        headers.update({name.lower(): value for name, value in layer.items()})
    request = Request(
        url=with_query(route.url, call.extra_query or {}),
        headers=headers,
        content=encode(payload),
        credential=route.credential,
        task=TASK,
        model=route.model,
        provider=route.provider,
    )
    return Attempt(request=request, payload=payload, stop=stop, seed=call.options.get("seed"))
