"""Changes to messages that make a template take them: each pure, each told in one sentence.

Every function takes plain messages and gives new ones with the sentence, or None where it would
change nothing. No text is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Messages: TypeAlias = list[dict[str, Any]]
Change: TypeAlias = Callable[[Messages], "tuple[Messages, str] | None"]

_KNOWN_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_GAP = "\n\n"


def decode_arguments(messages: Messages) -> tuple[Messages, str] | None:
    """Arguments of tool calls from JSON text to objects."""
    return _arguments(
        messages, _decoded, "Decoded the arguments of tool calls: this template wants objects."
    )


def encode_arguments(messages: Messages) -> tuple[Messages, str] | None:
    """Arguments of tool calls from objects to JSON text."""
    return _arguments(
        messages, _encoded, "Wrote the arguments of tool calls as JSON: this template wants text."
    )


def _decoded(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        value = json.loads(arguments) if arguments.strip() else {}
    except ValueError:
        return arguments
    return value if isinstance(value, dict) else arguments


def _encoded(arguments: Any) -> Any:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _arguments(
    messages: Messages, convert: Callable[[Any], Any], sentence: str
) -> tuple[Messages, str] | None:
    changed = False
    result = []
    for message in messages:
        calls = []
        for call in tool_calls(message):
            function = call.get("function")
            if isinstance(function, dict) and "arguments" in function:
                arguments = convert(function["arguments"])
                if arguments is not function["arguments"]:
                    changed = True
                    call = {**call, "function": {**function, "arguments": arguments}}  # noqa: PLW2901
            calls.append(call)
        result.append({**message, "tool_calls": calls} if calls else message)
    return (result, sentence) if changed else None


def tool_calls(message: Mapping[str, Any]) -> list[Any]:
    """The tool calls of a message that have the wire's form."""
    calls = message.get("tool_calls")
    if not isinstance(calls, (list, tuple)):
        return []
    return list(calls) if all(isinstance(call, dict) for call in calls) else []


def join_parts(messages: Messages) -> tuple[Messages, str] | None:
    """Lists of text parts to one text. Images stay as they are: they have no text."""
    result = [
        {**message, "content": joined}
        if (joined := _joined(message.get("content"))) is not None
        else message
        for message in messages
    ]
    if result == messages:
        return None
    return result, "Joined the text parts of messages: this template takes no list of parts."


def _joined(content: Any) -> str | None:
    if not isinstance(content, (list, tuple)):
        return None
    texts = [part if isinstance(part, str) else _text_of(part) for part in content]
    return None if any(text is None for text in texts) else "".join(filter(None, texts))


def _text_of(part: Any) -> str | None:
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else None


def split_parts(messages: Messages) -> tuple[Messages, str] | None:
    """Texts to lists of one text part."""
    result = [
        {**message, "content": [{"type": "text", "text": message["content"]}]}
        if isinstance(message.get("content"), str)
        else message
        for message in messages
    ]
    if result == messages:
        return None
    return result, "Put texts into lists of parts: this template takes nothing else."


def add_contents(messages: Messages) -> tuple[Messages, str] | None:
    """An empty content where there is none, as beside tool calls."""
    if all("content" in message for message in messages):
        return None
    result = [
        message if "content" in message else {**message, "content": ""} for message in messages
    ]
    return result, "Gave messages without content an empty one."


def developer_to_system(messages: Messages) -> tuple[Messages, str] | None:
    """The developer role to the system role."""
    if all(message.get("role") != "developer" for message in messages):
        return None
    result = [
        {**message, "role": "system"} if message.get("role") == "developer" else message
        for message in messages
    ]
    return result, "Made the developer message a system message: this template has no developer."


def gather_system(messages: Messages) -> tuple[Messages, str] | None:
    """All system messages to one, at the beginning."""
    texts = [content_text(m) for m in messages if m.get("role") == "system"]
    if not texts or None in texts:
        return None
    first = {"role": "system", "content": _GAP.join(filter(None, texts))}
    result = [first, *(m for m in messages if m.get("role") != "system")]
    if result == messages:
        return None
    return result, "Joined the system messages at the beginning: this template takes one, there."


def fold_system(messages: Messages) -> tuple[Messages, str] | None:
    """System messages into the user turn that follows (or a user turn of their own)."""
    result: Messages = []
    waiting: list[str] = []
    found = False
    for message in messages:
        if message.get("role") in {"system", "developer"}:
            text = content_text(message)
            if text is None:
                return None
            found = True
            waiting.append(text)
            continue
        if waiting and message.get("role") == "user":
            message = _with_text_before(message, waiting)  # noqa: PLW2901
            waiting = []
        elif waiting and message.get("role") == "assistant":
            result.append({"role": "user", "content": _GAP.join(filter(None, waiting))})
            waiting = []
        result.append(message)
    if not found:
        return None
    if waiting:
        result.append({"role": "user", "content": _GAP.join(filter(None, waiting))})
    return (
        result,
        "Put the system message into the user's turn: this template shows no system role.",
    )


