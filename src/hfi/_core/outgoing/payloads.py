"""The bodies of requests, as dicts that ``encode`` turns into bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hfi._core.outgoing.dialects import Dialect
from hfi._core.outgoing.dialects import dialect as dialect_named
from hfi._core.outgoing.json_body import encode
from hfi._core.outgoing.schemas import json_schema_of, schema_name
from hfi.errors import ConfigurationError

__all__ = ["chat_payload", "encode", "wire_response_format", "wire_tools"]

_CHOICES = frozenset({"auto", "none", "required"})


def chat_payload(  # noqa: PLR0913 - the wire's fields that need work; the rest is in options
    messages: Sequence[Mapping[str, Any]],
    *,
    model: str | None,
    stream: bool,
    options: Mapping[str, Any],
    tools: Sequence[Any] | None = None,
    response_format: Any = None,
    extra_body: Mapping[str, Any] | None = None,
    continue_final_message: bool = False,
    dialect: str = "openai",
) -> dict[str, Any]:
    """Builds the body of a chat-completions request.

    A stream is asked to end with its usage unless ``options`` has ``stream_options``: an empty
    mapping sends none. ``extra_body`` is put over the rest, field by field; it may override any
    of them, and its nulls are sent.

    Args:
        messages: As ``wire_messages`` gives them.
        model: The model's name for this server; None leaves it to the server.
        stream: Whether the answer is to come as a stream.
        options: Options for the wire, as ``split_options`` gives them.
        tools: Dicts in the wire's form, Python functions, values with ``to_dict()``.
        response_format: "text", "json_object", a dict of the wire, a JSON schema, or a class.
        extra_body: Further fields.
        continue_final_message: Whether to go on from the last message.
        dialect: What kind of server it is; see ``dialects``.

    Raises:
        ConfigurationError: The arguments do not fit together, or cannot be sent.
    """
    server = dialect_named(dialect)
    body: dict[str, Any] = {} if model is None else {"model": model}
    body["messages"] = [_suited(message, server) for message in messages]
    for name, value in options.items():
        if value is None or name in ("stream_options", "tool_choice"):
            continue
        if name not in server.off or value != server.off[name]:
            body[name] = value
    if tools:
        body["tools"] = wire_tools(tools)
    if options.get("tool_choice") is not None:
        body["tool_choice"] = _tool_choice(options["tool_choice"])
    if response_format is not None:
        body["response_format"] = wire_response_format(response_format, server)
    if continue_final_message:
        body |= _continued(messages, server)
    if stream:
        body |= _streamed(options.get("stream_options"), server)
    return body | _extra(extra_body)


def _suited(message: Mapping[str, Any], server: Dialect) -> dict[str, Any]:
    empty = message.get("content") == "" and message.get("tool_calls")
    return {**message, "content": None} if empty and server.null_content else dict(message)


def _streamed(options: Mapping[str, Any] | None, server: Dialect) -> dict[str, Any]:
    """``stream_options`` belongs to streams: vLLM refuses it elsewhere."""
    if options is None:
        # All servers we know tell usage only when asked, and ignore the question otherwise; those
        # that refuse it have a dialect.
        options = {"include_usage": True} if server.stream_usage else {}
    return {"stream": True, "stream_options": dict(options)} if options else {"stream": True}


def _continued(messages: Sequence[Mapping[str, Any]], server: Dialect) -> Mapping[str, Any]:
    last = messages[-1] if messages else {}
    if last.get("role") != "assistant" or not last.get("content"):
        raise ConfigurationError(
            "continue_final_message needs a last message of the assistant's, with text.",
            hint=f"The last message is the {last.get('role')}'s.",
        )
    return server.continue_fields


def _extra(extra_body: Mapping[str, Any] | None) -> dict[str, Any]:
    if extra_body is None:
        return {}
    if not isinstance(extra_body, Mapping):
        raise ConfigurationError(
            f"extra_body must be a mapping, not {type(extra_body).__name__!r}."
        )
    return dict(extra_body)


def wire_tools(tools: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Gives tools in the wire's form; dicts stay as they are.

    Raises:
        ConfigurationError: One is no tool, or a function that no schema can be made of.
    """
    if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Sequence):
        raise ConfigurationError(
            f"tools must be a list, not {type(tools).__name__!r}.", hint="Put the tool in a list."
        )
    return [_wire_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]


def _wire_tool(tool: Any, where: str) -> Mapping[str, Any]:
    if isinstance(tool, Mapping):
        return tool
    give = getattr(tool, "to_dict", None)
    if callable(give) and not isinstance(tool, type):
        found = give()
        if isinstance(found, Mapping):
            return found
    if callable(tool) and hasattr(tool, "__name__") and not isinstance(tool, type):
        # Needed by few calls.
        from hfi._core.prompts.tools import function_schema  # noqa: PLC0415

        schema = function_schema(tool)
        # "return" is transformers' own, for templates; strict servers refuse it.
        function = {k: v for k, v in schema["function"].items() if k != "return"}
        return {**schema, "function": function}
    raise ConfigurationError(
        f"{where} is of type {type(tool).__name__!r}, which is no tool.",
        hint='Give a function, or {"type": "function", "function": {"name": ..., ...}}.',
    )


def _tool_choice(choice: Any) -> Any:
    """A bare name becomes OpenAI's object; TGI alone takes the name itself."""
    if isinstance(choice, Mapping):
        return choice
    name = choice if isinstance(choice, str) else getattr(choice, "__name__", str(choice))
    if name in _CHOICES:
        return name
    return {"type": "function", "function": {"name": name}}


def wire_response_format(response_format: Any, server: Dialect) -> Mapping[str, Any]:
    """Gives a ``response_format`` as a server wants it.

    OpenAI's ``json_schema`` form is respelled for servers that want another; other dicts stay as
    they are.

    Raises:
        ConfigurationError: It is none, or no schema can be made of the class.
    """
    if isinstance(response_format, str):
        if response_format not in ("json_object", "text"):
            raise ConfigurationError(
                f'response_format must be "json_object" or "text" as text, not {response_format!r}.'
            )
        response_format = {"type": response_format}
    elif not isinstance(response_format, Mapping):
        response_format = _from_class(response_format)
    elif response_format.get("type") == "object":
        # A bare JSON schema; no server has a format of this name.
        name = schema_name(str(response_format.get("title", "")))
        spec = {"name": name, "schema": response_format}
        response_format = {"type": "json_schema", "json_schema": spec}
    spec = response_format.get("json_schema")
    if response_format.get("type") != "json_schema" or not isinstance(spec, Mapping):
        return dict(response_format)
    return {k: _filled(v, spec) for k, v in server.json_schema.items()}


def _from_class(cls: Any) -> dict[str, Any]:
    if not isinstance(cls, type) and not hasattr(cls, "__origin__"):
        raise ConfigurationError(
            f"response_format is of type {type(cls).__name__!r}.",
            hint='Give a class, "json_object", or a dict of the wire.',
        )
    return {"type": "json_schema", "json_schema": json_schema_of(cls)}


def _filled(value: Any, spec: Mapping[str, Any]) -> Any:
    if value == "$":
        return spec
    if isinstance(value, str) and value.startswith("$"):
        return spec.get(value[1:], {})
    return value
