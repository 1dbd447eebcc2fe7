"""What a type checker makes of tasks about sounds and videos; checked, never run."""

from __future__ import annotations

import sys
from pathlib import Path

from hfi import (
    AsyncClient,
    Audio,
    AudioPart,
    CallMeta,
    Client,
    Transcription,
    TranscriptionChunk,
    Video,
)
from hfi.types.classes import Classification
from hfi.types.results import Results

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def sounds(client: Client) -> None:
    said = client.automatic_speech_recognition(Path("a.wav"), return_timestamps="word")
    assert_type(said, Transcription)
    assert_type(said.chunks, tuple[TranscriptionChunk, ...])
    assert_type(said.chunks[0].start, float | None)
    assert_type(said.meta, CallMeta)
    assert_type(client.audio_classification(b"", top_k=3), Results[Classification])
    assert_type(client.audio_to_audio("https://example.com/a.wav"), Results[AudioPart])
    assert_type(client.text_to_audio("rain"), Audio)
    sound = client.text_to_speech("Hello.", do_sample=True, provider="fal-ai", timeout=60)
    assert_type(sound, Audio)
    assert_type(sound.bytes, bytes)
    assert_type(sound.duration, float | None)
    assert_type(sound.save("a"), Path)


def videos(client: Client) -> None:
    assert_type(client.text_to_video("a cat", negative_prompt=["blurry"], seed=1), Video)
    assert_type(client.image_to_video("a.png", prompt="it runs", target_size=(64, 48)), Video)
    video = client.image_text_to_video(prompt="it runs")
    assert_type(video.width, int | None)
    assert_type(video.meta, CallMeta)


async def unsync(client: AsyncClient) -> None:
    assert_type(await client.automatic_speech_recognition(b""), Transcription)
    assert_type(await client.text_to_speech("Hello."), Audio)
    assert_type(await client.text_to_video("a cat"), Video)


def refused(client: Client) -> None:
    client.text_to_speech(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.text_to_video("a cat", frames=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.image_to_video("a", seed="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