def _with_text_before(message: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    before = _GAP.join(filter(None, texts))
    content = message.get("content")
    if not before:
        return message
    if isinstance(content, (list, tuple)):
        return {**message, "content": [{"type": "text", "text": before + _GAP}, *content]}
    return {**message, "content": _GAP.join(filter(None, [before, content or ""]))}


def content_text(message: Mapping[str, Any]) -> str | None:
    """The text of a message, or None where it has parts that are no text."""
    content = message.get("content")
    if content is None:
        return ""
    return content if isinstance(content, str) else _joined(content)


def spoken_text(message: Mapping[str, Any]) -> str:
    """All text of a message, whatever else it has."""
    content = message.get("content")
    if isinstance(content, (list, tuple)):
        return "".join(part if isinstance(part, str) else _text_of(part) or "" for part in content)
    return content if isinstance(content, str) else ""


def unknown_to_user(messages: Messages) -> tuple[Messages, str] | None:
    """Roles no template knows to the user role."""
    unknown = {str(m.get("role")) for m in messages if m.get("role") not in _KNOWN_ROLES}
    if not unknown:
        return None
    result = [
        message if message.get("role") in _KNOWN_ROLES else {**message, "role": "user"}
        for message in messages
    ]
    names = ", ".join(sorted(unknown))
    return result, f"Made messages of the role {names} user messages: this template has none such."


def short_ids(messages: Messages) -> tuple[Messages, str] | None:
    """Ids of tool calls to nine letters and digits, which Mistral's templates insist on."""
    names: dict[str, str] = {}
    for message in messages:
        for call in tool_calls(message):
            if isinstance(call.get("id"), str):
                names.setdefault(call["id"], f"call{len(names) + 1:05d}")
    if all(len(name) == 9 and name.isalnum() for name in names):
        return None
    result = []
    for message in messages:
        calls = tool_calls(message)
        if calls:
            renamed = [{**call, "id": names.get(call.get("id"), call.get("id"))} for call in calls]
            message = {**message, "tool_calls": renamed}  # noqa: PLW2901
        if message.get("tool_call_id") in names:
            message = {**message, "tool_call_id": names[message["tool_call_id"]]}  # noqa: PLW2901
        result.append(message)
    return result, "Gave the tool calls new ids: this template wants nine letters and digits."


def tools_to_text(messages: Messages) -> tuple[Messages, str] | None:
    """Tool calls as JSON in the assistant's text, results as user messages."""
    result: Messages = []
    changed = False
    for message in messages:
        calls = tool_calls(message)
        text = content_text(message)
        if calls and text is not None:
            lines = [json.dumps(call.get("function", call), ensure_ascii=False) for call in calls]
            message = {k: v for k, v in message.items() if k != "tool_calls"}  # noqa: PLW2901
            message["content"] = "\n".join(filter(None, [text, *lines]))
            changed = True
        elif message.get("role") == "tool":
            message = {"role": "user", "content": message.get("content", "")}  # noqa: PLW2901
            changed = True
        result.append(message)
    if not changed:
        return None
    return result, "Wrote tool calls and their results as text: this template has no form for them."


def merge_turns(messages: Messages) -> tuple[Messages, str] | None:
    """Messages of one role in a row to one message."""
    result: Messages = []
    for message in messages:
        if result and _mergeable(result[-1], message):
            texts = [content_text(result[-1]), content_text(message)]
            result[-1] = {**result[-1], "content": _GAP.join(filter(None, texts))}
        else:
            result.append(message)
    if len(result) == len(messages):
        return None
    return result, "Joined messages of one role in a row: this template wants roles to alternate."


def _mergeable(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    if first.get("role") != second.get("role") or first.get("role") == "tool":
        return False
    if tool_calls(first) or tool_calls(second):
        return False
    return content_text(first) is not None and content_text(second) is not None


def lead_with_user(messages: Messages) -> tuple[Messages, str] | None:
    """An empty user turn before an assistant that speaks first, or where nobody does."""
    leading = 0
    while leading < len(messages) and messages[leading].get("role") in {"system", "developer"}:
        leading += 1
    if leading < len(messages) and messages[leading].get("role") == "user":
        return None
    result = [*messages[:leading], {"role": "user", "content": ""}, *messages[leading:]]
    return result, "Began with an empty user message: this template wants the user to speak first."
