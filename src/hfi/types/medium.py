"""What images, sounds and videos have in common: bytes with a type, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from hfi.errors import MissingExtraError
from hfi.types.meta import CallMeta

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

__all__ = ["Data", "Medium", "optional"]

# ``Medium.bytes`` hides the type of that name inside the classes.
Data = bytes

M = TypeVar("M", bound="Medium")

_SUFFIXES: Mapping[str, str] = {
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "audio/amr": ".amr",
    "audio/basic": ".au",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/webm": ".webm",
    "audio/x-caf": ".caf",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jp2": ".jp2",
    "image/jpeg": ".jpg",
    "image/jxl": ".jxl",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpg",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-flv": ".flv",
    "video/x-matroska": ".mkv",
    "video/x-ms-asf": ".asf",
    "video/x-msvideo": ".avi",
}

# A page that holds more than this stops answering; JupyterLab keeps it all in the notebook's file.
_MOST_SHOWN = 64 << 20


@attrs.frozen(kw_only=True, repr=False)
class Medium:
    """A file that a model made.

    Attributes:
        bytes: The file, as the provider made it.
        content_type: What the bytes are, found from themselves.
        model: The model's id.
        provider: Who made it; None for a server of your own.
        url: Where the provider keeps it, usually for an hour or less; None where it came by
            itself.
        prompt: What was asked for.
        meta: How the call went; the results of one call each have their own.
    """

    _unknown: ClassVar[str] = ".bin"

    bytes: Data
    content_type: str
    model: str | None = None
    provider: str | None = None
    url: str | None = None
    prompt: str = ""
    meta: CallMeta = attrs.field(factory=CallMeta, eq=False)

    def with_facts(
        self: M, meta: CallMeta, *, model: str | None = None, provider: str | None = None
    ) -> M:
        """Gives the same file with the facts of the call that it answers."""
        return attrs.evolve(self, meta=meta, model=model, provider=provider)

    def _facts(self) -> list[str]:
        """What the repr tells before who made it."""
        return [self.content_type]

    def _named(self) -> Mapping[str, object]:
        """What the repr tells by name, where it is not None."""
        return {"model": self.model, "provider": self.provider}

    def __repr__(self) -> str:
        facts = [*self._facts(), f"{len(self.bytes)} bytes"]
        facts += [f"{name}={value!r}" for name, value in self._named().items() if value is not None]
        return f"<{type(self).__name__} {', '.join(facts)}>"

    @property
    def suffix(self) -> str:
        """The usual end of a file name for these bytes, such as ``".png"`` or ``".wav"``."""
        return _SUFFIXES.get(self.content_type, self._unknown)

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

    def data_url(self) -> str:
        """The bytes as a data URL, for HTML and for messages."""
        return f"data:{self.content_type};base64,{self._base64()}"

    def _base64(self) -> str:
        from binascii import b2a_base64  # noqa: PLC0415

        return b2a_base64(self.bytes, newline=False).decode("ascii")

    def _html(self) -> str | None:
        """What shows it in a page, or None."""
        return None

    def _bundle(self) -> dict[str, str]:
        """What a notebook can show, by media type, apart from text."""
        html = self._html() if self._is_shown() else None
        return {} if html is None else {"text/html": html}

    def _is_shown(self) -> bool:
        return len(self.bytes) <= _MOST_SHOWN

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows; it picks what it can."""
        bundle = {"text/plain": repr(self), **self._bundle()}
        if include:
            bundle = {kind: data for kind, data in bundle.items() if kind in include}
        return {kind: data for kind, data in bundle.items() if kind not in (exclude or ())}


def optional(module: str, library: str, install: str) -> Any:
    """A library that not everybody has.

    Raises:
        MissingExtraError: It is not installed.
    """
    from importlib import import_module  # noqa: PLC0415 - needed by who needs the library

    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{library} is not installed.", hint=f"Install it: pip install {install}."
        ) from error
