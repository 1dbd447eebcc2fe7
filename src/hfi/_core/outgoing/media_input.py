"""The image, sound or video that a task is about, ready to be sent in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

import attrs

from hfi._core.outgoing.media import base64_text, described, parse_data_url, sniff
from hfi._core.outgoing.sources import MAX_MEDIA, bytes_of, is_web
from hfi._core.request import Request
from hfi.errors import APIStatusError, ConfigurationError

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.outgoing.sources import Files
    from hfi._core.request import Response

__all__ = ["MediaInput", "fetched", "media_input", "must_be_worked_on"]

_FORMS = {
    "image": "a path, a URL, bytes, a binary file, a PIL image or a NumPy array",
    "audio": "a path, a URL, bytes, a binary file, or (array, rate) of samples and their rate",
    "video": "a path, a URL, bytes or a binary file",
}
_NOUNS = {"image": "an image", "audio": "a sound", "video": "a video"}
# What has a sound track is taken for sound as well: servers read it with ffmpeg, and a browser's
# recording of a microphone is WebM.
_TYPES = {"image": ("image/",), "audio": ("audio/", "video/"), "video": ("video/", "image/gif")}
_SUFFIXES = {
    "audio/mpeg": "mp3",
    "audio/x-caf": "caf",
    "image/jpeg": "jpg",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    "video/x-ms-asf": "asf",
}
_URL_SIGNS = "%/:?=&+~!$',;@()*[]"


@attrs.frozen(kw_only=True)
class MediaInput:
    """What a task is given to look at, to listen to or to watch.

    Attributes:
        kind: ``"image"``, ``"audio"`` or ``"video"``.
        where: What the argument is called in error messages.
        data: The bytes of the file; None while only its URL is known.
        content_type: What the bytes are; None while they are not known.
        url: The http or https URL that was given in their place, or None.
    """

    kind: str
    where: str
    data: bytes | None = attrs.field(default=None, repr=False)
    content_type: str | None = None
    url: str | None = attrs.field(default=None, repr=False)

    @property
    def name(self) -> str:
        """A name for the file, for forms; the path it came from is nobody's business."""
        kind = (self.content_type or "").partition(";")[0]
        suffix = _SUFFIXES.get(kind) or kind.rpartition("/")[2].removeprefix("x-") or "bin"
        return f"{self.kind}.{suffix}"

    def base64(self) -> str:
        """The bytes as base64.

        Raises:
            ConfigurationError: There are too many of them to be sent inside JSON.
        """
        return base64_text(self._bytes())

    def data_url(self, content_type: str | None = None) -> str:
        """The bytes as a data URL, labelled as what they are, or as ``content_type``.

        Raises:
            ConfigurationError: There are too many of them to be sent inside JSON.
        """
        return f"data:{content_type or self.content_type};base64,{self.base64()}"

    def with_bytes(self, data: bytes) -> MediaInput:
        """The same with the bytes that lay at its URL.

        Raises:
            ConfigurationError: They are something else.
        """
        return attrs.evolve(self, data=data, content_type=_checked(data, self.kind, self.where))

    def _bytes(self) -> bytes:
        if self.data is None:
            raise ConfigurationError(f"{self.where}: what lies at the URL was not fetched.")
        return self.data


def must_be_worked_on(source: Any) -> bool:
    """Whether ``media_input`` has to read or to encode, which may take a while."""
    held = getattr(source, "bytes", source)
    return not isinstance(held, (bytes, bytearray, memoryview)) and not is_web(source)


