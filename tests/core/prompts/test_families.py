"""Prompts for models without a template: which family, and what each makes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.prompts.families import (
    FORMATS,
    ModelSigns,
    choose_family,
    format_chatml,
    format_deepseek,
    format_family,
    format_llama3,
    format_mistral,
    format_plain,
    format_zephyr,
)
from hfi.errors import TemplateError

BEGIN = "<\uff5cbegin\u2581of\u2581sentence\uff5c>"
END = "<\uff5cend\u2581of\u2581sentence\uff5c>"
USER = "<\uff5cUser\uff5c>"
ASSISTANT = "<\uff5cAssistant\uff5c>"

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Bye"},
]
OPEN = [{"role": "user", "content": "Count"}, {"role": "assistant", "content": "1, 2"}]


@pytest.mark.parametrize(
    ("signs", "family"),
    [
        ({"model_type": "gpt2", "eos_token": "<|endoftext|>"}, "plain"),
        ({"model_type": "gemma2", "eos_token": "<eos>"}, "plain"),
        ({"model_type": "mistral", "author": "mistralai", "eos_token": "</s>"}, "mistral"),
        ({"model_type": "mistral", "author": "HuggingFaceH4", "eos_token": "</s>"}, "zephyr"),
        ({"model_type": "llama", "eos_token": "<|endoftext|>"}, "zephyr"),
        ({"model_type": "qwen2", "eos_token": "<|im_end|>"}, "chatml"),
        ({"model_type": "llama", "eos_token": "<|eot_id|>"}, "llama3"),
        ({"model_type": "deepseek_v3", "eos_token": END}, "deepseek"),
        ({"eos_token": "<\uff5cend of sentence\uff5c>"}, "deepseek"),
        ({"eos_token": "<|whatever|>"}, "plain"),
        ({"eos_token": None}, "plain"),
        ({}, "plain"),
    ],
)
def test_the_signs_tell_the_family(signs: dict[str, Any], family: str):
    choice = choose_family(ModelSigns(**signs))
    assert choice.name == family
    assert choice.reason.endswith(".")


def test_plain():
    assert format_plain(CHAT) == (
        "System: Be brief.\nUser: Hi\nAssistant: Hello\nUser: Bye\nAssistant:"
    )
    assert format_plain("Just this") == "Just this"
    assert format_plain(OPEN, continue_final_message=True) == "User: Count\nAssistant: 1, 2"
    assert format_plain([{"role": "user", "content": ""}, *OPEN]) == (
        "User: Count\nAssistant: 1, 2\nAssistant:"
    )


def test_chatml_has_no_newline_before_its_end():
    assert format_chatml(CHAT[1:]) == (
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n"
        "<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n"
    )
    assert format_chatml(OPEN, continue_final_message=True) == (
        "<|im_start|>user\nCount<|im_end|>\n<|im_start|>assistant\n1, 2"
    )


def test_llama3():
    assert format_llama3(OPEN) == (
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nCount<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n1, 2<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
    assert format_llama3(OPEN, continue_final_message=True).endswith("<|end_header_id|>\n\n1, 2")


def test_zephyr_ends_with_the_models_own_token():
    signs = ModelSigns(model_type="llama", eos_token="<|endoftext|>")
    assert format_family(signs, OPEN) == (
        "<|user|>\nCount<|endoftext|>\n<|assistant|>\n1, 2<|endoftext|>\n<|assistant|>\n"
    )
    assert format_zephyr(OPEN, eos_token="</s>", continue_final_message=True) == (
        "<|user|>\nCount</s>\n<|assistant|>\n1, 2"
    )


def test_deepseek_leaves_no_part_of_a_token_behind():
    assert format_deepseek(CHAT) == (
        f"{BEGIN}Be brief.{USER}Hi{ASSISTANT}Hello{END}{USER}Bye{ASSISTANT}"
    )
    assert format_deepseek(OPEN, continue_final_message=True) == (
        f"{BEGIN}{USER}Count{ASSISTANT}1, 2"
    )


def test_mistral_puts_the_system_text_before_the_first_question():
    assert format_mistral(CHAT) == ("<s>[INST] Be brief.\n\nHi [/INST] Hello</s>[INST] Bye [/INST]")
    assert format_mistral(OPEN, continue_final_message=True) == "<s>[INST] Count [/INST] 1, 2"


def test_mistral_loses_no_question_and_keeps_an_answer_that_comes_first():
    twice = [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}]
    assert format_mistral(twice) == "<s>[INST] one\n\ntwo [/INST]"
    first = [{"role": "assistant", "content": "I go"}, {"role": "user", "content": "ok"}]
    assert format_mistral(first) == "<s>[INST]  [/INST] I go</s>[INST] ok [/INST]"
    assert format_mistral("Say", continue_final_message=True) == "<s>[INST] Say"


def test_parts_are_flattened_and_calls_are_written_out():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "a"}, "b"]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "22 C"},
    ]
    text = format_chatml(messages)
    assert "user\nab<|im_end|>" in text
    assert '"name": "f"' in text
    assert "tool\n22 C<|im_end|>" in text
    with pytest.raises(TemplateError, match="'image_url'"):
        format_chatml([{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}])


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_to_say_is_a_template_error(name: Any):
    options = {"eos_token": "</s>"} if name == "zephyr" else {}
    with pytest.raises(TemplateError, match="at least one"):
        FORMATS[name]([], **options)
    with pytest.raises(TemplateError, match="no text to continue"):
        FORMATS[name]([*OPEN, {"role": "assistant"}], continue_final_message=True, **options)


WORDS = st.text(alphabet="abcdefgh ", min_size=1, max_size=12).filter(str.strip)
ROLES = st.sampled_from(["system", "user", "assistant", "tool", "developer", "critic"])
CHATS = st.lists(
    st.builds(lambda role, content: {"role": role, "content": content}, ROLES, WORDS),
    min_size=1,
    max_size=6,
)


@given(chat=CHATS, name=st.sampled_from(list(FORMATS)), opened=st.booleans())
@settings(deadline=None, max_examples=150)
def test_every_family_keeps_every_text_in_order(chat: Any, name: Any, opened: bool):
    options = {"eos_token": "</s>"} if name == "zephyr" else {}
    prompt = FORMATS[name](chat, continue_final_message=opened, **options)
    place = 0
    for message in chat:
        place = prompt.index(message["content"], place) + len(message["content"])
    if opened:
        assert prompt.endswith(chat[-1]["content"])
