"""Rendering messages that a template would refuse or lose, by changing them as little as needed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import attrs

from hfi.errors import TemplateError

from . import changes
from .changes import Change, Messages
from .inputs import Tally, plain_messages, special_variables
from .probing import Piece, argument_form, hides_media, shape_of, shown
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
_ALTERNATION: tuple[Change, ...] = (changes.merge_turns, changes.lead_with_user)
_SYSTEM_FIRST = (("system", "text", 0), ("user", "text", 0))
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
    lost: tuple[Piece, ...] = ()

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
        self._with_tools = options.get("tools") is not None

    def repaired(self, chat: Messages) -> tuple[str, list[str]]:
        needed = self._needed_first(chat)
        first = self._attempt(chat, needed)
        best = first if first.penalty == (False, 0) else self._search(chat, first)
        listed: list[str] = []
        for name in ("tools", "documents"):
            if best.prompt is None and self._options.get(name) is None and name in self._text:
                self._options = cast(RenderOptions, {**self._options, name: []})
                listed.append(f"Passed an empty list of {name}: this template wants one.")
                best = self._search(chat, self._attempt(chat, needed))
        _check_media(best)
        if best.prompt is None:
            raise first.error or TemplateError("The chat template failed.")
        sentences = [*listed, *dict.fromkeys(best.sentences)]
        return best.prompt, [*sentences, *self._warnings(best)]

    def _warnings(self, best: _Attempt) -> list[str]:
        """What the prompt does not show, although nothing more can be done."""
        sentences = []
        for index, side in best.lost:
            role = best.messages[index].get("role")
            sentences.append(
                f"This template does not show the {side} of message {index + 1} (role {role!r})."
            )
        shape = shape_of(best.messages)
        for index in range(len(shape)):
            if hides_media(self._text, shape, self._with_tools, self._tokens, index):
                sentences.append(
                    f"This template does not show the images or sounds of message {index + 1}."
                )
        return sentences

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
            system = shown(self._text, _SYSTEM_FIRST, False, self._tokens)
            if "developer" not in self._text and system is not None and len(system) == 2:
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
            if change is changes.tools_to_text and not _loses_tools(current):
                continue
            attempt = self._attempt(chat, (*current.applied, change))
            if len(attempt.applied) == len(current.applied):
                continue
            if attempt.prompt is None and current.prompt is not None:
                # What was shown nowhere may now stand where roles must alternate.
                attempt = self._attempt(chat, (*attempt.applied, *_ALTERNATION))
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
        # Last, so that texts other changes make are split as well.
        for change in sorted(wanted, key=lambda change: change is changes.split_parts):
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

    def _lost(self, messages: Messages, prompt: str) -> tuple[Piece, ...]:
        """The texts and tool calls that are not in the prompt."""
        suspects = [piece for n, m in enumerate(messages) for piece in _doubtful(n, m, prompt)]
        if not suspects:
            return ()
        visible = shown(self._text, shape_of(messages), self._with_tools, self._tokens)
        if visible is None:  # the probe fails where the messages do not: the text itself decides
            return tuple(
                (n, side)
                for n, side in suspects
                if side == "text"
                and (changes.content_text(messages[n]) or "").strip() not in prompt
            )
        return tuple(piece for piece in suspects if piece not in visible)


def _check_media(best: _Attempt) -> None:
    """Raise where messages with images are what this template cannot show."""
    lost = {n for n, _ in best.lost} if best.prompt is not None else range(len(best.messages))
    for index in lost:
        if changes.content_text(best.messages[index]) is None:
            raise TemplateError(
                f"This chat template takes no images or sounds, and message {index + 1} has some.",
                hint="Use a model that takes them, or send the text alone.",
            )


def _doubtful(number: int, message: Mapping[str, Any], prompt: str) -> list[Piece]:
    """The pieces of a message of which the prompt does not surely hold the words."""
    doubtful: list[Piece] = []
    text = changes.spoken_text(message).strip()
    if text and (len(text) < _LONG or text not in prompt):
        doubtful.append((number, "text"))
    if changes.tool_calls(message):
        doubtful.append((number, "tool calls"))
    return doubtful


def _loses_tools(attempt: _Attempt) -> bool:
    """Whether the template fails, or does not show what was called and answered."""
    return attempt.prompt is None or any(
        side == "tool calls" or attempt.messages[n].get("role") == "tool"
        for n, side in attempt.lost
    )
