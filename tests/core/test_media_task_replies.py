"""Replies to tasks about sounds and videos, in every shape that backends give them."""

from __future__ import annotations

import base64
import contextlib
import copy
import io
import pickle
import struct
import wave
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.incoming.waveform import waveform
from hfi._core.tasks.audio import read_parts, read_transcription
from hfi.errors import ResponseError
from hfi.types.audio import Transcription, TranscriptionChunk
from hfi.types.media import Audio
from hfi.types.wav import wav_file

WAV = wav_file(bytes(range(8)), rate=8000, channels=1)
B64 = base64.b64encode(WAV).decode()
HELLO = TranscriptionChunk(text="hello", start=0.0, end=0.5)


@pytest.mark.parametrize(
    ("body", "text", "chunks"),
    [
        ({"text": "hello world"}, "hello world", []),
        ([{"text": "hello world"}], "hello world", []),
        ({"text": ""}, "", []),
        ("hello world", "hello world", []),
        (["hello world"], "hello world", []),
        ({"output": "hello"}, "hello", []),
        ({"text": "hello", "chunks": [{"text": "hello", "timestamp": [0, 0.5]}]}, "hello", [HELLO]),
        (
            {"text": "hello", "chunks": [{"text": "hello", "timestamp": ["0", "0.5"]}]},
            "hello",
            [HELLO],
        ),
        (
            {"text": "hello", "segments": [{"text": "hello", "start": 0, "end": 0.5}]},
            "hello",
            [HELLO],
        ),
        (
            {"text": "hello", "chunks": None, "words": [{"word": "hello", "start": 0, "end": 0.5}]},
            "hello",
            [HELLO],
        ),
        ({"chunks": [{"text": "hello", "timestamp": [0, 0.5]}]}, "hello", [HELLO]),
        (
            {"text": "a", "chunks": [{"text": "a", "timestamp": [1.5, None]}]},
            "a",
            [TranscriptionChunk(text="a", start=1.5)],
        ),
        (
            {"text": "a", "chunks": [{"text": "a", "timestamp": None}]},
            "a",
            [TranscriptionChunk(text="a")],
        ),
        (
            {"text": "a", "chunks": [{"text": "a", "timestamp": [1]}, 3, None]},
            "a",
            [TranscriptionChunk(text="a")],
        ),
        ({"text": "a", "chunks": []}, "a", []),
        ({"text": "a", "chunks": "x"}, "a", []),
    ],
)
def test_transcriptions(body: Any, text: str, chunks: list[TranscriptionChunk]) -> None:
    found = read_transcription(body)
    assert (found.text, list(found.chunks)) == (text, chunks)


def test_what_else_a_transcription_tells() -> None:
    body = {
        "text": "hi",
        "language": "en",
        "duration": "1.5",
        "x": 1,
        "chunks": [{"text": "hi", "y": 2}],
    }
    found = read_transcription(body)
    assert (found.language, found.duration) == ("en", 1.5)
    assert found.raw == body
    assert found.chunks[0].raw == {"text": "hi", "y": 2}
    assert read_transcription({"text": "", "inferred_languages": ["fr"]}).language == "fr"
    assert read_transcription({"text": "", "language": 3, "duration": {}}).duration is None
    assert pickle.loads(pickle.dumps(found)) == found
    assert copy.deepcopy(found) == found


@pytest.mark.parametrize(
    "body", [None, 3, [], [1], {}, {"text": None}, {"text": 3}, {"error": "no"}]
)
def test_what_is_no_transcription(body: Any) -> None:
    with pytest.raises(ResponseError, match="no transcription"):
        read_transcription(body)


@pytest.mark.parametrize(
    "body",
    [
        [{"label": "speech", "content-type": "audio/wav", "blob": B64}],
        {"label": "speech", "content-type": "audio/wav", "blob": B64},
        [[{"label": "speech", "content-type": "application/json", "blob": B64}]],
        [{"label": "speech", "blob": f"data:audio/x-wav;base64,{B64}"}, None],
    ],
)
def test_parts(body: Any) -> None:
    (part,) = read_parts(body)
    assert part.label == "speech"
    assert part.audio == Audio(
        bytes=WAV, content_type="audio/wav", duration=4 / 8000, sampling_rate=8000, channels=1
    )
    assert part.raw is not None


