"""The bodies of image requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._core.configuration.hosts import HUB
from hfi._core.configuration.urls import quote_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.images.arguments import ImageCall
    from hfi._core.providers.image_routes import ImageRoute
    from hfi.types.models import ProviderMapping

__all__ = ["image_payload", "lora_fields", "wire_options"]

# What fal's own route for adapters puts them on.
_FAL_LORA = "fal-ai/lora"
_FAL_LORA_BASE = "stabilityai/stable-diffusion-xl-base-1.0"


def image_payload(
    call: ImageCall,
    route: ImageRoute,
    *,
    provider_id: str | None,
    adapter: dict[str, Any],
) -> dict[str, Any]:
    """Builds the body; ``extra_body`` is put over the rest, where the options stand.

    Args:
        call: What the user asked.
        route: Whom it goes to.
        provider_id: The provider's id of the model, or None to name none.
        adapter: The fields that ``lora_fields`` gives.
    """
    options = wire_options(call.options, route)
    extra = dict(call.extra_body or {})
    if route.body == "parameters":
        parameters = options | extra
        return {"inputs": call.prompt} | ({"parameters": parameters} if parameters else {})
    # The model first: the router can then read it without reading the rest.
    named = {"model": provider_id} if route.names_model and provider_id is not None else {}
    if route.body == "input":
        fields = {"prompt": call.prompt} | options | adapter | extra
        return named | _version(provider_id) | {"input": fields}
    return named | {"prompt": call.prompt} | options | dict(route.fixed) | adapter | extra


def wire_options(options: Mapping[str, Any], route: ImageRoute) -> dict[str, Any]:
    """The options as this provider calls them; those that it does not take are left out."""
    fields = {k: v for k, v in options.items() if k not in route.ignored}
    if {"width", "height"} <= fields.keys() and route.size != "sides":
        width, height = fields.pop("width"), fields.pop("height")
        fields[route.size] = (
            f"{width}x{height}" if route.size == "size" else {"width": width, "height": height}
        )
    return {route.renamed.get(name, name): value for name, value in fields.items()}


def lora_fields(route: ImageRoute, model: str, mapping: ProviderMapping | None) -> dict[str, Any]:
    """What names the adapter, where the model is one and the provider wants it named."""
    if mapping is None or mapping.adapter != "lora" or route.lora is None:
        return {}
    if route.lora == "lora_weights":
        return {"lora_weights": f"{HUB}/{quote_id(model)}"}
    if route.lora == "loras-id":
        return {"loras": [{"path": model, "scale": 1}]}
    if mapping.adapter_weights_path is None:
        return {}
    file = quote_id(mapping.adapter_weights_path)
    fields: dict[str, Any] = {
        "loras": [{"path": f"{HUB}/{quote_id(model)}/resolve/main/{file}", "scale": 1}]
    }
    if mapping.provider_id == _FAL_LORA:
        fields["model_name"] = _FAL_LORA_BASE
    return fields


def _version(provider_id: str | None) -> dict[str, str]:
    """Replicate: an id with a colon names a version of the model, by itself."""
    _, colon, version = (provider_id or "").partition(":")
    return {"version": version} if colon else {}
