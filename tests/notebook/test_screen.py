"""Streams that are shown where there is no notebook, and the clients' waits there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hfi import AsyncClient, Client, StreamInterruptedError
from hfi.testing import FakeServer, Reply, faults


def test_a_script_prints_the_text_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        FakeServer(Reply("One two", reasoning="Hm.")) as server,
        Client(base_url=server.url) as client,
    ):
        stream = client.chat("Hi", stream=True)
        completion = stream.display()
    assert capsys.readouterr().out == "One two\n"
    assert completion is stream.completion
    assert completion.text == stream.partial.text == "One two"


async def test_so_it_does_asynchronously(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer("One two") as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.text_generation("Hi", stream=True)
            assert str(await stream.display()) == "One two"
    assert capsys.readouterr().out == "One two\n"


def test_what_was_read_before_is_part_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeServer("One two three") as server, Client(base_url=server.url) as client:
        stream = client.chat("Hi", stream=True)
        while not next(stream).text:
            pass
        assert stream.display().text == "One two three"
        assert stream.display() is stream.completion
    assert capsys.readouterr().out == " two three\n\n"


def test_an_error_closes_the_stream_and_is_raised(capsys: pytest.CaptureFixture[str]) -> None:
    cut = faults.Break(events=3)
    with FakeServer("One two three", faults=cut) as server, Client(base_url=server.url) as client:
        stream = client.chat("Hi", stream=True)
        with pytest.raises(StreamInterruptedError) as caught:
            stream.display()
        assert stream.closed
        assert caught.value.partial.text == stream.partial.text == "One two"
    assert capsys.readouterr().out == "One two\n"


def test_nothing_of_notebooks_is_imported_without_one(project_dir: Path) -> None:
    code = (
        "import sys, hfi; client = hfi.Client(base_url='http://127.0.0.1:1'); client._config;"
        "print([name for name in sys.modules if name.startswith(('hfi.notebook', 'IPython', "
        "'tqdm', 'markdown_it'))], client._config.on_wait)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(project_dir / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "[] None\n"
