"""What a fake server says, and how each protocol writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from hfi.testing.requests import ReceivedRequest

__all__ = ["PROTOCOLS", "Protocol", "Reply", "as_json", "echo"]

_WORD = re.compile(r"\s*\S+\s*$|\s*\S+")


@attrs.frozen(kw_only=True)
class Reply:
    """An answer of the model.

    Attributes:
        text: The answer.
        pieces: The pieces it is streamed in; a word each, where it is None.
        reasoning: What the model thought before, in chats.
        tool_calls: Tool calls of a chat, in the wire's form.
        finish_reason: Why it ended, in OpenAI's words.
        first_token: Seconds until the answer begins.
        token_delay: Seconds between the pieces of a stream.
        body: What any task but chat and text generation is answered with, as JSON; it is the whole
            reply, whatever was asked. None is no such reply.
    """

    text: str = attrs.field(default="", kw_only=False)
    pieces: Sequence[str] | None = None
    reasoning: str | None = None
    tool_calls: Sequence[Mapping[str, Any]] = ()
    finish_reason: str = "stop"
    first_token: float = 0.0
    token_delay: float = 0.0
    body: Any = None

    @property
    def streamed(self) -> Sequence[str]:
        """The pieces of a stream."""
        if self.pieces is not None:
            return self.pieces
        return _WORD.findall(self.text) or ([self.text] if self.text else [])

    @property
    def whole(self) -> str:
        """The text, put together where only pieces were given."""
        return self.text or "".join(self.pieces or ())


def echo(request: ReceivedRequest) -> Reply:
    """Answers with what was asked."""
    return Reply(request.prompt)


def as_json(value: Any) -> bytes:
    """JSON as servers write it: UTF-8, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@attrs.frozen(kw_only=True)
class Protocol:
    """How a reply is written.

    Attributes:
        name: What it is called.
        whole: The body of a whole reply.
        events: The events of a stream, without their framing.
        prefix: What stands before an event's JSON.
        done: The last event of a stream, or None where there is none.
    """

    name: str
    whole: Callable[[Reply, str], Any]
    events: Callable[[Reply, str, ReceivedRequest], list[Any]]
    prefix: bytes = b"data: "
    done: bytes | None = b"data: [DONE]\n\n"

    def stream(self, reply: Reply, model: str, request: ReceivedRequest) -> list[bytes]:
        """The events of a stream as bytes, the last one included."""
        written = [
            self.prefix + as_json(event) + b"\n\n" for event in self.events(reply, model, request)
        ]
        return written if self.done is None else [*written, self.done]


def _usage(reply: Reply) -> dict[str, int]:
    made = max(len(reply.streamed), 1)
    return {"prompt_tokens": 7, "completion_tokens": made, "total_tokens": 7 + made}


# -- chat completions ------------------------------------------------------------------------------


def _chat_whole(reply: Reply, model: str) -> Any:
    message: dict[str, Any] = {"role": "assistant", "content": reply.whole}
    if reply.reasoning is not None:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message |= {"tool_calls": list(reply.tool_calls), "content": reply.whole or None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        "usage": _usage(reply),
    }


def _chat_events(reply: Reply, model: str, request: ReceivedRequest) -> list[Any]:
    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }

    events = [chunk({"role": "assistant", "content": ""})]
    if reply.reasoning is not None:
        events.append(chunk({"reasoning_content": reply.reasoning}))
    events += [chunk({"content": piece}) for piece in reply.streamed]
    if reply.tool_calls:
        calls = [{"index": place, **call} for place, call in enumerate(reply.tool_calls)]
        events.append(chunk({"tool_calls": calls}))
    events.append(chunk({}, reply.finish_reason))
    options = request.json.get("stream_options") if isinstance(request.json, dict) else None
    if isinstance(options, dict) and options.get("include_usage"):
        events.append(chunk({}) | {"choices": [], "usage": _usage(reply)})
    return events


# -- OpenAI's completions --------------------------------------------------------------------------


def _completion(model: str, text: str, finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1700000000,
        "model": model,
        "choices": [choice],
    }


def _completion_whole(reply: Reply, model: str) -> Any:
    return _completion(model, reply.whole, reply.finish_reason) | {"usage": _usage(reply)}


def _completion_events(reply: Reply, model: str, _: ReceivedRequest) -> list[Any]:
    events = [_completion(model, piece, None) for piece in reply.streamed]
    return [*events, _completion(model, "", reply.finish_reason)]


# -- TGI's generate --------------------------------------------------------------------------------

_TGI_REASONS = {"stop": "eos_token"}


def _tgi_details(reply: Reply) -> dict[str, Any]:
    return {
        "finish_reason": _TGI_REASONS.get(reply.finish_reason, reply.finish_reason),
        "generated_tokens": len(reply.streamed),
        "seed": 1234567890,
    }


def _tgi_whole(reply: Reply, _: str) -> Any:
    details = _tgi_details(reply) | {"prefill": [], "tokens": []}
    return {"generated_text": reply.whole, "details": details}


def _tgi_events(reply: Reply, _model: str, _: ReceivedRequest) -> list[Any]:
    pieces = [*reply.streamed, ""]
    events: list[Any] = []
    for index, piece in enumerate(pieces, start=1):
        last = index == len(pieces)
        events.append(
            {
                "index": index,
                "token": {"id": 1000 + index, "text": piece, "logprob": -0.25, "special": last},
                "generated_text": reply.whole if last else None,
                "details": _tgi_details(reply) | {"input_length": 7} if last else None,
            }
        )
    return events


# -- llama.cpp's completion ------------------------------------------------------------------------

_LLAMACPP_REASONS = {"stop": "eos", "length": "limit"}


def _llamacpp_end(reply: Reply, model: str, text: str) -> Any:
    return {
        "content": text,
        "model": model,
        "stop": True,
        "stop_type": _LLAMACPP_REASONS.get(reply.finish_reason, "none"),
        "tokens_predicted": len(reply.streamed),
        "tokens_evaluated": 7,
    }


def _llamacpp_whole(reply: Reply, model: str) -> Any:
    return _llamacpp_end(reply, model, reply.whole)


def _llamacpp_events(reply: Reply, model: str, _: ReceivedRequest) -> list[Any]:
    events: list[Any] = [{"content": piece, "stop": False} for piece in reply.streamed]
    return [*events, _llamacpp_end(reply, model, "")]


CHAT = Protocol(name="chat", whole=_chat_whole, events=_chat_events)
PROTOCOLS: Mapping[str, Protocol] = {
    row.name: row
    for row in (
        CHAT,
        Protocol(name="completions", whole=_completion_whole, events=_completion_events),
        # TGI writes no blank after the colon and no [DONE] on this route.
        Protocol(name="tgi", whole=_tgi_whole, events=_tgi_events, prefix=b"data:", done=None),
        Protocol(name="llama.cpp", whole=_llamacpp_whole, events=_llamacpp_events, done=None),
    )
}
