"""What a chat template can do, found out by probing and remembered by its text."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import attrs

from hfi.errors import TemplateError

from .inputs import special_variables
from .probing import _NOON, _TOOL, ArgumentForm, argument_form, shown
from .rendering import render_template

_USER = ("user", "text", 0)


@attrs.frozen(kw_only=True)
class TemplateCapabilities:
    """What a template shows.

    Attributes:
        system: System messages at the beginning.
        developer: Messages of the developer role.
        tools: The tools that are offered.
        tool_calls: Calls an assistant made, and what tools answered.
        arguments: The form of a call's arguments it wants; None where it takes both or neither.
        parts: Content as a list of text parts.
        alternates: It refuses, or loses, messages of one role in a row.
        prefill: The last message can be left open and continued.
        reasoning: What an assistant thought before its last answer.
    """

    system: bool
    developer: bool
    tools: bool
    tool_calls: bool
    arguments: ArgumentForm | None
    parts: bool
    alternates: bool
    prefill: bool
    reasoning: bool


def template_capabilities(
    template: str, special_tokens: Mapping[str, Any] | None = None
) -> TemplateCapabilities:
    """What this template can do.

    Raises:
        TemplateError: It does not compile.
    """
    return _capabilities(template, tuple(sorted(special_variables(special_tokens).items())))


@functools.lru_cache(maxsize=256)
def _capabilities(template: str, tokens: tuple[tuple[str, str], ...]) -> TemplateCapabilities:
    def shows(*shape: Any, tools: bool = False) -> bool:
        pieces = shown(template, shape, tools, tokens)
        return pieces is not None and len(pieces) == len(shape)

    def renders(messages: list[dict[str, Any]], word: str, **options: Any) -> bool:
        try:
            prompt = render_template(
                template, messages, special_tokens=dict(tokens), now=_NOON, **options
            )
        except TemplateError:
            return False
        return word in prompt

    asked = {"role": "user", "content": "hfiprobe"}
    thought = {"role": "assistant", "content": "So.", "reasoning_content": "hfithought"}
    return TemplateCapabilities(
        system=shows(("system", "text", 0), _USER),
        developer=shows(("developer", "text", 0), _USER),
        tools=renders([asked], "hfiprobetool", tools=[_TOOL]),
        tool_calls=any(
            shows(_USER, ("assistant", content, 1), ("tool", "text", 0), tools=True)
            for content in ("empty", None)
        ),
        arguments=argument_form(template, tokens),
        parts=shows(("user", ("text", "text"), 0)),
        alternates=not shows(_USER, _USER),
        prefill=renders([asked, {"role": "assistant", "content": "hfiopen"}], "hfiopen",
                        continue_final_message=True),
        reasoning=renders([asked, thought], "hfithought"),
    )  # fmt: skip
