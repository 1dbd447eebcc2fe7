"""What the router answers to chats of the docs that ask for tools, or for an answer in a shape."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["choice_for"]

SHOWN = {"name": "Alice", "city": "Paris"}


def choice_for(body: dict[str, Any], text: str) -> tuple[dict[str, Any], str]:
    """Give a message and why it ended: a call of the first tool, JSON by the schema, or the text.

    A tool is called for a question; its result is answered in words.
    """
    message: dict[str, Any] = {"role": "assistant", "content": text}
    asked = body["messages"][-1]["role"]
    if body.get("tools") and asked == "user":
        function = body["tools"][0]["function"]
        call = {
            "id": "call_1",
            "type": "function",
            "function": {
                "name": function["name"],
                "arguments": json.dumps(_filled(function["parameters"])),
            },
        }
        return message | {"content": None, "tool_calls": [call]}, "tool_calls"
    shape = body.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema":
        message["content"] = json.dumps(_filled(shape["json_schema"]["schema"]))
    return message, "stop"


def _filled(schema: dict[str, Any]) -> dict[str, Any]:
    """An object of the schema, whose fields are texts."""
    return {name: SHOWN.get(name, "text") for name in schema["properties"]}
