"""The options of a call as TypedDicts, for ``**options: Unpack[ChatOptions]``.

An option that is absent or None is not sent, so the server's own default holds. What a provider
takes beyond these goes in ``extra_body``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from hfi.types.settings import Limits, Timeout

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

__all__ = [
    "CHAT_DEFAULTS",
    "OPTION_DOCS",
    "TEXT_DEFAULTS",
    "CallOptions",
    "ChatArguments",
    "ChatOptions",
    "ChatShape",
    "ClientOptions",
    "EditArguments",
    "ImageArguments",
    "ImageOptions",
    "ImageShape",
    "OriginArguments",
    "RunArguments",
    "TextArguments",
    "TextOptions",
    "TextShape",
    "TransportOptions",
]


class TransportOptions(TypedDict, total=False):
    """The client's options that decide how its connections are made."""

    proxy: str | None
    verify: Any
    limits: Limits | None
    engine: str
    transport: Any
    event_hooks: Mapping[str, Sequence[Callable[..., Any]]] | None


class ClientOptions(TransportOptions, total=False):
    """The options of a client, as ``with_options`` takes them."""

    model: str | None
    token: str | bool | Callable[[], str] | None
    provider: str | Sequence[str]
    base_url: str | None
    bill_to: str | None
    timeout: float | Timeout | None
    max_retries: int
    max_wait: float | None
    headers: Mapping[str, str] | None
    aliases: Mapping[str, str | Sequence[str]] | None


class CallOptions(TypedDict, total=False):
    """What any call takes from the client's own settings; ``OPTION_DOCS`` tells what each means."""

    provider: str | Sequence[str] | None
    timeout: float | Timeout | None
    max_retries: int | None
    max_wait: float | None
    on_wait: Callable[..., object] | None
    token: str | bool | Callable[[], str] | None
    headers: Mapping[str, str] | None


class ChatOptions(CallOptions, total=False):
    """The options of ``chat``; ``OPTION_DOCS`` tells what each means."""

    max_tokens: int | None
    max_completion_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    repetition_penalty: float | None
    seed: int | None
    stop: str | Sequence[str] | None
    n: int | None
    logit_bias: Mapping[str, float] | Mapping[int, float] | Sequence[float] | None
    logprobs: bool | None
    top_logprobs: int | None
    stream_options: Mapping[str, Any] | None
    tool_choice: str | Mapping[str, Any] | Callable[..., Any] | None
    parallel_tool_calls: bool | None
    tool_prompt: str | None
    reasoning_effort: str | None
    chat_template_kwargs: Mapping[str, Any] | None
    user: str | None


class ChatShape(TypedDict, total=False):
    """The arguments of ``chat`` that shape its request, rather than stand in it as they are."""

    model: str | None
    system: str | None
    tools: Sequence[Any] | None
    response_format: Any
    protocol: Literal["auto", "chat-completions", "text-generation"]
    continue_final_message: bool
    fit: Literal["error", "trim"]
    repair: bool
    resume: int
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


class ChatArguments(ChatShape, ChatOptions, total=False):
    """All that ``chat`` takes by keyword, but for ``stream``."""


class TextOptions(CallOptions, total=False):
    """The options of ``text_generation``, by TGI's names; ``OPTION_DOCS`` tells what each means."""

    max_new_tokens: int | None
    do_sample: bool | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    typical_p: float | None
    min_p: float | None
    repetition_penalty: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    logit_bias: Mapping[str, float] | Mapping[int, float] | Sequence[float] | None
    seed: int | None
    stop: str | Sequence[str] | None
    truncate: int | None
    best_of: int | None
    top_n_tokens: int | None
    details: bool | None
    decoder_input_details: bool | None
    return_full_text: bool | None
    watermark: bool | None
    grammar: Mapping[str, Any] | None
    adapter_id: str | None


class TextShape(TypedDict, total=False):
    """The arguments of ``text_generation`` that shape its request."""

    model: str | None
    resume: int
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


class TextArguments(TextShape, TextOptions, total=False):
    """All that ``text_generation`` takes by keyword, but for ``stream``."""


class ImageOptions(CallOptions, total=False):
    """The options of ``text_to_image``, by the Hub's names; ``OPTION_DOCS`` tells what each is."""

    width: int | None
    height: int | None
    seed: int | None
    negative_prompt: str | None
    num_inference_steps: int | None
    guidance_scale: float | None
    scheduler: str | None


class ImageShape(TypedDict, total=False):
    """The arguments of ``text_to_image`` that shape its request."""

    model: str | None
    aspect_ratio: str | None
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


class ImageArguments(ImageShape, ImageOptions, total=False):
    """All that ``text_to_image`` takes by keyword, but for ``n``."""


class EditArguments(CallOptions, total=False):
    """All that ``image_to_image`` and ``image_text_to_image`` take by keyword."""

    model: str | None
    prompt: str | None
    negative_prompt: str | None
    num_inference_steps: int | None
    guidance_scale: float | None
    target_size: tuple[int, int] | Mapping[str, int] | None
    seed: int | None
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


class OriginArguments(TypedDict, total=False):
    """What ``run`` takes in the spelling of the provider class that hfi began as, and its own."""

    api_base: str | None
    api_key: str | bool | Callable[[], str] | None
    extra_data: Mapping[str, Any] | None
    action: str | None
    prompt: str | None
    proxy: str | None
    base_url: str | None


class RunArguments(ImageShape, ImageOptions, ChatShape, ChatOptions, OriginArguments, total=False):
    """All that ``run`` takes by keyword, but for ``stream``."""


