"""Sounds and videos as users hold them."""

from __future__ import annotations

import copy
import io
import pickle
import struct
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

import hfi
from hfi import Audio, AudioPart, Image, Transcription, TranscriptionChunk, Video
from hfi.errors import MissingExtraError, ResponseError
from hfi.types.meta import CallMeta
from hfi.types.wav import read_wav, wav_file

SAMPLES = bytes(range(8))
WAV = wav_file(SAMPLES, rate=8000, channels=1)
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08mdat"


def audio(**changes: Any) -> Audio:
    facts = {"duration": 0.0005, "sampling_rate": 8000, "channels": 1, "prompt": "Hello <b>."}
    return Audio(**{"bytes": WAV, "content_type": "audio/wav", **facts, **changes})


def video(**changes: Any) -> Video:
    return Video(
        **{"bytes": MP4, "content_type": "video/mp4", "width": 64, "height": 48, **changes}
    )


def test_a_part_has_the_hub_s_names_too() -> None:
    part = AudioPart("speech", audio())
    assert (part.blob, part.content_type) == (part.audio.bytes, part.audio.content_type)


@pytest.mark.parametrize("value", [audio(), video(), AudioPart("speech", audio())])
def test_values_stay_as_they_are(value: Any) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.anything = 1
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
    assert type(value).__module__ == "hfi"
    assert getattr(hfi, type(value).__name__) is type(value)


def test_reprs_are_short() -> None:
    shown = repr(audio(model="org/voice", provider="fal-ai", duration=1.25))
    assert shown == (
        "<Audio audio/wav, 1.25 s, 8000 Hz, 52 bytes, model='org/voice', provider='fal-ai'>"
    )
    assert repr(video(duration=2.0, seed=7)) == "<Video 64x48 video/mp4, 2.00 s, 32 bytes, seed=7>"
    assert repr(Audio(bytes=b"x", content_type="audio/x")) == "<Audio audio/x, 1 bytes>"


def test_equality_looks_at_the_file_and_not_at_the_call() -> None:
    assert audio(meta=CallMeta(attempts=3)) == audio()
    assert audio(bytes=WAV + b"\0") != audio()
    assert audio() != video()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (audio(), "out.wav"),
        (audio(content_type="audio/mpeg"), "out.mp3"),
        (audio(content_type="audio/x-unheard-of"), "out.bin"),
        (video(), "out.mp4"),
        (video(content_type="video/webm"), "out.webm"),
    ],
)
def test_saving(value: Any, name: str, tmp_path: Path) -> None:
    assert value.save(tmp_path / "out") == tmp_path / name
    assert (tmp_path / name).read_bytes() == value.bytes
    assert value.save(str(tmp_path / "b.x")) == tmp_path / "b.x"
    assert {path.name for path in tmp_path.iterdir()} == {name, "b.x"}


