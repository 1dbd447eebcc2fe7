"""Every shared case of every real template: the prompt transformers makes, or its refusal."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from hfi._core.prompts.repair import render_for_model
from hfi._render import render_chat_template
from hfi.errors import TemplateError

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
NAMES = sorted(path.stem for path in (FIXTURES / "cases").glob("*.json"))
NOW = datetime(2025, 3, 14, 15, 9, 26)  # when the oracle's clock stood

pytestmark = pytest.mark.skipif(not NAMES, reason="../shared/fixtures is not there")


def load(*parts: str) -> Any:
    return json.loads(FIXTURES.joinpath(*parts).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def conversations() -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in load("conversations.json")["conversations"]}


def render(template: dict[str, Any], case: dict[str, Any]) -> str:
    conversation = conversations()[case["conversation"]]
    return render_chat_template(
        template["chat_template"],
        conversation["messages"],
        tools=conversation.get("tools"),
        documents=conversation.get("documents"),
        add_generation_prompt=case["add_generation_prompt"],
        continue_final_message=case["continue_final_message"],
        special_tokens=template["special_tokens"],
        now=NOW,
        **conversation.get("kwargs", {}),
    )


def disagreement(template: dict[str, Any], case: dict[str, Any]) -> str | None:
    """What is wrong with our answer to one case, if anything."""
    oracle = case.get("error")
    try:
        prompt = render(template, case)
    except TemplateError as error:
        if oracle is None:
            return f"failed: {error}"
        if oracle["kind"] == "raise_exception" and error.message != oracle["message"]:
            return f"said {error.message!r}, not {oracle['message']!r}"
        if oracle["kind"] == "undefined" and not error.message.endswith(oracle["message"]):
            return f"said {error.message!r}, not {oracle['message']!r}"
        return "met a bound" if "bounds" in error.message else None
    if oracle is not None:
        return f"gave {prompt!r}, but the oracle has {oracle}"
    return None if prompt == case["expected"] else f"gave {prompt!r}, not {case['expected']!r}"


@pytest.mark.parametrize("name", NAMES)
def test_a_template_renders_as_transformers_does(name: str):
    template = load("templates", f"{name}.json")
    cases = load("cases", f"{name}.json")["cases"]
    assert cases
    wrong = []
    for case in cases:
        problem = disagreement(template, case)
        if problem is not None:
            flags = (case["add_generation_prompt"], case["continue_final_message"])
            wrong.append(f"{case['conversation']} {flags}: {problem}")
    assert not wrong, "\n".join(wrong)


def test_no_case_is_missing():
    assert sum(len(load("cases", f"{name}.json")["cases"]) for name in NAMES) >= 15_378


WIRE = ("system_user", "two_systems", "consecutive_users", "starts_with_assistant", "parts_text")


@pytest.mark.parametrize("name", NAMES)
def test_a_repaired_prompt_holds_every_text_or_says_what_it_lacks(name: str):
    template = load("templates", f"{name}.json")
    for conversation in map(conversations().__getitem__, WIRE):
        try:
            prompt = render_for_model(
                template["chat_template"],
                conversation["messages"],
                special_tokens=template["special_tokens"],
                now=NOW,
            )
        except TemplateError:
            continue
        for number, message in enumerate(conversation["messages"]):
            content = message["content"]
            texts = [content] if isinstance(content, str) else [part["text"] for part in content]
            shown = all(text.strip() in prompt.text for text in texts)
            told = any("does not show" in sentence for sentence in prompt.repairs)
            assert shown or told, (conversation["id"], number, prompt)


def test_few_templates_refuse_what_the_wire_sends():
    refused = 0
    for name in NAMES:
        template = load("templates", f"{name}.json")
        for conversation in map(conversations().__getitem__, (*WIRE, "tool_call_str_args")):
            try:
                render_for_model(
                    template["chat_template"],
                    conversation["messages"],
                    tools=conversation.get("tools"),
                    special_tokens=template["special_tokens"],
                    now=NOW,
                )
            except TemplateError:
                refused += 1
    assert refused <= 20, "repairs help nearly all of the 233 templates with all six conversations"
