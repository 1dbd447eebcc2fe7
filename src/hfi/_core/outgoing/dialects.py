"""Where servers depart from OpenAI's chat API: data, one row a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Dialect", "dialect"]

# In a ``json_schema`` template, "$name" stands for that field of OpenAI's ``json_schema`` object,
# and "$" for the whole of it.
_OPENAI_SCHEMA: Mapping[str, Any] = {"type": "json_schema", "json_schema": "$"}
# vLLM's flags, which other servers ignore (llama.cpp) or refuse with a clear message.
_CONTINUE: Mapping[str, Any] = {"add_generation_prompt": False, "continue_final_message": True}


@attrs.frozen(kw_only=True)
class Dialect:
    """How one kind of server wants what others want differently.

    Attributes:
        json_schema: The ``response_format`` for a JSON schema.
        stream_usage: Whether a stream tells usage when ``stream_options`` asks for it.
        continue_fields: What asks the server to go on from the last assistant message.
        echoes: Whether its answer then begins with that message's text.
        resumes: Whether it is known to go on from half an answer of its own, exactly.
        off: Values that mean "off" and are refused all the same; they are not sent.
        null_content: Whether an assistant's empty content beside tool calls must be null.
    """

    json_schema: Mapping[str, Any] = _OPENAI_SCHEMA
    stream_usage: bool = True
    continue_fields: Mapping[str, Any] = _CONTINUE
    echoes: bool = False
    resumes: bool = False
    off: Mapping[str, float] = attrs.field(factory=dict)
    null_content: bool = False


_OPENAI = Dialect()

# TGI: top_p must be below 1 (router/src/validation.rs); a message with content is taken for one
# without calls, as its body is an untagged enum; a last assistant message is gone on from anyway.
_DIALECTS: Mapping[str, Dialect] = {
    "openai": _OPENAI,
    "vllm": Dialect(resumes=True),
    "tgi": Dialect(
        json_schema={"type": "json", "value": "$schema"},
        continue_fields={},
        resumes=True,
        off={"top_p": 1},
        null_content=True,
    ),
    # Serves TGI and llama.cpp behind one route; "json_object" is TGI's alias of "json".
    "hf-inference": Dialect(
        json_schema={"type": "json_object", "value": "$schema"},
        continue_fields={},
        off={"top_p": 1},
        null_content=True,
    ),
    "llama.cpp": Dialect(continue_fields={}, echoes=True, resumes=True),
    "together": Dialect(
        json_schema={"type": "json_schema", "schema": "$schema"},
        continue_fields={},
        resumes=True,
    ),
    "cohere": Dialect(json_schema={"type": "json_object", "schema": "$schema"}),
    # Tells usage in the last chunk unasked, and has refused stream_options.
    "fireworks-ai": Dialect(
        json_schema={"type": "json_object", "schema": "$schema"}, stream_usage=False
    ),
}


def dialect(name: str) -> Dialect:
    """Gives a dialect by its name; one that is not in the table speaks as OpenAI does."""
    return _DIALECTS.get(name, _OPENAI)
