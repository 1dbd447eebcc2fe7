"""Media as bytes: what they are, how large, and as data URLs."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_INLINE_SIZE",
    "base64_text",
    "data_url",
    "described",
    "image_size",
    "parse_data_url",
    "sniff",
]

# What is sent inside JSON is held in memory about four times over; no chat server takes as much.
MAX_INLINE_SIZE = 100 * 1024 * 1024

Bytes = bytes | bytearray | memoryview

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"caff", "audio/x-caf"),
    (b".snd", "audio/basic"),
    (b"FLV\x01", "video/x-flv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# ISO base media (ISO/IEC 14496-12): "ftyp" and the major brand.
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"F4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}


def sniff(data: Bytes) -> str | None:
    """Tells the media type of an image, a sound or a video by its first bytes, or None."""
    head = bytes(data[:64])
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head.startswith(b"OggS"):  # its first page tells what is in it (RFC 3533)
        return "video/ogg" if b"\x80theora" in head else "audio/ogg"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    # BITMAPFILEHEADER: its reserved words are zero; "BM" alone begins many a text.
    if head.startswith(b"BM") and head[6:10] == bytes(4) and len(head) >= 26:
        return "image/bmp"
    if _is_aac(head):
        return "audio/aac"
    return "audio/mpeg" if _is_mpeg_audio(head) else None


def described(data: Bytes) -> str:
    """What bytes are, in words for a message that refuses them."""
    found = sniff(data)
    if found is not None:
        return found
    if not data:
        return "empty"
    head = bytes(data[:512])
    if head.startswith(b"%PDF-"):
        return "a PDF"
    if head.startswith(b"PK\x03\x04"):
        return "a ZIP archive"
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "of no known media type"


def _is_aac(head: bytes) -> bool:
    """Whether AAC in ADTS frames begins here (ISO/IEC 13818-7, 6.2): layer 0, no reserved rate."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 0xF > 12:
        return False
    # The frame's own length holds at least its header.
    return ((head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5) >= 7


def _is_mpeg_audio(head: bytes) -> bool:
    """Whether an MPEG audio frame of layer II or III begins here.

    Layer I is left out: its sync is the byte order mark of UTF-16 text.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return layer in (1, 2) and version != 1 and bitrate not in (0, 15) and rate != 3


def base64_text(data: Bytes) -> str:
    """Gives bytes as base64.

    Raises:
        ConfigurationError: There are more of them than ``MAX_INLINE_SIZE``.
    """
    size = data.nbytes if isinstance(data, memoryview) else len(data)
    if size > MAX_INLINE_SIZE:
        raise ConfigurationError(
            f"{size / 1e6:.0f} MB are too large to be sent inside a message.",
            hint="Give a URL the server can fetch, or make it smaller.",
        )
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def data_url(data: Bytes, media_type: str | None = None) -> str:
    """Gives bytes as a data URL; the media type is found from the bytes where it is not given."""
    kind = media_type or sniff(data) or "application/octet-stream"
    return f"data:{kind};base64,{base64_text(data)}"


def parse_data_url(url: str) -> tuple[str, bytes] | None:
    """Gives the media type and the bytes of a data URL (RFC 2397), or None where it is none.

    Parameters such as a charset are left out of the media type. Base64 may have line breaks, lack
    its padding, be percent-encoded or use the URL-safe alphabet.
    """
    head, comma, body = url.partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    media_type, *parameters = (part.strip() for part in head[5:].split(";"))
    media_type = media_type.lower() or "text/plain"
    if not (parameters and parameters[-1].lower() == "base64"):
        return media_type, unquote_to_bytes(body)
    try:
        raw = unquote_to_bytes(body) if "%" in body else body.encode("ascii")
        return media_type, _from_base64(raw)
    except ValueError:
        return None


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _from_base64(raw: bytes) -> bytes:
    compact = raw.translate(_URL_SAFE, b" \t\r\n\f").rstrip(b"=")
    # a2b_base64 skips foreign characters; its strict mode is not in Python 3.10.
    if compact.translate(None, _ALPHABET):
        raise ValueError("not base64")
    return binascii.a2b_base64(compact + b"=" * (-len(compact) % 4))


def image_size(data: bytes) -> tuple[int, int] | None:
    """Reads (width, height) in pixels from a PNG, JPEG, GIF, WebP or BMP, or gives None."""
    read = _SIZES.get(sniff(data) or "")
    size = read(data) if read else None
    return size if size and min(size) > 0 else None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _gif_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 10:
        return None
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _bmp_size(data: bytes) -> tuple[int, int] | None:
    header = int.from_bytes(data[14:18], "little")
    if header == 12:  # BITMAPCOREHEADER, of OS/2
        return int.from_bytes(data[18:20], "little"), int.from_bytes(data[20:22], "little")
    # A negative height means that the rows run from the top.
    height = int.from_bytes(data[22:26], "little", signed=True)
    return int.from_bytes(data[18:22], "little"), abs(height)


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = data[26:28], data[28:30]
        return (
            int.from_bytes(width, "little") & 0x3FFF,
            int.from_bytes(height, "little") & 0x3FFF,
        )
    return None


# Start-of-frame markers; C4, C8 and CC among them are tables (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


_SIZES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {
    "image/png": _png_size,
    "image/jpeg": _jpeg_size,
    "image/gif": _gif_size,
    "image/webp": _webp_size,
    "image/bmp": _bmp_size,
}
