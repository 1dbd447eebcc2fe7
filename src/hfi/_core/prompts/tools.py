"""Tools as JSON schemas; a Python function becomes the schema transformers would make of it."""

from __future__ import annotations

import enum
import inspect
import json
import re
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hfi.errors import ConfigurationError

_SIMPLE: dict[Any, dict[str, str]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    list: {"type": "array"},
    tuple: {"type": "array"},
    dict: {"type": "object"},
    Any: {},
}
_SCALARS: dict[type, str] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
}
_SECTIONS = ("Args:", "Returns:", "Raises:")
_ENTRY = re.compile(r"([ \t]*)(\w+):(.*)", re.DOTALL)
_CHOICES = re.compile(r"\(choices:\s*(.*?)\)\s*$", re.IGNORECASE)


def tool_schemas(tools: Sequence[Any] | None) -> list[Any] | None:
    """JSON schemas as they are, functions as :func:`function_schema` gives them."""
    if tools is None:
        return None
    if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Sequence):
        raise ConfigurationError(
            f"tools is {type(tools).__name__!r}, not a list.",
            hint="Pass a list of JSON schemas or Python functions.",
        )
    schemas: list[Any] = []
    for tool in tools:
        if isinstance(tool, Mapping):
            schemas.append(tool)
        elif inspect.isfunction(tool) or inspect.ismethod(tool):
            schemas.append(function_schema(tool))
        else:
            raise ConfigurationError(
                f"A tool is {type(tool).__name__!r}.",
                hint="Pass its JSON schema, or a Python function with type hints and a docstring.",
            )
    return schemas


