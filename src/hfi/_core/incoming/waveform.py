"""Sound that came as numbers in JSON, made a file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import isfinite
from typing import Any

from hfi.types.wav import wav_file

__all__ = ["waveform"]

# What transformers' pipeline and the servers around it call the samples.
_NAMES = ("audio", "array", "waveform", "samples")
_MAX_RATE = 1_000_000  # Hz
_MAX_CHANNELS = 8
# Sums of sounds go a little over 1; integers that became floats go far beyond.
_LOUDEST = 2.0


def waveform(body: Any) -> bytes | None:
    """The WAV of ``{"audio": [0.1, ...], "sampling_rate": 16000}``; None where that is not it.

    The samples may be a list for each channel, or a list of such lists, as a batch of one is.
    """
    while isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict):
        return None
    rate = body.get("sampling_rate", body.get("sample_rate"))
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate <= _MAX_RATE:
        return None
    for name in _NAMES:
        channels = _channels(body.get(name))
        if channels:
            return _wav(channels, int(rate))
    return None


def _channels(value: Any) -> list[list[float]]:
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or not value:
        return []
    rows = value if isinstance(value[0], list) else [value]
    if not all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows):
        return []
    if len(rows) > _MAX_CHANNELS:  # (samples, channels), not (channels, samples)
        rows = [list(row) for row in zip(*rows, strict=True)]
    loudest = 0.0
    for row in rows:
        for sample in row:
            if isinstance(sample, bool) or not isinstance(sample, (int, float)):
                return []
            loudest = max(loudest, abs(sample)) if isfinite(sample) else _LOUDEST + 1
    return rows if rows[0] and len(rows) <= _MAX_CHANNELS and loudest <= _LOUDEST else []


def _wav(channels: list[list[float]], rate: int) -> bytes:
    count = len(channels)
    samples = struct.pack(f"<{count * len(channels[0])}h", *_interleaved(channels))
    return wav_file(samples, rate=rate, channels=count)


def _interleaved(channels: list[list[float]]) -> Iterator[int]:
    for samples in zip(*channels, strict=True):
        for sample in samples:
            yield round(min(1.0, max(-1.0, sample)) * 32767)
