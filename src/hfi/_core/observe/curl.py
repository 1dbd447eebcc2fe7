"""A request as one line that a shell understands, without what must not stand in a log."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hfi._core.explain import shown_headers
from hfi._core.failures.redact import redact, secrets_of, shown_url

if TYPE_CHECKING:
    from hfi._core.request import Request

__all__ = ["MAX_BODY", "curl_line"]

MAX_BODY = 2000  # characters; what follows is mostly pictures
# A secret that begins inside the limit must be there whole to be recognised.
_AHEAD = 4096


def curl_line(request: Request) -> str:
    """The request as a ``curl`` command on one line.

    Tokens and keys stand there as variables of the shell. A long body is cut, one that is no text
    is left out.
    """
    headers, secret_names = shown_headers(request)
    parts = ["curl", "-X", request.method, shlex.quote(shown_url(request.url))]
    for name, value in headers.items():
        # Inside single quotes the shell would not put the secret in the variable's place.
        line = f"{name}: {value}"
        parts += ["-H", f'"{line}"' if name in secret_names else shlex.quote(line)]
    if request.content:
        parts += ["--data-raw", shlex.quote(_shown_body(request, request.content))]
    return " ".join(parts)


def _shown_body(request: Request, content: bytes) -> str:
    beginning = content[: 4 * MAX_BODY + _AHEAD]
    if b"\0" in beginning or not _is_text(beginning):
        return f"<{len(content)} bytes>"
    text = redact(beginning.decode("utf-8", "ignore"), secrets_of(request))
    rest = f"...<{len(content)} bytes in all>"
    cut = len(text) > MAX_BODY or len(beginning) < len(content)
    text = text[:MAX_BODY] + rest if cut else text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > len(data) - 4  # cut inside a character
    return True


def _escaped(char: str) -> str:
    """As JSON escapes it, so that the body stays the same one."""
    if char in "\r\n\t":
        return " "  # between JSON's tokens; inside a string they cannot stand
    if ord(char) > 0xFFFF:
        high, low = divmod(ord(char) - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{ord(char):04x}"
