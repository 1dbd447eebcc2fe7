"""Prompts of chats over text generation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from hfi import errors
from hfi._core.generation.prompt import write_prompt
from hfi.types.models import PromptFacts

NOW = datetime(2026, 1, 2)
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)
THINKING = TEMPLATE.replace("<assistant>", "<assistant><think>\n")
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
HELLO = [{"role": "user", "content": "Hello"}]


def facts(template: str | None = TEMPLATE, **fields: Any) -> PromptFacts:
    templates = {} if template is None else {"default": template}
    tokens = fields.pop("special_tokens", TOKENS)
    return PromptFacts(model="org/m", templates=templates, special_tokens=tokens, **fields)


def test_the_template_of_the_model_makes_the_prompt() -> None:
    prompt = write_prompt(HELLO, facts(source="/props"), now=NOW)
    assert prompt.text == "<s><user>Hello</s><assistant>"
    assert prompt.template == "default of org/m (/props)"
    assert not prompt.thinking


@pytest.mark.parametrize(
    ("adds", "repair", "stripped"),
    [(True, True, True), (None, True, True), (False, True, False), (True, False, False)],
)
def test_the_bos_token_goes_once(adds: bool | None, repair: bool, stripped: bool) -> None:
    prompt = write_prompt(HELLO, facts(), now=NOW, adds_bos=adds, repair=repair)
    assert prompt.text.startswith("<s>") is not stripped
    assert bool(prompt.notes) is stripped


def test_a_token_that_opens_each_turn_is_no_bos_token() -> None:
    template = "{% for m in messages %}<im>{{ m.content }}{% endfor %}<im>assistant"
    known = facts(template, special_tokens={"bos_token": "<im>"})
    assert write_prompt(HELLO, known, now=NOW, adds_bos=None).text == "<im>Hello<im>assistant"


def test_a_prompt_that_opens_thinking() -> None:
    assert write_prompt(HELLO, facts(THINKING), now=NOW).thinking
    begun = [*HELLO, {"role": "assistant", "content": "<think>\nHm"}]
    assert write_prompt(begun, facts(), now=NOW, continue_final_message=True).thinking
    done = [*HELLO, {"role": "assistant", "content": "<think>\nHm</think>Well"}]
    assert not write_prompt(done, facts(), now=NOW, continue_final_message=True).thinking


def test_without_a_template_the_family_makes_it() -> None:
    known = facts(None, model_type="mistral", author="mistralai", eos_token="</s>")
    prompt = write_prompt(HELLO, known, now=NOW, adds_bos=True)
    assert prompt.text == "[INST] Hello [/INST]"
    assert "mistral" in prompt.template
    assert prompt.stops == ("</s>",)
    with pytest.raises(errors.TemplateError):
        write_prompt(HELLO, known, now=NOW, repair=False)
    with pytest.raises(errors.ConfigurationError):
        write_prompt(HELLO, known, now=NOW, tools=[{"type": "function"}])


def test_repairs_are_told() -> None:
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
    messages = [{"role": "system", "content": "Be brief, please."}, *HELLO]
    prompt = write_prompt(messages, facts(template + TEMPLATE), now=NOW)
    assert "Be brief, please." in prompt.text
    assert prompt.repairs
