"""The renderer: variables, clean-up, clock, named templates, and going on with a message."""

from __future__ import annotations

import enum
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hfi
from hfi._core.prompts.rendering import render_template
from hfi._render import render_chat_template
from hfi.errors import ConfigurationError, TemplateError
from hfi.types.message import Message
from hfi.types.tool_call import FunctionCall, ToolCall

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HI = [{"role": "user", "content": "Hi"}]


def test_a_string_is_one_user_message():
    assert render_chat_template(CHATML, "Hi") == (
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_an_answer_is_opened_unless_it_is_asked_not_to_be():
    closed = render_chat_template(CHATML, HI, add_generation_prompt=False)
    assert render_chat_template(CHATML, HI) == closed + "<|im_start|>assistant\n"


def test_absent_special_tokens_are_undefined_and_print_nothing():
    text = "[{{ bos_token }}{{ eos_token is defined }}{{ pad_token is defined }}]"
    tokens = {"bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": None}
    assert render_chat_template(text, HI, special_tokens=tokens) == "[<s>TrueFalse]"


def test_variables_win_over_special_tokens():
    got = render_chat_template(
        "{{ bos_token }}", HI, special_tokens={"bos_token": "a"}, bos_token="b"
    )
    assert got == "b"


def test_tools_and_documents_are_none_or_lists():
    text = "{{ tools is none }}{{ documents is none }}{{ tools }}{{ documents }}"
    assert render_chat_template(text, HI) == "TrueTrueNoneNone"
    assert render_chat_template(text, HI, tools=[], documents=[]) == "FalseFalse[][]"


def test_a_function_is_a_tool():
    def ping(host: str) -> str:
        """Asks a host whether it is there.

        Args:
            host: Its name.
        """
        return host

    assert render_chat_template("{{ tools[0].function.name }}", HI, tools=[ping]) == "ping"


def test_keys_that_are_none_are_taken_out_of_messages():
    message = {"role": "assistant", "content": None, "tool_calls": None, "x": {"y": None}}
    assert render_chat_template("{{ messages[0] }}", [message]) == (
        "{'role': 'assistant', 'x': {'y': None}}"
    )


@pytest.mark.parametrize("name", ["reasoning_content", "thinking", "reasoning"])
def test_reasoning_stands_under_the_names_templates_read(name: str):
    text = "{{ messages[0].reasoning_content }}|{{ messages[0].thinking }}"
    assert render_chat_template(text, [{"role": "assistant", "content": "4", name: "R"}]) == "R|R"


class Colour(str, enum.Enum):
    RED = "red"


class Opaque:
    def delete(self) -> str:
        raise AssertionError("a template called it")


def test_values_become_plain_json():
    text = "{{ a }}{{ b }}{{ c.upper() }}{{ d }}"
    got = render_chat_template(text, HI, a=Opaque(), b=(1, [True]), c=Colour.RED, d={1: 2.5})
    assert got == "<Opaque>(1, [True])RED{1: 2.5}"


def test_message_values_and_their_calls_render_as_dicts():
    call = ToolCall(id="c1", function=FunctionCall(name="f", arguments="{}"))
    messages = [Message("user", "Hi"), Message("assistant", tool_calls=[call])]
    text = "{{ messages[0].content }}{{ messages[1].tool_calls[0].function.name }}"
    assert render_chat_template(text, messages) == "Hif"


def test_a_reply_renders_as_its_message():
    @attrs.frozen
    class Reply:
        message: Message

    assert (
        render_chat_template("{{ messages[0].content }}", [Reply(Message("assistant", "A"))]) == "A"
    )


def test_the_callers_messages_are_never_changed():
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Yo"}], "name": None},
    ]
    text = "content{% for m in messages %}{{ m.content[0].text }}{% endfor %}"
    assert render_chat_template(text, messages, continue_final_message=True) == "contentHiYo"
    assert messages[1] == {
        "role": "assistant",
        "content": [{"type": "text", "text": "Yo"}],
        "name": None,
    }


def test_the_clock_is_an_argument():
    now = datetime(2025, 3, 14)
    assert render_chat_template("{{ strftime_now('%d %b %Y') }}", HI, now=now) == "14 Mar 2025"
    assert render_chat_template("{{ strftime_now('%Y') }}", HI) >= "2025"
    with pytest.raises(TemplateError, match="needs a time"):
        render_template("{{ strftime_now('%Y') }}", HI)


def test_the_templates_own_words_are_the_message():
    with pytest.raises(TemplateError) as caught:
        render_chat_template("{{ raise_exception('Roles must alternate!') }}", HI)
    assert caught.value.message == str(caught.value) == "Roles must alternate!"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ messages[0].nope.x }}", "'dict object' has no attribute 'nope'"),
        ("{{ messages[0].content + 1 }}", "TypeError"),
        ("{% if %}", "not valid"),
        ("{{ x|nope }}", "No filter named 'nope'"),
        ("{% for x in y", "not valid"),
    ],
)
def test_what_fails_is_a_template_error_with_the_reason(template: str, reason: str):
    with pytest.raises(TemplateError, match=reason) as caught:
        render_chat_template(template, HI)
    assert caught.value.__cause__ is not None


