"""Prompts for models without a chat template, by the family that a few signs tell.

Each function takes the messages and makes the prompt that models of that family were trained on.
With ``continue_final_message`` the last message stays open, whoever wrote it; otherwise an
answer is opened. Text of every message is kept: what a family has no role for is put where it can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import attrs

from hfi.errors import TemplateError

from .inputs import Tally, plain_messages

FamilyName = Literal["plain", "mistral", "chatml", "deepseek", "llama3", "zephyr"]

_PLAIN_TYPES = frozenset({"gpt2", "gpt_neo", "gemma", "gemma2"})
_ZEPHYR_ENDS = frozenset({"<|endoftext|>", "<eos>", "</s>"})
_BAR = "\uff5c"  # the fullwidth bar of DeepSeek's tokens, beside U+2581 for a space
_DEEPSEEK_BEGIN = f"<{_BAR}begin\u2581of\u2581sentence{_BAR}>"
_DEEPSEEK_END = f"<{_BAR}end\u2581of\u2581sentence{_BAR}>"


@attrs.frozen(kw_only=True)
class ModelSigns:
    """What tells a model's family: fields of its metadata, each None where unknown."""

    model_type: str | None = None
    author: str | None = None
    eos_token: str | None = None


@attrs.frozen
class FamilyChoice:
    """A family, one sentence why it is that, and the BOS token its prompts begin with, if any."""

    name: FamilyName
    reason: str
    bos_token: str | None = None


def choose_family(signs: ModelSigns) -> FamilyChoice:
    """The family that these signs tell; plain text where they tell none."""
    if signs.model_type in _PLAIN_TYPES:
        return FamilyChoice("plain", f"The model type is {signs.model_type!r}.")
    if signs.model_type == "mistral" and signs.author == "mistralai":
        return FamilyChoice("mistral", "It is a Mistral model by mistralai.", "<s>")
    end = signs.eos_token
    if end is None:
        return FamilyChoice("plain", "The model names no end-of-sequence token.")
    reason = f"The end-of-sequence token is {end!r}."
    if end in _ZEPHYR_ENDS:
        return FamilyChoice("zephyr", reason)
    if end == "<|im_end|>":
        return FamilyChoice("chatml", reason)
    if end == "<|eot_id|>":
        return FamilyChoice("llama3", reason, "<|begin_of_text|>")
    if end.replace(_BAR, "|").replace("\u2581", " ") == "<|end of sentence|>":
        return FamilyChoice("deepseek", reason, _DEEPSEEK_BEGIN)
    return FamilyChoice("plain", f"{reason[:-1]}, which tells no family.")


def format_family(signs: ModelSigns, messages: Any, *, continue_final_message: bool = False) -> str:
    """The prompt of the family that the signs tell.

    Raises:
        TemplateError: There are no messages, or the last one has no text to continue.
    """
    name = choose_family(signs).name
    if name == "zephyr":
        return format_zephyr(
            messages,
            eos_token=signs.eos_token or "</s>",
            continue_final_message=continue_final_message,
        )
    return FORMATS[name](messages, continue_final_message=continue_final_message)


def format_plain(messages: Any, *, continue_final_message: bool = False) -> str:
    """``Role: text`` line by line; a single message is its bare text. Empty ones are left out."""
    turns = _turns(messages, continue_final_message)
    if len(turns) == 1:
        return turns[0][1]
    lines = [f"{role.capitalize()}: {text}" for role, text in turns if text.strip()]
    return "\n".join(lines if continue_final_message else [*lines, "Assistant:"])


def format_chatml(messages: Any, *, continue_final_message: bool = False) -> str:
    """``<|im_start|>role``, a newline, the text, ``<|im_end|>``."""
    turns = _turns(messages, continue_final_message)
    return _wrapped(
        turns,
        continue_final_message,
        opening=lambda role: f"<|im_start|>{role}\n",
        closing="<|im_end|>\n",
    )


def format_llama3(messages: Any, *, continue_final_message: bool = False) -> str:
    """``<|start_header_id|>role<|end_header_id|>``, an empty line, the text, ``<|eot_id|>``."""
    turns = _turns(messages, continue_final_message)
    return "<|begin_of_text|>" + _wrapped(
        turns,
        continue_final_message,
        opening=lambda role: f"<|start_header_id|>{role}<|end_header_id|>\n\n",
        closing="<|eot_id|>",
    )


