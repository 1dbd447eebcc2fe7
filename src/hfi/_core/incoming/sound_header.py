"""How long a sound is, and of what rate, read off the head of its file."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import attrs

from hfi._core.incoming.video_header import video_facts
from hfi._core.outgoing.media import sniff
from hfi.types.wav import read_wav

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SoundFacts", "sound_facts"]


@attrs.frozen
class SoundFacts:
    """What a file tells of its sound; each is None where it does not.

    Attributes:
        duration: In seconds.
        rate: Samples per second.
        channels: How many.
    """

    duration: float | None = None
    rate: int | None = None
    channels: int | None = None


def sound_facts(data: bytes) -> SoundFacts:
    """Reads the head of a WAV, FLAC, Ogg, MP3, MP4 or WebM file; nothing is known of others."""
    read = _READERS.get(sniff(data) or "")
    return read(data) if read is not None else SoundFacts()


def _wav(data: bytes) -> SoundFacts:
    wav = read_wav(data)
    return SoundFacts(wav.duration, wav.rate, wav.channels) if wav is not None else SoundFacts()


def _flac(data: bytes) -> SoundFacts:
    # STREAMINFO (RFC 9639, 8.2) comes first: 20 bits of rate, 3 of channels, 5 of depth, 36 of
    # samples, from its tenth byte.
    if len(data) < 26 or data[4] & 0x7F != 0:
        return SoundFacts()
    packed = int.from_bytes(data[18:26], "big")
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    if not rate:
        return SoundFacts()
    return SoundFacts(samples / rate if samples else None, rate, channels)


def _ogg(data: bytes) -> SoundFacts:
    """Ogg pages (RFC 3533): the first holds the codec's head, the last the count of samples."""
    if len(data) < 27:
        return SoundFacts()
    head = data[27 + data[26] :][:32]
    skipped = 0
    if head.startswith(b"\x01vorbis") and len(head) >= 16:
        channels, rate = head[11], int.from_bytes(head[12:16], "little")
        counted = rate
    elif head.startswith(b"OpusHead") and len(head) >= 16:
        channels, skipped = head[9], int.from_bytes(head[10:12], "little")
        rate = int.from_bytes(head[12:16], "little")
        counted = 48_000  # whatever the input's rate was (RFC 7845, 4)
    else:
        return SoundFacts()
    last = data.rfind(b"OggS")
    position = data[last + 6 : last + 14]
    samples = int.from_bytes(position, "little", signed=True) - skipped
    known = counted and samples > 0 and len(position) == 8
    return SoundFacts(samples / counted if known else None, rate or None, channels or None)


# MPEG audio (ISO/IEC 11172-3, 13818-3): kbit/s by version and layer, Hz by version.
_MPEG_1 = {
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_MPEG_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = (44_100, 48_000, 32_000)
_MOST_FRAMES = 200_000  # more than an hour; counting them takes a tenth of a second


@attrs.frozen
class _Frame:
    size: int
    samples: int
    rate: int
    channels: int


def _frame(data: bytes, at: int) -> _Frame | None:
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer not in (2, 3) or bitrate in (0, 15) or rate == 3:
        return None
    is_1 = version == 3
    speed = (_MPEG_1[layer] if is_1 else _MPEG_2)[bitrate] * 1000
    hertz = _RATES[rate] >> (0 if is_1 else 1 if version == 2 else 2)
    samples = 1152 if is_1 or layer == 2 else 576
    size = samples // 8 * speed // hertz + (head[2] >> 1 & 1)
    return _Frame(size, samples, hertz, 1 if head[3] >> 6 == 3 else 2)


def _mpeg(data: bytes) -> SoundFacts:
    at = 0
    if data.startswith(b"ID3") and len(data) > 10:  # its size has seven bits to a byte
        at = 10 + sum((data[6 + i] & 0x7F) << 21 - 7 * i for i in range(4))
    first = _frame(data, at)
    if first is None:
        return SoundFacts()
    told = _told_samples(data[at : at + _HEAD], first)
    samples = told if told is not None else _counted_frames(data, at) * first.samples
    return SoundFacts(samples / first.rate if samples else None, first.rate, first.channels)


_HEAD = 256  # bytes that hold all of a Xing header


def _told_samples(head: bytes, first: _Frame) -> int | None:
    """How many samples there are, where an encoder wrote a Xing header into the first frame.

    LAME's extension tells how many of them it put before and behind the sound itself.
    """
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or len(head) < at + 12 or not head[at + 7] & 1:
        return None
    samples = int.from_bytes(head[at + 8 : at + 12], "big") * first.samples
    flags = head[at + 7]
    # The count of frames, that of bytes, the table of contents and the quality, where told.
    lame = at + 12 + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    added = int.from_bytes(head[lame + 21 : lame + 24], "big")
    if head[lame : lame + 4] in (b"LAME", b"Lavc", b"Lavf"):
        samples -= (added >> 12) + (added & 0xFFF)
    return samples if samples > 0 else None


def _counted_frames(data: bytes, at: int) -> int:
    """How many frames there are; 0 for more than are counted."""
    count = 0
    while (frame := _frame(data, at)) is not None:
        count += 1
        at += frame.size
        if count > _MOST_FRAMES:
            return 0
    return count


def _aiff(data: bytes) -> SoundFacts:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from(">4sI", data, at)
        at += 8
        if name == b"COMM" and len(data) >= at + 18:
            channels, frames, _, power, fraction = struct.unpack_from(">HIHHQ", data, at)
            # 80 bits of IEEE 754 extended precision, here a whole number.
            shift = 63 - ((power & 0x7FFF) - 16383)
            rate = fraction >> shift if 0 <= shift < 64 else 0
            return SoundFacts(frames / rate if rate else None, rate or None, channels or None)
        at += size + (size & 1)
    return SoundFacts()


def _in_video(data: bytes) -> SoundFacts:
    return SoundFacts(video_facts(data).duration)


_READERS: dict[str, Callable[[bytes], SoundFacts]] = {
    "audio/aiff": _aiff,
    "audio/flac": _flac,
    "audio/mp4": _in_video,
    "audio/mpeg": _mpeg,
    "audio/ogg": _ogg,
    "audio/wav": _wav,
    "video/mp4": _in_video,
    "video/webm": _in_video,
}
