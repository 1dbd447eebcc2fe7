"""Forms with files, as ``multipart/form-data`` has them (RFC 7578)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["FilePart", "form"]

_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}


@attrs.frozen(kw_only=True)
class FilePart:
    """A file of a form."""

    data: bytes = attrs.field(repr=False)
    name: str
    content_type: str


def form(parts: Mapping[str, str | FilePart]) -> tuple[bytes, str]:
    """Gives a form's bytes, and their media type with the boundary."""
    bodies = [part.data if isinstance(part, FilePart) else _bytes(part) for part in parts.values()]
    boundary = _boundary(bodies)
    pieces: list[bytes] = []
    for (name, part), body in zip(parts.items(), bodies, strict=True):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(part, FilePart):
            head += f'; filename="{_quoted(part.name)}"\r\nContent-Type: {part.content_type}'
        pieces += [_bytes(f"{head}\r\n\r\n"), body, b"\r\n"]
    pieces.append(_bytes(f"--{boundary}--\r\n"))
    return b"".join(pieces), f"multipart/form-data; boundary={boundary}"


def _boundary(bodies: list[bytes]) -> str:
    """A line that none of the parts holds."""
    number = 0
    while any(f"--hfi-form-{number}".encode() in body for body in bodies):
        number += 1
    return f"hfi-form-{number}"


def _quoted(name: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in name)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