def function_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The JSON schema of a Python function, from its type hints and Google-style docstring.

    Every parameter needs a hint and an entry under ``Args:``; ``(choices: ["a", "b"])`` at the
    end of an entry becomes an enum. ``self`` and ``cls`` without a hint are left out.

    Raises:
        ConfigurationError: A hint, an entry or the docstring is missing, or cannot be expressed.
    """
    name = getattr(function, "__name__", "operation")
    docstring = inspect.getdoc(function)
    if not docstring or not docstring.strip():
        raise ConfigurationError(
            f"The tool {name!r} has no docstring, so the model would not know what it does.",
            hint="Say what it does, and what each argument is under 'Args:'.",
        )
    description, entries, returns = _parse_docstring(docstring.strip())
    properties, required, result = _signature_schema(function, name)
    for argument, schema in properties.items():
        if argument not in entries:
            raise ConfigurationError(
                f"The docstring of the tool {name!r} does not describe the argument {argument!r}.",
                hint=f"Add a line '{argument}: ...' under 'Args:'.",
            )
        _describe(schema, entries[argument], f"{name}.{argument}")
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    output: dict[str, Any] = {"name": name, "description": description, "parameters": parameters}
    if result is not None:
        output["return"] = result if returns is None else {**result, "description": returns}
    return {"type": "function", "function": output}


def _parse_docstring(docstring: str) -> tuple[str, dict[str, str], str | None]:
    """The description, the arguments by name, and what it returns."""
    listed = _section(docstring, "Args:", until=("Returns:", "Raises:"))
    returned = _section(docstring, "Returns:", until=("Raises:",))
    entries = {} if listed is None else _entries(listed)
    return _before(docstring, _SECTIONS).strip(), entries, returned and returned.strip()


def _before(text: str, words: Sequence[str]) -> str:
    return text[: min((place for word in words if (place := text.find(word)) >= 0), default=None)]


def _section(docstring: str, heading: str, *, until: Sequence[str]) -> str | None:
    """What stands under a heading that has a line of its own, not the first."""
    lines = docstring.split("\n")
    for number in range(1, len(lines) - 1):
        if lines[number].lstrip() == heading:
            return _before("\n".join(lines[number + 1 :]), until).rstrip()
    return None


def _entries(section: str) -> dict[str, str]:
    """The descriptions under ``Args:``; lines that are indented deeper go on with an entry."""
    entries: dict[str, list[str]] = {}
    current: list[str] | None = None
    indent = ""
    for line in filter(str.strip, section.split("\n")):
        entry = _ENTRY.match(line)
        deeper = line.startswith((f"{indent} ", f"{indent}\t"))
        # After a bare "name:" the next line is its description, whatever it looks like.
        goes_on = current is not None and (deeper or not any(current))
        if entry is not None and not goes_on:
            indent = entry[1]
            current = entries[entry[2]] = [entry[3].strip()]
        elif current is not None:
            current.append(line.strip())
    return {name: " ".join(filter(None, lines)) for name, lines in entries.items()}


def _describe(schema: dict[str, Any], text: str, where: str) -> None:
    choices = _CHOICES.search(text)
    if choices is not None:
        try:
            values = json.loads(choices[1])
        except ValueError as error:
            raise ConfigurationError(
                f"The choices of {where} are not a JSON list: {choices[1]}"
            ) from error
        schema["enum"] = [value.strip() if isinstance(value, str) else value for value in values]
        text = text[: choices.start()].strip()
    schema["description"] = text


def _signature_schema(
    function: Callable[..., Any], name: str
) -> tuple[dict[str, Any], list[str], dict[str, Any] | None]:
    """The properties, the required names, and the schema of what it returns."""
    try:
        hints = get_type_hints(function)
    except Exception as error:  # a name the module does not have, a hint that does not evaluate
        raise ConfigurationError(
            f"The type hints of the tool {name!r} cannot be read: {error}"
        ) from error
    parameters = inspect.signature(function).parameters
    receiver = next(iter(parameters), None)
    if (
        receiver not in {"self", "cls"}
        or parameters[receiver].annotation is not inspect.Parameter.empty
    ):
        receiver = None
    required = []
    for parameter in parameters.values():
        if parameter.name == receiver:
            continue
        if parameter.annotation is inspect.Parameter.empty:
            raise ConfigurationError(
                f"The argument {parameter.name!r} of the tool {name!r} has no type hint."
            )
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    result = None
    properties = {}
    for argument, hint in hints.items():
        if argument == "return":
            try:
                result = _hint_schema(hint, f"{name}.return")
            except ConfigurationError:
                result = None  # the model never writes it, so it may be anything
        elif argument != receiver:
            properties[argument] = _hint_schema(hint, f"{name}.{argument}")
    return properties, required, result


def _hint_schema(hint: Any, where: str) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is None:
        return _bare_schema(hint, where)
    if origin is Union or origin is types.UnionType:
        return _union_schema(args, where)
    if origin is Literal and args:
        if any(type(value) not in _SCALARS for value in args):
            raise ConfigurationError(f"The type hint of {where} has a literal JSON cannot write.")
        return _enum_schema(list(args))
    if origin is list:
        return {"type": "array", "items": _hint_schema(args[0], where)}
    if origin is tuple:
        return _tuple_schema(args, where)
    if origin is dict:
        schema: dict[str, Any] = {"type": "object"}
        if len(args) == 2:
            schema["additionalProperties"] = _hint_schema(args[1], where)
        return schema
    raise _inexpressible(hint, where)


def _bare_schema(hint: Any, where: str) -> dict[str, Any]:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        values = [member.value for member in hint]
        if not values or any(type(value) not in _SCALARS for value in values):
            raise ConfigurationError(
                f"The enum of {where} has no members, or values JSON cannot write."
            )
        return _enum_schema(values)
    try:
        schema = _SIMPLE.get(hint)
    except TypeError:  # an unhashable hint
        schema = None
    if schema is None:
        schema = _image_schema(hint)
    if schema is None:
        raise _inexpressible(hint, where)
    return dict(schema)


def _image_schema(hint: Any) -> dict[str, str] | None:
    # Told by name, so that neither Pillow nor torch has to be imported.
    if isinstance(hint, type):
        if (hint.__module__, hint.__qualname__) == ("PIL.Image", "Image"):
            return {"type": "image"}
        if (hint.__module__, hint.__qualname__) == ("torch", "Tensor"):
            return {"type": "audio"}
    return None


def _enum_schema(values: list[Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(_SCALARS[type(value)] for value in values))
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": values}


def _union_schema(args: tuple[Any, ...], where: str) -> dict[str, Any]:
    members = [_hint_schema(arg, where) for arg in args if arg is not type(None)]
    schema: dict[str, Any]
    if len(members) == 1:
        schema = members[0]
    elif all(m.keys() == {"type"} and isinstance(m["type"], str) for m in members):
        kinds = sorted({member["type"] for member in members})
        schema = {"type": kinds[0] if len(kinds) == 1 else kinds}
    else:
        schema = {"anyOf": members}
    if type(None) in args:
        schema["nullable"] = True
    return schema


def _tuple_schema(args: tuple[Any, ...], where: str) -> dict[str, Any]:
    if len(args) == 1 or ... in args:
        raise ConfigurationError(
            f"The type hint of {where} is a tuple of one kind, which JSON cannot tell from a list.",
            hint="Use list[...].",
        )
    return {"type": "array", "prefixItems": [_hint_schema(arg, where) for arg in args]}


def _inexpressible(hint: Any, where: str) -> ConfigurationError:
    return ConfigurationError(
        f"The type hint of {where} ({hint!r}) has no JSON schema.",
        hint="Use int, float, str, bool, Any, Literal, an Enum, list, tuple, dict or unions of"
        " them, or pass the tool's JSON schema by hand.",
    )
