"""Recorded chat replies and streams through the parsers.

What is expected is worked out here from the recordings alone: plain ``json`` over the ``data:``
lines, simple concatenation, and a dechunker of its own for the raw sockets' bytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from hfi import errors
from hfi._core.failures.failure import error_from_response
from hfi._core.incoming.parse import chat_completion
from hfi._core.incoming.streams import ChatStreamParser
from hfi._core.request import Response
from hfi.types.chat import ChatChunk, ChatCompletion

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "wire"

if not FOLDER.is_dir():
    pytest.skip("../shared/fixtures is not there", allow_module_level=True)

SERVERS = ("llamacpp", "vllm", "transformers", "openai", "openai_compatible", "hf_router", "tgi")


@attrs.frozen(kw_only=True)
class Recording:
    """A reply to a chat request: its body, and the pieces it came in where that is known."""

    name: str
    status: int | None
    headers: dict[str, str]
    body: bytes
    pieces: tuple[bytes, ...] = ()

    @property
    def is_stream(self) -> bool:
        return "event-stream" in self.headers.get("content-type", "")


# Reading the recordings ----------------------------------------------------------------------


def dechunk(raw: bytes) -> list[bytes]:
    """Takes chunked framing off; a body that was cut gives what there is."""
    pieces: list[bytes] = []
    while True:
        size, found, raw = raw.partition(b"\r\n")
        if not found or int(size, 16) == 0:
            return pieces
        length = int(size, 16)
        pieces.append(raw[:length])
        raw = raw[length + 2 :]


def sockets(server: str) -> Iterator[tuple[str, Recording | None]]:
    for path in sorted((FOLDER / server).glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))
        request = facts["request"]
        endpoint = f"{request['method']} {request['path'].partition('?')[0]}"
        if endpoint != "POST /v1/chat/completions":
            yield endpoint, None
            continue
        head, _, raw = path.with_suffix(".raw").read_bytes().partition(b"\r\n\r\n")
        lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:]]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        pieces = dechunk(raw) if chunked else [raw]
        yield (
            endpoint,
            Recording(
                name=f"{server}/{path.stem}",
                status=facts["status"],
                headers=headers,
                body=b"".join(pieces),
                pieces=tuple(pieces),
            ),
        )


def openai() -> Iterator[tuple[str, Recording | None]]:
    for path in sorted((FOLDER / "openai").glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))
        stream = path.with_suffix(".raw").exists()
        if not stream and facts["kind"] != "chat.completion":
            yield facts["kind"], None
            continue
        body = path.with_suffix(".raw").read_bytes() if stream else facts["body_text"].encode()
        kind = "text/event-stream" if stream else "application/json"
        headers = {"content-type": kind}
        name = f"openai/{path.stem}"
        yield "chat", Recording(name=name, status=200, headers=headers, body=body)


def cassettes(server: str) -> Iterator[tuple[str, Recording | None]]:
    for path in sorted((FOLDER / server).glob("*.json")):
        for number, item in enumerate(json.loads(path.read_text("utf-8"))["interactions"]):
            request, reply = item["request"], item["response"]
            endpoint = request["uri"].partition("?")[0]
            if request["method"] != "POST" or not endpoint.endswith("/chat/completions"):
                yield f"{request['method']} {endpoint}", None
                continue
            headers = {name.lower(): ", ".join(values) for name, values in reply["headers"].items()}
            text = json.dumps(reply["json"]) if "json" in reply else reply["body"]
            yield (
                "chat",
                Recording(
                    name=f"{server}/{path.stem}/{number}",
                    status=reply["status"]["code"],
                    headers=headers,
                    body=text.encode(),
                ),
            )


def tgi() -> Iterator[tuple[str, Recording | None]]:
    for path in sorted((FOLDER / "tgi").glob("*.json")):
        body = json.loads(path.read_text("utf-8"))["body"]
        items = body if isinstance(body, list) else [body]
        kinds = {item.get("object") if isinstance(item, dict) else None for item in items}
        name = f"tgi/{path.stem}"
        if kinds == {"chat.completion.chunk"}:
            # TGI's own framing: no space after the colon of a chunk, one before [DONE].
            lines = b"".join(b"data:" + json.dumps(item).encode() + b"\n\n" for item in items)
            stream = {"content-type": "text/event-stream"}
            body_bytes = lines + b"data: [DONE]\n\n"
            yield "chat", Recording(name=name, status=200, headers=stream, body=body_bytes)
        elif kinds == {"chat.completion"}:
            for number, item in enumerate(items):
                whole = {"content-type": "application/json"}
                text = json.dumps(item).encode()
                numbered = f"{name}/{number}"
                yield "chat", Recording(name=numbered, status=200, headers=whole, body=text)
        else:
            yield "generate or completions", None


def everything() -> Iterator[tuple[str, str, Recording | None]]:
    sources = {
        "llamacpp": sockets("llamacpp"),
        "vllm": sockets("vllm"),
        "transformers": sockets("transformers"),
        "openai": openai(),
        "openai_compatible": cassettes("openai_compatible"),
        "hf_router": cassettes("hf_router"),
        "tgi": tgi(),
    }
    for server, recordings in sources.items():
        for endpoint, recording in recordings:
            yield server, endpoint, recording


ALL = list(everything())
CHATS = [recording for _, _, recording in ALL if recording is not None]
OTHERS = Counter((server, endpoint) for server, endpoint, recording in ALL if recording is None)
GOOD = [r for r in CHATS if r.status is not None and r.status < 400]
STREAMS = [r for r in GOOD if r.is_stream]
WHOLE = [r for r in GOOD if not r.is_stream]
REFUSED = [r for r in CHATS if r.status is not None and r.status >= 400]


def ids(recordings: list[Recording]) -> list[str]:
    return [recording.name for recording in recordings]


# Working out what is expected ----------------------------------------------------------------


def text_of(content: Any) -> str:
    if isinstance(content, list):  # Mistral's parts
        return "".join(part["text"] for part in content if part["type"] == "text")
    return str(content or "")


def thoughts_of(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        thinking = [part["thinking"] for part in content if part["type"] == "thinking"]
        return "".join(piece["text"] for pieces in thinking for piece in pieces)
    return message.get("reasoning_content") or message.get("reasoning") or ""


def unthink(text: str, reasoning: str) -> tuple[str, str]:
    """Moves an inline <think> at the beginning of a text to the reasoning."""
    found = re.match(r"\s*<think>\s*(.*?)\s*(?:</think>\s*(.*))?\Z", text, re.DOTALL)
    if found is None or reasoning:
        return text, reasoning
    return found[2] or "", found[1]


FINISH: dict[str | None, str | None] = {
    "": None,
    "eos_token": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
}


@attrs.define
class Expected:
    """An answer: per choice text, reasoning, [id, name, arguments] of calls, finish reason."""

    text: dict[int, str] = attrs.field(factory=dict)
    reasoning: dict[int, str] = attrs.field(factory=dict)
    calls: dict[int, dict[int, list[str]]] = attrs.field(factory=dict)
    finish: dict[int, str | None] = attrs.field(factory=dict)
    usage: dict[str, Any] | None = None
    tokens: dict[int, list[str]] = attrs.field(factory=dict)
    error: bool = False
    content_before_error: bool = False
    done: bool = False

    def add(self, choice: dict[str, Any], message: dict[str, Any]) -> None:
        index = choice["index"]
        self.text[index] = self.text.get(index, "") + text_of(message.get("content"))
        self.reasoning[index] = self.reasoning.get(index, "") + thoughts_of(message)
        calls = self.calls.setdefault(index, {})
        for place, call in enumerate(message.get("tool_calls") or []):
            known = calls.setdefault(call.get("index", place), ["", "", ""])
            function = call.get("function") or {}
            known[0] = known[0] or call.get("id") or ""
            known[1] = known[1] or function.get("name") or ""
            known[2] += function.get("arguments") or ""
        reason = choice.get("finish_reason")
        self.finish[index] = FINISH.get(reason, reason) or self.finish.get(index)
        for token in (choice.get("logprobs") or {}).get("content") or []:
            self.tokens.setdefault(index, []).append(token["token"])

    @property
    def has_content(self) -> bool:
        return any(self.text.values()) or any(self.reasoning.values()) or any(self.calls.values())

    @property
    def complete(self) -> bool:
        finished = bool(self.finish) and all(self.finish.values())
        return not self.error and (finished or (self.done and self.has_content))


def expected_stream(body: bytes) -> Expected:
    answer = Expected()
    for line in body.decode().replace("\r\n", "\n").split("\n"):
        if not line.startswith("data:") or answer.error:
            continue
        payload = line[5:].strip()
        if payload == "[DONE]":
            answer.done = True
            break
        try:
            chunk = json.loads(payload)
        except ValueError:
            chunk = {"error": payload}  # transformers: an error cut by its own line feeds
        if chunk.get("error"):
            answer.error, answer.content_before_error = True, answer.has_content
            continue
        for choice in chunk.get("choices") or []:
            answer.add(choice, choice.get("delta") or {})
        answer.usage = chunk.get("usage") or answer.usage
    return answer


def expected_whole(body: bytes) -> Expected:
    reply = json.loads(body)
    answer = Expected(done=True)
    for choice in reply["choices"]:
        answer.add(choice, choice["message"])
    answer.usage = reply.get("usage")
    return answer


def check(completion: ChatCompletion, answer: Expected) -> None:
    assert [choice.index for choice in completion.choices] == sorted(answer.text)
    for choice in completion.choices:
        message, index = choice.message, choice.index
        text, reasoning = unthink(answer.text[index], answer.reasoning[index])
        assert (message.content or "") == text
        assert (message.reasoning or "") == reasoning
        calls = [[c.id or "", c.name, c.arguments] for c in message.tool_calls or ()]
        assert calls == [call for _, call in sorted(answer.calls[index].items())]
        if choice.finish_reason == "tool_calls" and answer.finish[index] is None:
            assert calls, "inferred without a call"
        else:
            assert choice.finish_reason == answer.finish[index]
        tokens = choice.logprobs.content if choice.logprobs is not None else None
        assert [token.token for token in tokens or ()] == answer.tokens.get(index, [])
    check_usage(completion, answer.usage)
    assert completion.text == unthink(answer.text.get(0, ""), answer.reasoning.get(0, ""))[0]


def check_usage(completion: ChatCompletion, usage: dict[str, Any] | None) -> None:
    if usage is None:
        assert completion.usage is None
        return
    assert completion.usage is not None
    assert completion.usage.raw == usage
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        assert getattr(completion.usage, name) == usage.get(name)
    for name in ("prompt_tokens_details", "completion_tokens_details"):
        assert getattr(completion.usage, name) == usage.get(name)


# The tests -----------------------------------------------------------------------------------


def test_scope() -> None:
    """What is in scope is there; what is not is named by its endpoint, nothing by its file."""
    by_server = Counter(r.name.partition("/")[0] for r in CHATS)
    assert set(by_server) == set(SERVERS)
    assert len(STREAMS) > 70
    assert len(WHOLE) > 150
    assert len(REFUSED) > 40
    assert sum(1 for r in CHATS if r.status is None) == 1  # killed before a byte came
    for (server, endpoint), count in OTHERS.items():
        assert count > 0
        known = (
            r"(GET|DELETE|HEAD|OPTIONS) .*|response|generate or completions"
            r"|POST /(v1/)?(completions?|responses|messages(/count_tokens)?|embeddings|nope"
            r"|tokenize|detokenize|apply-template|generate|load_model|chat/completions/batch)"
            r"|POST https://api\.cohere\.com/v2/chat"
        )
        assert re.fullmatch(known, endpoint), f"{server}: {endpoint} is neither in scope nor named"


def parse(recording: Recording, pieces: list[bytes]) -> tuple[list[ChatChunk], ChatStreamParser]:
    parser = ChatStreamParser(headers=recording.headers)
    chunks = [chunk for piece in pieces for chunk in parser.feed(piece)]
    return chunks + parser.close(), parser


@pytest.mark.parametrize("recording", STREAMS, ids=ids(STREAMS))
def test_stream(recording: Recording) -> None:
    answer = expected_stream(recording.body)
    chunks, parser = parse(recording, list(recording.pieces) or [recording.body])
    if answer.error:
        assert parser.error is not None
        kind = errors.GenerationError if answer.content_before_error else errors.APIStatusError
        assert isinstance(parser.error, kind)
        if isinstance(parser.error, errors.GenerationError):
            assert isinstance(parser.error.__cause__, errors.APIStatusError)
            assert parser.error.partial == parser.completion()
    elif not answer.complete:
        assert isinstance(parser.error, errors.StreamInterruptedError)
        assert parser.error.partial.text == answer.text.get(0, "")
    else:
        assert parser.error is None
        assert parser.done
        if answer.calls.get(0) and not answer.finish[0]:
            assert parser.completion().finish_reason == "tool_calls"  # TGI never says so
    completion = parser.completion()
    check(completion, answer)
    assert "".join(chunk.text for chunk in chunks) == completion.text
    assert "".join(chunk.reasoning or "" for chunk in chunks) == (completion.reasoning or "")
    assert completion.raw is None
    for chunk in chunks:
        assert chunk.raw is None or b'"choices"' in json.dumps(chunk.raw).encode()


@pytest.mark.parametrize("recording", STREAMS, ids=ids(STREAMS))
def test_stream_cut_anywhere(recording: Recording) -> None:
    whole = parse(recording, [recording.body])
    size = len(recording.body)
    for length in (1, 7, 1460):
        if length == 1 and size > 40_000:
            continue
        pieces = [recording.body[i : i + length] for i in range(0, size, length)]
        chunks, parser = parse(recording, pieces)
        assert chunks == whole[0]
        assert parser.completion() == whole[1].completion()
        assert (type(parser.error), str(parser.error)) == (
            type(whole[1].error),
            str(whole[1].error),
        )


def unfinished(events: list[bytes]) -> bool:
    answer = expected_stream(b"\n\n".join(events))
    return not answer.complete and not answer.error


@pytest.mark.parametrize("recording", STREAMS, ids=ids(STREAMS))
def test_stream_that_dies(recording: Recording) -> None:
    """Cut off in the middle, every stream is interrupted and keeps what had come."""
    events = recording.body.split(b"\n\n")
    ends = (n for n in range(len(events) + 1) if not unfinished(events[:n]))
    alive = next(ends, len(events)) // 2
    kept = b"\n\n".join(events[:alive]) + b"\n\n"
    half = expected_stream(kept)
    chunks, parser = parse(recording, [kept, events[alive][:9]])
    assert isinstance(parser.error, errors.StreamInterruptedError)
    assert not parser.done
    check(parser.error.partial, half)
    assert "".join(chunk.text for chunk in chunks) == parser.error.partial.text


@pytest.mark.parametrize("recording", WHOLE, ids=ids(WHOLE))
def test_whole(recording: Recording) -> None:
    response = Response(status_code=200, headers=recording.headers, content=recording.body)
    try:
        decoded = json.loads(recording.body)
    except ValueError:
        decoded = None
    if not isinstance(decoded, dict) or "choices" not in decoded:
        # A test server's echo; nothing a model said.
        with pytest.raises(errors.ResponseError) as caught:
            chat_completion(response)
        assert caught.value.body == recording.body.decode()[:500]
        return
    answer = expected_whole(recording.body)
    completion = chat_completion(response)
    check(completion, answer)
    assert completion.raw == decoded
    assert completion.id == decoded["id"]
    assert completion.model == decoded["model"]
    assert completion.created == decoded["created"]

    # The same bytes where a stream was asked for.
    parser = ChatStreamParser(headers=recording.headers)
    chunks = parser.feed(recording.body) + parser.close()
    assert parser.done
    assert len(chunks) == 1
    check(parser.completion(), answer)
    assert chunks[0].text == completion.text


STATUS_CLASSES: dict[int, Any] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    404: errors.ModelNotFoundError,
    422: errors.BadRequestError,
    429: (errors.RateLimitError, errors.QuotaExceededError),
    500: errors.ServerError,
}


@pytest.mark.parametrize("recording", REFUSED, ids=ids(REFUSED))
def test_refused(recording: Recording) -> None:
    assert recording.status is not None
    error = error_from_response(recording.status, recording.headers, recording.body)
    assert isinstance(error, STATUS_CLASSES[recording.status])
    assert error.status_code == recording.status
    # The parsers give errors too, should a reply like this one come to them.
    parser = ChatStreamParser(headers=recording.headers, status_code=recording.status)
    assert parser.feed(recording.body) + parser.close() == []
    assert isinstance(parser.error, errors.HFIError)
    if recording.body[:1] == b"{":
        assert isinstance(parser.error, STATUS_CLASSES[recording.status])
