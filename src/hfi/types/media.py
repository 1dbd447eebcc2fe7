"""Images, sounds and videos as users hold them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar

import attrs

from hfi.errors import ResponseError
from hfi.types.medium import Data, Medium, optional
from hfi.types.raw import WireValue

__all__ = ["Audio", "AudioPart", "Image", "Images", "Video"]

_ARRAYS = "numpy"  # what pip installs for numpy() of an image


@attrs.frozen(kw_only=True, repr=False)
class Image(Medium):
    """An image that a model made. A notebook shows it when it is the last value of a cell.

    Attributes:
        bytes: The file, as the provider made it.
        content_type: What the bytes are, found from themselves: ``"image/png"``, ...
        width: In pixels; None where the format does not tell.
        height: In pixels; None where the format does not tell.
        seed: The seed it was made with: the provider's word, else what was sent; None where
            neither is known.
        model: The model's id.
        provider: Who made it; None for a server of your own.
        url: Where the provider keeps it, usually for an hour or less; None where it came by
            itself.
        prompt: What was asked for.
        meta: How the call went; images of one call each have their own.
    """

    __module__ = "hfi"
    _unknown: ClassVar[str] = ".img"

    width: int | None = None
    height: int | None = None
    seed: int | None = None

    def _facts(self) -> list[str]:
        size = f"{self.width}x{self.height} " if self.width and self.height else ""
        return [f"{size}{self.content_type}"]

    def _named(self) -> Mapping[str, object]:
        return {**super()._named(), "seed": self.seed}

    def pil(self) -> Any:
        """The image as a ``PIL.Image.Image``, decoded.

        Raises:
            MissingExtraError: Pillow is not installed.
            ResponseError: Pillow cannot read the bytes, or refuses their size.
        """
        pillow = optional("PIL.Image", "Pillow", '"hfi[images]"')
        try:
            image = pillow.open(BytesIO(self.bytes))
            image.load()
        except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:
            raise ResponseError(
                f"Pillow cannot read this {self.content_type}: {error}.",
                hint="image.save(...) keeps the bytes as they came.",
            ) from error
        return image

    def numpy(self) -> Any:
        """The pixels as a NumPy array of shape (height, width) or (height, width, channels).

        An image of up to 256 colours is given as the colours themselves.

        Raises:
            MissingExtraError: Pillow or NumPy is not installed.
            ResponseError: Pillow cannot read the bytes, or refuses their size.
        """
        numpy = optional("numpy", "NumPy", _ARRAYS)
        image = self.pil()
        if image.mode == "P":
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        return numpy.array(image)

    def _repr_png_(self) -> Data | None:
        return self.bytes if self.content_type == "image/png" else None

    def _repr_jpeg_(self) -> Data | None:
        return self.bytes if self.content_type == "image/jpeg" else None

    def _html(self) -> str:
        return f'<img src="{self.data_url()}">'

    def _bundle(self) -> dict[str, str]:
        if self.content_type in ("image/png", "image/jpeg", "image/gif"):
            return {self.content_type: self._base64()}
        # Browsers read more formats than front ends have names for.
        return super()._bundle()

    def _repr_html_(self) -> str:
        from hfi.types.html import plain  # noqa: PLC0415 - for notebooks
        from hfi.types.rendering import image_html  # noqa: PLC0415

        return image_html(self) if self._is_shown() else plain(repr(self))

    def _ipython_display_(self) -> None:
        """Shows the picture, and below it what was asked for and the seed.

        These are two outputs: one of HTML would hold the picture a second time for the programs
        that show pictures only, and every notebook would be twice as large.
        """
        from IPython.display import publish_display_data  # noqa: PLC0415 - who calls this has it

        from hfi.types.rendering import image_caption  # noqa: PLC0415

        publish_display_data(self._repr_mimebundle_())  # type: ignore[no-untyped-call]
        publish_display_data({"text/html": image_caption(self)})  # type: ignore[no-untyped-call]


class Images(list[Image]):
    """The images of one call: a list, which a notebook shows as a grid."""

    __module__ = "hfi"

    def _repr_html_(self) -> str:
        from hfi.types.rendering import images_html  # noqa: PLC0415 - for notebooks

        return images_html(self)


@attrs.frozen(kw_only=True, repr=False)
class Audio(Medium):
    """A sound that a model made. A notebook shows a player when it is a cell's last value.

    Attributes:
        bytes: The file, as the provider made it.
        content_type: What the bytes are, found from themselves: ``"audio/wav"``, ...
        duration: In seconds; None where the file does not tell.
        sampling_rate: In Hz; None where the file does not tell.
        channels: 1 for mono, 2 for stereo; None where the file does not tell.
        model: The model's id.
        provider: Who made it; None for a server of your own.
        url: Where the provider keeps it, usually for an hour or less; None where it came by
            itself.
        prompt: The text that it says, or what was asked for.
        meta: How the call went.
    """

    __module__ = "hfi"

    duration: float | None = None
    sampling_rate: int | None = None
    channels: int | None = None

    def _facts(self) -> list[str]:
        facts = [self.content_type]
        if self.duration is not None:
            facts.append(f"{self.duration:.2f} s")
        if self.sampling_rate is not None:
            facts.append(f"{self.sampling_rate} Hz")
        return facts

    def numpy(self) -> Any:
        """The samples as float32 from -1 to 1: shape (samples,), or (samples, channels).

        ``sampling_rate`` tells how many make a second. WAV needs NumPy alone; FLAC, MP3, Ogg and
        AIFF are read with soundfile.

        Raises:
            MissingExtraError: What reads it is not installed.
            ResponseError: The bytes cannot be read.
        """
        from hfi.types.wav import read_wav, wav_samples  # noqa: PLC0415 - few want samples

        numpy = optional("numpy", "NumPy", '"hfi[audio]"')
        wav = read_wav(self.bytes)
        samples = wav_samples(numpy, self.bytes, wav) if wav is not None else None
        if samples is None:
            samples = self._decoded()
        return samples[:, 0] if samples.shape[1] == 1 else samples

    def _decoded(self) -> Any:
        soundfile = optional("soundfile", "soundfile", '"hfi[audio]"')
        try:
            return soundfile.read(BytesIO(self.bytes), dtype="float32", always_2d=True)[0]
        except (RuntimeError, TypeError, ValueError) as error:
            raise ResponseError(
                f"soundfile cannot read this {self.content_type}: {error}",
                hint="audio.save(...) keeps the bytes as they came; ffmpeg converts them.",
            ) from error

    def _html(self) -> str:
        from hfi.types.players import audio_html  # noqa: PLC0415 - needed by notebooks

        return audio_html(self)

    def _repr_html_(self) -> str | None:
        return self._bundle().get("text/html")


@attrs.frozen(kw_only=True, repr=False)
class Video(Medium):
    """A video that a model made. A notebook shows a player when it is a cell's last value.

    Attributes:
        bytes: The file, as the provider made it.
        content_type: What the bytes are, found from themselves: ``"video/mp4"``, ...
        width: In pixels; None where the file does not tell.
        height: In pixels; None where the file does not tell.
        duration: In seconds; None where the file does not tell.
        seed: The seed it was made with: the provider's word, else what was sent; None where
            neither is known.
        model: The model's id.
        provider: Who made it; None for a server of your own.
        url: Where the provider keeps it, usually for an hour or less; None where it came by
            itself.
        prompt: What was asked for.
        meta: How the call went.
    """

    __module__ = "hfi"

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    seed: int | None = None

    def _facts(self) -> list[str]:
        size = f"{self.width}x{self.height} " if self.width and self.height else ""
        facts = [f"{size}{self.content_type}"]
        return facts if self.duration is None else [*facts, f"{self.duration:.2f} s"]

    def _named(self) -> Mapping[str, object]:
        return {**super()._named(), "seed": self.seed}

    def _html(self) -> str:
        from hfi.types.players import video_html  # noqa: PLC0415 - needed by notebooks

        return video_html(self)

    def _repr_html_(self) -> str | None:
        return self._bundle().get("text/html")


@attrs.frozen(slots=False)
class AudioPart(WireValue):
    """One of the sounds that a sound was turned into.

    Attributes:
        label: What it is, such as ``"speech"`` or ``"vocals"``; empty where the model says none.
        audio: The sound.
        raw: The JSON object as sent.
    """

    __module__ = "hfi"

    label: str
    audio: Audio
    _source: Any = attrs.field(default=None, kw_only=True, eq=False, repr=False, alias="source")

    @property
    def blob(self) -> bytes:
        """The sound's bytes, under the Hub's name."""
        return self.audio.bytes

    @property
    def content_type(self) -> str:
        """The sound's media type."""
        return self.audio.content_type

    def _repr_html_(self) -> str | None:
        if not self.audio._is_shown():
            return None
        from hfi.types.players import part_html  # noqa: PLC0415 - needed by notebooks

        return part_html(self)
