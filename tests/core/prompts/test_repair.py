"""Repairs: found out by rendering, as few as needed, each told, and no text lost in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi._core.prompts.capabilities import template_capabilities
from hfi._core.prompts.changes import (
    decode_arguments,
    encode_arguments,
    fold_system,
    gather_system,
    join_parts,
    lead_with_user,
    merge_turns,
    short_ids,
    split_parts,
    tools_to_text,
)
from hfi._core.prompts.repair import render_for_model
from hfi._render import render_chat_template
from hfi.errors import TemplateError

CHATML = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.arguments|tojson }}{% endfor %}\n{% endfor %}"
)
NO_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system!') }}"
    "{% endif %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
)
DEAF = "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
STRICT = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate!') }}{% endif %}"
    "{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content.strip() }}</s>{% endif %}{% endfor %}"
)
PARTS_ONLY = (
    "{% for m in messages %}<{{ m.role }}>{% for p in m.content %}"
    "{% if p.type == 'image' %}<image>{% else %}{{ p.text }}{% endif %}{% endfor %}\n{% endfor %}"
)
TEXT_CALLS = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.arguments }}{% endfor %}\n{% endfor %}"
)
SYSTEM = {"role": "system", "content": "Rules apply here."}
ASK = {"role": "user", "content": "What is it?"}
ANSWER = {"role": "assistant", "content": "It is that."}


def call(arguments: Any, name: str = "look", number: str = "call00001") -> dict[str, Any]:
    return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def repaired(template: str, *messages: Any, **options: Any) -> tuple[str, tuple[str, ...]]:
    prompt = render_for_model(template, list(messages), **options)
    return prompt.text, prompt.repairs


def test_what_suits_is_not_changed():
    text, repairs = repaired(CHATML, SYSTEM, ASK, ANSWER, ASK)
    assert text == render_chat_template(CHATML, [SYSTEM, ASK, ANSWER, ASK])
    assert repairs == ()


def test_without_repair_the_messages_render_as_they_are():
    wire = [ASK, {"role": "assistant", "content": None, "tool_calls": [call('{"a": 1}')]}]
    prompt = render_for_model(CHATML, wire, repair=False)
    assert prompt.text == render_chat_template(CHATML, wire)
    assert prompt.template_name == "default"
    with pytest.raises(TemplateError, match="No system!"):
        render_for_model(NO_SYSTEM, [SYSTEM, ASK], repair=False)


@pytest.mark.parametrize("template", [NO_SYSTEM, DEAF])
def test_a_system_message_refused_or_ignored_goes_to_the_user(template: str):
    text, repairs = repaired(template, SYSTEM, ASK)
    assert text == "<user>Rules apply here.\n\nWhat is it?\n"
    assert len(repairs) == 1
    assert "system message" in repairs[0]


def test_a_system_message_alone_becomes_a_user_message():
    assert repaired(NO_SYSTEM, SYSTEM)[0] == "<user>Rules apply here.\n"


def test_a_developer_message_is_a_system_message_to_templates_without_developers():
    text, repairs = repaired(CHATML, {"role": "developer", "content": "Dev rules."}, ASK)
    assert text.startswith("<system>Dev rules.")
    assert "developer" in repairs[0]
    knowing = CHATML + "{# developer #}"
    assert repaired(knowing, {"role": "developer", "content": "Dev rules."}, ASK)[1] == ()


def test_roles_that_must_alternate_are_merged():
    text, repairs = repaired(STRICT, ASK, {"role": "user", "content": "Say!"})
    assert text == "[INST] What is it?\n\nSay! [/INST]"
    assert repairs == (
        "Joined messages of one role in a row: this template wants roles to alternate.",
    )


def test_an_assistant_that_speaks_first_gets_an_empty_question():
    text, repairs = repaired(STRICT, ANSWER, ASK)
    assert text == "[INST]  [/INST] It is that.</s>[INST] What is it? [/INST]"
    assert len(repairs) == 1


def test_several_repairs_are_all_told_and_none_too_many():
    critic = {"role": "critic", "content": "Hm, no."}
    text, repairs = repaired(STRICT, SYSTEM, ASK, critic, ANSWER, ASK)
    assert text == (
        "[INST] Rules apply here.\n\nWhat is it?\n\nHm, no. [/INST] It is that.</s>"
        "[INST] What is it? [/INST]"
    )
    assert len(repairs) == 3


def test_arguments_are_decoded_where_objects_are_wanted():
    wire = {"role": "assistant", "content": "", "tool_calls": [call('{"a": "b"}')]}
    text, repairs = repaired(CHATML, ASK, wire)
    assert '{"a": "b"}' in text
    assert "Decoded" in repairs[0]


def test_arguments_are_written_out_where_text_is_wanted():
    native = {"role": "assistant", "content": "", "tool_calls": [call({"a": "b"})]}
    text, repairs = repaired(TEXT_CALLS, ASK, native)
    assert '{"a": "b"}' in text
    assert "as JSON" in repairs[0]


def test_a_missing_content_is_made_empty():
    template = "{% for m in messages %}{{ m.role + m.content }}{% endfor %}"
    text, repairs = repaired(template, ASK, {"role": "assistant", "content": None})
    assert text == "userWhat is it?assistant"
    assert "empty" in repairs[0]


def test_parts_are_joined_where_text_is_wanted():
    template = "{% for m in messages %}{{ m.role + m.content }}{% endfor %}"
    parts = [{"type": "text", "text": "part one"}, {"type": "text", "text": " part two"}]
    text, repairs = repaired(template, {"role": "user", "content": parts})
    assert text == "userpart one part two"
    assert "parts" in repairs[0]


def test_texts_are_split_where_parts_are_wanted():
    text, repairs = repaired(PARTS_ONLY, ASK, ANSWER)
    assert text == "<user>What is it?<assistant>It is that."
    assert len(repairs) == 1


def test_images_need_a_template_that_takes_them():
    image = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Which?"}]}
    assert "<image>Which?" in repaired(PARTS_ONLY, image)[0]
    template = "{% for m in messages %}{{ m.role + m.content }}{% endfor %}"
    with pytest.raises(TemplateError, match="takes no images"):
        render_for_model(template, [image])


def test_an_image_that_is_dropped_is_told():
    template = "{% for m in messages %}{{ m.content|map(attribute='text')|join }}{% endfor %}"
    image = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Which?"}]}
    text, repairs = repaired(template, image)
    assert text == "Which?"
    assert repairs == ("This template does not show the images or sounds of message 1.",)


def test_tool_calls_without_a_form_become_text():
    template = (
        "{% for m in messages if m.role in ['user', 'assistant'] %}"
        "<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    )
    text, repairs = repaired(
        template,
        ASK,
        {"role": "assistant", "tool_calls": [call('{"a": 1}')]},
        {"role": "tool", "tool_call_id": "call00001", "content": "It is 42."},
    )
    assert '"name": "look"' in text
    assert "<user>It is 42." in text
    assert any("tool calls" in sentence for sentence in repairs)


def test_text_that_cannot_be_shown_is_told():
    template = "{{ messages[-1].content }}"
    text, repairs = repaired(template, ASK, ANSWER, {"role": "user", "content": "Really now?"})
    assert text == "Really now?"
    assert len(repairs) == 2
    assert all("does not show" in sentence for sentence in repairs)


def test_mistral_ids_have_nine_letters():
    template = CHATML.replace(
        "{% for c in",
        "{% if m.tool_calls and m.tool_calls[0].id|length != 9 %}{{ raise_exception('9!') }}"
        "{% endif %}{% for c in",
    )
    text, repairs = repaired(
        template,
        ASK,
        {"role": "assistant", "content": "", "tool_calls": [call({"a": 1}, number="call_abcdef")]},
    )
    assert "1" in text
    assert any("ids" in sentence for sentence in repairs)


def test_lists_are_passed_to_templates_that_go_through_them():
    text, repairs = repaired("{{ messages[0].content }}{% for t in tools %}{% endfor %}", ASK)
    assert text == "What is it?"
    assert repairs == ("Passed an empty list of tools: this template wants one.",)


def test_the_first_error_is_raised_where_nothing_helps():
    with pytest.raises(TemplateError, match="Never!"):
        render_for_model("{{ raise_exception('Never!') }}", [ASK])


def test_going_on_with_a_message_passes_through():
    text, repairs = repaired(STRICT, SYSTEM, ASK, ANSWER, continue_final_message=True)
    assert text.endswith("[/INST] It is that.")
    assert len(repairs) == 1


def test_named_templates_are_named_in_the_result():
    several = {"default": CHATML, "tool_use": CHATML, "rag": CHATML}
    assert render_for_model(several, [ASK]).template_name == "default"
    assert render_for_model(several, [ASK], tools=[]).template_name == "tool_use"
    variables = {"chat_template": "rag"}
    assert render_for_model(several, [ASK], variables=variables).template_name == "rag"


def test_the_callers_messages_are_never_changed():
    wire = [SYSTEM, ASK, {"role": "assistant", "content": None, "tool_calls": [call('{"a": 1}')]}]
    before = json.dumps(wire)
    render_for_model(NO_SYSTEM, wire)
    assert json.dumps(wire) == before


@pytest.mark.parametrize(
    "change",
    [
        *(decode_arguments, encode_arguments, fold_system, gather_system, join_parts),
        *(lead_with_user, merge_turns, short_ids, tools_to_text),
    ],
)
def test_a_change_that_changes_nothing_says_nothing(change: Any):
    assert change([ASK, ANSWER, ASK]) is None


def test_splitting_is_undone_by_joining():
    split, _ = split_parts([ASK, ANSWER]) or ([], "")
    joined, _ = join_parts(split) or ([], "")
    assert joined == [ASK, ANSWER]


def test_capabilities_of_a_template():
    can = template_capabilities(CHATML)
    assert can.system
    assert can.developer
    assert can.prefill
    assert can.arguments == "object"
    assert not can.tools
    assert not can.alternates
    strict = template_capabilities(STRICT)
    assert strict.alternates
    assert not strict.system
    assert template_capabilities(PARTS_ONLY).parts
    assert template_capabilities(TEXT_CALLS).arguments == "text"
    reasoning = template_capabilities(CHATML + "{{ messages[-1].reasoning_content }}")
    assert reasoning.reasoning