# What is not None where it is not given.
CHAT_DEFAULTS: Mapping[str, Any] = {
    "protocol": "auto",
    "continue_final_message": False,
    "fit": "error",
    "repair": True,
    "resume": 0,
}

TEXT_DEFAULTS: Mapping[str, Any] = {"resume": 0}

# One line each, for help() and for generated tables. "Servers differ" is said where it decides
# whether an option has any effect.
OPTION_DOCS: Mapping[str, str] = {
    "api_base": "The same as base_url.",
    "api_key": "The same as token.",
    "extra_data": "The same as extra_body.",
    "action": "'continue' is the same as continue_final_message=True.",
    "prompt": "What the image is to show; in run, in place of the messages.",
    "proxy": "The URL of a proxy; it gets connections of its own, kept until the client closes.",
    "base_url": "A server to call in place of the client's.",
    "model": "A model's id, with a suffix if need be (':fastest', ':groq'), or a server's URL.",
    "system": "A system message to put first.",
    "tools": "Python functions, tool dicts, or values with to_dict(), that the model may call.",
    "response_format": "'json_object', a dict of the wire, or a class that tells the fields.",
    "protocol": "'auto', 'chat-completions' or 'text-generation': who applies the template.",
    "continue_final_message": "Go on from the last message, which is the assistant's.",
    "fit": "When the prompt is too long: 'error', or 'trim' to leave the oldest turns out.",
    "repair": "Whether messages are changed to suit a chat template that is applied here.",
    "resume": "How often a stream that broke off is taken up again.",
    "extra_body": "Further fields of the body; they win over those made from the arguments.",
    "extra_headers": "Further headers of this request.",
    "extra_query": "Further parameters of the URL.",
    "provider": "Who answers: a name, or names to fall over along; 'local' is the embedded model.",
    "timeout": "Seconds of silence allowed, or a Timeout; None is no limit.",
    "max_retries": "Further attempts after a failure worth repeating, 0 or more.",
    "max_wait": "Seconds to wait for a model that is still loading; None is no limit.",
    "on_wait": "A plain function that is called before each wait, and when the waiting is over.",
    "token": "A token, a callable that gives one, True (the found one, anywhere), False (none).",
    "headers": "Further request headers.",
    "max_tokens": "The most tokens to make, 0 or more; the server's own limit where absent.",
    "max_completion_tokens": "The same under OpenAI's newer name, reasoning included.",
    "temperature": "Randomness, 0 or more (often at most 2); 0 takes the likeliest token.",
    "top_p": "Keep the likeliest tokens up to this probability mass, 0 to 1.",
    "top_k": "Keep this many of the likeliest tokens; -1 or 0 keeps all. Servers differ.",
    "min_p": "Drop tokens below this share of the likeliest one, 0 to 1. Servers differ.",
    "frequency_penalty": "Against repeating, by how often a token came; mostly -2 to 2.",
    "presence_penalty": "Against repeating, by whether a token came at all; mostly -2 to 2.",
    "repetition_penalty": "Against repeating, as a factor above 0; 1 is none. Servers differ.",
    "seed": "A whole number; the same one makes the same answer, as far as the server can.",
    "stop": "One string, or several (often at most 4), that end the answer.",
    "n": "How many answers, 1 or more. TGI and Ollama make one all the same.",
    "logit_bias": "Added to a token's logit, by token id; -100 forbids, 100 forces.",
    "logprobs": "Whether to give the log probability of each token of the answer.",
    "top_logprobs": "Alternatives per token, with logprobs=True; often at most 5 or 20.",
    "stream_options": "About the stream; {'include_usage': True} is sent unless given, {} is none.",
    "tool_choice": "'auto', 'none', 'required', or the tool that must be called.",
    "parallel_tool_calls": "Whether several tools may be called in one answer.",
    "tool_prompt": "What stands before the tools in the prompt. TGI only.",
    "reasoning_effort": "'none', 'minimal', 'low', 'medium', 'high', 'xhigh'; models differ.",
    "chat_template_kwargs": "Variables for the chat template, such as {'enable_thinking': False}.",
    "max_new_tokens": "The most tokens to make, 1 or more; the server's own limit where absent.",
    "do_sample": "Whether to sample; False takes the likeliest token. Implied by a temperature.",
    "typical_p": "Keep tokens of typical probability up to this mass, 0 to 1. TGI, llama.cpp.",
    "truncate": "Keep only so many of the prompt's last tokens. TGI only.",
    "best_of": "Make so many texts and give the likeliest; needs sampling, no stream. TGI only.",
    "top_n_tokens": "Alternatives per token to tell, often at most 5.",
    "details": "Whether to tell the tokens; why the text ended is told anyway.",
    "decoder_input_details": "Whether to tell the prompt's tokens too; no stream. TGI only.",
    "return_full_text": "Whether the prompt is put before the text; it is not by default.",
    "watermark": "Whether the text is watermarked. TGI only.",
    "grammar": "What the text must follow: {'type': 'json' or 'regex', 'value': ...}.",
    "adapter_id": "The LoRA adapter to use. TGI only.",
    "user": "A name for the end user, for the provider's abuse checks.",
    "aspect_ratio": "Width to height, such as '16:9'; what is given of width and height wins.",
    "width": "Of the image, in pixels.",
    "height": "Of the image, in pixels.",
    "negative_prompt": "What the image should not show. Models differ.",
    "num_inference_steps": "Denoising steps, 1 or more: more are slower, and often better.",
    "guidance_scale": "How closely to follow the prompt, 0 or more. Models differ.",
    "target_size": "(width, height) of the result, in pixels. Providers differ.",
    "scheduler": "The name of a scheduler that the model can use. Few providers take one.",
}