def test_giant_messages_are_cut():
    with pytest.raises(TemplateError) as caught:
        render_chat_template("{{ raise_exception('x' * 1000000) }}", HI)
    assert len(caught.value.message) < 5_000


def test_no_messages_are_a_template_error():
    with pytest.raises(TemplateError, match="at least one message"):
        render_chat_template(CHATML, [])


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": 3},
        {"messages": {"role": "user"}},
        {"messages": [3]},
        {"messages": b"Hi"},
        {"template": 3},
        {"template": [3]},
        {"template": {"default": 3}},
        {"tools": "ping"},
        {"tools": [3]},
        {"documents": ["text"]},
        {"documents": "text"},
        {"special_tokens": ["</s>"]},
        {"add_generation_prompt": True, "continue_final_message": True},
        {"chat_template": 3},
    ],
)
def test_wrong_arguments_are_the_callers_fault(arguments: dict[str, Any]):
    full: dict[str, Any] = {"template": CHATML, "messages": HI, **arguments}
    with pytest.raises(ConfigurationError):
        render_chat_template(full.pop("template"), full.pop("messages"), **full)


def test_a_message_that_holds_itself_is_the_callers_fault():
    message: dict[str, Any] = {"role": "user"}
    message["content"] = [message]
    with pytest.raises(ConfigurationError, match="nested too deeply"):
        render_chat_template(CHATML, [message])


# -- several templates -----------------------------------------------------------------------------

SEVERAL = {"default": "D", "tool_use": "T", "rag": "R"}


@pytest.mark.parametrize(
    "form", [SEVERAL, [{"name": n, "template": t} for n, t in SEVERAL.items()]]
)
def test_the_template_is_chosen_by_what_is_asked(form: Any):
    assert render_chat_template(form, HI) == "D"
    assert render_chat_template(form, HI, tools=[]) == "T"
    assert render_chat_template(form, HI, documents=[{"text": "x"}]) == "D"
    assert render_chat_template(form, HI, chat_template="rag") == "R"
    assert render_chat_template(form, HI, chat_template="{{ 1 }}") == "1"


def test_a_text_takes_the_place_of_a_single_template():
    assert render_chat_template("A", HI, chat_template="B") == "B"


def test_without_a_default_one_must_be_named():
    with pytest.raises(TemplateError, match=r"\['rag', 'tool_use'\]"):
        render_chat_template({"rag": "R", "tool_use": "T"}, HI)
    assert render_chat_template({"rag": "R", "tool_use": "T"}, HI, tools=[]) == "T"


# -- going on with the last message ----------------------------------------------------------------


def answered(text: Any, **fields: Any) -> list[dict[str, Any]]:
    return [*HI, {"role": "assistant", "content": text, **fields}]


def test_the_last_message_stays_open():
    got = render_chat_template(CHATML, answered("Soft rain"), continue_final_message=True)
    assert got.endswith("<|im_start|>assistant\nSoft rain")


def test_spaces_at_the_end_stay_unless_the_template_takes_them():
    spaced = answered('{"name": ')
    assert render_chat_template(CHATML, spaced, continue_final_message=True).endswith('"name": ')
    trimming = CHATML.replace("message.content", "message.content|trim")
    assert render_chat_template(trimming, spaced, continue_final_message=True).endswith('"name":')


def test_the_last_text_part_is_continued():
    text = "{% for p in messages[-1]['content'] %}{{ p.text if p.text else p.type }}{% endfor %}!"
    parts = [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}, {"type": "image"}]
    assert render_chat_template(text, answered(parts), continue_final_message=True) == "AB"


def test_reasoning_can_be_continued():
    text = "{{ messages[-1].thinking }}</think>{{ messages[-1].content }}"
    messages = answered("", reasoning="Hm, ")
    got = render_chat_template(text, messages, continue_final_message="reasoning_content")
    assert got == "Hm, "


@pytest.mark.parametrize(
    ("template", "messages", "flag"),
    [
        (CHATML, answered(None), True),
        (CHATML, answered("A"), "reasoning_content"),
        ("{{ messages[0].text }}", answered("A"), True),
        ("content", answered("A"), True),
        ("content{{ messages[0].content }}", answered("A"), True),
        (CHATML, answered([{"type": "image"}]), True),
        (CHATML, answered(3), True),
    ],
)
def test_what_cannot_be_continued_is_a_template_error(template: str, messages: Any, flag: Any):
    with pytest.raises(TemplateError):
        render_chat_template(template, messages, continue_final_message=flag)


@given(text=st.text(min_size=1, max_size=40).filter(str.strip))
@settings(deadline=None, max_examples=80)
def test_any_text_is_continued_where_it_ends(text: str):
    got = render_chat_template(CHATML, answered(text), continue_final_message=True)
    assert got.endswith(f"<|im_start|>assistant\n{text}")


def test_jinja_is_imported_with_the_first_template():
    source = str(Path(hfi.__file__).resolve().parent.parent)
    code = (
        "import sys; import hfi._render as r; assert 'jinja2' not in sys.modules;"
        "r.render_chat_template('x', 'y'); assert 'jinja2' in sys.modules"
    )
    environment = {"PYTHONPATH": ":".join([source, *filter(None, sys.path)])}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment)
