"""Whatever holds an image, a sound or a video, taken as one."""

from __future__ import annotations

import base64
import contextlib
import io
import pathlib
import struct
import wave
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.flows import Flow
from hfi._core.outgoing import media, sources
from hfi._core.outgoing.media_input import MediaInput, fetched, media_input, must_be_worked_on
from hfi._core.outgoing.messages import wire_messages
from hfi._core.request import Request, Response
from hfi.errors import ConfigurationError, ModelNotFoundError
from hfi.types.media import Image

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
)
WAV = (
    b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
    b"data\x08\0\0\0" + bytes(8)
)
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08mdat"
KINDS = {"image": PNG, "audio": WAV, "video": MP4}
TYPES = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}


def taken(source: Any, kind: str = "image", **files: bytes) -> MediaInput:
    return media_input(source, kind, kind, {f"{name}.x": data for name, data in files.items()})


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_form_of_bytes(kind: str) -> None:
    data = KINDS[kind]
    url = f"data:;base64,{base64.b64encode(data).decode()}"
    forms = [
        data,
        bytearray(data),
        memoryview(data),
        io.BytesIO(data),
        io.BufferedReader(io.BytesIO(data)),
        url,
    ]
    for source in forms:
        found = taken(source, kind)
        assert (found.data, found.content_type, found.url) == (data, TYPES[kind], None)
    for path in ("a.x", pathlib.PurePosixPath("a.x")):
        assert taken(path, kind, a=data).data == data


def test_bytes_are_not_copied() -> None:
    assert taken(PNG).data is PNG
    assert taken("a.x", a=PNG).data is PNG
    assert taken(Image(bytes=PNG, content_type="image/png")).data is PNG


@pytest.mark.parametrize("url", ["https://x.org/a.wav", "HTTP://x.org/a"])
def test_a_url_is_kept_as_one(url: str) -> None:
    found = taken(url, "audio")
    assert (found.data, found.content_type, found.url) == (None, None, url)
    with pytest.raises(ConfigurationError, match="was not fetched"):
        found.base64()


def test_what_a_data_url_says_counts_where_the_bytes_say_nothing() -> None:
    assert taken("data:audio/x-raw;base64,AAAA", "audio").content_type == "audio/x-raw"
    assert (
        taken(f"data:audio/x-raw;base64,{base64.b64encode(WAV).decode()}", "audio").content_type
        == "audio/wav"
    )


def test_forms_on_the_wire() -> None:
    found = taken(WAV, "audio")
    encoded = base64.b64encode(WAV).decode()
    assert found.base64() == encoded
    assert found.data_url() == f"data:audio/wav;base64,{encoded}"
    assert found.data_url("audio/x-wav") == f"data:audio/x-wav;base64,{encoded}"
    assert found.name == "audio.wav"
    assert str(WAV) not in repr(found)


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("image/jpeg", "image.jpg"),
        ("image/png", "image.png"),
        ("image/x-unheard-of", "image.unheard-of"),
        (None, "image.bin"),
    ],
)
def test_names_of_files(content_type: str | None, name: str) -> None:
    assert MediaInput(kind="image", where="image", content_type=content_type).name == name


class Upload:
    """A file of a web framework: reading it gives a coroutine."""

    content_type = "audio/wav"

    async def read(self, size: int = -1) -> bytes:
        return WAV


