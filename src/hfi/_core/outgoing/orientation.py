"""Whether a photograph lies on its side: the EXIF orientation of a JPEG.

Cameras store the picture as the sensor saw it, and a note on how to turn it. Browsers and the
models' readers heed the note; who counts pixels must do so too.
"""

from __future__ import annotations

__all__ = ["is_on_its_side"]

_APP1, _START_OF_SCAN = 0xE1, 0xDA
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112  # CIPA DC-008, 4.6.5.1.6: 5 to 8 exchange width and height
_ENTRY = 12  # bytes: tag, type, count, value


def is_on_its_side(data: bytes) -> bool:
    """Whether a JPEG is shown with its width and height exchanged."""
    if not data.startswith(b"\xff\xd8"):
        return False
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _START_OF_SCAN:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == _APP1 and data[at + 4 : at + 10] == _EXIF:
            return _orientation(data[at + 10 : at + 2 + length]) in (5, 6, 7, 8)
        at += 2 + max(2, length)
    return False


def _orientation(tiff: bytes) -> int | None:
    """The orientation in the first directory of a TIFF header."""
    if tiff[:4] == b"II*\0":
        little = True
    elif tiff[:4] == b"MM\0*":
        little = False
    else:
        return None

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if little else "big")

    first = number(4, 4)
    for entry in range(number(first, 2)):
        at = first + 2 + entry * _ENTRY
        if at + _ENTRY > len(tiff):
            return None
        if number(at, 2) == _ORIENTATION:
            return number(at + 8, 2)
    return None