def format_zephyr(messages: Any, *, eos_token: str, continue_final_message: bool = False) -> str:
    """``<|role|>``, a newline, the text, and the model's own end token."""
    turns = _turns(messages, continue_final_message)
    return _wrapped(
        turns,
        continue_final_message,
        opening=lambda role: f"<|{role}|>\n",
        closing=f"{eos_token}\n",
    )


def format_deepseek(messages: Any, *, continue_final_message: bool = False) -> str:
    """The system text, then ``<|User|>`` and ``<|Assistant|>`` turns; only answers are ended.

    A system message that comes later is part of the user's turn that follows it.
    """
    turns = _turns(messages, continue_final_message)
    system = []
    while turns and turns[0][0] in {"system", "developer"}:
        system.append(turns.pop(0)[1])
    prompt = _DEEPSEEK_BEGIN + "\n\n".join(system)
    if continue_final_message and not turns:
        return prompt
    turns = _two_sided(turns)
    for index, (role, text) in enumerate(turns):
        opened = continue_final_message and index == len(turns) - 1
        end = "" if opened or role == "user" else _DEEPSEEK_END
        prompt += f"<{_BAR}{role.capitalize()}{_BAR}>{text}{end}"
    return prompt if continue_final_message else f"{prompt}<{_BAR}Assistant{_BAR}>"


def format_mistral(messages: Any, *, continue_final_message: bool = False) -> str:
    """``[INST] question [/INST] answer</s>``; the system text stands before the first question.

    Questions in a row are one question; an answer that comes first has an empty one before it.
    """
    turns = _two_sided(_turns(messages, continue_final_message))
    if turns[0][0] == "assistant":
        turns.insert(0, ("user", ""))
    prompt = "<s>"
    for index, (role, text) in enumerate(turns):
        opened = continue_final_message and index == len(turns) - 1
        if role == "user":
            prompt += f"[INST] {text}" if opened else f"[INST] {text} [/INST]"
        else:
            prompt += f" {text}" if opened else f" {text}</s>"
    if not continue_final_message and turns[-1][0] == "assistant":
        prompt += "[INST]  [/INST]"  # asks for another answer, as the other families do
    return prompt


FORMATS: Mapping[FamilyName, Callable[..., str]] = {
    "plain": format_plain,
    "mistral": format_mistral,
    "chatml": format_chatml,
    "deepseek": format_deepseek,
    "llama3": format_llama3,
    "zephyr": format_zephyr,
}


def _wrapped(
    turns: Sequence[tuple[str, str]],
    opened: bool,
    *,
    opening: Callable[[str], str],
    closing: str,
) -> str:
    prompt = "".join(f"{opening(role)}{text}{closing}" for role, text in turns)
    if opened:
        return prompt[: len(prompt) - len(closing)]
    return prompt + opening("assistant")


def _turns(messages: Any, continued: bool) -> list[tuple[str, str]]:
    """Role and text of every message."""
    turns = [
        (str(message.get("role", "user")), _text(message))
        for message in plain_messages(messages, Tally())
    ]
    if not turns:
        raise TemplateError("A prompt needs at least one message.")
    if continued and not turns[-1][1].strip():
        raise TemplateError(
            "The last message has no text to continue.",
            hint="End the messages with the half-written answer.",
        )
    return turns


def _text(message: Mapping[str, Any]) -> str:
    """The text of a message; tool calls, for which no family has a form, follow it as JSON."""
    content = message.get("content")
    pieces = [content] if isinstance(content, str) else []
    if isinstance(content, (list, tuple)):
        pieces = [_part_text(part) for part in content]
    text = "".join(pieces)
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        text = "\n".join(filter(None, [text, *(json.dumps(c, ensure_ascii=False) for c in calls)]))
    return text


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    text = part.get("text") if isinstance(part, Mapping) else None
    if isinstance(text, str):
        return text
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    raise TemplateError(
        f"A model without a chat template cannot be shown a part of type {kind!r}.",
        hint="Use a model or server with a chat route for images and sound.",
    )


def _two_sided(turns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Only user and assistant turns, by turns: all that is no answer belongs to the question."""
    sides: list[tuple[str, str]] = []
    for role, text in turns:
        side = "assistant" if role == "assistant" else "user"
        if sides and sides[-1][0] == side:
            text = "\n\n".join(filter(None, [sides.pop()[1], text]))  # noqa: PLW2901
        sides.append((side, text))
    return sides
