"""Images, sounds and videos in the forms in which people hold them, and the bytes behind each."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any

from hfi.errors import ConfigurationError

__all__ = ["MAX_MEDIA", "Files", "bytes_of", "is_web", "path_of", "read_stream"]

MAX_MEDIA = 512 << 20
"""Bytes of one image, sound or video that is sent: eight hours of speech as 16 kHz WAV."""

Files = Mapping[str, bytes]

# Longer than any path: base64 that was meant for a data URL.
_MAX_PATH = 4096
_WEB = ("http://", "https://", "data:")
_PIECE = 1 << 20
# PNG can hold these as they are; Pillow refuses to save the others as PNG.
_PNG_MODES = frozenset({"1", "I;16", "L", "LA", "P", "RGB", "RGBA"})
_NEAREST_MODE = {"F": "L", "I": "I;16", "I;16B": "I", "La": "LA", "PA": "RGBA", "RGBa": "RGBA"}


def is_web(source: Any) -> bool:
    """Whether ``source`` is an http, https or data URL."""
    return isinstance(source, str) and source[:8].lower().startswith(_WEB)


def path_of(source: Any) -> str | None:
    """Gives the path of a file that must be read, or None where ``source`` names none.

    Raises:
        ConfigurationError: It is text that cannot be a path.
    """
    if isinstance(source, str):
        if "://" in source[:32] or len(source) > _MAX_PATH or "\0" in source:
            raise ConfigurationError(
                f"{source[:40]!r} is no http, https or data URL, and no path of a file.",
                hint="Base64 text goes in a data URL: data:image/png;base64,...",
            )
        return source
    if not hasattr(source, "__fspath__"):
        return None
    path = source.__fspath__()
    return path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else str(path)


def bytes_of(source: Any, where: str, files: Files) -> bytes | None:
    """Gives the bytes of whatever holds an image, a sound or a video; None where nothing does.

    Args:
        source: Bytes, a path, a value of ours, a PIL image, an array, samples with their rate, or
            a binary file.
        where: What it is called in error messages.
        files: The bytes of the files that may be named, by path.

    Raises:
        ConfigurationError: It holds them in a way that cannot be read.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return source if isinstance(source, bytes) else bytes(source)
    path = path_of(source)
    if path is not None:
        if path not in files:
            raise ConfigurationError(f"{where}: the file {path!r} was not read.")
        return files[path]
    if hasattr(source, "content_type") and isinstance(getattr(source, "bytes", None), bytes):
        data: bytes = source.bytes  # an Image, Audio or Video, ours or another library's
        return data
    if hasattr(source, "save") and hasattr(source, "mode") and hasattr(source, "size"):
        return _png(source, where)
    if callable(getattr(source, "read", None)):
        return _read_file(source, where)
    if hasattr(source, "__array__") or isinstance(source, tuple):
        from hfi._core.outgoing.arrays import encoded  # noqa: PLC0415 - few have arrays

        return encoded(source, where)
    return None


def _png(image: Any, where: str) -> bytes:
    """Saves a PIL image, without importing PIL."""
    buffer = io.BytesIO()
    try:
        while image.mode not in _PNG_MODES:
            image = image.convert(_NEAREST_MODE.get(image.mode, "RGB"))
        image.save(buffer, format="PNG")
    except (ValueError, OSError) as error:
        raise ConfigurationError(f"{where}: the image could not be saved: {error}") from error
    return buffer.getvalue()


def _read_file(file: Any, where: str) -> bytes:
    """Reads a file from where it stands, and puts it back there, so that it can be read again."""
    start = file.tell() if _seekable(file) else None
    data = read_stream(file, where)
    if start is not None:
        file.seek(start)
    return data


def read_stream(file: Any, where: str, limit: int | None = None) -> bytes:
    """Reads a binary file to its end, but no further than ``limit``, else ``MAX_MEDIA``.

    Raises:
        ConfigurationError: It cannot be read, is longer, or gives no bytes.
    """
    limit = MAX_MEDIA if limit is None else limit
    pieces: list[bytes] = []
    left = limit + 1
    try:
        # What is known to be there is read in one piece, and so never copied.
        wanted = max(_size(file), _PIECE) if _seekable(file) else _PIECE
        while left > 0:
            piece = file.read(min(wanted, left))
            if not isinstance(piece, bytes):
                raise _no_bytes(piece, where)
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
            wanted = _PIECE
    except (ValueError, OSError, TypeError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{where}: the file could not be read: {error}") from error
    if left <= 0:
        raise ConfigurationError(
            f"{where}: there are more than the {limit / 1e6:.0f} MB that are read at most.",
            hint="Make it smaller or shorter, or give a URL that the provider can fetch.",
        )
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _no_bytes(piece: Any, where: str) -> ConfigurationError:
    hint = 'Open it with mode "rb".'
    if hasattr(piece, "__await__"):
        hint = "Read it before: give the bytes that await file.read() gives."
        if callable(getattr(piece, "close", None)):
            piece.close()  # a coroutine left as it is would warn that nobody ran it
    return ConfigurationError(
        f"{where}: the file gives {type(piece).__name__!r}, not bytes.", hint=hint
    )


def _size(file: Any) -> int:
    """How many bytes there are from where the file stands."""
    start = file.tell()
    end = file.seek(0, io.SEEK_END)
    file.seek(start)
    return min(max(0, end - start), sys.maxsize) if isinstance(end, int) else 0


def _seekable(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except (AttributeError, ValueError):
        return False
