"""The bodies of requests, read off the way to a provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.hosts import HUB
from hfi._core.configuration.urls import quote_id
from hfi._core.outgoing.json_body import encode
from hfi._core.outgoing.media_input import MediaInput
from hfi._core.providers.way import HERE, LORA_FILE, LORA_ID, LORA_PAGE, fill
from hfi._core.tasks.multipart import FilePart, form

if TYPE_CHECKING:
    from hfi._core.providers.way import Way
    from hfi._core.tasks.arguments import TaskCall
    from hfi.types.models import ProviderMapping

__all__ = ["Body", "body_of", "lora_fields", "needs_bytes", "wire_options"]

_JSON = "application/json"


@attrs.frozen(kw_only=True)
class Body:
    """A request's body.

    Attributes:
        content: Its bytes.
        content_type: What they are.
        payload: What they say, decoded; None where they are a file.
    """

    content: bytes = attrs.field(repr=False)
    content_type: str
    payload: Any = attrs.field(default=None, repr=False)


def needs_bytes(way: Way) -> bool:
    """Whether media are sent as bytes this way, so that a URL must be fetched first."""
    return way.media != "data-url"


def body_of(
    call: TaskCall, way: Way, *, provider_id: str | None, adapter: Mapping[str, Any]
) -> Body:
    """Builds the body; ``extra_body`` is put over the rest, where the options stand.

    Args:
        call: What the user asked.
        way: How the provider is asked.
        provider_id: The provider's id of the model, or None to name none.
        adapter: The fields that ``lora_fields`` gives.

    Raises:
        ConfigurationError: Something in it is no JSON, or media are too large for it.
    """
    options = wire_options(call.options, way)
    extra = dict(call.extra_body or {})
    raw = _raw(call, way)
    if raw is not None and not options and not extra:
        return Body(content=raw.data or b"", content_type=_type(raw, way))
    if way.build is not None:
        inputs = {name: _written(value, way) for name, value in call.inputs.items()}
        known = {k: v for k, v in call.options.items() if k not in way.ignored}
        return _json(way.build(inputs, known, provider_id or "") | extra)
    # The model first: the router can then read it without reading the rest.
    named = _named(way, provider_id)
    if way.body == "multipart":
        return _form(call, way, named | dict(way.fixed) | options | dict(adapter) | extra)
    fields = _fields(call, way)
    if way.body == "parameters":
        parameters = {**way.fixed, **options, **adapter, **extra}
        inputs = fields if way.takes or len(call.inputs) != 1 else next(iter(fields.values()))
        return _json(
            named | {"inputs": inputs} | ({"parameters": parameters} if parameters else {})
        )
    rest = fields | options
    rest = rest | {k: v for k, v in way.fixed.items() if k not in rest} | {**adapter, **extra}
    return _json(named | ({"input": rest} if way.body == "input" else rest))


def _json(payload: dict[str, Any]) -> Body:
    return Body(content=encode(payload), content_type=_JSON, payload=payload)


def _raw(call: TaskCall, way: Way) -> MediaInput | None:
    """The file that is the whole body, if there are no options."""
    if way.media != "raw" or way.body == "multipart" or len(call.inputs) != 1:
        return None
    (value,) = call.inputs.values()
    return value if isinstance(value, MediaInput) else None


def _fields(call: TaskCall, way: Way) -> dict[str, Any]:
    """The inputs, each in its place."""
    fields: dict[str, Any] = {}
    for name, value in call.inputs.items():
        template = way.takes.get(name, {name: HERE})
        fields |= fill(template, {HERE: _written(value, way)})
    return fields


def _written(value: Any, way: Way) -> Any:
    if not isinstance(value, MediaInput):
        return value
    if value.url is not None and way.media == "data-url":
        return value.url  # passed on, though another provider may have had it fetched
    if value.data is None:
        return f"<base64 of {value.url}>"  # in an explanation
    if way.media != "data-url":
        return value.base64()
    return value.data_url(_type(value, way))


def _type(value: MediaInput, way: Way) -> str:
    """What the provider calls the bytes."""
    kind = value.content_type or "application/octet-stream"
    return way.media_types.get(kind, kind)


def _named(way: Way, provider_id: str | None) -> dict[str, Any]:
    if provider_id is None or way.names is None:
        return {}
    return {way.names: provider_id.rpartition(":")[2] if way.names == "version" else provider_id}


def _form(call: TaskCall, way: Way, rest: Mapping[str, Any]) -> Body:
    """A form: media as files, or the text of their URL; what is no text as JSON."""
    parts: dict[str, str | FilePart] = {}
    for name, value in call.inputs.items():
        part = value
        if isinstance(value, MediaInput):
            part = value.url if value.data is None else _file(value, way)
        parts |= fill(way.takes.get(name, {name: HERE}), {HERE: part})
    for name, value in rest.items():
        if value is not None:  # a form has no word for it
            parts[name] = value if isinstance(value, str) else json.dumps(value)
    content, content_type = form(parts)
    shown = {k: v if isinstance(v, str) else f"<{v.content_type}>" for k, v in parts.items()}
    return Body(content=content, content_type=content_type, payload=shown)


def _file(value: MediaInput, way: Way) -> FilePart:
    return FilePart(data=value.data or b"", name=value.name, content_type=_type(value, way))


def wire_options(options: Mapping[str, Any], way: Way) -> dict[str, Any]:
    """The options as this provider calls them; those that it does not take are left out."""
    fields = {name: value for name, value in options.items() if name not in way.ignored}
    for name in way.spread & fields.keys():
        value = fields.pop(name)
        fields |= value if isinstance(value, Mapping) else {name: value}
    if {"width", "height"} <= fields.keys() and way.size != "sides":
        width, height = fields.pop("width"), fields.pop("height")
        fields[way.size] = (
            f"{width}x{height}" if way.size == "size" else {"width": width, "height": height}
        )
    return {way.renamed.get(name, name): value for name, value in fields.items()}


def lora_fields(way: Way, model: str, mapping: ProviderMapping | None) -> dict[str, Any]:
    """What names the adapter, where the model is one and the provider wants it named."""
    if mapping is None or mapping.adapter != "lora" or way.lora is None:
        return {}
    page = f"{HUB}/{quote_id(model)}"
    values: dict[Any, object] = {LORA_ID: model, LORA_PAGE: page}
    if mapping.adapter_weights_path is not None:
        values[LORA_FILE] = f"{page}/resolve/main/{quote_id(mapping.adapter_weights_path)}"
    try:
        fields: dict[str, Any] = fill(way.lora, values)
    except KeyError:
        return {}  # the Hub does not name the file
    return fields
