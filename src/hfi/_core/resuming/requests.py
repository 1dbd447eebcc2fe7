"""The request for the rest of an answer: the first one, with what had come put after its prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.outgoing.dialects import dialect
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.outgoing.dialects import Dialect

__all__ = [
    "chat_obstacle",
    "check_resume",
    "continued_chat",
    "continued_text",
    "limited",
    "text_obstacle",
]

_LIMITS = ("max_tokens", "max_completion_tokens", "max_new_tokens", "n_predict")
_COUNTS = ("n", "best_of", "n_choices")
# What an answer must follow begins anew with each request, so that a half one cannot be gone on
# from.
_FORMS = frozenset(
    {"grammar", "json_schema", "structured_outputs"}
    | {"guided_json", "guided_regex", "guided_choice", "guided_grammar"}
)
_PROMPTS = ("inputs", "prompt")


def check_resume(times: int | None, stream: bool) -> None:
    """Refuses what would do nothing.

    Raises:
        ConfigurationError: The answer is not streamed.
    """
    if times and not stream:
        raise ConfigurationError(
            "resume= takes broken streams up again, and this answer is not streamed.",
            hint="Add stream=True; the stream's collect() gives the whole answer.",
        )


def _fields(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects that hold options: the body, and TGI's parameters in it."""
    nested = payload.get("parameters")
    return [payload, nested] if isinstance(nested, Mapping) else [payload]


def _obstacle(payload: Mapping[str, Any]) -> str | None:
    for fields in _fields(payload):
        if any(isinstance(fields.get(n), int) and fields[n] > 1 for n in _COUNTS):
            return "several answers were asked for."
        form = fields.get("response_format")
        if isinstance(form, Mapping) and form.get("type") == "text":
            form = None
        if form is not None or any(fields.get(name) is not None for name in _FORMS):
            return "it follows a grammar or schema, which begins anew with each request."
    return None


def chat_obstacle(payload: Mapping[str, Any], name: str, who: str) -> str | None:
    """Gives why a chat's answer cannot be gone on from, or None.

    Args:
        payload: The body of its request.
        name: The dialect of the server.
        who: What to call the server.
    """
    if not dialect(name).resumes:
        return f"{who} is not known to go on from half an answer."
    messages = payload.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, Mapping):
        return "its messages are in extra_body."
    if last.get("role") == "assistant" and not isinstance(last.get("content"), str):
        return "the last message is more than text."
    return _obstacle(payload)


def text_obstacle(payload: Mapping[str, Any]) -> str | None:
    """Gives why a text cannot be gone on from, or None."""
    if not any(isinstance(payload.get(name), str) for name in _PROMPTS):
        return "its prompt is no text."
    return _obstacle(payload)


def continued_chat(
    payload: Mapping[str, Any], sent: str, name: str, *, continues: bool
) -> dict[str, Any]:
    """The body of the request for the rest of a chat's answer.

    Args:
        payload: The body of the first one.
        sent: What had come, without the white space at its end.
        name: The dialect of the server.
        continues: Whether the answer goes on from the last message already.
    """
    *others, last = payload["messages"]
    if continues and last.get("role") == "assistant":
        messages = [*others, {**last, "content": last["content"] + sent}]
    else:
        messages = [*others, last, {"role": "assistant", "content": sent}]
    server: Dialect = dialect(name)
    return {**payload, "messages": messages, **server.continue_fields}


def continued_text(payload: Mapping[str, Any], sent: str) -> dict[str, Any]:
    """The body of the request for the rest of a text."""
    name = next(name for name in _PROMPTS if isinstance(payload.get(name), str))
    return {**payload, name: payload[name] + sent}


def limited(payload: Mapping[str, Any], made: int) -> dict[str, Any] | None:
    """The body with the limits of the answer's length less what was made, or None if none is left.

    ``made`` may be too small a number, never too large a one.
    """
    body = dict(payload)
    for fields in _fields(payload):
        rest = {
            name: fields[name] - made
            for name in _LIMITS
            if isinstance(fields.get(name), int) and fields[name] > 0
        }
        if any(left <= 0 for left in rest.values()):
            return None
        if fields is payload:
            body |= rest
        else:
            body["parameters"] = {**fields, **rest}
    return body
