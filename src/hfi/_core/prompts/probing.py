"""What a template shows of a conversation, found out by rendering words it cannot have itself."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from hfi.errors import TemplateError

from .changes import tool_calls
from .rendering import render_template

#: Messages as probing sees them: of each its role, its content ("text", "empty", None for absent,
#: or the kinds of its parts), and the number of its tool calls.
Shape: TypeAlias = tuple[tuple[str, "tuple[str, ...] | str | None", int], ...]
#: A thing a prompt can show: the number of a message, and which side of it.
Piece: TypeAlias = tuple[int, Literal["text", "tool calls"]]
ArgumentForm = Literal["object", "text"]

_WORD = "hfiprobe"
_TOOL = {
    "type": "function",
    "function": {
        "name": "hfiprobetool",
        "description": "Looks hfiprobes up.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string", "description": "Where."}},
            "required": ["place"],
        },
    },
}
_NOON = datetime(2025, 1, 1, 12)


def shape_of(messages: list[dict[str, Any]]) -> Shape:
    """All that probing needs to know of messages."""
    shape = []
    for message in messages:
        content = message.get("content")
        kinds: tuple[str, ...] | str | None = None
        if isinstance(content, str):
            kinds = "text" if content.strip() else "empty"
        elif isinstance(content, (list, tuple)):
            kinds = tuple(_kind(part) for part in content)
        shape.append((str(message.get("role")), kinds, len(tool_calls(message))))
    return tuple(shape)


def _kind(part: Any) -> str:
    if isinstance(part, str):
        return "text"
    return str(part.get("type", "text")) if isinstance(part, Mapping) else "text"


@functools.lru_cache(maxsize=512)
def shown(
    template: str, shape: Shape, tools: bool, tokens: tuple[tuple[str, str], ...]
) -> frozenset[Piece] | None:
    """The pieces of messages of this shape that a template shows; None where it fails on them."""
    prompt = _probe(template, _probe_messages(shape), tools, tokens)
    if prompt is None:
        return None
    pieces: set[Piece] = set()
    for index in range(len(shape)):
        if f"{_WORD}{index}x" in prompt:
            pieces.add((index, "text"))
        if f"{_WORD}{index}y" in prompt:
            pieces.add((index, "tool calls"))
    return frozenset(pieces)


@functools.lru_cache(maxsize=512)
def hides_media(
    template: str, shape: Shape, tools: bool, tokens: tuple[tuple[str, str], ...], index: int
) -> bool:
    """Whether the prompt is the same without the images and sounds of this message."""
    role, kinds, calls = shape[index]
    if not isinstance(kinds, tuple) or all(kind == "text" for kind in kinds):
        return False
    rest = tuple(kind for kind in kinds if kind == "text")
    bare = (*shape[:index], (role, rest, calls), *shape[index + 1 :])
    with_media = _probe(template, _probe_messages(shape), tools, tokens)
    return with_media == _probe(template, _probe_messages(bare), tools, tokens)


def _probe(
    template: str, messages: list[dict[str, Any]], tools: bool, tokens: tuple[tuple[str, str], ...]
) -> str | None:
    offered = [_TOOL] if tools else None
    try:
        return render_template(
            template, messages, tools=offered, special_tokens=dict(tokens), now=_NOON
        )
    except TemplateError:
        return None


def _probe_messages(shape: Shape) -> list[dict[str, Any]]:
    messages = []
    for index, (role, kinds, calls) in enumerate(shape):
        message: dict[str, Any] = {"role": role}
        word = f"{_WORD}{index}x"
        if isinstance(kinds, str):
            message["content"] = word if kinds == "text" else ""
        elif kinds is not None:
            message["content"] = [
                {"type": "text", "text": word} if kind == "text" else {"type": kind}
                for kind in kinds
            ]
        if calls:
            message["tool_calls"] = [_call({"place": f"{_WORD}{index}y"}, n) for n in range(calls)]
        if role == "tool":
            message |= {"tool_call_id": "call00001", "name": "hfiprobetool"}
        messages.append(message)
    return messages


def _call(arguments: Any, number: int = 0) -> dict[str, Any]:
    return {
        "id": f"call{number + 1:05d}",
        "type": "function",
        "function": {"name": "hfiprobetool", "arguments": arguments},
    }


@functools.lru_cache(maxsize=256)
def argument_form(template: str, tokens: tuple[tuple[str, str], ...]) -> ArgumentForm | None:
    """Whether a template wants the arguments of tool calls as objects or as JSON text.

    None where it takes both, or shows neither. An object that is printed as Python writes it, or
    a text that is encoded a second time, is what it does not want.
    """
    text = json.dumps({"place": _WORD})
    as_object = _with_arguments(template, {"place": _WORD}, tokens)
    as_text = _with_arguments(template, text, tokens)
    object_fits = as_object is not None and _WORD in as_object and f"'{_WORD}'" not in as_object
    text_fits = as_text is not None and text in as_text
    if object_fits and not text_fits:
        return "object"
    if text_fits and not object_fits:
        return "text"
    return None


def _with_arguments(
    template: str, arguments: Any, tokens: tuple[tuple[str, str], ...]
) -> str | None:
    for content in ({"content": ""}, {}, {"content": None}):
        messages: list[dict[str, Any]] = [
            {"role": "user", "content": "Where?"},
            {"role": "assistant", **content, "tool_calls": [_call(arguments)]},
            {
                "role": "tool",
                "tool_call_id": "call00001",
                "name": "hfiprobetool",
                "content": "Here.",
            },
        ]
        prompt = _probe(template, messages, True, tokens)
        if prompt is not None:
            return prompt
    return None
