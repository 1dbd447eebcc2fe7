"""Sounds, videos and transcriptions as they are seen and played: a real JupyterLab in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import FLAGS, Lab, Notebook, chromium, missing

_why_not = missing()
pytestmark = pytest.mark.skipif(_why_not is not None, reason=str(_why_not))

PICTURES = Path(__file__).parent / "pictures"
DATA = Path(__file__).parents[1] / "data"

VALUES = f"""\
import math, struct
from pathlib import Path
from hfi import Audio, AudioPart, Transcription, TranscriptionChunk, Video
from hfi.types.wav import wav_file

tone = [round(9000 * math.sin(at / 3)) for at in range(16000)]
sound = Audio(bytes=wav_file(struct.pack("<16000h", *tone), rate=16000, channels=1),
    content_type="audio/wav", duration=1.0, sampling_rate=16000, channels=1,
    prompt="The weather is nice <script>window.owned = 1</script> today.",
    model="org/voice", provider="fal-ai")

def film(kind):
    return Video(bytes=(Path({str(DATA)!r}) / f"film.{{kind}}").read_bytes(),
        content_type=f"video/{{kind}}", width=160, height=120, duration=1.0, seed=7,
        prompt="A test picture that moves", model="org/film", provider="together")

said = Transcription(text="The weather is nice today. Go forward ten metres.", language="en",
    duration=75.0, model="org/ear", provider="hf-inference", chunks=(
        TranscriptionChunk(text="The weather is nice today.", start=0.0, end=1.6),
        TranscriptionChunk(text="Go <b>forward</b> ten metres.", start=61.25, end=None)))
"""
CELLS = [
    VALUES,
    "sound",
    "film('webm')",
    "film('mp4')",
    "said",
    "AudioPart('vocals', sound)",
]


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may be absent

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        notebook = lab.notebook(page, CELLS)
        notebook.run(0)
        yield notebook
        browser.close()


def played(notebook: Notebook, place: int, kind: str) -> Any:
    """Run a cell, and give its player once it knows what it is to play."""
    notebook.run(place)
    player = notebook.output(place).locator(kind)
    assert player.count() == 1
    ready = "each => each.readyState >= 1 || each.error !== null"
    notebook.wait(lambda: player.evaluate(ready), f"the {kind} was not loaded")
    assert player.evaluate("each => each.error && each.error.message") is None
    return player


def picture(notebook: Notebook, place: int, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    cell = notebook.page.locator(".jp-CodeCell").nth(place)
    cell.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(300)
    cell.screenshot(path=PICTURES / f"{name}.png")


def test_a_sound_plays(notebook: Notebook) -> None:
    player = played(notebook, 1, "audio")
    assert player.evaluate("each => each.duration") == pytest.approx(1.0, abs=0.01)
    player.evaluate("each => { each.muted = true; return each.play() }")
    notebook.wait(lambda: player.evaluate("each => each.currentTime") > 0.05, "it stood still")
    text = notebook.output(1).inner_text()
    assert "<script>window.owned = 1</script>" in text
    assert "1.0 s · org/voice · fal-ai" in text
    assert notebook.page.evaluate("window.owned") is None
    picture(notebook, 1, "audio")


@pytest.mark.parametrize(("place", "kind"), [(2, "webm"), (3, "mp4")])
def test_a_video_plays(notebook: Notebook, place: int, kind: str) -> None:
    player = played(notebook, place, "video")
    assert player.evaluate("each => [each.videoWidth, each.videoHeight]") == [160, 120]
    assert "seed 7" in notebook.output(place).inner_text()
    picture(notebook, place, f"video-{kind}")


def test_a_transcription_is_a_text_with_times(notebook: Notebook) -> None:
    text = notebook.run(4)
    assert "The weather is nice today. Go forward ten metres." in text
    assert "1:01.25" in text
    assert notebook.output(4).locator("tbody tr").count() == 2
    assert notebook.output(4).locator("tbody b").count() == 0
    picture(notebook, 4, "transcription")


def test_a_part_has_its_label(notebook: Notebook) -> None:
    played(notebook, 5, "audio")
    assert "vocals" in notebook.output(5).inner_text()
    picture(notebook, 5, "part")
