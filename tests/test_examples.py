"""The examples run, as they stand, against a fake Hub and router."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import respx

from servers.hub import LINES, FakeHub
from servers.images import PNG

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(autouse=True)
def _hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_examples")
    monkeypatch.chdir(tmp_path)
    with respx.mock as mock:
        mock.route().mock(side_effect=FakeHub())
        yield


@pytest.mark.parametrize("name", ["poem.py", "poem_async.py"])
def test_a_poem_is_written(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert capsys.readouterr().out == "".join(LINES) + "\n"


@pytest.mark.parametrize("name", ["landscape.py", "landscape_async.py"])
def test_a_landscape_is_painted(name: str, tmp_path: Path) -> None:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert (tmp_path / "landscape.png").read_bytes() == PNG


def test_no_example_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        *("poem.py", "poem_async.py", "landscape.py", "landscape_async.py"),
    }
