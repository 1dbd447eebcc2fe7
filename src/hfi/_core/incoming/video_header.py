"""How long and how large a video is, read off the head of its file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import attrs

from hfi._core.outgoing.media import image_size, sniff

__all__ = ["VideoFacts", "video_facts"]

_MOST_BOXES = 4096  # looked at on one level; a file that has more is broken


@attrs.frozen
class VideoFacts:
    """What a file tells of its video; each is None where it does not.

    Attributes:
        duration: In seconds.
        width: In pixels.
        height: In pixels.
    """

    duration: float | None = None
    width: int | None = None
    height: int | None = None


def video_facts(data: bytes) -> VideoFacts:
    """Reads the head of an MP4, QuickTime, WebM, Matroska or GIF file; others tell nothing."""
    kind = sniff(data)
    if kind in ("video/mp4", "video/quicktime", "audio/mp4"):
        return _mp4(data)
    if kind in ("video/webm", "video/x-matroska"):
        return _matroska(data)
    if kind == "image/gif":
        return VideoFacts(None, *(image_size(data) or (None, None)))
    return VideoFacts()


# -- ISO base media (ISO/IEC 14496-12): boxes of a size, a name and a body -------------------------


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box as its name, and where its body begins and ends."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        stop = end if size == 0 else start + size
        if stop < start + head or stop > end:
            return
        yield name, start + head, stop
        start = stop


def _mp4(data: bytes) -> VideoFacts:
    facts = VideoFacts()
    for name, start, end in _boxes(data, 0, len(data)):
        if name != b"moov":
            continue
        for inner, at, stop in _boxes(data, start, end):
            if inner == b"mvhd":
                facts = attrs.evolve(facts, duration=_mp4_duration(data[at:stop]))
            elif inner == b"trak" and facts.width is None:
                width, height = _mp4_size(data, at, stop)
                facts = attrs.evolve(facts, width=width, height=height)
    return facts


def _mp4_duration(body: bytes) -> float | None:
    form, at = (">IQ", 20) if body[:1] == b"\x01" else (">II", 12)
    if len(body) < at + struct.calcsize(form):
        return None
    scale, units = struct.unpack_from(form, body, at)
    unknown = units in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return units / scale if scale and not unknown else None


def _mp4_size(data: bytes, start: int, end: int) -> tuple[int | None, int | None]:
    for name, at, stop in _boxes(data, start, end):
        if name == b"tkhd" and stop - at >= 84:
            # Its last two fields, each of 16 bits before the point and 16 after; sound has zeros.
            width, height = struct.unpack_from(">II", data, stop - 8)
            if width >> 16 and height >> 16:
                return width >> 16, height >> 16
    return None, None


# -- EBML (RFC 8794) and Matroska (RFC 9559): elements of an id, a size and a body -----------------

_SEGMENT, _INFO, _TRACKS = 0x18538067, 0x1549A966, 0x1654AE6B
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK, _VIDEO, _WIDTH, _HEIGHT = 0xAE, 0xE0, 0xB0, 0xBA


def _number(data: bytes, at: int, most: int, is_id: bool) -> tuple[int, int, bool]:
    """A number of variable length: its value, where it ends, and whether it says "unknown"."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length() if first else most + 1
    if length > most or at + length > len(data):
        return 0, -1, False
    value = int.from_bytes(data[at : at + length], "big")
    if is_id:
        return value, at + length, False
    ones = (1 << 7 * length) - 1
    return value & ones, at + length, value & ones == ones


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Each element as its id, and where its body begins and ends."""
    for _ in range(_MOST_BOXES):
        name, at, _unused = _number(data, start, 4, is_id=True)
        if at < 0:
            return
        size, at, is_unknown = _number(data, at, 8, is_id=False)
        if at < 0 or at > end:
            return
        stop = end if is_unknown else min(at + size, end)
        yield name, at, stop
        if stop >= end:
            return
        start = stop


def _matroska(data: bytes) -> VideoFacts:
    facts = VideoFacts()
    for name, start, end in _elements(data, 0, len(data)):
        if name != _SEGMENT:
            continue
        for inner, at, stop in _elements(data, start, end):
            if inner == _INFO:
                facts = attrs.evolve(facts, duration=_matroska_duration(data, at, stop))
            elif inner == _TRACKS:
                width, height = _matroska_size(data, at, stop)
                return attrs.evolve(facts, width=width, height=height)
    return facts


def _matroska_duration(data: bytes, start: int, end: int) -> float | None:
    scale, duration = 1_000_000, 0.0  # nanoseconds to a unit
    for name, at, stop in _elements(data, start, end):
        if name == _SCALE:
            scale = int.from_bytes(data[at:stop], "big")
        elif name == _DURATION and stop - at in (4, 8):
            (duration,) = struct.unpack(">f" if stop - at == 4 else ">d", data[at:stop])
    seconds = duration * scale / 1e9
    return seconds if 0 < seconds < 1e9 else None


def _matroska_size(data: bytes, start: int, end: int) -> tuple[int | None, int | None]:
    for track, at, stop in _elements(data, start, end):
        for part, inner, last in _elements(data, at, stop) if track == _TRACK else ():
            if part != _VIDEO:
                continue
            found = {
                name: int.from_bytes(data[body:close], "big")
                for name, body, close in _elements(data, inner, last)
                if name in (_WIDTH, _HEIGHT)
            }
            if found.get(_WIDTH) and found.get(_HEIGHT):
                return found[_WIDTH], found[_HEIGHT]
    return None, None
