"""Content parts: text, images and sound, from the forms people hold them in to the wire's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hfi._core.outgoing.media import base64_text, data_url, described, sniff
from hfi._core.outgoing.sources import bytes_of, is_web
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.outgoing.sources import Files

__all__ = ["media_sources", "wire_content"]

_IMAGE_FORMS = "a URL, a path, bytes, a PIL image, a NumPy array or a binary file"
_AUDIO_FORMATS = {
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
}


def wire_content(content: Any, where: str, files: Files) -> str | list[Any]:
    """Gives a message's content as the wire has it: text, or a list of part dicts.

    Args:
        content: Text, or a sequence of parts, strings and bare images or sounds.
        where: What it is called in error messages, such as ``"messages[2].content"``.
        files: The bytes of the files that it names, by path.

    Raises:
        ConfigurationError: A part is none, a file is missing from ``files``, or media are not
            what they are said to be.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence) or isinstance(content, (bytes, bytearray, memoryview)):
        raise ConfigurationError(
            f"{where} must be text or a list of parts, not {type(content).__name__!r}.",
            hint="Put the image, or the part, in a list.",
        )
    return [_wire_part(part, f"{where}[{i}]", files) for i, part in enumerate(content)]


def media_sources(content: Any) -> Iterator[Any]:
    """Yields what must be read or encoded before it can be sent: paths, bytes, images, files."""
    if not isinstance(content, Sequence) or isinstance(content, (str, bytes, bytearray)):
        return
    for part in content:
        source = _source(part)
        if source is not None and not is_web(source):
            yield source


def _source(part: Any) -> Any:
    """What a part holds that is not in the wire's form yet, or None."""
    if isinstance(part, str):
        return None
    if not isinstance(part, Mapping):
        return part
    kind = part.get("type")
    if kind == "image":
        return part.get("image")
    key = {"image_url": "url", "input_audio": "data"}.get(kind) if isinstance(kind, str) else None
    inner = part.get(kind) if key else None
    if isinstance(inner, Mapping):
        inner = inner.get(key)
    # Text is the wire's own form here: nothing is read from disk for it, as dicts of this form
    # often come from a web page.
    return None if isinstance(inner, str) else inner


def _wire_part(part: Any, where: str, files: Files) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, Mapping):
        return _bare(part, where, files)
    kind = part.get("type")
    if not isinstance(kind, str):
        raise ConfigurationError(
            f"{where} has no type.", hint='Parts look like {"type": "text", "text": "..."}.'
        )
    build = _BUILDERS.get(kind)
    return build(part, where, files) if build else dict(part)


def _image_part(part: Mapping[str, Any], where: str, files: Files) -> dict[str, Any]:
    if part.get("image") is None:
        raise ConfigurationError(f"{where} has no image.", hint=f"Give {_IMAGE_FORMS}.")
    others = {k: v for k, v in part.items() if k not in ("type", "image", "detail")}
    inner = {"url": _image_url(part["image"], f"{where}.image", files)}
    if part.get("detail") is not None:
        inner["detail"] = part["detail"]
    return {"type": "image_url", "image_url": inner, **others}


def _image_url_part(part: Mapping[str, Any], where: str, files: Files) -> dict[str, Any]:
    inner = part.get("image_url")
    if isinstance(inner, Mapping) and isinstance(inner.get("url"), str):
        return dict(part)
    place = f"{where}.image_url"
    if isinstance(inner, str):
        return {**part, "image_url": {"url": inner}}
    if isinstance(inner, Mapping):
        url = _image_url(inner.get("url"), f"{place}.url", files)
        return {**part, "image_url": {**inner, "url": url}}
    return {**part, "image_url": {"url": _image_url(inner, place, files)}}


def _audio_part(part: Mapping[str, Any], where: str, files: Files) -> dict[str, Any]:
    inner = part.get("input_audio")
    place = f"{where}.input_audio"
    if not isinstance(inner, Mapping):
        return {**part, "input_audio": _audio(_read(inner, place, files), place)}
    # llama.cpp takes a url in place of data.
    if isinstance(inner.get("data"), str) or "data" not in inner:
        return dict(part)
    found = _audio(_read(inner["data"], f"{place}.data", files), place)
    return {**part, "input_audio": {**found, **{k: v for k, v in inner.items() if k != "data"}}}


_BUILDERS = {"image": _image_part, "image_url": _image_url_part, "input_audio": _audio_part}


def _bare(part: Any, where: str, files: Files) -> dict[str, Any]:
    data = _read(part, where, files)
    kind = sniff(data) or ""
    if kind.startswith("audio/"):
        return {"type": "input_audio", "input_audio": _audio(data, where)}
    return {"type": "image_url", "image_url": {"url": _checked_image(data, where)}}


def _audio(data: bytes, where: str) -> dict[str, str]:
    name = _AUDIO_FORMATS.get(sniff(data) or "")
    if name is None:
        raise ConfigurationError(
            f"{where}: these bytes are {described(data)}, not sound in a known format.",
            hint="WAV and MP3 are the formats that servers take.",
        )
    return {"data": base64_text(data), "format": name}


def _image_url(source: Any, where: str, files: Files) -> str:
    if isinstance(source, str) and is_web(source):
        return source
    return _checked_image(_read(source, where, files), where)


def _checked_image(data: bytes, where: str) -> str:
    kind = sniff(data) or ""
    if not kind.startswith("image/"):
        raise ConfigurationError(f"{where}: these bytes are {described(data)}, not an image.")
    return data_url(data, kind)


def _read(source: Any, where: str, files: Files) -> bytes:
    """Gives the bytes of whatever holds an image or a sound."""
    data = bytes_of(source, where, files)
    if data is None:
        raise ConfigurationError(
            f"{where} is of type {type(source).__name__!r}, which is no content part.",
            hint=f"Text is a string; an image is {_IMAGE_FORMS}.",
        )
    return data
