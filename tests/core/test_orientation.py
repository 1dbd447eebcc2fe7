"""The EXIF orientation of photographs."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from hfi._core.outgoing.media import image_size
from hfi._core.outgoing.orientation import is_on_its_side


def photograph(orientation: int | None, *, width: int = 40, height: int = 20) -> bytes:
    image = Image.new("RGB", (width, height))
    file = io.BytesIO()
    exif = image.getexif()
    exif[0x010F] = "a camera"
    if orientation is not None:
        exif[0x0112] = orientation
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("orientation", [None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_it_agrees_with_pillow(orientation: int | None) -> None:
    data = photograph(orientation)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert shown is not None
    size = image_size(data)
    assert size == (40, 20)
    assert (size[::-1] if is_on_its_side(data) else size) == shown.size


def test_both_byte_orders() -> None:
    data = photograph(6)
    start = data.index(b"Exif\0\0") + 6
    end = start - 8 + int.from_bytes(data[start - 8 : start - 6], "big")
    for order, header in (("little", b"II*\0"), ("big", b"MM\0*")):
        numbers = [(8, 4), (1, 2), (0x0112, 2), (3, 2), (1, 4), (6, 2), (0, 2), (0, 4)]
        tiff = header + b"".join(value.to_bytes(size, order) for value, size in numbers)  # type: ignore[arg-type]  # the two orders
        segment = b"\xff\xe1" + (8 + len(tiff)).to_bytes(2, "big") + b"Exif\0\0" + tiff
        assert is_on_its_side(data[:2] + segment + data[end:])


def test_what_is_no_photograph() -> None:
    for data in (b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", photograph(6)[:20]):
        assert not is_on_its_side(data)


@given(cut=st.integers(0, 200), noise=st.binary(max_size=40), at=st.integers(0, 200))
def test_broken_headers_do_no_harm(cut: int, noise: bytes, at: int) -> None:
    data = photograph(8)
    assert is_on_its_side(data[:at] + noise + data[at:][:cut]) in (True, False)
