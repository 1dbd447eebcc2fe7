"""Whether a chat goes over text generation although nobody asked for that: on evidence only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hfi.errors import BadRequestError, ModelNotFoundError

if TYPE_CHECKING:
    from hfi._core.generation.servers import Server
    from hfi.errors import APIStatusError
    from hfi.types.models import ModelInfo

__all__ = ["asks_mapping", "asks_server", "mapping_evidence", "refusal_evidence", "server_evidence"]

# "Model X is not supported for task conversational ... Supported task: text-generation."
_SUPPORTED = re.compile(r"supported[^.]{0,40}\btext-generation\b", re.IGNORECASE)
# TGI, of a model without a chat template.
_NO_TEMPLATE = re.compile(r"template error: template not found", re.IGNORECASE)
_NO_ROUTE = (404, 405)
# Servers that generate text whatever else they have.
_TEXT_SERVERS = frozenset({"tgi", "llama.cpp"})


def refusal_evidence(error: APIStatusError) -> str | None:
    """Gives why a refusal says by itself that text generation would be served."""
    if _SUPPORTED.search(error.message):
        return "The chat was refused, and text-generation named as what is supported."
    if _NO_TEMPLATE.search(error.message):
        return "The server has no chat template for its model."
    return None


def asks_server(error: APIStatusError) -> bool:
    """Whether what the server is decides: it has no chat route, or no such model."""
    return error.status_code in _NO_ROUTE


def server_evidence(error: APIStatusError, server: Server) -> str | None:
    """Gives why the server generates text, although it has no chat route."""
    if server.kind.name not in _TEXT_SERVERS:
        return None
    return f"The server is {server.kind.name}, and answers {error.status_code} to its chat route."


def asks_mapping(error: APIStatusError) -> bool:
    """Whether the model's mapping decides: the router knows no one who chats with it."""
    return isinstance(error, (BadRequestError, ModelNotFoundError)) and (
        error.code == "model_not_supported" or "not supported" in error.message
    )


def mapping_evidence(info: ModelInfo) -> str | None:
    """Gives why a provider generates text with the model, although none chats with it."""
    if info.live_providers("conversational"):
        return None
    able = info.live_providers("text-generation")
    if not able:
        return None
    return f"The Hub maps the model to {able[0].provider} for text-generation, to none for chat."
