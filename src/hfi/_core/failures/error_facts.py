"""What a server says went wrong, read out of any body it may use for that."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from hfi._core.failures.redact import clean
from hfi._core.failures.wait_hints import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["ErrorFacts", "decode_body", "find_error", "read_facts"]

T = TypeVar("T")
Level = Mapping[str, Any]

# What is larger is no error message; the beginning is searched for one as text.
MAX_JSON = 4 * 1024 * 1024
MAX_TEXT = 65_536
_MAX_NESTED = 6
_MAX_ITEMS = 8

_WORD_KEYS = ("message", "msg", "error_message", "errors", "detail", "details", "title", "reason")
_KIND_KEYS = ("type", "error_type", "kind", "status", "__type")
_CODE_KEYS = ("code", "error_code", "errorcode", "http_status_code", "status_code", "statuscode")
_STATUS_KEYS = ("http_status_code", "status_code", "statuscode", "code", "status")

# A body of nothing but these, with a text among them, is an error although it lacks "error".
_ERROR_KEYS = frozenset(
    {
        "code",
        "detail",
        "details",
        "error",
        "error_code",
        "error_description",
        "error_type",
        "errors",
        "instance",
        "message",
        "msg",
        "object",
        "param",
        "path",
        "reason",
        "request_id",
        "requestid",
        "status",
        "status_code",
        "statuscode",
        "success",
        "timestamp",
        "title",
        "type",
    }
)


@attrs.frozen(kw_only=True)
class ErrorFacts:
    """An error as its server told it.

    ``words`` is the message ("" without one), ``status`` the HTTP code told inside the body.
    ``page`` says that the body was a page for browsers; ``words`` then holds its title at most.
    """

    words: str = ""
    kind: str | None = None
    code: str | int | None = None
    param: str | None = None
    status: int | None = None
    provider: str | None = None
    estimated_time: float | None = None
    prompt_tokens: int | None = None
    max_tokens: int | None = None
    page: bool = False


def decode_body(body: bytes) -> object:
    """Decode an error's body: parsed JSON, else its text, else None when it is empty.

    The declared content type is not asked: proxies send JSON as text, and pages as JSON.
    """
    text = _text(body[:MAX_JSON])
    if text[:1] in ("{", "[", '"') and len(body) <= MAX_JSON:
        parsed = _parsed(text)
        if parsed is not None:
            return parsed
    return text[:MAX_TEXT] or None


def _text(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace").strip()
    return body.decode("utf-8-sig", "replace").strip()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_facts(body: object, *, page: bool = False) -> ErrorFacts:
    """Read an error's body, as ``decode_body`` gives it or as an event of a stream held it.

    ``page`` says that the reply was declared to be HTML.
    """
    if isinstance(body, str) and (page or _PAGE.match(body)):
        return _page_facts(body)
    levels: list[Level] = []
    words = _words(body, levels, 0)
    # The innermost object knows best: proxies wrap the error of the server behind them.
    levels.reverse()
    return ErrorFacts(
        words=words,
        kind=_first(levels, _KIND_KEYS, _kind),
        code=_first(levels, _CODE_KEYS, _code),
        param=_first(levels, ("param", "loc", "field"), _param),
        status=_first(levels, _STATUS_KEYS, _status),
        provider=_first(levels, ("provider_name",), _label),
        estimated_time=_first(levels, ("estimated_time",), seconds_of),
        prompt_tokens=_first(levels, ("n_prompt_tokens",), _count),
        max_tokens=_first(levels, ("n_ctx",), _count),
    )


# The message ---------------------------------------------------------------------------------


def _words(value: object, levels: list[Level], depth: int) -> str:
    """Give an error's text, and add to ``levels`` the objects it lies in, outermost first."""
    if depth > _MAX_NESTED or isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str):
        return _words_of_text(value, levels, depth)
    if isinstance(value, Mapping):
        return _words_of_object(value, levels, depth)
    if isinstance(value, (list, tuple)):
        # The facts are the first item's; those of several errors are not mixed.
        texts = [
            _words(item, [] if index else levels, depth + 1)
            for index, item in enumerate(value[:_MAX_ITEMS])
        ]
        return _joined(texts, "; ")
    return str(value) if isinstance(value, (int, float)) and abs(value) < 1e15 else ""


def _words_of_text(text: str, levels: list[Level], depth: int) -> str:
    text = text.strip()
    if text[:1] in ("{", "["):
        parsed = _parsed(text[:MAX_TEXT])
        if isinstance(parsed, (dict, list)):
            return _words(parsed, levels, depth + 1) or text
        salvaged = _TOLD.search(text[:MAX_TEXT])
        if salvaged:
            # JSON that breaks off, or that was made by hand: its message is still readable.
            return _unescaped(salvaged[1])
    if _is_binary(text):
        return "bytes that are no text"
    page = _PAGE_INSIDE.search(text)
    if page:  # "upstream said: <html>..."
        return f"{text[: page.start()].rstrip()} {_page_facts(text[page.start() :]).words}".strip()
    return text


def _is_binary(text: str) -> bool:
    beginning = text[:512]
    odd = sum(char == "\ufffd" or char < "\t" or "\x0e" <= char < " " for char in beginning)
    return odd * 4 > len(beginning)


