"""Rendering messages that a template would refuse or lose, by changing them as little as needed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from hfi.errors import TemplateError

from . import changes
from .changes import Change, Messages
from .inputs import Tally, plain_messages, special_variables
from .probing import argument_form, shape_of, shown
from .rendering import render_template
from .selection import choose_template

if sys.version_info >= (3, 11):
    from typing import TypedDict, Unpack
else:
    from typing_extensions import TypedDict, Unpack

# In this order they are tried where a template fails; those that turn out not to be needed are
# taken back. Splitting texts into parts is tried only where all of these do not help.
_CHANGES: tuple[Change, ...] = (
    changes.add_contents,
    changes.join_parts,
    changes.developer_to_system,
    changes.unknown_to_user,
    changes.short_ids,
    changes.gather_system,
    changes.merge_turns,
    changes.lead_with_user,
    changes.fold_system,
    changes.merge_turns,
    changes.tools_to_text,
    changes.merge_turns,
)
_LONG = 8  # characters a prompt does not hold by accident


class RenderOptions(TypedDict, total=False):
    """The arguments of ``hfi.render_chat_template`` that repairing passes through."""

    tools: Sequence[Any] | None
    documents: Sequence[Any] | None
    add_generation_prompt: bool | None
    continue_final_message: bool | str
    special_tokens: Mapping[str, Any] | None
    now: datetime | None


@attrs.frozen
class RenderedPrompt:
    """A prompt, the name of the template that made it, and what was changed, a sentence each."""

    text: str = attrs.field(repr=False)
    template_name: str
    repairs: tuple[str, ...] = ()


def render_for_model(
    template: str | Mapping[str, str] | Sequence[Mapping[str, str]],
    messages: Any,
    *,
    repair: bool = True,
    variables: Mapping[str, Any] | None = None,
    **options: Unpack[RenderOptions],
) -> RenderedPrompt:
    """Render messages in their wire form, repaired where this template needs it.

    ``repair=False`` renders them as they are. Where a template cannot be made to show a message,
    a sentence says so.

    Raises:
        TemplateError: No repair helps; it is the error that the messages as they are cause.
    """
    extra = dict(variables or {})
    wanted = extra.pop("chat_template", None)
    name, text = choose_template(template, tools=options.get("tools"), wanted=wanted)
    if not repair:
        return RenderedPrompt(render_template(text, messages, **options, **extra), name)
    chat = plain_messages(messages, Tally())
    draft = _Draft(text, options, extra)
    prompt, repairs = draft.repaired(chat)
    return RenderedPrompt(prompt, name, tuple(repairs))


@attrs.frozen
class _Attempt:
    """Messages after some changes, and what the template made of them."""

    messages: Messages
    applied: tuple[Change, ...] = ()
    sentences: tuple[str, ...] = ()
    prompt: str | None = None
    error: TemplateError | None = None
    lost: tuple[int, ...] = ()

    @property
    def penalty(self) -> tuple[bool, int]:
        return self.prompt is None, len(self.lost)


class _Draft:
    """One template and its options, tried on messages."""

    def __init__(self, text: str, options: RenderOptions, variables: dict[str, Any]) -> None:
        self._text = text
        self._options = options
        self._variables = variables
        tokens = special_variables(options.get("special_tokens"))
        self._tokens = tuple(sorted(tokens.items()))

    def repaired(self, chat: Messages) -> tuple[str, list[str]]:
        first = self._attempt(chat, self._needed_first(chat))
        best = first if first.penalty == (False, 0) else self._search(chat, first)
        if best.prompt is None:
            error = first.error or best.error
            raise error or TemplateError("The chat template failed.")
        sentences = list(dict.fromkeys(best.sentences))
        for index in best.lost:
            role = best.messages[index].get("role")
            sentences.append(f"This template does not show message {index + 1} (role {role!r}).")
        return best.prompt, sentences

    def _needed_first(self, chat: Messages) -> tuple[Change, ...]:
        """Changes that a template needs although it does not fail without them."""
        needed: list[Change] = []
        if any(changes.tool_calls(message) for message in chat):
            form = argument_form(self._text, self._tokens)
            if form == "object":
                needed.append(changes.decode_arguments)
            elif form == "text":
                needed.append(changes.encode_arguments)
        if any(message.get("role") == "developer" for message in chat):
            system = shown(self._text, (("system", "", 0), ("user", "", 0)), False, self._tokens)
            if "developer" not in self._text and system == {0, 1}:
                needed.append(changes.developer_to_system)
        return tuple(needed)

    def _search(self, chat: Messages, first: _Attempt) -> _Attempt:
        best = self._cumulate(chat, first)
        if best.penalty > (False, 0):
            split = self._attempt(chat, (*first.applied, changes.split_parts))
            other = self._cumulate(chat, split)
            if other.penalty < best.penalty:
                best = other
        return self._pruned(chat, best, len(first.applied))

    def _cumulate(self, chat: Messages, start: _Attempt) -> _Attempt:
        """Add changes one by one: all while the template fails, then those that save messages."""
        best = current = start
        for change in _CHANGES:
            if best.penalty == (False, 0):
                break
            if change is changes.join_parts and changes.split_parts in start.applied:
                continue
            attempt = self._attempt(chat, (*current.applied, change))
            if len(attempt.applied) == len(current.applied):
                continue
            if attempt.penalty < best.penalty:
                best = current = attempt
            elif current.prompt is None:
                current = attempt
        return best

    def _pruned(self, chat: Messages, best: _Attempt, needed: int) -> _Attempt:
        """Take back what makes no difference."""
        for change in best.applied[needed:]:
            rest = list(best.applied)
            rest.remove(change)
            attempt = self._attempt(chat, tuple(rest))
            if attempt.penalty <= best.penalty:
                best = attempt
        return best

    def _attempt(self, chat: Messages, wanted: tuple[Change, ...]) -> _Attempt:
        applied: list[Change] = []
        sentences: list[str] = []
        messages = chat
        for change in wanted:
            outcome = change(messages)
            if outcome is not None:
                messages, sentence = outcome
                applied.append(change)
                sentences.append(sentence)
        attempt = _Attempt(messages, tuple(applied), tuple(sentences))
        try:
            prompt = render_template(self._text, messages, **self._options, **self._variables)
        except TemplateError as error:
            return attrs.evolve(attempt, error=error)
        return attrs.evolve(attempt, prompt=prompt, lost=self._lost(messages, prompt))

    def _lost(self, messages: Messages, prompt: str) -> tuple[int, ...]:
        """The messages whose text is not in the prompt although they have one."""
        suspects = [n for n, message in enumerate(messages) if not _found(message, prompt)]
        if not suspects:
            return ()
        tools = self._options.get("tools") is not None
        visible = shown(self._text, shape_of(messages), tools, self._tokens)
        if visible is None:  # the probe failed where the messages did not: trust the text alone
            visible = frozenset(
                n for n in suspects if (changes.content_text(messages[n]) or "").strip() in prompt
            )
        return tuple(n for n in suspects if n not in visible)


def _found(message: Mapping[str, Any], prompt: str) -> bool:
    """Whether the prompt surely holds the text of the message, or it has none."""
    text = changes.content_text(message)
    if text is None:
        return False
    if not text.strip():
        return not changes.tool_calls(message)
    return len(text) >= _LONG and text.strip() in prompt and not changes.tool_calls(message)
