"""What some servers spell otherwise, respelled before it is read field by field.

Only objects that the typed decoder refused come here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hfi.types.chat import AssistantMessage, ChunkChoice, Delta
from hfi.types.tool_call import FunctionCall, FunctionDelta, ToolCall, ToolCallDelta

__all__ = ["TIDIED"]

_Object = Mapping[str, Any]


def _message(value: _Object) -> _Object:
    changes: dict[str, Any] = {}
    calls = value.get("tool_calls")
    if isinstance(calls, dict):  # TGI 1.4 sent one call, not a list
        changes["tool_calls"] = [calls]
    if isinstance(value.get("content"), list):
        changes.update(_parts(value))
    return {**value, **changes} if changes else value


def _parts(value: _Object) -> dict[str, Any]:
    """Joins content parts; Mistral sends its reasoning as parts of type "thinking"."""
    texts: list[str] = []
    thoughts: list[str] = []
    for part in value["content"]:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            _part(part, texts, thoughts)
    found: dict[str, Any] = {"content": "".join(texts) if texts else None}
    if thoughts and not isinstance(value.get("reasoning"), str):
        found["reasoning"] = "".join(thoughts)
    return found


def _part(part: _Object, texts: list[str], thoughts: list[str]) -> None:
    text, thinking = part.get("text"), part.get("thinking")
    if isinstance(thinking, str):
        thoughts.append(thinking)
    elif isinstance(thinking, list):
        pieces = (piece.get("text") for piece in thinking if isinstance(piece, dict))
        thoughts.extend(piece for piece in pieces if isinstance(piece, str))
    elif isinstance(text, str):
        texts.append(text)


def _call(value: _Object) -> _Object:
    call_id = value.get("id")
    if isinstance(call_id, int) and not isinstance(call_id, bool):  # TGI 1.4: a number
        return {**value, "id": str(call_id)}
    return value


def _function(value: _Object) -> _Object:
    arguments = value.get("arguments")
    if isinstance(arguments, (dict, list)):  # the protocol says JSON text; old TGI and others don't
        return {**value, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return value


def _chunk_choice(value: _Object) -> _Object:
    # A server that cannot stream may send the whole message as the only event.
    if not isinstance(value.get("delta"), dict) and isinstance(value.get("message"), dict):
        return {**value, "delta": value["message"]}
    return value


TIDIED: Mapping[type, Callable[[_Object], _Object]] = {
    AssistantMessage: _message,
    ChunkChoice: _chunk_choice,
    Delta: _message,
    FunctionCall: _function,
    FunctionDelta: _function,
    ToolCall: _call,
    ToolCallDelta: _call,
}