def media_input(source: Any, kind: str, where: str, files: Files) -> MediaInput:
    """Takes what a user gave as an image, a sound or a video; a URL is not fetched.

    Args:
        source: A path, a URL, bytes, a binary file, a value of ours, a PIL image, a NumPy array,
            or samples and their rate.
        kind: ``"image"``, ``"audio"`` or ``"video"``.
        where: What it is called in error messages: the name of the argument.
        files: The bytes of the file that it names, by path.

    Raises:
        ConfigurationError: It is nothing of the kind, is empty or is too large.
    """
    if isinstance(source, str) and is_web(source):
        parsed = parse_data_url(source)
        if parsed is not None:
            return _held(parsed[1], parsed[0], kind, where)
        if source[:5].lower() == "data:":
            raise ConfigurationError(f"{where} is a data URL that cannot be read.")
        return MediaInput(kind=kind, where=where, url=source)
    data = None
    if kind != "audio" or isinstance(source, tuple) or not _is_array(source):
        data = bytes_of(source, where, files)
    if data is None:
        raise _no_form(source, kind, where)
    return _held(data, getattr(source, "content_type", None), kind, where)


def fetched(media: MediaInput) -> Flow[MediaInput]:
    """Fetches what lies at a URL, for a provider that takes none; else gives ``media`` as it is.

    No token and none of the user's headers go along.

    Raises:
        ConfigurationError: Nothing can be had there, or it is nothing of the kind.
        APIConnectionError: The host cannot be reached.
    """
    if media.data is not None or media.url is None:
        return media
    try:
        reply: Response = yield _download(media)
    except APIStatusError as error:
        raise ConfigurationError(
            f"{media.where} cannot be fetched from its URL: {error.message}",
            hint="Give a URL that needs no login, or the bytes themselves.",
        ) from error
    return media.with_bytes(reply.content)


def _download(media: MediaInput) -> Request:
    url = media.url or ""
    parts = _parts(url)
    if parts is None:
        # The URL is not shown: it may hold a signature, or a password.
        raise ConfigurationError(
            f"{media.where} is no URL that can be fetched.", hint="Check its host and port."
        )
    return Request(
        method="GET",
        # People paste spaces and letters of all scripts into paths.
        url=quote(parts._replace(fragment="").geturl(), safe=_URL_SIGNS, errors="surrogatepass"),
        headers={"accept": f"{media.kind}/*, */*;q=0.5"},
        task="download",
        limit=MAX_MEDIA,
    )


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and parts.port != 0 and parts.netloc.isascii()
    except ValueError:
        return None
    return parts if known else None


def _is_array(source: Any) -> bool:
    return hasattr(source, "__array__") and not hasattr(source, "read")


def _no_form(source: Any, kind: str, where: str) -> ConfigurationError:
    if _is_array(source):
        return ConfigurationError(
            f"{where} is an array without its rate.",
            hint="Give (array, rate), the rate in Hz, such as (samples, 16000).",
        )
    return ConfigurationError(
        f"{where} must be {_FORMS[kind]}, not {type(source).__name__!r}.",
        hint="Give the bytes where nothing else fits.",
    )


def _held(data: bytes, told: Any, kind: str, where: str) -> MediaInput:
    if len(data) > MAX_MEDIA:
        raise ConfigurationError(
            f"{where}: {len(data) / 1e6:.0f} MB are more than the {MAX_MEDIA / 1e6:.0f} MB that "
            "are sent at most.",
            hint="Make it smaller or shorter, or give a URL that the provider can fetch.",
        )
    # A type that was told counts where the bytes say nothing, as of raw formats.
    trusted = data and sniff(data) is None and isinstance(told, str)
    fits = trusted and told.lower().startswith(_TYPES[kind])
    content_type = told.lower() if fits else _checked(data, kind, where)
    return MediaInput(kind=kind, where=where, data=data, content_type=content_type)


def _checked(data: bytes, kind: str, where: str) -> str:
    found = sniff(data)
    if found is not None and found.startswith(_TYPES[kind]):
        return found
    hint = None
    if data and found is None and kind != "image":
        value = f"hfi.{kind.capitalize()}"
        hint = f"Of a rarer format, tell the type: {value}(bytes=..., content_type='{kind}/...')."
    raise ConfigurationError(
        f"{where}: these bytes are {described(data)}, not {_NOUNS[kind]}.", hint=hint
    )