def test_a_part_of_a_rarer_format_and_without_a_label() -> None:
    (part,) = read_parts([{"content-type": "Audio/X-Rare", "blob": "AAAA", "sampling_rate": 8000}])
    assert (part.label, part.audio.content_type, part.audio.bytes) == (
        "",
        "audio/x-rare",
        b"\0\0\0",
    )
    assert part.audio.sampling_rate == 8000


@pytest.mark.parametrize(
    "body",
    [
        None,
        "x",
        [1],
        [{}],
        [{"blob": None}],
        [{"blob": ""}],
        [{"blob": 3, "content-type": "audio/wav"}],
        [{"blob": "*no base64*", "content-type": "audio/wav"}],
        [{"blob": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), "content-type": "audio/wav"}],
    ],
)
def test_what_is_no_sound(body: Any) -> None:
    with pytest.raises(ResponseError, match=r"no sound|other things"):
        read_parts(body)


def samples(data: bytes | None) -> tuple[int, int, tuple[int, ...]]:
    assert data is not None
    with wave.open(io.BytesIO(data)) as file:
        frames = file.readframes(file.getnframes())
        return (
            file.getframerate(),
            file.getnchannels(),
            struct.unpack(f"<{len(frames) // 2}h", frames),
        )


@pytest.mark.parametrize(
    ("audio", "channels", "due"),
    [
        ([0, 0.5, -1], 1, (0, 16384, -32767)),
        ([[0, 0.5, -1]], 1, (0, 16384, -32767)),
        ([[[0, 0.5, -1]]], 1, (0, 16384, -32767)),
        ([[0, 1.5], [0.5, -1]], 2, (0, 16384, 32767, -32767)),
        ([[0.0, 1.0]] * 9, 2, (0, 32767) * 9),
    ],
)
@pytest.mark.parametrize("name", ["audio", "array"])
def test_sound_as_numbers(name: str, audio: Any, channels: int, due: tuple[int, ...]) -> None:
    for body in ({name: audio, "sampling_rate": 16000}, [{name: audio, "sampling_rate": 16000.0}]):
        assert samples(waveform(body)) == (16000, channels, due)


@pytest.mark.parametrize(
    "body",
    [
        {"audio": [0.1]},
        {"audio": [0.1], "sampling_rate": 0},
        {"audio": [0.1], "sampling_rate": True},
        {"audio": [0.1], "sampling_rate": "16000"},
        {"audio": [0.1], "sampling_rate": 1e300},
        {"audio": [], "sampling_rate": 8000},
        {"audio": [[]], "sampling_rate": 8000},
        {"audio": [[0.1], [0.1, 0.2]], "sampling_rate": 8000},
        {"audio": [[0.1], 3], "sampling_rate": 8000},
        {"audio": [0.1, "x"], "sampling_rate": 8000},
        {"audio": [0.1, True], "sampling_rate": 8000},
        {"audio": [20000.0], "sampling_rate": 8000},
        {"audio": [float("nan"), 0.1], "sampling_rate": 8000},
        {"audio": "x", "sampling_rate": 8000},
        {"other": [0.1], "sampling_rate": 8000},
        [[0.1]],
        None,
    ],
)
def test_what_is_no_sound_as_numbers(body: Any) -> None:
    assert waveform(body) is None


FIELDS = [
    *("text", "chunks", "segments", "timestamp", "start", "blob", "label", "content-type"),
    *("audio", "sampling_rate", "language", "duration"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just(B64),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
@settings(deadline=None, max_examples=400)
def test_any_json_gives_a_value_or_a_response_error(body: Any) -> None:
    for read in (read_transcription, read_parts):
        with contextlib.suppress(ResponseError):
            found = read(body)
            assert isinstance(found, Transcription) or all(part.audio.bytes for part in found)
    made = waveform(body)
    assert made is None or made.startswith(b"RIFF")