class Raw(io.RawIOBase):
    """A pipe: no end to jump to, and less at a time than was asked for."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece, self._left = self._left[:5], self._left[5:]
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_pipe_is_read_to_its_end() -> None:
    assert taken(Raw(PNG)).data == PNG


def test_a_file_is_read_from_where_it_stands_and_put_back() -> None:
    file = io.BytesIO(b"skip" + WAV)
    file.seek(4)
    for _ in range(2):
        assert taken(file, "audio").data == WAV
        assert file.tell() == 4


def closed() -> io.BytesIO:
    file = io.BytesIO(PNG)
    file.close()
    return file


HTML = b"<!DOCTYPE html><p>Not found</p>"


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (None, "image", "image must be a path, a URL, bytes"),
        (3, "audio", "audio must be a path, a URL, bytes"),
        ((x for x in b""), "image", "not 'generator'"),
        ([1.0, 2.0], "audio", "not 'list'"),
        ({}, "video", "video must be a path, a URL, bytes or a binary file, not 'dict'"),
        (b"", "image", "image: these bytes are empty, not an image"),
        ("data:,", "image", "image: these bytes are empty, not an image"),
        (b"Hello there", "audio", "audio: these bytes are of no known media type, not a sound"),
        (b"%PDF-1.7", "image", "these bytes are a PDF, not an image"),
        (b"PK\x03\x04", "audio", "these bytes are a ZIP archive, not a sound"),
        (HTML, "image", "these bytes are a web page, not an image"),
        (WAV, "image", "these bytes are audio/wav, not an image"),
        (PNG, "audio", "these bytes are image/png, not a sound"),
        (PNG, "video", "these bytes are image/png, not a video"),
        (io.StringIO("x"), "image", "the file gives 'str', not bytes. Open it with mode \"rb\"."),
        (io.BytesIO(), "audio", "these bytes are empty, not a sound"),
        (closed(), "image", "image: the file could not be read"),
        (Upload(), "audio", "the file gives 'coroutine', not bytes. Read it before"),
        ("ftp://x.org/a.png", "image", "is no http, https or data URL, and no path"),
        ("iVBORw0KGgo" * 500, "image", "is no http, https or data URL, and no path"),
        ("a\0b", "image", "is no http, https or data URL, and no path"),
        ("data:image/png;base64,*", "image", "image is a data URL that cannot be read"),
        ("other.png", "image", "the file 'other.png' was not read"),
        (("a", "b"), "audio", "audio is a tuple, but not of samples and their rate"),
        (([0.1], 16000), "audio", "audio is a tuple, but not of samples and their rate"),
    ],
)
def test_what_is_nothing_of_the_kind(source: Any, kind: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        taken(source, kind)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_rarer_format_is_taken_at_its_user_s_word() -> None:
    class Sound:
        bytes = b"\x01\x02\x03"
        content_type = "audio/x-rare"

    assert taken(Sound(), "audio").content_type == "audio/x-rare"
    with pytest.raises(ConfigurationError, match=r"hfi.Audio\(bytes=..., content_type='audio/...'"):
        taken(b"\x01\x02\x03", "audio")
    with pytest.raises(ConfigurationError, match="no known media type"):
        taken(Sound(), "image")


def test_sound_may_be_in_a_video() -> None:
    assert taken(MP4, "audio").content_type == "video/mp4"


@pytest.mark.parametrize("source", [WAV, io.BytesIO(WAV), Raw(WAV), "a.x"])
def test_too_much(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sources, media_input.__globals__):
        target = module if isinstance(module, dict) else vars(module)
        monkeypatch.setitem(target, "MAX_MEDIA", len(WAV) - 1)
    with pytest.raises(ConfigurationError, match=r"audio: .* 0 MB|x.: there are more"):
        taken(source, "audio", a=WAV)


def test_too_much_for_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_INLINE_SIZE", 10)
    with pytest.raises(ConfigurationError, match="too large"):
        taken(WAV, "audio").data_url()


def test_what_takes_a_while() -> None:
    quick = [
        PNG,
        bytearray(PNG),
        "https://x.org/a.png",
        "data:,",
        Image(bytes=PNG, content_type=""),
    ]
    assert not any(must_be_worked_on(source) for source in quick)
    slow = ["a.png", pathlib.PurePosixPath("a.png"), io.BytesIO(PNG), ([], 3)]
    assert all(must_be_worked_on(source) for source in slow)


# -- URLs that must be fetched ---------------------------------------------------------------------


def through(flow: Flow[MediaInput], reply: Response | Exception) -> tuple[Request, MediaInput]:
    request = next(flow)
    assert isinstance(request, Request)
    try:
        flow.throw(reply) if isinstance(reply, Exception) else flow.send(reply)
    except StopIteration as end:
        return request, end.value
    raise AssertionError("the flow went on")


def test_fetching() -> None:
    media = taken("https://x.org/ein wal#top", "audio")
    request, found = through(fetched(media), Response(status_code=200, content=WAV))
    assert (request.method, request.url) == ("GET", "https://x.org/ein%20wal")
    assert request.credential is None
    assert set(request.headers) == {"accept"}
    assert request.limit
    assert (found.data, found.content_type, found.url) == (WAV, "audio/wav", media.url)


def test_what_is_held_is_not_fetched() -> None:
    with pytest.raises(StopIteration):
        next(fetched(taken(PNG)))


@pytest.mark.parametrize("url", ["http://", "https://:80/x", "http://[x/", "https://x.org:0/"])
def test_urls_that_lead_nowhere(url: str) -> None:
    with pytest.raises(ConfigurationError, match="no URL that can be fetched"):
        next(fetched(taken(url)))


def test_fetching_what_is_no_image() -> None:
    with pytest.raises(ConfigurationError, match="image: these bytes are a web page"):
        through(fetched(taken("https://x.org/a.png")), Response(status_code=200, content=HTML))


def test_fetching_what_is_not_there() -> None:
    error = ModelNotFoundError("Not found.", status_code=404)
    with pytest.raises(ConfigurationError, match="image cannot be fetched from its URL"):
        through(fetched(taken("https://x.org/a.png")), error)


# -- arrays ----------------------------------------------------------------------------------------


def pixels(data: bytes) -> Any:
    numpy, pil = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    with pil.open(io.BytesIO(data)) as image:
        return numpy.asarray(image)


def samples(data: bytes) -> tuple[Any, int]:
    numpy = pytest.importorskip("numpy")
    with wave.open(io.BytesIO(data)) as file:
        frames = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert file.getsampwidth() == 2
        return frames.reshape(-1, file.getnchannels()), file.getframerate()


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1), (3, 5, 2), (3, 5, 3), (3, 5, 4), (1, 1)])
def test_pixels(shape: tuple[int, ...]) -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(numpy.prod(shape), dtype="uint8").reshape(shape)
    for given_array in (array, array[::-1][::-1], array / numpy.float32(255)):
        found = taken(given_array)
        assert found.content_type == "image/png"
        assert (pixels(found.data or b"").reshape(shape) == array).all()
    assert (pixels(taken(array > 2).data or b"").reshape(shape) == (array > 2) * 255).all()


@pytest.mark.parametrize("shape", [(7,), (7, 1), (20, 2), (2, 20)])
@pytest.mark.parametrize("swapped", [False, True])
def test_samples(shape: tuple[int, ...], swapped: bool) -> None:
    numpy = pytest.importorskip("numpy")
    array = (numpy.linspace(-1, 1, int(numpy.prod(shape))) * 32767).round().astype("int16")
    array = array.reshape(shape)
    frames = array.T if shape == (2, 20) else array.reshape(shape[0], -1)
    for each in (
        array,
        array.astype(">i2"),
        array / numpy.float32(32767),
        array.astype("int32") << 16,
    ):
        source = (numpy.int64(16000), each) if swapped else (each, 16000)
        found, rate = samples(taken(source, "audio").data or b"")
        assert rate == 16000
        assert (found == frames).all()


def test_samples_of_eight_bits_and_of_floats_a_little_too_loud() -> None:
    numpy = pytest.importorskip("numpy")
    eight = numpy.array([0, 128, 255], "uint8")
    assert samples(taken((eight, 8000), "audio").data or b"")[0].ravel().tolist() == [
        -32768,
        0,
        32512,
    ]
    loud = numpy.array([-1.5, 0.5, 1.5])
    assert samples(taken((loud, 8000.0), "audio").data or b"")[0].ravel().tolist() == [
        -32767,
        16384,
        32767,
    ]


class Tensor:
    """What gives an array only when it is asked to, as tensors do."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __array__(self, *_: object) -> Any:
        if self._array is None:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self._array


