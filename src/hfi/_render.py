"""``hfi.render_chat_template``: the pure renderer, with the clock read where none is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ._core.prompts.rendering import render_template

__all__ = ["render_chat_template"]


def render_chat_template(
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
    """The prompt a chat template makes of messages, as transformers' ``apply_chat_template``.

    Nothing is repaired. The template is untrusted code: it runs in a sandbox whose bounds are
    counted, so that a hostile one ends in an error soon, on every machine alike.

    Args:
        template: The text; or texts by name, as a mapping or a list of {"name", "template"}: then
            ``tool_use`` is taken where tools are given, else ``default``.
        messages: A string (one user message), or messages as dicts or ``Message`` values.
        tools: JSON schemas, or Python functions with type hints and a Google-style docstring.
        documents: Dicts, with a title and a text by custom.
        add_generation_prompt: Open an answer at the end. None: unless a message is continued.
        continue_final_message: Leave the last message open; True for its content, or the name of
            a field such as ``"reasoning_content"``.
        special_tokens: Tokens by name (``bos_token``, ``eos_token``, ...). Absent ones are
            undefined in the template and print as nothing.
        now: What ``strftime_now`` tells; None is the local time now.
        variables: Seen by the template under their names, before special tokens. One is not:
            ``chat_template`` names one of several templates, or is a text to use instead.

    Raises:
        TemplateError: The template refused the messages (its own words), failed, is not valid, or
            went over its bounds; there are no messages; the last one cannot be continued.
        ConfigurationError: An argument is of the wrong type, or two exclude each other.
    """
    return render_template(
        template,
        messages,
        tools=tools,
        documents=documents,
        add_generation_prompt=add_generation_prompt,
        continue_final_message=continue_final_message,
        special_tokens=special_tokens,
        now=datetime.now() if now is None else now,
        **variables,
    )


render_chat_template.__module__ = "hfi"
