"""JSON schemas from classes, for ``response_format``."""

from __future__ import annotations

import re
import typing
from typing import Any

import msgspec

from hfi.errors import ConfigurationError

__all__ = ["json_schema_of", "schema_name"]

_CLASSES = "a dataclass, an attrs class, a TypedDict, a msgspec.Struct or a pydantic model"
_REFERENCE = "#/$defs/"


def json_schema_of(cls: type) -> dict[str, Any]:
    """Gives OpenAI's ``json_schema`` object for a class: ``name``, ``schema``, ``strict``.

    Where the class allows, the schema is closed as OpenAI's strict mode asks (every field is
    required, no others are allowed) and ``strict`` is True; a class with free-form dicts or
    untyped fields is sent without ``strict``.

    Args:
        cls: A dataclass, an attrs class, a TypedDict, a msgspec.Struct or a pydantic model.

    Raises:
        ConfigurationError: No schema can be made of it, or it describes no JSON object.
    """
    schema = _with_root(_schema(cls))
    if schema.get("type") != "object":
        raise ConfigurationError(
            f"response_format: {_named(cls)} describes no JSON object.",
            hint=f"Give {_CLASSES}.",
        )
    name = schema_name(_named(cls))
    if not _closable(schema):
        return {"name": name, "schema": schema}
    return {"name": name, "schema": _closed(schema), "strict": True}


def schema_name(name: str) -> str:
    """Gives a name that OpenAI takes for a schema: letters, digits, "_" and "-", at most 64."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", name).strip("_")[:64] or "answer"


def _named(cls: Any) -> str:
    return str(getattr(cls, "__name__", None) or type(cls).__name__)


def _schema(cls: Any) -> dict[str, Any]:
    try:
        if callable(getattr(cls, "model_json_schema", None)):
            return dict(cls.model_json_schema())
        (root,), components = msgspec.json.schema_components(
            (cls,), ref_template=f"{_REFERENCE}{{name}}"
        )
    # A field's type is out of reach (NameError), or has no JSON form; pydantic's own errors
    # derive from RuntimeError or TypeError.
    except (TypeError, ValueError, NameError, AttributeError, RuntimeError) as error:
        raise ConfigurationError(
            f"response_format: no JSON schema can be made of {_named(cls)}: {error}",
            hint=f"Give {_CLASSES}, or the schema as a dict.",
        ) from error
    _restore_order(cls, components)
    return {**root, "$defs": components} if components else dict(root)


def _restore_order(cls: Any, components: dict[str, dict[str, Any]]) -> None:
    """Puts the fields of TypedDicts in the order of their class, as msgspec sorts them by name.

    Models write fields in the schema's order, so what comes first shapes what follows.
    """
    for name, typed_dict in _typed_dicts(cls).items():
        found = components.get(name, {})
        properties = found.get("properties", {})
        order = list(typed_dict.__annotations__)
        if set(order) == set(properties):
            found["properties"] = {field: properties[field] for field in order}


def _typed_dicts(hint: Any) -> dict[str, Any]:
    """Collects the TypedDicts that a type is made of, by name."""
    seen: dict[str, Any] = {}
    waiting, visited = [hint], set()
    while waiting:
        hint = waiting.pop()
        waiting.extend(typing.get_args(hint))
        if not isinstance(hint, type) or hint in visited:
            continue
        visited.add(hint)
        if hasattr(hint, "__required_keys__"):
            seen[hint.__name__] = hint
        if hint.__module__ != "builtins":
            waiting.extend(typing.get_type_hints(hint).values())
    return seen


def _with_root(schema: dict[str, Any]) -> dict[str, Any]:
    """Puts the root's definition in the place of the reference to it; strict servers want that."""
    definitions = dict(schema.get("$defs", {}))
    rest = {k: v for k, v in schema.items() if k != "$defs"}
    name = str(schema.get("$ref", "")).removeprefix(_REFERENCE)
    if name in definitions:
        rest.pop("$ref")
        rest = {**definitions[name], **rest}
    used = _referred(rest, definitions)
    kept = {k: v for k, v in definitions.items() if k in used}
    return {**rest, "$defs": kept} if kept else rest


def _referred(schema: Any, definitions: dict[str, Any]) -> set[str]:
    """The definitions that a schema needs, directly or through others."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend(node.values())
            name = str(node.get("$ref", "")).removeprefix(_REFERENCE)
            if name in definitions and name not in found:
                found.add(name)
                waiting.append(definitions[name])
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _subschemas(schema: dict[str, Any]) -> list[Any]:
    """The schemas directly inside one; not its defaults, examples and enums, which are data."""
    inside: list[Any] = []
    for key in ("properties", "$defs"):
        inside += schema.get(key, {}).values()
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        inside += schema.get(key, [])
    for key in ("items", "additionalProperties"):
        if key in schema:
            inside.append(schema[key])
    return [item for item in inside if isinstance(item, dict)]


def _closable(schema: dict[str, Any]) -> bool:
    """Whether every object in it has named fields only, and every field a type."""
    if not schema.keys() & {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"}:
        return False
    free = schema.get("type") == "object" and (
        "properties" not in schema or schema.get("additionalProperties", False) is not False
    )
    return not free and all(_closable(item) for item in _subschemas(schema))


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Requires every field of every object, and refuses all others."""
    copy = dict(schema)
    for key in ("properties", "$defs"):
        if key in copy:
            copy[key] = {name: _closed_or_data(item) for name, item in copy[key].items()}
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in copy:
            copy[key] = [_closed_or_data(item) for item in copy[key]]
    if "items" in copy:
        copy["items"] = _closed_or_data(copy["items"])
    if copy.get("type") == "object" and "properties" in copy:
        copy["additionalProperties"] = False
        copy["required"] = list(copy["properties"])
    # What is required has no use for a default, and OpenAI refuses one.
    copy.pop("default", None)
    return copy


def _closed_or_data(item: Any) -> Any:
    return _closed(item) if isinstance(item, dict) else item
