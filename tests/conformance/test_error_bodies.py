"""Recorded error replies of real servers give the class that the protocol names for them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hfi import errors
from hfi._core.failures.failure import error_from_body, error_from_response, find_error
from hfi._core.request import Credential, Request

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
WIRE = FIXTURES / "wire"

pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="../shared/fixtures is not there")


class Recorded(NamedTuple):
    name: str
    status: int
    headers: dict[str, str]
    body: bytes
    url: str


def dechunked(body: bytes) -> bytes:
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            break
        out, body = out + body[:length], body[length + 2 :]
    return out


def of_socket(path: Path) -> Recorded | None:
    """A reply as its bytes came from the socket."""
    told = json.loads(path.read_text("utf-8"))
    raw = path.with_suffix(".raw")
    if not raw.is_file() or not isinstance(told.get("status"), int):
        return None
    head, _, body = raw.read_bytes().partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    headers = {n.strip(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    if any(
        "chunked" in value for name, value in headers.items() if name.lower() == "transfer-encoding"
    ):
        body = dechunked(body)
    asked = told["request"]
    url = f"http://127.0.0.1:8099{asked.get('path', '')}"
    return Recorded(f"{path.parent.name}/{path.stem}", told["status"], headers, body, url)


def of_cassette(path: Path) -> list[Recorded]:
    found = []
    for number, each in enumerate(json.loads(path.read_text("utf-8")).get("interactions", ())):
        reply = each["response"]
        body = reply.get("body")
        content = json.dumps(reply["json"]) if body is None and "json" in reply else body or ""
        found.append(
            Recorded(
                f"{path.parent.name}/{path.stem}/{number}",
                reply["status"]["code"],
                {name: ", ".join(values) for name, values in reply["headers"].items()},
                str(content).encode(),
                each["request"]["uri"],
            )
        )
    return found


def recorded() -> list[Recorded]:
    found: list[Recorded] = []
    for path in sorted(WIRE.glob("*/*.json")) if WIRE.is_dir() else ():
        if path.with_suffix(".raw").is_file():
            reply = of_socket(path)
            found += [reply] if reply is not None else []
        elif '"interactions"' in path.read_text("utf-8")[:4000]:
            found += of_cassette(path)
    return found


REPLIES = recorded()
FAILED = [reply for reply in REPLIES if reply.status >= 400]
STATUS_CLASSES: dict[int, type[errors.APIStatusError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.ModelNotFoundError,
    405: errors.BadRequestError,
    408: errors.ConflictError,
    409: errors.ConflictError,
    410: errors.ModelNotFoundError,
    413: errors.RequestTooLargeError,
    415: errors.BadRequestError,
    422: errors.BadRequestError,
    424: errors.ServerError,
    429: errors.RateLimitError,
    500: errors.ServerError,
    501: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
}


def expected_class(status: int, body: bytes) -> type[errors.APIStatusError]:
    """The class by the protocol's tables alone."""
    text = body.decode("utf-8", "replace")
    too_long = ("exceed_context_size_error", "maximum context length", "context_length_exceeded")
    if status == 400 and any(mark in text for mark in too_long):
        return errors.ContextLengthError
    if status == 429 and ("insufficient_quota" in text or "quota" in text.lower()):
        return errors.QuotaExceededError
    if status == 503 and ("estimated_time" in text or "Loading model" in text):
        return errors.ModelLoadingError
    return STATUS_CLASSES[status]


def server_words(body: bytes) -> str:
    """The message, for the shapes that were recorded."""
    if not body:
        return ""
    try:
        told = json.loads(body)
    except ValueError:
        return body.decode()
    words = told.get("error", told.get("detail"))
    if isinstance(words, list):
        words = words[0]
    return str(words.get("message", words.get("msg")) if isinstance(words, dict) else words)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_every_server_gave_errors() -> None:
    counted = Counter(reply.name.split("/")[0] for reply in FAILED)
    for server in ("llamacpp", "vllm", "transformers", "openai_compatible", "hf_hub_cassettes"):
        assert counted[server] > 0, counted
    assert sum(counted.values()) > 60


@pytest.mark.parametrize("reply", FAILED, ids=[reply.name for reply in FAILED])
def test_recorded_errors(reply: Recorded) -> None:
    credential = Credential(value="hf_not_a_real_token", source="argument")
    request = Request(url=reply.url, model="org/model", credential=credential)
    error = error_from_response(reply.status, reply.headers, reply.body, request=request)
    assert type(error) is expected_class(reply.status, reply.body)
    assert error.status_code == reply.status
    words = squeezed(server_words(reply.body)).rstrip(".")
    assert words[:490] in str(error)
    assert f"(status {reply.status}, " in error.message
    assert error.hint
    if reply.body.startswith(b"{"):
        assert error.body == json.loads(reply.body)
    if isinstance(error, errors.ContextLengthError):
        prompt, most = numbers(reply.body)
        assert (error.prompt_tokens, error.max_tokens) == (prompt, most)


def numbers(body: bytes) -> tuple[int, int]:
    told = json.loads(body)["error"]
    if "n_ctx" in told:
        return told["n_prompt_tokens"], told["n_ctx"]
    most, prompt = re.findall(r"(\d+) (?:input )?tokens", told["message"])[:2]
    return int(prompt), int(most)


# Errors inside 200 replies -------------------------------------------------------------------


def events(body: bytes) -> list[Any]:
    found = []
    for line in body.replace(b"\r\n", b"\n").split(b"\n"):
        if line.startswith(b"data:"):
            try:
                found.append(json.loads(line[5:]))
            except ValueError:
                continue
    return found


STREAMS = [
    (reply, event)
    for reply in REPLIES
    if reply.status == 200
    for event in events(reply.body)
    if isinstance(event, dict)
]
TOLD = [(reply, event) for reply, event in STREAMS if event.get("error")]


@pytest.mark.parametrize(("reply", "event"), TOLD, ids=[reply.name for reply, _ in TOLD])
def test_recorded_errors_in_streams(reply: Recorded, event: dict[str, Any]) -> None:
    found = find_error(event)
    assert found is not None
    error = error_from_body(found, status_code=200, headers=reply.headers)
    told = event["error"]
    if isinstance(told, str):
        assert type(error) is errors.ServerError
        assert error.status_code is None
        assert squeezed(told)[:490].rstrip(".") in str(error)
    else:
        codes = [told.get("code"), told.get("status_code")]
        status = next(code for code in codes if isinstance(code, int))
        assert type(error) is STATUS_CLASSES[status]
        assert error.status_code == status
        assert squeezed(told["message"])[:490].rstrip(".") in str(error)


def test_streams_held_errors() -> None:
    assert len({reply.name.split("/")[0] for reply, _ in TOLD}) >= 3


def test_recorded_answers_are_no_errors() -> None:
    checked = 0
    for _, event in STREAMS:
        # The Responses and Messages APIs have events of their own ("response.failed").
        if not event.get("error") and event.get("type") != "error":
            assert find_error(event) is None, event
            checked += 1
    for reply in REPLIES:
        if reply.status == 200 and reply.body[:1] in (b"{", b"["):
            try:
                body = json.loads(reply.body)
            except ValueError:  # cut on purpose
                continue
            if isinstance(body, list) or not body.get("error"):
                assert find_error(body) is None, reply.name
                checked += 1
    assert checked > 1000
