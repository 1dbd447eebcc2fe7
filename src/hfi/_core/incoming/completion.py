"""A whole chat reply, from its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from hfi._core.failures.failure import error_from_body, find_error
from hfi._core.failures.redact import redact, secrets_of
from hfi._core.incoming.accumulate import finish_word, fix
from hfi._core.incoming.decode import REFUSALS, Decoder, untyped
from hfi._core.incoming.reasoning import split_think
from hfi.errors import HFIError, ResponseError
from hfi.types.chat import (
    ChatChunk,
    ChatCompletion,
    Choice,
    ChunkChoice,
    Delta,
    FunctionDelta,
    ToolCallDelta,
)
from hfi.types.meta import CallMeta
from hfi.types.raw import beginning
from hfi.types.usage import Usage

if TYPE_CHECKING:
    from hfi._core.request import Request

__all__ = ["chunk_of", "masked", "not_json", "read_completion", "reply_meta", "reply_provider"]


@attrs.frozen(kw_only=True, slots=False)
class _Reply:
    """The fields of ``ChatCompletion`` that are on the wire."""

    id: str | None = None
    choices: tuple[Choice, ...] | None = None
    created: int | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None
    provider: str | None = None


_DECODER = Decoder(_Reply)
E = TypeVar("E", bound=HFIError)


def read_completion(
    body: bytes,
    request: Request | None,
    *,
    headers: Mapping[str, str],
    status_code: int,
    thinking: bool = False,
    echo: str = "",
) -> ChatCompletion:
    """Reads a whole reply.

    Raises:
        APIStatusError: The body is an error, whatever the status says.
        ResponseError: It is no JSON, or no chat completion.
        LimitExceededError: It is nested too deeply.
    """
    reply = _decode(body, request, headers, status_code)
    choices = reply.choices
    if choices is None:
        raise ResponseError(
            f"The reply{_sender(request)} is JSON, but no chat completion: it has no choices.",
            hint="Check that base_url leads to a chat-completions server.",
            body=beginning(body),
        )
    for place, choice in enumerate(choices):
        if echo and choice.message.content:
            fix(choice.message, "content", choice.message.content.removeprefix(echo))
        _set_right(choice, place, several=len(choices) > 1, thinking=thinking)
    if reply.usage is not None:
        fix(reply.usage, "_source", body)
    return ChatCompletion(
        id=reply.id,
        choices=choices,
        created=reply.created,
        model=reply.model,
        system_fingerprint=reply.system_fingerprint,
        usage=reply.usage,
        provider=reply_provider(headers, request) or reply.provider,
        meta=reply_meta(headers, status_code),
        source=body,
    )


def _decode(
    body: bytes, request: Request | None, headers: Mapping[str, str], status_code: int
) -> _Reply:
    try:
        reply = _DECODER.typed(body)
    except REFUSALS:
        reply = None
    # A key, or the value of "object" or of a finish reason; inside a text the quotes are escaped.
    if reply is not None and reply.choices is not None and b'"error"' not in body:
        return reply
    value = _untyped(body, request, headers)
    error = find_error(value)
    if error is not None:
        raise error_from_body(error, status_code=status_code, headers=headers, request=request)
    return reply if reply is not None else _DECODER.read(value, body)


def _untyped(body: bytes, request: Request | None, headers: Mapping[str, str]) -> Any:
    try:
        return untyped(body)
    except ResponseError as error:
        if type(error) is not ResponseError:
            raise
        raise not_json(body, request, headers.get("content-type", "")) from None


def not_json(body: bytes, request: Request | None, content_type: str = "") -> ResponseError:
    """Makes the error for a reply that is neither JSON nor a stream."""
    head = body[:1000].lstrip().lower()
    if not head:
        what = "is empty"
    elif head.startswith((b"<!doctype html", b"<html")) or "html" in content_type:
        what = "is an HTML page"
    elif content_type and "json" not in content_type:
        what = f"is {content_type.split(';', maxsplit=1)[0].strip()[:60]!r}, not JSON"
    else:
        what = "is no JSON"
    return ResponseError(
        f"The reply{_sender(request)} {what}.",
        hint="Check that base_url leads to a chat-completions server and not to a page or a proxy.",
        body=beginning(body),
    )


def masked(error: E, request: Request | None) -> E:
    """Takes secrets out of the piece of the reply that an error shows: pages echo what was sent."""
    if isinstance(error, ResponseError) and error.body:
        error.body = redact(error.body, secrets_of(request))
    return error


def _sender(request: Request | None) -> str:
    model = request.model if request is not None else None
    return f" for the model {model!r}" if model else ""


def _set_right(choice: Choice, place: int, *, several: bool, thinking: bool) -> None:
    """Normalises a choice as the accumulator does the chunks of one."""
    message = choice.message
    if several and not choice.index:
        fix(choice, "index", place)
    if choice.finish_reason is not None:
        fix(choice, "finish_reason", finish_word(choice.finish_reason))
    reasoning = message.reasoning or message.reasoning_content or message.thinking
    if reasoning:
        fix(message, "reasoning", reasoning)
    elif message.content:
        reasoning, content = split_think(message.content, thinking=thinking)
        fix(message, "reasoning", reasoning)
        fix(message, "content", content)


def chunk_of(completion: ChatCompletion) -> ChatChunk:
    """Gives a whole completion as the one chunk of a stream."""
    choices = []
    for choice in completion.choices:
        message = choice.message
        calls = tuple(
            ToolCallDelta(
                index=index,
                id=call.id,
                type=call.type,
                function=FunctionDelta(name=call.name, arguments=call.arguments),
            )
            for index, call in enumerate(message.tool_calls or ())
        )
        delta = Delta(
            role=message.role,
            content=message.content,
            reasoning=message.reasoning,
            tool_calls=calls or None,
            refusal=message.refusal,
        )
        choices.append(
            ChunkChoice(
                index=choice.index,
                delta=delta,
                finish_reason=choice.finish_reason,
                logprobs=choice.logprobs,
            )
        )
    chunk = ChatChunk(
        id=completion.id,
        choices=tuple(choices),
        created=completion.created,
        model=completion.model,
        system_fingerprint=completion.system_fingerprint,
        usage=completion.usage,
    )
    fix(chunk, "_source", completion.raw)
    return chunk


def reply_provider(headers: Mapping[str, str], request: Request | None) -> str | None:
    """Gives who answered: the router's header knows it better than the route asked for."""
    return headers.get("x-inference-provider") or (request.provider if request else None)


def reply_meta(headers: Mapping[str, str], status_code: int | None) -> CallMeta:
    """Gives the facts that the head of the reply holds."""
    return CallMeta(headers=headers, status_code=status_code)
