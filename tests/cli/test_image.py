"""``hfi image``, against providers of our own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from hfi.cli.screen import Screen
from hfi.cli.waits import wanted
from hfi.types.waiting import Waiting
from page import page_lines
from servers.images import PNG, FakeProviders

if TYPE_CHECKING:
    from conftest import Run, Web


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_lines_of_the_page(run: Run, web: Web, project_dir: Path, tmp_path: Path) -> None:
    web(FakeProviders("hf-inference"))
    lines = page_lines(project_dir, "image", "model")
    assert [line.split()[1] for line in lines] == ["image", "image", "model", "model"]
    for line in lines:
        result = run(*shlex.split(line)[1:])
        assert (result.exit_code, result.stderr) == (0, ""), line
        assert result.stdout
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"landscape.png", "fox-1.png", "fox-2.png", "fox-3.png", "fox-4.png"}


def test_an_image_is_saved(run: Run, web: Web) -> None:
    providers = FakeProviders("together")
    web(providers)
    result = run(
        *("image", "A cat", "on", "a mat", "-o", "cat", "-m", "org/painter"),
        *("--aspect-ratio", "16:9", "--height", "576", "--seed", "7", "--steps", "4"),
        *("--negative-prompt", "dogs", "--guidance", "3.5", "--timeout", "9"),
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, "cat.png\n", "")
    assert Path("cat.png").read_bytes() == PNG
    (body,) = providers.bodies()
    assert body["prompt"] == "A cat on a mat"
    assert (body["width"], body["height"], body["seed"]) == (1024, 576, 7)
    assert (body["steps"], body["guidance_scale"], body["negative_prompt"]) == (4, 3.5, "dogs")


def test_several_are_numbered(run: Run, web: Web) -> None:
    web(FakeProviders("hf-inference"))
    result = run("image", "-n", "2", "-o", "cats.png", input="A cat\n")
    assert result.stdout.splitlines() == ["cats-1.png", "cats-2.png"]
    assert run("image", "-n", "1", "-o", "one.png", "A cat").stdout == "one-1.png\n"


def test_standard_output(run: Run, web: Web, tmp_path: Path) -> None:
    web(FakeProviders("hf-inference"))
    result = run("image", "A cat", "-o", "-")
    assert result.stdout_bytes == PNG
    assert list(tmp_path.iterdir()) == []


def test_a_suffix_that_does_not_fit(run: Run, web: Web) -> None:
    web(FakeProviders("hf-inference"))
    result = run("image", "A cat", "-o", "cat.jpg")
    assert result.stdout == "cat.jpg\n"
    assert result.stderr == "hfi: warning: cat.jpg holds image/png: that is what came.\n"
    assert Path("cat.jpg").read_bytes() == PNG


def test_the_queue_is_told(run: Run, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def wait(_: Screen, waiting: Waiting, *, thing: str, after: str) -> None:
        wait = wanted(waiting, thing=thing)
        said.append(after if wait is None else wait.text)

    monkeypatch.setattr(Screen, "status", lambda _, text: said.append(text))
    monkeypatch.setattr(Screen, "wait", wait)
    web(FakeProviders("fal-ai"))
    result = run("image", "A cat", "-o", "cat.png")
    assert (result.exit_code, result.stdout) == (0, "cat.png\n")
    assert said[0] == "Making the image"
    assert said[1].startswith("Waiting for the image (in ")
    assert any("progress" in text for text in said)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["A cat"], "--output"),
        (["-o", "cat.png"], "There is no prompt"),
        (["A cat", "-o", "absent/cat.png"], "no folder absent"),
        (["A cat", "-o", "."], "is a folder"),
        (["A cat", "-o", "-", "-n", "2"], "leave -n out"),
        (["A cat", "-o", "cat.png", "-n", "0"], "n "),
        (["A cat", "-o", "cat.png", "--aspect-ratio", "wide"], "wide"),
        (["A cat", "-o", "cat.png", "--seed", "-1"], "seed"),
    ],
)
def test_wrong_command_lines(run: Run, web: Web, args: list[str], words: str) -> None:
    providers = FakeProviders("hf-inference")
    web(providers)
    result = run("image", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert not providers.seen


def test_a_refusal(run: Run, web: Web, tmp_path: Path) -> None:
    web(FakeProviders("together", refusals={"together": (402, {"error": "No credits."})}))
    result = run("image", "A cat", "-o", "cat.png")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written(run: Run, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    web(lambda _: httpx.Response(200, content=PNG))
    monkeypatch.setattr(Path, "write_bytes", full)
    result = run("image", "A cat", "--provider", "hf-inference", "-o", "cat.png")
    assert result.exit_code == 1
    assert result.stderr == "hfi: cat.png cannot be written: No space left on device.\n"


def test_what_was_saved_as_json(run: Run, web: Web) -> None:
    web(FakeProviders("together"))
    told = json.loads(run("image", "A cat", "-o", "cat", "--seed", "7", "--json").stdout)
    assert (told["path"], told["seed"], told["provider"]) == ("cat.png", 7, "together")
    assert (told["width"], told["height"], told["bytes"]) == (1, 1, len(PNG))
    several = json.loads(run("image", "A cat", "-o", "cat", "-n", "2", "--json").stdout)
    assert [entry["path"] for entry in several] == ["cat-1.png", "cat-2.png"]
    result = run("image", "A cat", "-o", "-", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