def test_tensors() -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.zeros((2, 3), "uint8")
    assert pixels(taken(Tensor(array)).data or b"").shape == (2, 3)
    assert samples(taken((Tensor(array[0]), 8000), "audio").data or b"")[1] == 8000
    with pytest.raises(ConfigurationError, match=r"requires grad.*detach\(\)"):
        taken(Tensor(None))


@pytest.mark.parametrize(
    ("shape", "dtype", "value", "words"),
    [
        ((4,), "uint8", 0, r"\(4\) is no image. If this is sound"),
        ((3, 20, 20), "uint8", 0, "Move the channels to the end"),
        ((20, 20, 7), "uint8", 0, "is no image"),
        ((0, 20), "uint8", 0, "is no image"),
        ((2, 2), "float32", 255.0, "floats of an image go from 0 to 1, these from 255 to 255"),
        ((2, 2), "float32", -0.5, "floats of an image go from 0 to 1"),
        ((2, 2), "float64", float("nan"), "floats of an image go from 0 to 1"),
        ((2, 2), "int64", 3, "the pixels are of type int64"),
        ((2, 2), "complex64", 3, "the pixels are of type complex64"),
        ((2, 2), "object", 3, "the pixels are of type object"),
    ],
)
def test_arrays_that_are_no_image(shape: Any, dtype: str, value: Any, words: str) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(ConfigurationError, match=words):
        taken(numpy.full(shape, value, dtype))


