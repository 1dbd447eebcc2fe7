"""Messages as the wire has them, from a string, dicts, ``Message`` values and earlier replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hfi._core.outgoing.content import media_sources, wire_content
from hfi._core.outgoing.json_body import json_text
from hfi._core.outgoing.sources import path_of
from hfi.errors import ConfigurationError
from hfi.types.message import Message

if TYPE_CHECKING:
    from hfi._core.outgoing.sources import Files
    from hfi.types.message import MessagesLike

__all__ = ["file_paths", "has_media", "raw_messages", "wire_messages"]

_EXAMPLE = 'A message looks like {"role": "user", "content": "Hello"}.'
# Null means "absent" in these, and strict servers refuse it. Other nulls are the user's own;
# an assistant's ``content: null`` beside tool calls is what the protocol asks for.
_ABSENT_WHEN_NULL = frozenset(
    {"annotations", "audio", "function_call", "name", "reasoning", "reasoning_content", "refusal"}
    | {"tool_call_id", "tool_calls"}
)
_REASONING = frozenset({"reasoning", "reasoning_content", "reasoning_details"})


def wire_messages(
    messages: MessagesLike,
    *,
    system: str | None = None,
    files: Files | None = None,
    reasoning: str | None = None,
) -> list[dict[str, Any]]:
    """Gives messages as the wire has them, in new dicts; the caller's are never changed.

    A string is one user turn. Dicts keep their unknown keys. Tool-call arguments that are objects
    become JSON text, and so does a tool's result that is no text.

    Args:
        messages: A string, or a sequence of dicts, ``Message`` values and earlier replies.
        system: A system message to put first.
        files: The bytes of the files of ``file_paths(messages)``, by path.
        reasoning: The field in which the reasoning of earlier replies goes back. It is left out
            by default: Groq and Cerebras, among others, refuse a field they do not know.

    Raises:
        ConfigurationError: Something is no message; the message names its index.
    """
    turns = [
        _wire_message(turn, index, files or {})
        for index, turn in enumerate(_turns(messages, reasoning))
    ]
    if system is None:
        return turns
    if any(turn["role"] == "system" for turn in turns):
        raise ConfigurationError(
            "Both system= and a system message were given.", hint="Give one of them."
        )
    return [{"role": "system", "content": wire_content(system, "system", {})}, *turns]


def raw_messages(messages: MessagesLike, *, system: str | None = None) -> list[dict[str, Any]]:
    """Gives messages as the caller wrote them, as dicts: for templates, which may want objects.

    Raises:
        ConfigurationError: Something is no message.
    """
    turns = [dict(turn) for turn in _turns(messages)]
    return turns if system is None else [{"role": "system", "content": system}, *turns]


def file_paths(messages: MessagesLike) -> list[str]:
    """Names the files that must be read before ``wire_messages``, each once, in order.

    Raises:
        ConfigurationError: ``messages`` is no sequence of messages.
    """
    found: dict[str, None] = {}
    for turn in _turns(messages):
        for source in media_sources(turn.get("content")):
            if isinstance(source, (bytes, bytearray, memoryview)):
                continue
            path = path_of(source)
            if path is not None:
                found[path] = None
    return list(found)


def has_media(messages: MessagesLike) -> bool:
    """Whether ``wire_messages`` has images or sound to encode: work that may take a while."""
    return any(True for turn in _turns(messages) for _ in media_sources(turn.get("content")))


def _turns(messages: object, reasoning: str | None = None) -> list[Mapping[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if isinstance(messages, (bytes, bytearray)) or not isinstance(messages, Sequence):
        raise ConfigurationError(
            f"messages must be a string or a list of messages, not {type(messages).__name__!r}.",
            hint=_EXAMPLE,
        )
    if not messages:
        raise ConfigurationError("messages is empty.", hint=_EXAMPLE)
    return [_fields(message, f"messages[{i}]", reasoning) for i, message in enumerate(messages)]


def _fields(message: Any, where: str, reasoning: str | None) -> Mapping[str, Any]:
    """The fields of a dict, a ``Message``, the message of a reply, or a whole reply."""
    if isinstance(message, Mapping):
        return message
    if isinstance(message, Message):
        fields = message.to_dict()
        if reasoning and message.reasoning is not None:
            fields[reasoning] = fields.pop("reasoning")
        return fields
    value = getattr(message, "message", message)
    for method in ("to_dict", "model_dump"):
        give = getattr(value, method, None)
        found = give() if callable(give) else None
        if isinstance(found, Mapping):
            fields = {k: v for k, v in found.items() if k not in _REASONING}
            thought = getattr(value, "reasoning", None)
            return {**fields, reasoning: thought} if reasoning and thought else fields
    raise ConfigurationError(
        f"{where} is of type {type(message).__name__!r}, which is no message.", hint=_EXAMPLE
    )


def _wire_message(fields: Mapping[str, Any], index: int, files: Files) -> dict[str, Any]:
    where = f"messages[{index}]"
    role = fields.get("role")
    if not isinstance(role, str) or not role:
        problem = "has no role" if role is None else f"has the role {role!r}, which is no name"
        raise ConfigurationError(f"{where} {problem}.", hint=_EXAMPLE)
    wire = {k: v for k, v in fields.items() if v is not None or k not in _ABSENT_WHEN_NULL}
    if "tool_calls" in wire:
        calls = _wire_calls(wire.pop("tool_calls"), f"{where}.tool_calls")
        # OpenAI refuses an empty list.
        wire |= {"tool_calls": calls} if calls else {}
    if "content" in wire or role not in ("assistant", "tool"):
        wire["content"] = _wire_message_content(wire.get("content"), role, where, files)
    return wire


def _wire_message_content(content: Any, role: str, where: str, files: Files) -> Any:
    if role == "tool" and not isinstance(content, str) and not _are_parts(content):
        return json_text(content, f"{where}.content")
    if content is not None:
        return wire_content(content, f"{where}.content", files)
    if role == "assistant":
        return None
    raise ConfigurationError(f"{where} ({role}) has no content.", hint=_EXAMPLE)


def _are_parts(content: Any) -> bool:
    """Whether a tool's result is a list of content parts rather than data."""
    return (
        isinstance(content, (list, tuple))
        and any(_is_part(item) for item in content)
        and all(isinstance(item, str) or _is_part(item) for item in content)
    )