def test_saving_where_nothing_can_be(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-folder"):
        audio().save(tmp_path / "no-folder" / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_facts_of_a_call() -> None:
    meta = CallMeta(attempts=2)
    found = audio().with_facts(meta, model="m", provider="p")
    assert (found.meta, found.model, found.provider) == (meta, "m", "p")
    assert isinstance(found, Audio)


# -- in a notebook ---------------------------------------------------------------------------------


def test_players() -> None:
    shown = audio()._repr_html_()
    assert shown is not None
    assert (
        f'<audio controls preload="metadata" style="max-width:100%" src="{audio().data_url()}">'
        in shown
    )
    assert "Hello &lt;b&gt;." in shown
    film = video(prompt='"><script>', seed=3)._repr_html_()
    assert film is not None
    assert "<video controls" in film
    assert "<script>" not in film
    assert "seed 3" in film
    assert "<img" in (video(content_type="image/gif")._repr_html_() or "")
    part = AudioPart("<i>vocals", audio())._repr_html_()
    assert part is not None
    assert "&lt;i&gt;vocals" in part
    assert audio()._repr_mimebundle_() == {"text/plain": repr(audio()), "text/html": shown}
    assert audio()._repr_mimebundle_(exclude=["text/html"]) == {"text/plain": repr(audio())}


def test_a_type_that_is_no_type_reaches_no_page() -> None:
    shown = audio(content_type='audio/x" onerror="alert(1)')._repr_html_()
    assert shown is not None
    assert "onerror" not in shown


def test_what_is_too_large_to_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hfi.types.medium._MOST_SHOWN", 10)
    assert audio()._repr_html_() is None
    assert AudioPart("x", audio())._repr_html_() is None
    assert audio()._repr_mimebundle_() == {"text/plain": repr(audio())}


def test_a_transcription() -> None:
    chunks = (
        TranscriptionChunk(text=" Hello <b>", start=0.0, end=61.5),
        TranscriptionChunk(text=" there", start=61.5),
    )
    said = Transcription(text="Hello <b> there", chunks=chunks, language="en", duration=62.0)
    assert str(said) == said.text
    assert chunks[0].timestamp == (0.0, 61.5)
    assert repr(said) == (
        "Transcription(text='Hello <b> there', chunks=<2 items>, language='en', duration=62.0)"
    )
    html = said._repr_html_()
    assert "Hello &lt;b&gt; there" in html
    assert "1:01.50" in html
    assert "<b>" not in html
    assert "<table" not in Transcription(text="x")._repr_html_()


# -- as arrays -------------------------------------------------------------------------------------

FORMS = [("u1", 1, 8), ("<i2", 1, 16), ("<i4", 1, 32), ("<f4", 3, 32), ("<f8", 3, 64)]


def wav_of(data: bytes, *, encoding: int, bits: int, channels: int = 1) -> bytes:
    """A WAV of any form, written without the code under test."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", encoding, channels, 8000, 8000 * frame, frame, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"LIST\3\0\0\0abc\0" + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(("form", "encoding", "bits"), FORMS)
@pytest.mark.parametrize("channels", [1, 2])
def test_samples(form: str, encoding: int, bits: int, channels: int) -> None:
    numpy = pytest.importorskip("numpy")
    due = numpy.array([0, 0.5, -0.5, 0.25])
    scale = {"u1": 128, "<i2": 2**15, "<i4": 2**31}.get(form, 1)
    raw = (due * scale + (128 if form == "u1" else 0)).astype(form).tobytes()
    found = audio(bytes=wav_of(raw, encoding=encoding, bits=bits, channels=channels)).numpy()
    assert str(found.dtype) == "float32"
    assert found.shape == ((4,) if channels == 1 else (2, 2))
    assert numpy.allclose(found.ravel(), due, atol=1e-6)


def test_samples_of_24_bits() -> None:
    numpy = pytest.importorskip("numpy")
    raw = b"\0\0\x40" + b"\0\0\xc0" + b"\xff\xff\x7f"
    found = audio(bytes=wav_of(raw, encoding=1, bits=24)).numpy()
    assert numpy.allclose(found, [0.5, -0.5, 1.0], atol=1e-6)


def test_samples_of_an_extensible_wav() -> None:
    numpy = pytest.importorskip("numpy")
    plain = wav_of(b"\0\x40\0\xc0", encoding=1, bits=16)
    guid = b"\x16\0\x10\0\0\0\0\0\1\0" + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    data = plain.replace(b"\x10\0\0\0\1\0", b"\x28\0\0\0\xfe\xff", 1)
    data = data.replace(b"\x10\0LIST", b"\x10\0" + guid + b"LIST", 1)
    assert numpy.allclose(audio(bytes=data).numpy(), [0.5, -0.5])


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_wav_that_was_sent_before_its_length_was_known(size: bytes) -> None:
    data = WAV[:40] + size + SAMPLES + b"\x01"
    wav = read_wav(data)
    assert wav is not None
    assert (wav.start, wav.length) == (44, 8)  # whole frames
    assert wav.duration == 4 / 8000


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3", "AIFF"])
def test_other_formats(kind: str) -> None:
    numpy, soundfile = pytest.importorskip("numpy"), pytest.importorskip("soundfile")
    wave = numpy.sin(numpy.arange(8000) / 20).astype("float32") / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, 8000, format=kind)
    found = audio(bytes=buffer.getvalue(), content_type="audio/x").numpy()
    assert found.shape == (8000,)
    assert abs(found[1000:7000] - wave[1000:7000]).max() < 0.1


def test_what_cannot_be_decoded() -> None:
    pytest.importorskip("soundfile")
    for data in (b"", b"no sound", WAV[:20], b"fLaC" + bytes(50)):
        with pytest.raises(ResponseError, match="cannot read this audio/wav"):
            audio(bytes=data).numpy()


@pytest.mark.parametrize("module", ["numpy", "soundfile"])
def test_libraries_may_be_missing(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"hfi\[audio\]"):
        audio(bytes=b"fLaC").numpy()


def test_the_pixels_of_an_image() -> None:
    numpy, pil = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    for mode, shape in (("RGB", (2, 3, 3)), ("L", (2, 3)), ("P", (2, 3, 3)), ("RGBA", (2, 3, 4))):
        buffer = io.BytesIO()
        pil.new(mode, (3, 2), 1 if mode in "LP" else "red").save(buffer, "PNG")
        found = Image(bytes=buffer.getvalue(), content_type="image/png").numpy()
        assert isinstance(found, numpy.ndarray)
        assert found.shape == shape
        assert found.flags.writeable


def test_numpy_may_be_missing_for_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match="pip install numpy"):
        Image(bytes=b"", content_type="image/png").numpy()
