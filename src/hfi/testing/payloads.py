"""What faulty servers send, as bytes: errors inside streams in each shape, bombs, deep JSON."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs

from hfi.testing.replies import as_json

__all__ = ["DONE", "STREAM_ERRORS", "TOKEN", "StreamError", "bomb", "deep_json"]

DONE = b"data: [DONE]\n\n"
_MEMBER = 16 << 20  # bytes that one member of a bomb inflates to


@attrs.frozen(kw_only=True)
class StreamError:
    """One spelling of an error in a stream.

    Attributes:
        name: Who spells it so.
        event: The event, as bytes.
        body: The JSON of a whole reply that says the same.
        done: Whether ``[DONE]`` follows.
    """

    name: str
    event: bytes
    body: bytes
    done: bool = False


def _shape(name: str, value: Any, before: bytes = b"data: ", *, done: bool = False) -> StreamError:
    body = as_json(value)
    return StreamError(name=name, event=before + body + b"\n\n", body=body, done=done)


_TEXT = "The model broke"
STREAM_ERRORS: Mapping[str, StreamError] = {
    shape.name: shape
    for shape in (
        _shape(
            "openai", {"error": {"message": _TEXT, "type": "server_error", "code": 500}}, done=True
        ),
        # TGI tells 422 whatever the cause.
        _shape(
            "tgi chat",
            {
                "error": {
                    "message": f"Request failed during generation: {_TEXT}",
                    "http_status_code": 422,
                }
            },
            b"data:",
            done=True,
        ),
        _shape(
            "tgi generate",
            {"error": f"Request failed during generation: {_TEXT}", "error_type": "generation"},
            b"data:",
        ),
        _shape(
            "vllm",
            {
                "error": {
                    "message": _TEXT,
                    "type": "InternalServerError",
                    "param": None,
                    "code": 500,
                }
            },
            done=True,
        ),
        _shape("llama.cpp", {"error": {"code": 500, "message": _TEXT, "type": "server_error"}}),
        # A field of its own, no "data:"; before September 2025.
        StreamError(
            name="llama.cpp, old",
            event=b"error: "
            + as_json({"code": 500, "message": _TEXT, "type": "server_error"})
            + b"\n\n",
            body=as_json({"error": {"code": 500, "message": _TEXT, "type": "server_error"}}),
            done=True,
        ),
        _shape(
            "chunk",
            {
                "error": {"code": 502, "message": _TEXT},
                "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
            },
        ),
        _shape(
            "choice",
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {"content": ""},
                        "finish_reason": "error",
                        "error": {"code": 502, "message": _TEXT},
                    }
                ]
            },
        ),
        _shape("message", {"object": "error", "message": _TEXT, "type": "server_error"}),
        _shape("detail", {"detail": _TEXT}),
        _shape("text", {"error": _TEXT}),
        StreamError(
            name="event: error",
            event=b"event: error\ndata: " + as_json({"message": _TEXT, "code": 500}) + b"\n\n",
            body=as_json({"error": {"message": _TEXT, "code": 500}}),
        ),
    )
}


# A piece of a chat and of a text generation at once.
TOKEN = b"data: %b\n\n" % as_json(
    {"choices": [{"index": 0, "delta": {"content": "more "}, "text": "more "}]}
)


@lru_cache(maxsize=4)
def _member(fill: bytes) -> bytes:
    return gzip.compress(fill * (_MEMBER // len(fill)), compresslevel=1, mtime=0)


def bomb(size: int, fill: bytes = b" ") -> list[bytes]:
    """Members of gzip that inflate to ``size`` bytes or a little more."""
    return [_member(fill)] * -(-size // _MEMBER)


def deep_json(depth: int = 1_000_000) -> bytes:
    """An object with lists inside each other, so many deep."""
    return b'{"choices":' + b"[" * depth + b"]" * depth + b"}"
