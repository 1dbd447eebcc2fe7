"""Where media are read: not where that would hold up the event loop."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from hfi._async.media import take_media

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


class Seen(io.BytesIO):
    """A file that tells which thread read it."""

    thread: int | None = None

    def read(self, size: int | None = -1) -> bytes:
        self.thread = threading.get_ident()
        return super().read(size)


async def test_a_file_object_is_read_in_another_thread() -> None:
    file = Seen(PNG)
    media = await take_media(file, "image", "image")
    assert media.data == PNG
    assert file.thread not in (None, threading.get_ident())


async def test_a_path_is_read_in_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    threads: list[int] = []
    opened = Path.open

    def watched(self: Path, *args: object, **options: object) -> object:
        threads.append(threading.get_ident())
        return opened(self, *args, **options)  # type: ignore[call-overload]  # as it was called

    monkeypatch.setattr(Path, "open", watched)
    await take_media(tmp_path / "a.png", "image", "image")
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_an_array_is_encoded_in_another_thread() -> None:
    numpy = pytest.importorskip("numpy")
    threads: list[int] = []

    class Watched:
        def __array__(self, *_: object) -> object:
            threads.append(threading.get_ident())
            return numpy.zeros((2, 2), "uint8")

    await take_media(Watched(), "image", "image")
    assert threads
    assert threads[0] != threading.get_ident()