@pytest.mark.parametrize(
    ("shape", "dtype", "value", "rate", "words"),
    [
        ((0,), "int16", 0, 8000, "is no sound"),
        ((20, 20), "int16", 0, 8000, "is no sound"),
        ((2, 2, 2), "int16", 0, 8000, "is no sound"),
        ((4,), "int64", 0, 8000, "the samples are of type int64"),
        ((4,), "float32", 20000.0, 8000, "floats of a sound go from -1 to 1, these from 20000"),
        ((4,), "float32", float("nan"), 8000, "floats of a sound go from -1 to 1"),
        ((4,), "int16", 0, 0, "the rate must be a whole number"),
        ((4,), "int16", 0, -1, "the rate must be a whole number"),
        ((4,), "int16", 0, 44100.5, "the rate must be a whole number"),
        ((4,), "int16", 0, 10**9, "the rate must be a whole number"),
        ((4,), "int16", 0, "16000", "not of samples and their rate"),
        ((4,), "int16", 0, True, "not of samples and their rate"),
    ],
)
def test_arrays_that_are_no_sound(
    shape: Any, dtype: str, value: Any, rate: Any, words: str
) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(ConfigurationError, match=words):
        taken((numpy.full(shape, value, dtype), rate), "audio")


def test_an_array_without_its_rate() -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(ConfigurationError, match="audio is an array without its rate"):
        taken(numpy.zeros(4), "audio")


def test_chat_takes_the_same_forms() -> None:
    numpy = pytest.importorskip("numpy")
    parts = [
        numpy.zeros((2, 2), "uint8"),
        (numpy.zeros(8), 8000),
        Image(bytes=PNG, content_type="image/png"),
        {"type": "image", "image": numpy.zeros((2, 2))},
        {"type": "input_audio", "input_audio": (8000, numpy.zeros(8))},
    ]
    (message,) = wire_messages([{"role": "user", "content": parts}])
    kinds = [part["type"] for part in message["content"]]
    assert kinds == ["image_url", "input_audio", "image_url", "image_url", "input_audio"]


@given(st.binary(max_size=60), st.sampled_from(list(KINDS)))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_taken_or_refused_with_words(data: bytes, kind: str) -> None:
    for head in (b"", PNG[:16], WAV[:12], MP4[:12], struct.pack(">I", 0xFFFB9064)):
        with contextlib.suppress(ConfigurationError):
            found = taken(head + data, kind)
            assert found.content_type
            assert found.data == head + data
