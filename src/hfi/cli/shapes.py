"""A completion, or a model, as one JSON object, of the same shape whichever way it came."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from hfi.types.chat import ChatCompletion, Choice
    from hfi.types.models import ModelInfo
    from hfi.types.usage import Usage

__all__ = ["completion_object", "json_line", "model_object"]

# What the Hub does not say of a model of a list.
_LOOKED_UP = ("config", "special_tokens", "chat_templates", "template_source", "context_length")


def completion_object(completion: ChatCompletion) -> dict[str, Any]:
    """Gives the completion in the form of an OpenAI reply, and who answered beside it.

    Reasoning stands under ``reasoning``, whatever the server calls it. What is not known is null.
    """
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "provider": completion.provider,
        "request_id": completion.request_id,
        "choices": [_choice(choice) for choice in completion.choices],
        "usage": _usage(completion.usage),
    }


def _choice(choice: Choice) -> dict[str, Any]:
    message = choice.message.to_dict(reasoning="reasoning")
    if choice.message.refusal is not None:
        message["refusal"] = choice.message.refusal
    return {
        "index": choice.index,
        "message": message,
        "finish_reason": choice.finish_reason,
    }


def _usage(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    counts = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
    details = {
        "prompt_tokens_details": usage.prompt_tokens_details,
        "completion_tokens_details": usage.completion_tokens_details,
    }
    return {**counts, **{name: dict(value) for name, value in details.items() if value}}


def model_object(info: ModelInfo, *, looked_up: bool = True) -> dict[str, Any]:
    """Gives a model's facts by the names of ``ModelInfo``; what is not known is null or empty.

    ``looked_up=False`` leaves out what models of a list do not tell.
    """
    facts = attrs.asdict(info, filter=lambda field, _: not field.name.startswith("_"))
    absent = () if looked_up else (*_LOOKED_UP, "parameters", "mask_token", "files")
    return {name: _plain(value) for name, value in facts.items() if name not in absent}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def json_line(value: Any) -> str:
    """Gives JSON without line breaks, in letters that standard output can hold."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):  # a lone surrogate, or an encoding such as ASCII
        return json.dumps(value)
    return text
