"""Arrays as files: pixels as PNG, samples as WAV. NumPy's own methods do the work, unimported."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from hfi.errors import ConfigurationError
from hfi.types.wav import wav_file

__all__ = ["encoded", "png_of", "wav_of"]

_MAX_CHANNELS = 8
_MAX_RATE = 10_000_000  # Hz
# By channels: grey, grey and alpha, RGB, RGBA (PNG specification, table 11.1).
_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
# Sums of sounds go a little over 1 and are cut there; integers that became floats go far beyond.
_LOUDEST = 2.0


def encoded(source: Any, where: str) -> bytes:
    """An array as a PNG; samples with their rate, in either order, as a WAV.

    Raises:
        ConfigurationError: It is neither.
    """
    if not isinstance(source, tuple):
        return png_of(source, where)
    if len(source) == 2:
        first, second = source
        if _is_rate(second) and hasattr(first, "__array__"):
            return wav_of(first, second, where)
        if _is_rate(first) and hasattr(second, "__array__"):
            return wav_of(second, first, where)
    raise ConfigurationError(
        f"{where} is a tuple, but not of samples and their rate.",
        hint="Sound is (array, rate), the rate in Hz, such as (samples, 16000).",
    )


def png_of(source: Any, where: str) -> bytes:
    """Pixels as a PNG.

    Args:
        source: Of shape (height, width) or (height, width, channels): uint8 from 0 to 255, floats
            from 0 to 1, or booleans.
        where: What it is called in error messages.

    Raises:
        ConfigurationError: It is of another shape or type, or its floats go further.
    """
    array = _array(source, where)
    height, width, channels = _image_shape(tuple(array.shape), where)
    pixels = _eight_bits(array, where).tobytes()
    row = width * channels
    view = memoryview(pixels)
    lines = b"".join(
        piece for at in range(0, height * row, row) for piece in (b"\0", view[at : at + row])
    )
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 4)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def wav_of(source: Any, rate: Any, where: str) -> bytes:
    """Samples as a WAV of 16 bits, the form that every server reads.

    Args:
        source: Of shape (samples,), (samples, channels) or (channels, samples): floats from -1 to
            1, or int16, int32 or uint8 over their whole range.
        rate: Samples per second.
        where: What it is called in error messages.

    Raises:
        ConfigurationError: It is of another shape or type, or there is nothing in it.
    """
    array = _array(source, where)
    shape = tuple(array.shape)
    if len(shape) == 2 and shape[0] <= _MAX_CHANNELS < shape[1]:
        array, shape = array.T, shape[::-1]
    channels = 1 if len(shape) == 1 else shape[-1]
    if len(shape) not in (1, 2) or not 1 <= channels <= _MAX_CHANNELS or 0 in shape:
        raise ConfigurationError(
            f"{where}: an array of shape {_shown(shape)} is no sound.",
            hint="Samples have the shape (samples,) or (samples, channels).",
        )
    number = int(rate)
    if number != rate or not 0 < number <= _MAX_RATE:
        raise ConfigurationError(
            f"{where}: the rate must be a whole number of samples per second, not {rate!r}."
        )
    samples = _sixteen_bits(array, where).tobytes()
    if len(samples) > 0xFFFFFFFF - 36:
        raise ConfigurationError(f"{where}: a WAV cannot hold {len(samples) / 1e9:.0f} GB.")
    return wav_file(samples, rate=number, channels=channels)


def _is_rate(value: Any) -> bool:
    if isinstance(value, bool) or getattr(value, "shape", ()) != ():
        return False
    return isinstance(value, (int, float)) or hasattr(value, "__index__")


def _array(source: Any, where: str) -> Any:
    """A NumPy array, or what has its methods; tensors give one."""
    methods = ("astype", "clip", "tobytes", "dtype", "shape", "T")
    try:
        array = source if all(hasattr(source, n) for n in methods) else source.__array__()
    except Exception as error:  # a tensor on a graphics card, or one with a gradient
        raise ConfigurationError(
            f"{where}: the array cannot be read: {str(error)[:200]}",
            hint="Give a NumPy array, such as tensor.detach().cpu().numpy().",
        ) from error
    return array


def _shown(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape[:6]))})"


def _image_shape(shape: tuple[int, ...], where: str) -> tuple[int, int, int]:
    if len(shape) in (2, 3) and 0 not in shape:
        channels = 1 if len(shape) == 2 else shape[2]
        if channels in _COLOURS:
            return shape[0], shape[1], channels
    hint = "An image has the shape (height, width) or (height, width, channels)."
    if len(shape) == 3 and shape[0] in _COLOURS:
        hint = "Move the channels to the end: array.transpose(1, 2, 0)."
    elif len(shape) == 1 and 0 not in shape:
        hint = "If this is sound, give its rate with it: (array, rate)."
    raise ConfigurationError(f"{where}: an array of shape {_shown(shape)} is no image.", hint=hint)


def _eight_bits(array: Any, where: str) -> Any:
    kind = array.dtype.kind
    if kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= 0 and high <= 1):  # NaN is neither
            raise ConfigurationError(
                f"{where}: the floats of an image go from 0 to 1, these from {low:g} to {high:g}.",
                hint='Scale them, or give array.astype("uint8") where they go from 0 to 255.',
            )
        return (array * 255 + 0.5).astype("uint8")
    if kind == "b":
        return array.astype("uint8") * 255
    if str(array.dtype) != "uint8":
        raise ConfigurationError(
            f"{where}: the pixels are of type {array.dtype}.",
            hint="Give uint8 from 0 to 255, or floats from 0 to 1.",
        )
    return array


def _sixteen_bits(array: Any, where: str) -> Any:
    name = str(array.dtype.newbyteorder("="))
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= -_LOUDEST and high <= _LOUDEST):
            raise ConfigurationError(
                f"{where}: the floats of a sound go from -1 to 1, these from {low:g} to {high:g}.",
                hint='Divide them by their range, or give array.astype("int16").',
            )
        return (array.clip(-1, 1) * 32767).round().astype("<i2")
    if name == "int16":
        return array.astype("<i2")
    if name == "int32":
        return (array >> 16).astype("<i2")
    if name == "uint8":
        return ((array.astype("<i2") - 128) * 256).astype("<i2")
    raise ConfigurationError(
        f"{where}: the samples are of type {name}.",
        hint="Give floats from -1 to 1, int16, int32 or uint8.",
    )
