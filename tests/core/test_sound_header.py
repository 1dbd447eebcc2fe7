"""How long sounds and videos are, read off their heads."""

from __future__ import annotations

import io
import struct
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.incoming.sound_header import SoundFacts, sound_facts
from hfi._core.incoming.video_header import VideoFacts, video_facts
from hfi.types.wav import wav_file


def made(
    kind: str, rate: int = 16000, seconds: float = 1.5, channels: int = 2, **options: Any
) -> bytes:
    numpy, soundfile = pytest.importorskip("numpy"), pytest.importorskip("soundfile")
    wave = numpy.sin(numpy.arange(int(rate * seconds)) / 20) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, numpy.stack([wave] * channels, 1), rate, format=kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WAV", {}),
        ("WAV", {"subtype": "PCM_24"}),
        ("WAV", {"subtype": "FLOAT"}),
        ("WAVEX", {}),
        ("RF64", {}),
        ("FLAC", {}),
        ("AIFF", {}),
        ("OGG", {"subtype": "VORBIS"}),
        ("OGG", {"subtype": "OPUS"}),
    ],
)
def test_sounds(kind: str, options: dict[str, Any], channels: int) -> None:
    found = sound_facts(made(kind, channels=channels, **options))
    assert found.duration == pytest.approx(1.5, abs=0.001)
    assert (found.rate, found.channels) == (16000, channels)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 32000, 44100, 48000])
@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_mp3(rate: int, mode: str) -> None:
    found = sound_facts(made("MP3", rate=rate, bitrate_mode=mode))
    assert found.duration == pytest.approx(1.5, abs=0.01)
    assert (found.rate, found.channels) == (rate, 2)


def test_mp3_behind_tags_and_without_a_count() -> None:
    data = made("MP3", bitrate_mode="CONSTANT")
    told = sound_facts(data)
    tagged = b"ID3\x04\0\0" + bytes([0, 0, 1, 2]) + bytes(130) + data
    assert sound_facts(tagged) == told
    frame = b"\xff\xfb\x90\x64" + bytes(413)  # 128 kbit/s, 44.1 kHz, stereo
    assert sound_facts(frame * 10) == SoundFacts(10 * 1152 / 44100, 44100, 2)


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", 8 + len(body), name) + body


def mvhd(version: int = 0, scale: int = 1000, duration: int = 2500) -> bytes:
    if version:
        return box(b"mvhd", b"\1\0\0\0", bytes(16), struct.pack(">IQ", scale, duration), bytes(80))
    return box(b"mvhd", bytes(12), struct.pack(">II", scale, duration), bytes(80))


def trak(width: int, height: int) -> bytes:
    tkhd = box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16))
    return box(b"trak", tkhd, box(b"mdia", bytes(20)))


FTYP = box(b"ftyp", b"isom", bytes(8))


@pytest.mark.parametrize(
    ("data", "due"),
    [
        (FTYP + box(b"moov", mvhd(), trak(0, 0), trak(640, 480)), VideoFacts(2.5, 640, 480)),
        (FTYP + box(b"mdat", bytes(99)) + box(b"moov", mvhd(1)), VideoFacts(2.5)),
        (FTYP + box(b"moov", mvhd(duration=0), trak(64, 48)), VideoFacts(None, 64, 48)),
        (FTYP + box(b"moov", mvhd(duration=0xFFFFFFFF)), VideoFacts()),
        (FTYP + box(b"moov", mvhd(scale=0)), VideoFacts()),
        (
            FTYP + struct.pack(">I4sQ", 1, b"free", 20) + bytes(4) + box(b"moov", mvhd()),
            VideoFacts(2.5),
        ),
        (FTYP + struct.pack(">I4s", 0, b"moov") + mvhd(), VideoFacts(2.5)),
        (FTYP + struct.pack(">I4s", 4, b"moov") + mvhd(), VideoFacts()),
        (FTYP, VideoFacts()),
        (b"GIF89a\x40\0\x30\0", VideoFacts(None, 64, 48)),
        (b"FLV\x01", VideoFacts()),
        (b"", VideoFacts()),
    ],
)
def test_videos(data: bytes, due: VideoFacts) -> None:
    assert video_facts(data) == due


def element(name: int, body: bytes, size: bytes | None = None) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return head + (size or bytes([0x80 | len(body)])) + body


def matroska(*segment: bytes, size: bytes | None = None) -> bytes:
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, b"".join(segment), size)


INFO = element(
    0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40") + element(0x4489, struct.pack(">f", 1500))
)
VIDEO = element(0xE0, element(0xB0, b"\x02\x80") + element(0xBA, b"\x01\xe0"))
TRACKS = element(0x1654AE6B, element(0xAE, element(0x83, b"\2")) + element(0xAE, VIDEO))


@pytest.mark.parametrize(
    ("data", "due"),
    [
        (matroska(INFO, TRACKS), VideoFacts(1.5, 640, 480)),
        (matroska(INFO, TRACKS, size=b"\x01" + b"\xff" * 7), VideoFacts(1.5, 640, 480)),
        (matroska(TRACKS), VideoFacts(None, 640, 480)),
        (matroska(INFO), VideoFacts(1.5)),
        (matroska(element(0xEC, b"\0"), INFO), VideoFacts(1.5)),
        (matroska(), VideoFacts()),
    ],
)
def test_webm(data: bytes, due: VideoFacts) -> None:
    assert video_facts(data) == due
    assert sound_facts(data).duration == due.duration


HEADS = [
    wav_file(bytes(16), rate=8000, channels=1),
    b"fLaC\0\0\0\x22" + bytes(34),
    b"OggS" + bytes(22) + b"\1\x1e\x01vorbis" + bytes(20),
    b"OggS" + bytes(22) + b"\1\x13OpusHead" + bytes(11),
    b"\xff\xfb\x90\x64" + bytes(60),
    b"ID3\x04\0\0\0\0\0\1",
    b"FORM\0\0\0\x2eAIFFCOMM\0\0\0\x12" + bytes(18),
    FTYP + box(b"moov", mvhd(), trak(64, 48)),
    matroska(INFO, TRACKS),
]


@given(st.sampled_from(HEADS), st.integers(0, 120), st.binary(max_size=24), st.integers(0, 200))
@settings(deadline=None, max_examples=400)
def test_any_bytes_are_looked_at_without_a_fault(
    head: bytes, at: int, patch: bytes, end: int
) -> None:
    data = (head[:at] + patch + head[at + len(patch) :])[: end or None]
    for facts in (sound_facts(data), video_facts(data)):
        values = attrs.astuple(facts)
        assert all(value is None or value >= 0 for value in values)
