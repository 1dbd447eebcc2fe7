"""Chat templates to prompts, byte for byte as transformers' ``apply_chat_template`` gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hfi.errors import ConfigurationError, TemplateError

from .inputs import (
    REASONING_FIELDS,
    Tally,
    plain,
    plain_documents,
    plain_messages,
    special_variables,
)
from .meter import BoundExceededError, Meter
from .selection import choose_template
from .tools import tool_schemas

_MARKER = "CONTINUE_FINAL_MESSAGE_TAG "
_MAX_MESSAGE = 4_000


def render_template(
    template: str | Mapping[str, str] | Sequence[Mapping[str, str]],
    messages: Any,
    *,
    tools: Sequence[Any] | None = None,
    documents: Sequence[Any] | None = None,
    add_generation_prompt: bool | None = None,
    continue_final_message: bool | str = False,
    special_tokens: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    **variables: Any,
) -> str:
    """The prompt that this template makes of the messages.

    ``now`` is what ``strftime_now`` tells; without it a template that asks fails. See
    ``hfi.render_chat_template`` for the other arguments.
    """
    name_or_text = variables.pop("chat_template", None)
    _, text = choose_template(template, tools=tools, wanted=name_or_text)
    if add_generation_prompt is None:
        add_generation_prompt = not continue_final_message
    if continue_final_message and add_generation_prompt:
        raise ConfigurationError(
            "continue_final_message and add_generation_prompt exclude each other:"
            " one goes on with the last message, the other opens a new one.",
            hint="Drop one of them.",
        )
    tally = Tally()
    chat = plain_messages(messages, tally)
    if not chat:
        raise TemplateError("A chat template needs at least one message.")
    values = {
        **special_variables(special_tokens),
        **plain(variables, tally),
        "messages": chat,
        "tools": plain(tool_schemas(tools), tally),
        "documents": plain_documents(documents, tally),
        "add_generation_prompt": add_generation_prompt,
    }
    meter = Meter(tally.size(), now)
    if not continue_final_message:
        return _run(text, values, meter)
    field = continue_final_message if isinstance(continue_final_message, str) else "content"
    partial = _mark(chat[-1], field, text)
    return _cut(_run(text, values, meter), partial)


def _run(text: str, values: dict[str, Any], meter: Meter) -> str:
    prompt: str = guarded(lambda: _compiled(text).render(values, meter))
    return prompt


def check_template(text: str) -> None:
    """Compile a template. Raises TemplateError where it is none, or goes over its bounds."""
    guarded(lambda: _compiled(text))


def _compiled(text: str) -> Any:
    # jinja2 is imported when the first template is rendered, not with hfi.
    from .sandbox.compiler import compile_template  # noqa: PLC0415

    return compile_template(text)


def guarded(run: Callable[[], Any]) -> Any:
    """Run template code; whatever it raises is a TemplateError with the reason."""
    try:
        return run()
    except BoundExceededError as error:
        raise TemplateError(
            f"The chat template goes over its bounds: {error}.",
            hint="Templates are code from a model's repository; this one is not safe to run.",
        ) from None
    except (RecursionError, MemoryError) as error:
        # Without the cause: its traceback would keep alive all that the template had built.
        reason = (
            "calls itself too deeply" if isinstance(error, RecursionError) else "ran out of memory"
        )
        raise TemplateError(f"The chat template {reason}.") from None
    except Exception as error:
        raise _as_template_error(error) from error


def _as_template_error(error: Exception) -> TemplateError:
    from jinja2 import exceptions  # noqa: PLC0415 - lazy, as in _compiled

    try:
        reason = str(error)
    except Exception:  # an exception whose own text cannot be made
        reason = type(error).__name__
    if len(reason) > _MAX_MESSAGE:
        reason = reason[:_MAX_MESSAGE] + "..."
    if type(error) is exceptions.TemplateError:  # raise_exception(...): the template's own words
        return TemplateError(reason)
    if isinstance(error, exceptions.TemplateSyntaxError):
        return TemplateError(
            f"The chat template is not valid: {error.message} (line {error.lineno})."
        )
    if isinstance(error, exceptions.TemplateError):
        return TemplateError(f"The chat template failed: {reason}")
    return TemplateError(f"The chat template failed: {type(error).__name__}: {reason}")


def _mark(message: dict[str, Any], field: str, template: str) -> str:
    """Append the marker to the text to go on with, and return that text."""
    partial = message.get(field)
    if partial is None:
        raise TemplateError(
            f"The last message has no {field!r} to continue.",
            hint="End the messages with the half-written answer.",
        )
    fields = [field]
    if field in REASONING_FIELDS:
        # Reasoning stands under several names; the template may read any of them.
        fields = [name for name in REASONING_FIELDS if message.get(name) == partial]
    if not any(name in template for name in fields):
        raise TemplateError(f"The chat template does not know the field {field!r}.")
    if isinstance(partial, (list, tuple)):
        return _mark_part(partial)
    if not isinstance(partial, str):
        raise TemplateError(f"The {field!r} of the last message is no text to continue.")
    for name in fields:
        message[name] = partial + _MARKER
    return partial


def _mark_part(parts: Sequence[Any]) -> str:
    for part in reversed(parts):
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            text: str = part["text"]
            part["text"] = text + _MARKER
            return text
    raise TemplateError("The last message has no text part to continue.")


def _cut(prompt: str, partial: str) -> str:
    marker = _MARKER.strip()
    place = prompt.rfind(marker)
    if place < 0 or partial.strip() not in prompt:
        raise TemplateError(
            "The last message does not appear in the prompt, so it cannot be continued:"
            " the chat template drops or changes it."
        )
    if prompt.startswith(_MARKER, place):
        return prompt[:place]
    return prompt[:place].rstrip()  # the template had trimmed the message, so its end is unsure