def _is_part(item: Any) -> bool:
    if isinstance(item, Mapping):
        kind = item.get("type")
        return kind in ("text", "image", "image_url", "input_audio") and kind in item
    return isinstance(item, (bytes, bytearray, memoryview)) or any(
        hasattr(item, name) for name in ("__fspath__", "read", "save")
    )


def _wire_calls(calls: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(calls, Sequence) or isinstance(calls, (str, bytes)):
        raise ConfigurationError(f"{where} must be a list, not {type(calls).__name__!r}.")
    return [_wire_call(call, f"{where}[{index}]") for index, call in enumerate(calls)]


def _wire_call(call: Any, where: str) -> dict[str, Any]:
    if not isinstance(call, Mapping):
        give = getattr(call, "to_dict", None)
        call = give() if callable(give) else None
    if not isinstance(call, Mapping):
        raise ConfigurationError(
            f"{where} is no tool call.",
            hint='It looks like {"id": ..., "type": "function", "function": {"name": ...,'
            ' "arguments": ...}}.',
        )
    function = call.get("function")
    if not isinstance(function, Mapping):
        return dict(call)
    wire = {**call, "function": dict(function)}
    wire.setdefault("type", "function")
    arguments = function.get("arguments")
    # The protocol has the arguments as JSON text; templates and old TGI give objects.
    if not isinstance(arguments, str):
        given = {} if arguments is None else arguments
        wire["function"]["arguments"] = json_text(given, f"{where}.function.arguments")
    return wire
