"""``hfi env`` and ``hfi completion``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfi import __version__
from hfi.cli.env import settings

if TYPE_CHECKING:
    from conftest import Run

TOKEN = "hf_aaaabbbbccccddddeeee"


def test_versions_and_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HFI_MODEL", "org/name")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pass-word@proxy:3128/?key=abcdef")
    result = run("env")
    assert result.exit_code == 0
    lines = dict(line.split("\t") for line in result.stdout.splitlines())
    assert lines["hfi"] == __version__
    assert lines["python"].endswith(sys.version.split()[0])
    assert lines["HFI_MODEL"] == "org/name"
    assert lines["HTTPS_PROXY"] == "http://proxy:3128/"
    assert lines["HF_TOKEN"] == "set, not shown"
    assert lines["token"] == "from HF_TOKEN, not shown"
    value = json.loads(run("env", "--json").stdout)
    assert set(value) == {"versions", "machine", "settings"}
    assert value["versions"]["httpx"]
    for secret in (TOKEN, "pass-word", "abcdef"):
        assert secret not in result.stdout + json.dumps(value)


def test_a_bad_token_is_told_and_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", f'"{TOKEN}"')
    out = run("env").stdout
    assert "quotation marks" in out
    assert TOKEN not in out


def test_which_variables_are_shown_and_how() -> None:
    shown = settings(
        {
            "HF_TOKEN": TOKEN,
            "HF_TOKEN_PATH": "/home/me/.token",
            "HFI_TOKEN": "sk-1234567",
            "HF_MY_API_KEY": "abcd1234",
            "HF_REMARK": "the key is abcd1234, and Bearer sk-1234567",
            "HFI_BASE_URL": "http://user:secret@host/v1?key=x",
            "https_proxy": "me:secret@host:1",
            "NO_PROXY": "localhost,.example.org",
            "HF_HUB_OFFLINE": "",
            "AWS_SECRET": "no business of ours",
            "PATH": "/bin",
        },
        "/home/me",
    )
    assert shown == {
        "HFI_BASE_URL": "http://host/v1",
        "HFI_TOKEN": "set, not shown",
        "HF_MY_API_KEY": "set, not shown",
        "HF_REMARK": shown["HF_REMARK"],
        "HF_TOKEN": "set, not shown",
        "HF_TOKEN_PATH": "~/.token",
        "NO_PROXY": "localhost,.example.org",
        "https_proxy": "host:1",
    }
    assert "abcd1234" not in shown["HF_REMARK"]
    assert "sk-1234567" not in shown["HF_REMARK"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_HFI_COMPLETE={shell}_complete" in result.stdout


def test_no_such_shell(run: Run) -> None:
    assert run("completion", "tcsh").exit_code == 2


def completed(words: str) -> set[str]:
    """What a shell is offered for the last word."""
    source = str(Path(settings.__code__.co_filename).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "hfi"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": source,
            "_HFI_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("words", "some"),
    [
        ("hfi do", {"doctor"}),
        ("hfi chat --no", {"--no-stream", "--no-history"}),
        ("hfi chat --provider gro", {"groq"}),
        ("hfi chat --model flux-s", {"flux-schnell"}),
        ("hfi explain ", {"chat", "text", "image"}),
        ("hfi local ", {"install", "try"}),
    ],
)
def test_words_are_completed(words: str, some: set[str]) -> None:
    assert some <= completed(words)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_takes_the_script(run: Run, tmp_path: Path) -> None:
    source = str(Path(settings.__code__.co_filename).parents[2])
    command = tmp_path / "hfi"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hfi "$@"\n')
    command.chmod(0o755)
    script = run("completion", "bash").stdout + (
        '\nCOMP_WORDS=(hfi chat --prov); COMP_CWORD=2; _hfi_completion hfi; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": source, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.stdout == "--provider\n", done.stderr
