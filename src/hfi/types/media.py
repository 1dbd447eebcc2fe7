"""Images as users hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi.errors import MissingExtraError, ResponseError
from hfi.types.meta import CallMeta

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

__all__ = ["Image"]

# ``Image.bytes`` hides the type of that name inside the class.
Data = bytes

_SUFFIXES: Mapping[str, str] = {
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
}


@attrs.frozen(kw_only=True, repr=False)
class Image:
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

    bytes: Data
    content_type: str
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    model: str | None = None
    provider: str | None = None
    url: str | None = None
    prompt: str = ""
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False)

    def __repr__(self) -> str:
        size = f"{self.width}x{self.height} " if self.width and self.height else ""
        facts = [f"{size}{self.content_type}", f"{len(self.bytes)} bytes"]
        facts += [
            f"{name}={value!r}"
            for name, value in (
                ("model", self.model),
                ("provider", self.provider),
                ("seed", self.seed),
            )
            if value is not None
        ]
        return f"<Image {', '.join(facts)}>"

    @property
    def suffix(self) -> str:
        """The usual end of a file name for these bytes, such as ``".png"``."""
        return _SUFFIXES.get(self.content_type, ".img")

    def save(self, path: str | PathLike[str]) -> Path:
        """Writes the bytes to a file as they are, all of them or none, and gives its path.

        Args:
            path: Where to; a name without a suffix gets the one that fits. ``~`` is the home
                directory. What is there is replaced. The folder must exist.

        Raises:
            OSError: It cannot be written there.
        """
        from pathlib import Path  # noqa: PLC0415 - needed by who saves
        from uuid import uuid4  # noqa: PLC0415

        target = Path(path).expanduser()
        if not target.suffix:
            target = target.with_name(target.name + self.suffix)
        # Beside its place, since only within one file system is a renaming all or nothing.
        part = target.with_name(f".{uuid4().hex}.part")
        try:
            part.write_bytes(self.bytes)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return target

    def pil(self) -> Any:
        """The image as a ``PIL.Image.Image``, decoded.

        Raises:
            MissingExtraError: Pillow is not installed.
            ResponseError: Pillow cannot read the bytes, or refuses their size.
        """
        from io import BytesIO  # noqa: PLC0415

        try:
            from PIL import Image as PillowImage  # noqa: PLC0415 - optional
        except ImportError as error:
            raise MissingExtraError(
                "Pillow is not installed.", hint='Install it: pip install "hfi[images]".'
            ) from error
        try:
            image = PillowImage.open(BytesIO(self.bytes))
            image.load()
        except (OSError, SyntaxError, ValueError, PillowImage.DecompressionBombError) as error:
            raise ResponseError(
                f"Pillow cannot read this {self.content_type}: {error}.",
                hint="image.save(...) keeps the bytes as they came.",
            ) from error
        return image

    def data_url(self) -> str:
        """The bytes as a data URL, for HTML and for messages."""
        return f"data:{self.content_type};base64,{self._base64()}"

    def _base64(self) -> str:
        from binascii import b2a_base64  # noqa: PLC0415

        return b2a_base64(self.bytes, newline=False).decode("ascii")

    def _repr_png_(self) -> Data | None:
        return self.bytes if self.content_type == "image/png" else None

    def _repr_jpeg_(self) -> Data | None:
        return self.bytes if self.content_type == "image/jpeg" else None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows; it picks what it can."""
        bundle = {"text/plain": repr(self)}
        if self.content_type in ("image/png", "image/jpeg", "image/gif"):
            bundle[self.content_type] = self._base64()
        else:  # browsers read more formats than front ends have names for
            bundle["text/html"] = f'<img src="{self.data_url()}">'
        if include:
            bundle = {kind: data for kind, data in bundle.items() if kind in include}
        return {kind: data for kind, data in bundle.items() if kind not in (exclude or ())}
