"""WAV files: what their header tells, and their samples."""

from __future__ import annotations

import struct
from typing import Any

import attrs

__all__ = ["Wav", "read_wav", "wav_file", "wav_samples"]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# NumPy's names of the forms that samples have, by encoding and bits; 24 bits have none.
_FORMS = {(_PCM, 8): "u1", (_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"} | {
    (_FLOAT, 64): "<f8"
}


@attrs.frozen(kw_only=True)
class Wav:
    """What a WAV file's header tells.

    Attributes:
        encoding: 1 for integers, 3 for floats, others for what is compressed.
        channels: How many.
        rate: Samples per second, of each channel.
        bits: Of one sample.
        start: Where in the file the samples begin.
        length: Bytes of samples that are there, in whole frames.
    """

    encoding: int
    channels: int
    rate: int
    bits: int
    start: int
    length: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * (self.bits + 7 >> 3)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.length / self.frame / self.rate


def read_wav(data: bytes) -> Wav | None:
    """Reads a header, or gives None where there is no sound one.

    Servers that make sound as they send it do not know its length: they write 0, or all ones, and
    what is there counts.
    """
    if data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        return None
    form: tuple[int, ...] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"fmt " and size >= 16 and at + 16 <= len(data):
            form = struct.unpack_from("<HHIIHH", data, at)
            if form[0] == _EXTENSIBLE and size >= 26 and at + 26 <= len(data):
                form = (*struct.unpack_from("<H", data, at + 24), *form[1:])
        elif name == b"data":
            return _wav(form, at, size, len(data))
        at += size + (size & 1)
    return None


def _wav(form: tuple[int, ...] | None, start: int, size: int, end: int) -> Wav | None:
    if form is None:
        return None
    encoding, channels, rate, _, _, bits = form
    if not (channels and rate and bits):
        return None
    length = min(size, end - start) if size else end - start
    wav = Wav(
        encoding=encoding, channels=channels, rate=rate, bits=bits, start=start, length=length
    )
    return attrs.evolve(wav, length=length - length % wav.frame)


def wav_file(samples: bytes, *, rate: int, channels: int) -> bytes:
    """Samples of 16 bits, the channels of each after one another, as a file."""
    frame = 2 * channels
    form = struct.pack("<HHIIHH", _PCM, channels, rate, rate * frame, frame, 16)
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", len(form))
    return b"".join((head, form, struct.pack("<4sI", b"data", len(samples)), samples))


def wav_samples(numpy: Any, data: bytes, wav: Wav) -> Any:
    """The samples as float32 from -1 to 1, of shape (frames, channels); None where compressed."""
    view = memoryview(data)[wav.start : wav.start + wav.length]
    form = _FORMS.get((wav.encoding, wav.bits))
    if form is None and (wav.encoding, wav.bits) != (_PCM, 24):
        return None
    if form is None:
        parts = numpy.frombuffer(view, "u1").reshape(-1, 3)
        samples = numpy.zeros((len(parts), 4), "u1")
        samples[:, 1:] = parts  # the upper three bytes of 32 bits
        samples = samples.view("<i4").ravel()
    else:
        samples = numpy.frombuffer(view, form)
    floats = samples.astype("float32")
    if samples.dtype.kind == "u":
        floats = (floats - 128) / 128
    elif samples.dtype.kind == "i":
        floats /= numpy.float32(2 ** (8 * samples.dtype.itemsize - 1))
    return floats.reshape(-1, wav.channels)
