"""Taking media: what is read, and where that happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hfi._async.media import take_media
from hfi.errors import ConfigurationError

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize("form", [str, Path])
async def test_a_path(form: Any, tmp_path: Path) -> None:
    file = tmp_path / "a picture"
    file.write_bytes(PNG)
    media = await take_media(form(file), "image", "image")
    assert (media.data, media.content_type) == (PNG, "image/png")
    assert media.name == "image.png"


async def test_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    media = await take_media("~/a.png", "image", "image")
    assert media.data == PNG


async def test_a_url_is_not_fetched() -> None:
    media = await take_media("http://127.0.0.1:9/a.png", "image", "image")
    assert (media.url, media.data) == ("http://127.0.0.1:9/a.png", None)


async def test_bytes() -> None:
    media = await take_media(PNG, "image", "image")
    assert media.data is PNG


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing.png", "missing.png' cannot be read: No such file"),
        (str, "cannot be read: "),
        (lambda folder: folder / "notes.txt", "image: these bytes are of no known media type"),
        (lambda folder: folder / "empty.png", "image: these bytes are empty, not an image"),
    ],
)
async def test_what_cannot_be_taken(make: Any, words: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Rain on Monday.")
    (tmp_path / "empty.png").touch()
    source = make(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        await take_media(source, "image", "image")
    assert words in str(caught.value)


async def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hfi._core.outgoing.sources.MAX_MEDIA", 20)
    file = tmp_path / "large.png"
    file.write_bytes(PNG + bytes(20))
    with pytest.raises(ConfigurationError, match="read at most"):
        await take_media(file, "image", "image")
