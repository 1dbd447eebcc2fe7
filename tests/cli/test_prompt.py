"""``hfi prompt``: a conversation of a file, by a model's template or one's own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hfi import render_chat_template

if TYPE_CHECKING:
    from conftest import Run, Start, Web

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "{% if tools %}[{{ tools | length }} tools]{% endif %}"
    "{% if documents %}[{{ documents[0].title }}]{% endif %}"
    "{% if thinking is defined %}[{{ thinking }}]{% endif %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('No system role.') }}{% endif %}"
    "{% for m in messages %}{{ m.content }}{% endfor %}"
)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "I"}]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.jinja").write_text(TEMPLATE)
    Path("strict.jinja").write_text(STRICT)
    Path("tools.json").write_text(json.dumps([TOOL]))
    Path("turns.json").write_text(json.dumps(TURNS))
    Path("notes.txt").write_text("Rain.\n")


@pytest.mark.parametrize(
    ("args", "piped", "expected"),
    [
        (["notes.txt"], None, "<|user|>Rain.<|assistant|>"),
        ([], "Hé\r\n", "<|user|>Hé<|assistant|>"),
        ([], "[INST] is text", "<|user|>[INST] is text<|assistant|>"),
        (["-"], json.dumps(TURNS[:1]), "<|user|>Hi<|assistant|>"),
        (["turns.json", "--continue"], None, "<|user|>Hi<|assistant|>I"),
        (["notes.txt", "--no-generation-prompt"], None, "<|user|>Rain."),
        (["notes.txt", "-s", "Be brief."], None, "<|system|>Be brief.<|user|>Rain.<|assistant|>"),
        (["notes.txt", "--tools", "tools.json"], None, "<|user|>Rain.[1 tools]<|assistant|>"),
        (["notes.txt", "--var", "thinking=false"], None, "<|user|>Rain.[False]<|assistant|>"),
        (["notes.txt", "--var", "thinking=a=b"], None, "<|user|>Rain.[a=b]<|assistant|>"),
        (["notes.txt", "--var", "bos_token=<s>"], None, "<s><|user|>Rain.<|assistant|>"),
        (
            [],
            json.dumps({"messages": "Hi", "tools": [TOOL], "documents": [{"title": "A"}]}),
            "<|user|>Hi[1 tools][A]<|assistant|>",
        ),
    ],
)
def test_by_a_template(run: Run, args: list[str], piped: str | None, expected: str) -> None:
    result = run("prompt", "--template", "t.jinja", *args, input=piped)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == expected.encode()


def test_a_template_on_standard_input(run: Run) -> None:
    result = run("prompt", "--template", "-", "notes.txt", input="{{ messages[0].content }}!")
    assert result.stdout_bytes == b"Rain.!"


def test_repairs(run: Run) -> None:
    args = ["prompt", "--template", "strict.jinja", "-s", "Be brief.", "notes.txt"]
    repaired = run(*args)
    assert repaired.exit_code == 0, repaired.stderr
    assert "Be brief." in repaired.stdout
    refused = run(*args, "--no-repair")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "No system role." in refused.stderr


def test_what_is_not_used_is_told(run: Run) -> None:
    body = json.dumps({"messages": "Hi", "stream": True, "model": "x"})
    result = run("prompt", "--template", "t.jinja", input=body)
    assert result.stdout == "<|user|>Hi<|assistant|>"
    assert result.stderr == "hfi: warning: Not used in a prompt: stream, model.\n"


@pytest.mark.parametrize(
    ("args", "piped", "words"),
    [
        ([], "", "is empty"),
        ([], '[{"role": "user",]', "no JSON"),
        ([], '{"role": "user", "content": "Hi"}', "holds no messages"),
        ([], '{"messages": "Hi", "tools": {}}', "no list"),
        (["absent.json"], None, "absent.json"),
        (["turns.json", "--tools", "notes.txt"], None, "no JSON"),
        (["turns.json", "--var", "name"], None, "name=value"),
        (["turns.json", "--var", "messages=1"], None, "no variable"),
        (["turns.json", "-m", "org/name"], None, "exclude each other"),
        (["--template", "-"], "x", "both be standard input"),
    ],
)
def test_wrong_command_lines(run: Run, args: list[str], piped: str | None, words: str) -> None:
    result = run("prompt", "--template", "t.jinja", *args, input=piped)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_by_a_models_template(run: Run, web: Web) -> None:
    config: dict[str, Any] = {
        "tokenizer_config": {"bos_token": "<s>", "chat_template": TEMPLATE},
    }
    mapping = {"novita": {"status": "live", "providerId": "p", "task": "conversational"}}
    info = {"id": "org/name", "config": config, "inferenceProviderMapping": mapping}
    web(lambda _: httpx.Response(200, json=info))
    result = run("prompt", "-m", "org/name", "--no-repair", "turns.json")
    assert result.exit_code == 0, result.stderr
    tokens = {"bos_token": "<s>"}
    assert result.stdout == render_chat_template(TEMPLATE, TURNS, special_tokens=tokens)
    given = run("prompt", "-m", "org/name", "--var", "thinking=true", "turns.json")
    assert "[True]" in given.stdout


def test_as_a_program_of_its_own(start: Start) -> None:
    process = start("prompt", "--template", "t.jinja", stdin=subprocess.PIPE)
    out, err = process.communicate("Hé\n".encode(), timeout=30)
    assert (process.returncode, out, err) == (0, "<|user|>Hé<|assistant|>".encode(), b"")
