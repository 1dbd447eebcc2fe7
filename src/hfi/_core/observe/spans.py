"""Spans of OpenTelemetry, by the semantic conventions for generative AI (1.37 and later).

What is said in a conversation is in no attribute, and neither is what servers say in their errors:
they quote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from hfi._core.failures.failure import error_from_body, find_error
from hfi.errors import APIStatusError

if TYPE_CHECKING:
    from hfi._core.request import Request
    from hfi.types.meta import CallMeta

__all__ = [
    "Attributes",
    "answer_attributes",
    "begin_attributes",
    "error_attributes",
    "fact_attributes",
    "image_attributes",
    "reply_attributes",
    "request_attributes",
    "span_name",
]

Attributes = dict[str, Any]

# What is made by tasks that make media, in the conventions' words; they have none for videos.
_MADE = {
    **dict.fromkeys(("text-to-image", "image-to-image", "image-text-to-image"), "image"),
    **dict.fromkeys(("text-to-video", "image-to-video", "image-text-to-video"), ""),
    **dict.fromkeys(("text-to-speech", "text-to-audio"), "speech"),
}
# The conventions have no word of their own for making media.
_OPERATIONS = {
    "chat": "chat",
    "text-generation": "text_completion",
    "feature-extraction": "embeddings",
    **dict.fromkeys(_MADE, "generate_content"),
}
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Where a body has them: beside the messages, or among TGI's ``parameters``.
_INTEGERS = {
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "max_new_tokens": "gen_ai.request.max_tokens",
    "n_predict": "gen_ai.request.max_tokens",
    "top_k": "gen_ai.request.top_k",
    "seed": "gen_ai.request.seed",
}
_NUMBERS = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
}
_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])
# What is no JSON, or no UTF-8: a span tells less then, and the call goes on.
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def span_name(request: Request) -> str | None:
    """The name of the span of the call that begins with this request; None where it has none."""
    operation = _OPERATIONS.get(request.task or "")
    if operation is None:
        return None
    return f"{operation} {request.model}" if request.model else operation


def begin_attributes(request: Request) -> Attributes:
    """What samplers go by."""
    parts = urlsplit(request.url)
    provider = request.provider or "huggingface"
    attributes: Attributes = {
        "gen_ai.operation.name": _OPERATIONS[request.task or ""],
        "gen_ai.provider.name": provider,
        "gen_ai.system": provider,  # its name until 1.36, which many readers still go by
        "server.address": parts.hostname or "",
        "server.port": parts.port or _DEFAULT_PORTS.get(parts.scheme, 0),
    }
    if request.model:
        attributes["gen_ai.request.model"] = request.model
    return attributes


def request_attributes(request: Request) -> Attributes:
    """What the body asks for, as far as the conventions have a name for it."""
    made = _MADE.get(request.task or "")
    attributes: Attributes = {"gen_ai.output.type": made} if made else {}
    if made is None:
        body = _fields(request.content)
        attributes = _asked({**body, **_fields(body.get("parameters"))})
    if request.stream:
        attributes["gen_ai.request.stream"] = True
    return attributes


def _asked(fields: Mapping[str, msgspec.Raw]) -> Attributes:
    given = {**_INTEGERS, **_NUMBERS, "stop": "", "n": "", "response_format": ""}
    values = {name: _value(fields[name]) for name in given if name in fields}
    found: Attributes = {"gen_ai.output.type": "text"}
    for name, key in _INTEGERS.items():
        if _is_number(values.get(name)):
            _count(found, key, int(values[name]))
    for name, key in _NUMBERS.items():
        if _is_number(values.get(name)):
            found[key] = float(values[name])
    stop = values.get("stop")
    stops = [stop] if isinstance(stop, str) else stop
    if isinstance(stops, list) and stops and all(isinstance(each, str) for each in stops):
        found["gen_ai.request.stop_sequences"] = stops
    if _is_number(values.get("n")) and values["n"] != 1:
        found["gen_ai.request.choice.count"] = int(values["n"])
    wanted = values.get("response_format")
    if isinstance(wanted, dict) and str(wanted.get("type")).startswith("json"):
        found["gen_ai.output.type"] = "json"
    return found


def reply_attributes(request: Request, content: bytes, headers: Mapping[str, str]) -> Attributes:
    """What a whole reply says of itself. It may be an error although its status is 200."""
    body = _value(content)
    if isinstance(body, list) and body:  # TGI's is a list of one
        body = body[0]
    if not isinstance(body, dict):
        return {}
    if find_error(body) is not None:
        error = error_from_body(body, status_code=None, headers=headers, request=request)
        return error_attributes(error)
    choices = body.get("choices")
    details = body.get("details")
    details = details if isinstance(details, dict) else {}
    prefill = details.get("prefill")
    reasons = (
        [choice.get("finish_reason") for choice in choices or () if isinstance(choice, dict)]
        if isinstance(choices, list)
        else [details.get("finish_reason") or body.get("stop_type")]
    )
    usage = body.get("usage")
    return _answered(
        body.get("id"),
        body.get("model"),
        reasons,
        usage
        if isinstance(usage, dict)
        else {
            "prompt_tokens": body.get("tokens_evaluated")
            or (len(prefill) if isinstance(prefill, list) and prefill else None),
            "completion_tokens": body.get("tokens_predicted") or details.get("generated_tokens"),
        },
    )


def answer_attributes(answer: Any) -> Attributes:
    """What a streamed answer turned out to be: a ``ChatCompletion`` or a ``TextGeneration``."""
    choices = getattr(answer, "choices", None)
    reasons = [each.finish_reason for each in choices] if choices else [answer.finish_reason]
    usage = getattr(answer, "usage", None)
    counts = {name: getattr(usage, name, None) for name in _COUNTS}
    found = _answered(getattr(answer, "id", None), answer.model, reasons, counts)
    return {**found, **_provider(getattr(answer, "provider", None))}


def image_attributes(image: Any) -> Attributes:
    """What came of a call for an image."""
    model = getattr(image, "model", None)
    found: Attributes = {"gen_ai.response.model": model} if model else {}
    return {**found, **_provider(getattr(image, "provider", None))}


def fact_attributes(meta: CallMeta) -> Attributes:
    """How a reply came about."""
    found = _provider(meta.headers.get("x-inference-provider"))
    if meta.status_code is not None:
        found["http.response.status_code"] = meta.status_code
    if meta.attempts > 1:
        found["http.request.resend_count"] = meta.attempts - 1
    if meta.first_token is not None:
        found["gen_ai.response.time_to_first_chunk"] = meta.first_token
    return found


def error_attributes(error: BaseException) -> Attributes:
    """What a call failed with: the class of the error, and the status; never its words."""
    found: Attributes = {"error.type": type(error).__name__}
    if isinstance(error, APIStatusError):
        if error.status_code is not None:
            found["http.response.status_code"] = error.status_code
        found.update(_provider(error.provider))
    earlier = len(getattr(error, "earlier", ()))
    if earlier:
        found["http.request.resend_count"] = earlier
    return found


_COUNTS = (
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
)


def _answered(
    name: object, model: object, reasons: list[Any], usage: Mapping[str, Any]
) -> Attributes:
    found: Attributes = {}
    if isinstance(name, str) and name:
        found["gen_ai.response.id"] = name
    if isinstance(model, str) and model:
        found["gen_ai.response.model"] = model
    known = [reason for reason in reasons if isinstance(reason, str)]
    if known:
        found["gen_ai.response.finish_reasons"] = known
    _count(found, "gen_ai.usage.input_tokens", usage.get("prompt_tokens"))
    _count(found, "gen_ai.usage.output_tokens", usage.get("completion_tokens"))
    cached, reasoning = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    if isinstance(cached, Mapping):
        _count(found, "gen_ai.usage.cache_read.input_tokens", cached.get("cached_tokens"))
    if isinstance(reasoning, Mapping):
        tokens = reasoning.get("reasoning_tokens")
        _count(found, "gen_ai.usage.reasoning.output_tokens", tokens)
    return found


def _count(found: Attributes, name: str, value: object) -> None:
    # Exporters write 64 bits; a larger one would cost the whole batch of spans.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        found[name] = value


def _provider(name: str | None) -> Attributes:
    return {"gen_ai.provider.name": name, "gen_ai.system": name} if name else {}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fields(text: bytes | msgspec.Raw | None) -> Mapping[str, msgspec.Raw]:
    """The fields of an object, not decoded: most are what is said, and that is not wanted."""
    if text is None:
        return {}
    try:
        return _RAW.decode(text)
    except UNREADABLE:
        return {}


def _value(text: bytes | msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(text)
    except UNREADABLE:
        return None
