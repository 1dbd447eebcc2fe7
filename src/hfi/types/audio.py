"""What is heard in a sound, as values."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.types.raw import WireValue, short
from hfi.types.results import TaskValue

__all__ = ["Transcription", "TranscriptionChunk"]


@attrs.frozen(kw_only=True, slots=False)
class TranscriptionChunk(WireValue):
    """A piece of what was said: a sentence or a word, as the server cuts it.

    Attributes:
        text: What was said.
        start: In seconds from the beginning; None where the server does not tell.
        end: In seconds from the beginning; None where the server does not tell, as for what was
            cut off.
        raw: The JSON object as sent.
    """

    __module__ = "hfi"

    text: str = ""
    start: float | None = None
    end: float | None = None
    _source: Any = attrs.field(default=None, eq=False, repr=False, alias="source")

    @property
    def timestamp(self) -> tuple[float | None, float | None]:
        """Start and end, under the Hub's name."""
        return self.start, self.end

    def __str__(self) -> str:
        return self.text


@attrs.frozen(kw_only=True, slots=False, repr=False)
class Transcription(TaskValue):
    """What was said in a sound; ``str(transcription)`` is the text.

    Attributes:
        text: The whole text.
        chunks: Its pieces with their times, in order; empty where the server tells none.
        language: What the server took the language to be, in its own words, or None.
        duration: Of the sound, in seconds, where the server tells.
        model: The model that was asked.
        provider: Who answered; None for a server of your own.
        meta: The facts of the call.
        raw: The JSON object as sent, or None where it was none.
    """

    __module__ = "hfi"

    text: str = ""
    chunks: tuple[TranscriptionChunk, ...] = ()
    language: str | None = None
    duration: float | None = None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        parts = [f"text={short(self.text)}"]
        if self.chunks:
            parts.append(f"chunks=<{len(self.chunks)} items>")
        for name in ("language", "duration", "model", "provider"):
            if (value := getattr(self, name)) is not None:
                parts.append(f"{name}={value!r}")
        return f"Transcription({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from hfi.types.players import transcription_html  # noqa: PLC0415 - needed by notebooks

        return transcription_html(self)
