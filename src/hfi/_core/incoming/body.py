"""What a reply turns out to be: an event stream, JSON, something else, or an error in disguise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hfi.types.raw import loads

__all__ = [
    "broken_error",
    "foreign_error",
    "is_blank",
    "is_cut_json",
    "is_event_stream",
    "may_be_json",
]

_BOM = b"\xef\xbb\xbf"
# What a line of an event stream begins with; "error:" is llama.cpp's before September 2025.
_FIELDS = (b":", b"data:", b"event:", b"id:", b"retry:", b"error:")
_ERROR_OBJECT = re.compile(r'\s*\{\s*"error"\s*:\s*"?')
# What a cut JSON text may end in, where the decoder stops: nothing, or part of a word or number.
_CUT = re.compile(r"|t|tr|tru|f|fa|fal|fals|n|nu|nul|-|\.|[eE][-+]?|u[0-9a-fA-F]{0,4}")


def _head(body: bytes | bytearray) -> bytes:
    """Gives the beginning, without a byte order mark and white space."""
    # Bodies grow; white space before them does not.
    head = bytes(body[:64])
    while not head.removeprefix(_BOM).strip() and len(head) < len(body):
        head = bytes(body[: 2 * len(head)])
    return head.removeprefix(_BOM).lstrip()


def is_blank(body: bytes | bytearray) -> bool:
    """Whether a body is white space so far, a byte order mark before it included."""
    return not body.removeprefix(_BOM).strip()


def is_event_stream(
    body: bytes | bytearray, headers: Mapping[str, str], *, ended: bool = False
) -> bool | None:
    """Whether a body is an event stream, by its first bytes; None while they do not tell.

    They are asked before the content type: servers answer a streamed request with JSON, and
    stream under a wrong type. ``ended`` says that no more bytes come.
    """
    head = _head(body)
    if not head or _BOM.startswith(head):
        return False if ended else None
    if head[:1] in b"{[<":
        return False
    content_type = headers.get("content-type", "").lower()
    if not content_type or "event-stream" in content_type:
        return True
    if head.startswith(_FIELDS):
        return True
    if not ended and any(field.startswith(head) for field in _FIELDS):
        return None
    return False


def may_be_json(body: bytes | bytearray, headers: Mapping[str, str]) -> bool:
    """Whether a body that is no stream should be read to its end before it is judged."""
    return _head(body)[:1] in (b"{", b"[") or "json" in headers.get("content-type", "").lower()


def is_cut_json(body: bytes) -> bool:
    """Whether a body that is no JSON would be, if its end had come."""
    text = body.decode("utf-8-sig", "replace").strip()
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or bool(
            _CUT.fullmatch(text[error.pos :])
        )
    except (ValueError, RecursionError):
        return False
    return False


def foreign_error(lines: Iterable[bytes]) -> Any:
    """Gives the error in a field line of its own, as llama.cpp sent before September 2025."""
    for line in lines:
        if line.startswith(b"error:"):
            told = line[len(b"error:") :].strip()
            try:
                return {"error": loads(told)}
            except ValueError:
                return {"error": told.decode("utf-8", "replace")}
    return None


def broken_error(name: bytes | None, text: bytes, foreign: Iterable[bytes]) -> Any:
    """Gives the error in an event that is no JSON, or None if it is none.

    transformers writes ``{"error": "..."}`` by hand: the message's own line feeds cut the event
    into lines that belong to no field.
    """
    told = b"\n".join((text, *foreign)).decode("utf-8", "replace")
    opening = _ERROR_OBJECT.match(told)
    if opening is not None:
        return {"error": re.sub(r'"?\s*\}?\s*$', "", told[opening.end() :])}
    return {"error": told} if name == b"error" else None
