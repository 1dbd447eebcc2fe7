"""What bytes are, and data URLs of them."""

from __future__ import annotations

import base64
import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.outgoing import media
from hfi._core.outgoing.media import data_url, image_size, parse_data_url, sniff
from hfi.errors import ConfigurationError

FTYP = b"\0\0\0\x20ftyp"
MAGIC = [
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    (b"GIF89a\x01\0\x01\0", "image/gif"),
    (b"GIF87a\x01\0\x01\0", "image/gif"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    (b"BM" + struct.pack("<IHHI", 70, 0, 0, 54) + bytes(40), "image/bmp"),
    (b"II*\0\x08\0\0\0", "image/tiff"),
    (b"MM\0*\0\0\0\x08", "image/tiff"),
    (FTYP + b"avif\0\0\0\0", "image/avif"),
    (FTYP + b"heic\0\0\0\0", "image/heic"),
    (FTYP + b"mif1\0\0\0\0", "image/heic"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
    (b"ID3\x04\0\0\0\0\0\x23", "audio/mpeg"),
    (b"\xff\xfb\x90\x64", "audio/mpeg"),
    (b"\xff\xf3\x44\xc4", "audio/mpeg"),
    (b"fLaC\0\0\0\x22", "audio/flac"),
    (b"OggS\0\x02", "audio/ogg"),
    (FTYP + b"M4A \0\0\0\0", "audio/mp4"),
    (FTYP + b"isom\0\0\0\0", "video/mp4"),
    (FTYP + b"qt  \0\0\0\0", "video/quicktime"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "video/webm"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
    (b"\xff\xf1\x50\x80\x02\x1f\xfc", "audio/aac"),
    (b"#!AMR-WB\n", "audio/amr"),
    (b"FORM\0\0\0\x2eAIFFCOMM", "audio/aiff"),
    (b"caff\0\x01", "audio/x-caf"),
    (b".snd\0\0\0\x18", "audio/basic"),
    (b"OggS\0\x02" + bytes(22) + b"\x80theora", "video/ogg"),
    (b"OggS\0\x02" + bytes(22) + b"OpusHead", "audio/ogg"),
    (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
    (b"FLV\x01\x05", "video/x-flv"),
    (b"\0\0\x01\xba\x44", "video/mpeg"),
    (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9", "video/x-ms-asf"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
]


@pytest.mark.parametrize(("data", "media_type"), MAGIC)
def test_sniff(data: bytes, media_type: str) -> None:
    assert sniff(data) == media_type
    assert sniff(bytearray(data)) == media_type
    assert sniff(memoryview(data)) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b"BMW is a maker of cars",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        '{"error": "no image"}'.encode("utf-16"),
        b"\xff\xf1\x50\x80\0\x1f\xfc",  # an ADTS frame shorter than its header
        b"\xff\xf1\x7c\x80\x02\x1f\xfc",  # ADTS with a reserved rate
        b"\xff\xfb\xff\xff",
        b"RIFF\0\0\0\0ACON",
        b"plain text",
    ],
)
def test_what_is_nothing_known(data: bytes) -> None:
    assert sniff(data) is None


@given(st.binary(max_size=64))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_looked_at_without_a_fault(data: bytes) -> None:
    kind = sniff(data)
    assert kind is None or "/" in kind
    for head, _ in MAGIC:
        size = image_size(head + data)
        assert size is None or min(size) > 0


def test_data_url() -> None:
    assert data_url(b"GIF89a") == "data:image/gif;base64,R0lGODlh"
    assert data_url(b"x", "text/plain") == "data:text/plain;base64,eA=="
    assert data_url(b"x") == "data:application/octet-stream;base64,eA=="


def test_too_large_to_be_inlined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_INLINE_SIZE", 3)
    assert data_url(b"abc", "a/b")
    for data in (b"abcd", bytearray(b"abcd"), memoryview(b"abcd")):
        with pytest.raises(ConfigurationError, match="too large"):
            data_url(data, "a/b")


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_data_urls_round_trip(data: bytes) -> None:
    assert parse_data_url(data_url(data, "image/png")) == ("image/png", data)


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("data:image/png;base64,AAEC", ("image/png", b"\0\1\2")),
        ("DATA:IMAGE/PNG;BASE64,AAEC", ("image/png", b"\0\1\2")),
        ("data:;base64,AAEC", ("text/plain", b"\0\1\2")),
        ("data:,a%20b", ("text/plain", b"a b")),
        ("data:text/plain;charset=utf-8,%C3%A9", ("text/plain", b"\xc3\xa9")),
        ("data:image/png;base64,AA\r\nEC", ("image/png", b"\0\1\2")),
        ("data:image/png;base64,_-8", ("image/png", b"\xff\xef")),
        ("data:image/png;base64,AAEC%0A", ("image/png", b"\0\1\2")),
        ("data:image/png;base64,AA==", ("image/png", b"\0")),
        ("data:image/png;base64,AA", ("image/png", b"\0")),
        ("data:image/png;base64,", ("image/png", b"")),
        ("data:image/png;base64,A", None),
        ("data:image/png;base64,A*EC", None),
        ("data:image/png;base64,é", None),
        ("data:image/png", None),
        ("https://example.com/a,b", None),
        ("", None),
    ],
)
def test_parse_data_url(url: str, parsed: tuple[str, bytes] | None) -> None:
    assert parse_data_url(url) == parsed


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (640, 481), (1, 1000)])
def test_image_size(kind: str, size: tuple[int, int]) -> None:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.new("RGB", size, "red").save(buffer, format=kind)
    assert image_size(buffer.getvalue()) == size


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0" + bytes(20)}])
def test_image_size_of_the_other_kinds_of_webp(options: dict[str, object]) -> None:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.new("RGB", (33, 44), "red").save(buffer, format="WEBP", **options)
    assert image_size(buffer.getvalue()) == (33, 44)


@pytest.mark.parametrize("options", [{"progressive": True}, {"comment": b"\xff" * 300}])
def test_image_size_of_other_jpegs(options: dict[str, object]) -> None:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.new("RGB", (33, 44), "red").save(buffer, format="JPEG", **options)
    assert image_size(buffer.getvalue()) == (33, 44)


def test_image_size_of_what_was_cut_off() -> None:
    image = pytest.importorskip("PIL.Image")
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        buffer = io.BytesIO()
        image.new("RGB", (5, 6), "red").save(buffer, format=kind)
        data = buffer.getvalue()
        for end in range(len(data)):
            assert image_size(data[:end]) in (None, (5, 6)), (kind, end)


def test_image_size_of_no_image() -> None:
    assert image_size(b"fLaC") is None
    assert image_size(b"") is None
    assert image_size(b"\xff\xd8\xff\xe0\0\0" + b"\xff\xe0\0\0" * 50) is None


def test_base64_is_the_standard_one() -> None:
    data = bytes(range(256))
    assert media.base64_text(data) == base64.b64encode(data).decode()
