"""Sounds: tasks that make one, and tasks about one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.incoming.sound_header import sound_facts
from hfi._core.outgoing.media import parse_data_url, sniff
from hfi._core.providers.way import HERE, Way
from hfi._core.tasks.elements import number, objects, odd, unwrapped, whole
from hfi._core.tasks.task import Task, checked_text
from hfi._core.tasks.text import read_classifications
from hfi.types.audio import Transcription, TranscriptionChunk
from hfi.types.media import Audio, AudioPart
from hfi.types.media_options import (
    AudioClassificationArguments,
    AudioToAudioArguments,
    AutomaticSpeechRecognitionArguments,
    SpeechArguments,
)
from hfi.types.results import Results

if TYPE_CHECKING:
    from hfi._core.tasks.task import Made

__all__ = ["TASKS", "read_parts", "read_sound", "read_transcription"]


def read_sound(made: Made) -> Audio:
    """The sound that a provider made."""
    facts = sound_facts(made.data)
    told = made.body if isinstance(made.body, Mapping) else {}
    return Audio(
        bytes=made.data,
        content_type=made.content_type,
        duration=facts.duration,
        sampling_rate=facts.rate or whole(told.get("sampling_rate")),
        channels=facts.channels,
        model=made.model,
        provider=made.provider,
        url=made.url,
        prompt=made.prompt,
    )


def read_transcription(body: Any) -> Transcription:
    """Reads ``{"text", "chunks"}``, OpenAI's ``segments`` and ``words``, or the text alone."""
    inner = unwrapped(body)
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if isinstance(inner, str):
        return Transcription(text=inner)
    if not isinstance(inner, dict):
        raise odd("The reply holds no transcription", body)
    chunks = _chunks(inner)
    text = next((t for name in ("text", "output") if isinstance(t := inner.get(name), str)), None)
    if text is None and not chunks:
        raise odd("The reply holds no transcription: it has no 'text'", body)
    return Transcription(
        text="".join(chunk.text for chunk in chunks) if text is None else text,
        chunks=chunks,
        language=_language(inner),
        duration=number(inner.get("duration")),
        source=inner,
    )


def _chunks(body: Mapping[str, Any]) -> tuple[TranscriptionChunk, ...]:
    """The pieces, under the first name that has some: words where nothing coarser is told."""
    for name in ("chunks", "segments", "words"):
        pieces = body.get(name)
        if isinstance(pieces, list):
            found = tuple(_chunk(piece) for piece in pieces if isinstance(piece, dict))
            if found:
                return found
    return ()


def _chunk(piece: Mapping[str, Any]) -> TranscriptionChunk:
    texts = (piece.get(name) for name in ("text", "word"))
    times = piece.get("timestamp", piece.get("timestamps"))
    if not isinstance(times, list) or len(times) != 2:
        times = [piece.get("start"), piece.get("end")]
    return TranscriptionChunk(
        text=next((text for text in texts if isinstance(text, str)), ""),
        start=number(times[0]),
        end=number(times[1]),
        source=piece,
    )


def _language(body: Mapping[str, Any]) -> str | None:
    for name in ("language", "detected_language", "inferred_languages"):
        found = body.get(name)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, str) and found:
            return found
    return None


def read_parts(body: Any) -> Results[AudioPart]:
    """Reads ``[{"label", "content-type", "blob"}]`` with the sounds as base64 or data URLs."""
    return Results([_part(item) for item in objects(body, "sounds")], raw=body)


def _part(item: Mapping[str, Any]) -> AudioPart:
    blob, told, label = item.get("blob"), item.get("content-type"), item.get("label")
    data = _decoded(blob) if isinstance(blob, str) else b""
    kind = sniff(data) or (told.lower() if isinstance(told, str) else "")
    if not data or not kind.startswith(("audio/", "video/")):
        raise odd("A part of the reply is no sound: its 'blob' is none", item)
    facts = sound_facts(data)
    audio = Audio(
        bytes=data,
        content_type=kind,
        duration=facts.duration,
        sampling_rate=facts.rate or whole(item.get("sampling_rate")),
        channels=facts.channels,
    )
    return AudioPart(label if isinstance(label, str) else "", audio, source=item)


def _decoded(blob: str) -> bytes:
    is_url = blob[:5].lower() == "data:"
    parsed = parse_data_url(blob if is_url else f"data:;base64,{blob}")
    return parsed[1] if parsed is not None else b""


# OpenAI's own routes, which speech servers of all kinds have. Times are told for
# extra_body={"response_format": "verbose_json"}, which not every model takes.
_LISTEN = Way(
    path="/audio/transcriptions",
    body="multipart",
    names="model",
    takes={"audio": {"file": HERE}},
    media="raw",
    ignored=frozenset({"return_timestamps", "generation_parameters"}),
)
_SPEAK = Way(
    path="/audio/speech",
    names="model",
    takes={"text": {"input": HERE}},
    accept="*/*",
)

TASKS = (
    Task(
        name="automatic-speech-recognition",
        method="automatic_speech_recognition",
        inputs=("audio",),
        arguments=AutomaticSpeechRecognitionArguments,
        read=read_transcription,
        media={"audio": "audio"},
        openai=_LISTEN,
    ),
    Task(
        name="audio-classification",
        method="audio_classification",
        inputs=("audio",),
        arguments=AudioClassificationArguments,
        read=read_classifications,
        media={"audio": "audio"},
    ),
    Task(
        name="audio-to-audio",
        method="audio_to_audio",
        inputs=("audio",),
        arguments=AudioToAudioArguments,
        read=read_parts,
        media={"audio": "audio"},
    ),
    Task(
        name="text-to-speech",
        method="text_to_speech",
        inputs=("text",),
        arguments=SpeechArguments,
        read=read_sound,
        gives="audio",
        checks={"text": checked_text},
        openai=_SPEAK,
        text_field="text",
    ),
    Task(
        name="text-to-audio",
        method="text_to_audio",
        inputs=("text",),
        arguments=SpeechArguments,
        read=read_sound,
        gives="audio",
        checks={"text": checked_text},
        openai=_SPEAK,
        text_field="text",
    ),
)
