"""A chat over text generation, planned: the prompt rendered here, the same values back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.chat import ChatCall, ChatPlan
from hfi._core.generation.chat_stream import ChatTextParser
from hfi._core.generation.text import TextCall, TextPlan, plan_text
from hfi._core.outgoing.messages import has_media
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.prompt import Prompt
    from hfi._core.generation.routes import TextRoute
    from hfi._core.request import Response
    from hfi._core.resuming.resumption import Resumption
    from hfi.types.chat import ChatCompletion

__all__ = ["TextChatPlan", "plan_text_chat", "refuse_extras", "template_variables"]

_PROTOCOL = "text-generation"
# What is called so in a chat, and otherwise in text generation.
_NAMES = {"max_tokens": "max_new_tokens", "max_completion_tokens": "max_new_tokens"}
_SAME = frozenset(
    {"temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "seed"}
    | {"repetition_penalty", "stop", "logit_bias"}
)
# What is about the template, or means nothing to a text: sending a user's name is no one's loss.
_ELSEWHERE = frozenset(
    {"chat_template_kwargs", "reasoning_effort", "stream_options", "user", "logprobs"}
    | {"top_logprobs", "n", "tool_choice", "parallel_tool_calls", "tool_prompt"}
)
_MOST_STOPS = 4
# Where nobody says how long the answer may be, these stop after 16 or 20 tokens.
_SHORT_DEFAULTS = frozenset({"openai", "vllm", "lm-studio"})
_DEFAULT_TOKENS = 1024


def refuse_extras(call: ChatCall) -> None:
    """Refuses what needs a chat route.

    Raises:
        ConfigurationError: The call has tools, a response format, images, or wants many answers.
    """
    wanted = {
        "tools": bool(call.tools),
        "response_format": call.response_format not in (None, "text"),
        "images or sound": has_media(call.messages),
        "n above 1": (call.options.get("n") or 1) > 1,
    }
    names = [name for name, given in wanted.items() if given]
    if names:
        raise ConfigurationError(
            f"Chat over text generation has no {' and no '.join(names)}.",
            hint='They need a model or server with a chat route: protocol="chat-completions".',
        )


def template_variables(call: ChatCall) -> dict[str, Any]:
    """The variables for the template that the call's options hold."""
    variables = dict(call.options.get("chat_template_kwargs") or {})
    if call.options.get("reasoning_effort") is not None:
        variables.setdefault("reasoning_effort", call.options["reasoning_effort"])
    return variables


@attrs.frozen(kw_only=True)
class TextChatPlan(ChatPlan):
    """What a chat over text generation will send."""

    text: TextPlan
    thinking: bool = False
    render: Callable[[Sequence[Mapping[str, Any]]], str] = attrs.field(repr=False, eq=False)

    def resumption(self) -> Resumption | None:
        """Gives what takes a broken stream up again, where that was asked for."""
        return self.text.resumption()

    @property
    def resume_obstacle(self) -> str | None:
        """Why half an answer could not be gone on from, or None."""
        return self.text.resume_obstacle

    def parser(
        self, headers: Mapping[str, str], resumption: Resumption | None = None
    ) -> ChatTextParser:
        """Gives the parser of the stream that answers the request."""
        return ChatTextParser(
            self.text.parser(headers, resumption),
            thinking=self.thinking,
            trim=not self.call.continue_final_message,
            logprobs=bool(self.call.options.get("logprobs")),
        )

    def read(self, response: Response) -> ChatCompletion:
        """Reads the reply that answers the request."""
        parser = self.parser(response.headers)
        parser.feed(response.content)
        parser.close()
        if parser.error is not None:
            raise parser.error
        return parser.completion(source=response.content)


def plan_text_chat(  # noqa: PLR0913 - what a plan is made of
    call: ChatCall,
    config: ClientConfig,
    target: TextRoute,
    prompt: Prompt,
    *,
    messages: list[dict[str, Any]],
    render: Callable[[Sequence[Mapping[str, Any]]], str],
    reason: str,
    notes: tuple[str, ...] = (),
    refused: frozenset[str] = frozenset(),
) -> TextChatPlan:
    """Plans a chat over text generation.

    Args:
        call: What the user asked.
        config: The configuration of the call.
        target: Where it goes.
        prompt: The messages, rendered.
        messages: The messages themselves, for whoever must trim them.
        render: Gives the prompt of other messages, for the same.
        reason: Why it goes this way.
        notes: What was decided about the messages.
        refused: Parameters that the model is known to refuse.

    Raises:
        ConfigurationError: The options cannot be sent there.
    """
    if not target.kind.raw:
        raise ConfigurationError(
            f"{target.kind.name} puts every prompt into a template of its own.",
            hint='Use its chat route: protocol="chat-completions".',
        )
    options, more = _text_options(call, target, prompt)
    text = plan_text(
        TextCall(
            prompt=prompt.text,
            stream=call.stream,
            resume=call.resume,
            extra_body={**_bos_fields(target, prompt), **(call.extra_body or {})},
            extra_headers=call.extra_headers,
            extra_query=call.extra_query,
            options=options,
        ),
        config,
        target,
        refused,
    )
    return TextChatPlan(
        call=call,
        messages=messages,
        request=attrs.evolve(text.request, task="chat"),
        payload=text.payload,
        route=attrs.evolve(text.route, warnings=text.route.warnings + text.warnings),
        config=config,
        protocol=_PROTOCOL,
        protocol_reason=reason,
        notes=notes + prompt.notes + more + text.notes,
        prompt=prompt.text,
        template=prompt.template,
        repairs=prompt.repairs,
        text=text,
        thinking=prompt.thinking,
        render=render,
    )


def _bos_fields(target: TextRoute, prompt: Prompt) -> Mapping[str, Any]:
    """Tells a server that can be told not to add special tokens: the template has put them."""
    return {} if prompt.template.startswith("none") else target.kind.no_bos


def _text_options(
    call: ChatCall, target: TextRoute, prompt: Prompt
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options of a chat as those of a text."""
    given = call.options
    options = {name: value for name, value in given.items() if name in _SAME}
    options |= {_NAMES[name]: value for name, value in given.items() if name in _NAMES}
    notes: list[str] = []
    hosted = target.route.provider == "hf-inference"
    if "max_new_tokens" not in options and (hosted or target.kind.name in _SHORT_DEFAULTS):
        # Half of a short context, so that the prompt has a place in it.
        most = min(_DEFAULT_TOKENS, (prompt.context_length or 2 * _DEFAULT_TOKENS) // 2)
        options["max_new_tokens"] = most
        notes.append(f"max_tokens is not given; {most} is sent, as such servers stop after a few.")
    stops = list(options.get("stop") or ())
    added = [stop for stop in prompt.stops if stop not in stops][: _MOST_STOPS - len(stops)]
    if added:
        options["stop"] = stops + added
        notes.append(f"The answer ends at {', '.join(map(repr, added))}.")
    if given.get("logprobs"):
        options["details"] = True
        if given.get("top_logprobs"):
            options["top_n_tokens"] = given["top_logprobs"]
    left = sorted(set(given) - _SAME - set(_NAMES) - _ELSEWHERE)
    notes += [f"{name} is not sent: text generation has none." for name in left]
    return options, tuple(notes)