def _words_of_object(value: Mapping[Any, Any], levels: list[Level], depth: int) -> str:
    level = {key.lower(): item for key, item in value.items() if isinstance(key, str)}
    levels.append(level)
    error = level.get("error")
    words = _words(error, levels, depth + 1)
    description = level.get("error_description")
    if isinstance(error, str) and isinstance(description, str):
        level.setdefault("code", error)  # OAuth: the code and its description
    if not words or isinstance(error, str):
        # {"error": "Bad Request", "message": "what really happened", "statusCode": 400}
        others = [description, next((level[key] for key in _WORD_KEYS if level.get(key)), None)]
        words = _joined([words, *(_words(item, levels, depth + 1) for item in others)], ": ")
    if isinstance(level.get("loc"), (list, tuple)) and words:
        words = f"{_param(level['loc'])}: {words}"
    return _joined([words, *_asides(level, levels, depth)], "; ")


def _asides(level: Level, levels: list[Level], depth: int) -> Iterator[str]:
    metadata = level.get("metadata")
    if isinstance(metadata, Mapping):
        # OpenRouter says "Provider returned error" and hides the provider's words in here.
        levels.append({k.lower(): v for k, v in metadata.items() if isinstance(k, str)})
        yield _words(metadata.get("raw"), [], depth + 1)
    if level.get("warnings"):
        yield _words(level["warnings"], [], depth + 1)


def _joined(texts: Sequence[str], separator: str) -> str:
    kept: list[str] = []
    for text in texts:
        stripped = text.strip()
        if stripped and not any(stripped in other for other in kept):
            kept.append(stripped)
    return separator.join(kept)


_TOLD = re.compile(r'"(?:message|msg|error|detail)"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.){1,4096})', re.S)


def _unescaped(text: str) -> str:
    parsed = _parsed(f'"{text}"')
    return parsed if isinstance(parsed, str) else text


# Pages ---------------------------------------------------------------------------------------

_PAGE = re.compile(r"\s{0,64}<(?:!doctype|!--|\?xml|html|head|body|title|h[1-6]|error)\b", re.I)
_PAGE_INSIDE = re.compile(r"<(?:!doctype|html|head|body)\b", re.I)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,400})", re.I)
_XML_MESSAGE = re.compile(r"<Message>([^<]{1,2000})</Message>")
_XML_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")


def _page_facts(text: str) -> ErrorFacts:
    text = text[:MAX_TEXT]
    message = _XML_MESSAGE.search(text)
    if message:  # object stores answer with a small XML document, which is worth reading
        code = _XML_CODE.search(text)
        words = html.unescape(message[1]).strip()
        return ErrorFacts(words=words, code=_label(code[1]) if code else None)
    title = _TITLE.search(text)
    return ErrorFacts(words=_page_name(html.unescape(title[1]) if title else ""), page=True)


def _page_name(title: str) -> str:
    title = clean(title, 120)
    return f"an HTML page titled {title!r}" if title else "an HTML page"


# The other facts -----------------------------------------------------------------------------


def _first(levels: Iterable[Level], keys: Iterable[str], read: Callable[[object], T]) -> T | None:
    keys = tuple(keys)
    for level in levels:
        for key in keys:
            value = read(level.get(key))
            if value is not None:
                return value
    return None


def _label(value: object) -> str | None:
    return clean(value, 100) or None if isinstance(value, str) else None


def _kind(value: object) -> str | None:
    label = _label(value)
    # "type": "error" and "status": "error" say that it is one, not which.
    return None if label is None or label.isdigit() or label.lower() == "error" else label


def _code(value: object) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 10**9 else None
    return _label(value)


def _param(value: object) -> str | None:
    if isinstance(value, (list, tuple)):
        value = ".".join(str(part) for part in value[:16] if isinstance(part, (str, int)))
    return _label(value)


def _status(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 400 <= value <= 599 else None


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 10**12 else None


# Errors where an answer was due --------------------------------------------------------------


def find_error(body: object) -> object | None:
    """Give the part of a decoded 200 reply or event that tells an error; None where none does."""
    if isinstance(body, (list, tuple)):
        return find_error(body[0]) if len(body) == 1 else None
    if not isinstance(body, Mapping):
        return None
    if _is_told(body.get("error")):
        return body
    choices = body.get("choices")
    if isinstance(choices, (list, tuple)):
        return next(filter(None, map(_choice_error, choices)), None)
    if body.get("object") == "error" or body.get("type") == "error":
        return body
    return body if _is_bare_error(body) else None


def _is_told(error: object) -> bool:
    if isinstance(error, Mapping):
        return any(value is not None for value in error.values())
    return bool(error)


def _choice_error(choice: object) -> object | None:
    if not isinstance(choice, Mapping):
        return None
    if _is_told(choice.get("error")):
        return {"error": choice["error"]}
    if choice.get("finish_reason") == "error":
        return {"error": "The answer ended with finish_reason 'error'"}
    return None


def _is_bare_error(body: Mapping[Any, Any]) -> bool:
    """Whether this is {"message": ...}, {"detail": ...} and the like: a text and no payload."""
    # {"code": 400, "message": "bad prompt", "data": null}: what is empty is no payload.
    told = [key for key, value in body.items() if value is not None and value not in ([], {})]
    if not all(isinstance(key, str) and key.lower() in _ERROR_KEYS for key in told):
        return False
    # A "message" that is an object is a chat message.
    return any(
        isinstance(value, str if key.lower() in ("message", "msg") else (str, list, dict))
        for key, value in body.items()
        if value and key.lower() in ("message", "msg", "detail", "errors")
    )
