"""Calls that are told of: the log, event hooks, spans."""

from __future__ import annotations

import gc
import json
import logging
import sys
from typing import Any

import pytest

from hfi import AsyncClient, Timeout, errors
from hfi._core.observe import curl, lines
from hfi._telemetry import follow_environment
from hfi.testing import FakeServer, Reply, faults
from observing import SECRET, own_logger, spans_of
from rawserver import Peer, RawServer, wait_until

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\0\0\0\0IEND\xaeB`\x82"
)


def messages_of(caplog: pytest.LogCaptureFixture, level: int = logging.DEBUG) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "hfi" and record.levelno == level
    ]


# -- the log ---------------------------------------------------------------------------------------


async def test_a_call_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hfi")
    with FakeServer("Hello") as server:
        async with AsyncClient(base_url=server.url, token=SECRET) as client:
            await client.chat("Hi there", model="org/m")
        url = f"{server.url}/v1/chat/completions"
    sent, came = messages_of(caplog)
    assert sent.startswith(f"curl -X POST {url} ")
    assert '-H "authorization: Bearer $TOKEN"' in sent
    assert "Hi there" in sent
    assert came.startswith("200 in 0.")
    assert "attempt 1" in came
    assert came.endswith(f"POST {url}")
    assert SECRET not in caplog.text


async def test_attempts_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hfi")
    with FakeServer("Hello", faults=[faults.Status(503), None]) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
    (retry,) = messages_of(caplog, logging.INFO)
    assert retry.startswith("Attempt 1 failed; trying again in ")
    assert "503" in retry
    assert [line.split(":")[0].split(" in ")[0] for line in messages_of(caplog)][1::2] == [
        "503",
        "200",
    ]


async def test_a_failure_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hfi")
    with FakeServer("Hello", faults=faults.Status(404)) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.ModelNotFoundError):
                await client.chat("Hi", protocol="chat-completions", max_retries=0)
    assert any(line.startswith("ModelNotFoundError 404 after 1") for line in messages_of(caplog))
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_no_text_is_made_while_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError("a line was made")

    monkeypatch.setattr(curl, "curl_line", never)
    for name in ("reply_line", "wait_line", "failure_line"):
        monkeypatch.setattr(lines, name, never)
    with own_logger() as logger, FakeServer("Hello", faults=[faults.Status(503), None]) as server:
        logger.setLevel(logging.WARNING)
        async with AsyncClient(base_url=server.url) as client:
            completion = await client.chat("Hi")
        assert completion.meta.attempts == 2


def test_the_logger_has_no_handler_that_writes() -> None:
    handlers = logging.getLogger("hfi").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


async def test_hf_debug_writes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_DEBUG", "1")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with own_logger(), FakeServer("Hello") as server:
        async with AsyncClient(base_url=server.url, token=SECRET) as client:
            await client.chat("Hi")
        async with AsyncClient(base_url=server.url) as client:  # one handler for all clients
            await client.chat("Hi")
        written = capsys.readouterr().err
        assert written.count("hfi DEBUG curl -X POST") == 2
        assert SECRET not in written
        # A program that has handlers of its own gets each line there, and there alone.
        monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
        logging.getLogger("hfi").debug("once")
        assert capsys.readouterr().err == ""


def test_hf_debug_leaves_a_level_that_was_set() -> None:
    with own_logger() as logger:
        logger.setLevel(logging.ERROR)
        follow_environment({"HF_DEBUG": "1"})
        assert logger.level == logging.ERROR
        assert len(logger.handlers) == 1


# -- event hooks -----------------------------------------------------------------------------------


async def test_hooks_are_called_in_order_and_for_each_attempt() -> None:
    seen: list[str] = []

    def hook(name: str) -> Any:
        return lambda value: seen.append(f"{name} {getattr(value, 'status_code', '')}".strip())

    hooks = {"request": [hook("first"), hook("second")], "response": [hook("third")]}
    with FakeServer("Hello", faults=[faults.Status(503), None]) as server:
        async with AsyncClient(base_url=server.url, event_hooks=hooks) as client:
            stream = await client.chat("Hi", stream=True)
            await stream.collect()
    assert seen == ["first", "second", "third 503", "first", "second", "third 200"]


@pytest.mark.parametrize("event", ["request", "response"])
@pytest.mark.parametrize("stream", [False, True])
async def test_what_a_hook_raises_ends_the_call(event: str, stream: bool) -> None:
    def stop(_: object) -> None:
        raise LookupError("enough")

    with FakeServer("Hello") as server:
        client = AsyncClient(base_url=server.url, event_hooks={event: [stop]})
        with pytest.raises(LookupError, match="enough") as caught:
            await client.chat("Hi", stream=stream)
        assert len(server.calls) == (event == "response")
        assert not isinstance(caught.value, errors.HFIError)
        # The connection is released although the traceback is still held.
        other = client.with_options(event_hooks=None)
        completion = await other.chat("Hi")
        assert completion.text == "Hello"
        await other.aclose()
        assert wait_until(lambda: server.open_connections == 0)
        await client.aclose()


async def test_a_hook_sees_no_secret() -> None:
    seen: list[Any] = []
    hooks = {"request": [seen.append], "response": [seen.append]}
    with FakeServer("Hello") as server:
        async with AsyncClient(
            base_url=server.url, token=SECRET, headers={"x-api-key": "k3y"}, event_hooks=hooks
        ) as client:
            await client.chat("Hi", extra_query={"key": "pr1vate"})
        assert server.calls[0].headers["authorization"] == f"Bearer {SECRET}"
    request, response = seen
    assert json.loads(request.content)["messages"]
    text = f"{request} {dict(request.headers)} {request.credential.value} {response}"
    assert SECRET not in text
    assert "k3y" not in text
    assert "pr1vate" not in text


# -- spans -----------------------------------------------------------------------------------------


async def test_the_span_of_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer("Private words", model="org/m") as server:
        async with AsyncClient(base_url=server.url, token=SECRET) as client:
            await client.chat("A private question", model="org/m", max_tokens=9, temperature=0.5)
        port = server.port
    (span,) = ended()
    found = dict(span.attributes)
    assert (span.name, span.kind.name) == ("chat org/m", "CLIENT")
    assert span.instrumentation_scope.name == "hfi"
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.request.model"] == found["gen_ai.response.model"] == "org/m"
    assert found["gen_ai.request.max_tokens"] == 9
    assert found["gen_ai.request.temperature"] == 0.5
    assert found["gen_ai.response.finish_reasons"] == ("stop",)
    assert found["gen_ai.usage.output_tokens"] > 0
    assert found["gen_ai.response.id"]
    assert (found["server.address"], found["server.port"]) == ("127.0.0.1", port)
    assert found["http.response.status_code"] == 200
    assert span.status.status_code.name == "UNSET"
    whole = span.to_json()
    assert "rivate" not in whole
    assert SECRET not in whole


@pytest.mark.parametrize("wrong", [b"\xff", b"\\ud800", b"\x00", b'",'])
async def test_a_span_of_what_is_no_json_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, wrong: bytes
) -> None:
    fault = faults.Replace(old="ö".encode(), new=wrong)

    async def outcome() -> str:
        with FakeServer("Hällo wörld", faults=fault) as server:
            async with AsyncClient(base_url=server.url) as client:
                try:
                    completion = await client.chat("Hi")
                except errors.HFIError as error:
                    return type(error).__name__
        return completion.text

    untold = await outcome()
    ended = spans_of(monkeypatch)
    assert await outcome() == untold
    assert len(ended()) == 1


async def test_the_span_of_a_stream_ends_with_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer("One two three") as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            await stream.__anext__()
            assert not ended()
            async for _ in stream:
                pass
            (span,) = ended()
            await stream.aclose()
    assert len(ended()) == 1
    found = span.attributes
    assert found["gen_ai.request.stream"] is True
    assert found["gen_ai.response.finish_reasons"] == ("stop",)
    assert 0 < found["gen_ai.response.time_to_first_chunk"] < 5
    assert "hfi.closed_early" not in found
    assert "error.type" not in found


@pytest.mark.parametrize("way", ["aclose", "abort", "drop"])
async def test_the_span_of_a_stream_that_is_left(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer(Reply("One two three", token_delay=0.1)) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            await stream.__anext__()
            if way == "aclose":
                await stream.aclose()
            elif way == "abort":
                stream.abort()
            del stream
            gc.collect()
            (span,) = ended()
    assert span.attributes["hfi.closed_early"] is True
    assert "error.type" not in span.attributes
    assert span.status.status_code.name == "UNSET"


async def test_the_span_of_a_stream_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("one")
        peer.reset()

    ended = spans_of(monkeypatch)
    with RawServer(breaks) as server:
        async with AsyncClient(base_url=server.url) as client:
            stream = await client.chat("Hi", stream=True)
            with pytest.raises(errors.StreamInterruptedError):
                await stream.collect()
    (span,) = ended()
    assert span.attributes["error.type"] == "StreamInterruptedError"
    assert span.status.status_code.name == "ERROR"
    assert not span.events


async def test_the_span_of_a_call_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer(faults=faults.Status(503, message="the private prompt is too hard")) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.ServerError, match="private"):
                await client.chat("Hi", max_retries=1)
    (span,) = ended()
    assert span.attributes["error.type"] == "ServerError"
    assert span.attributes["http.response.status_code"] == 503
    assert span.attributes["http.request.resend_count"] == 1
    assert span.status.status_code.name == "ERROR"
    assert "private" not in span.to_json()


async def test_retries_are_within_one_span(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer("Hello", faults=[faults.Status(503), None]) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.chat("Hi")
    (span,) = ended()
    assert span.attributes["http.request.resend_count"] == 1
    assert "error.type" not in span.attributes


async def test_spans_of_text_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    with FakeServer("Hello") as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.text_generation("Go on", max_new_tokens=4)
            assert len(server.requests) > 1  # the server was asked what it is
    (span,) = ended()
    assert span.name.startswith("text_completion")
    assert span.attributes["gen_ai.request.max_tokens"] == 4


async def test_an_image_is_one_span_whatever_its_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def images(peer: Peer) -> None:
        while peer.read_request():
            if peer.method == "GET":
                peer.reply(PNG, headers={"Content-Type": "image/png"})
            else:
                body = json.dumps({"data": [{"url": f"{server.url}/image.png"}]})
                peer.reply(body.encode())

    ended = spans_of(monkeypatch)
    with RawServer(images) as server:
        async with AsyncClient(base_url=f"{server.url}/v1") as client:
            image = await client.text_to_image("A private view", model="org/painter")
        assert image.bytes == PNG
        assert len(server.seen) == 2
    (span,) = ended()
    assert span.name == "generate_content org/painter"
    assert span.attributes["gen_ai.output.type"] == "image"
    assert "rivate" not in span.to_json()


async def test_the_span_is_the_current_one_while_the_call_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = spans_of(monkeypatch)
    trace = sys.modules["opentelemetry.trace"]
    inside: list[int] = []

    def note(_: object) -> None:
        inside.append(trace.get_current_span().get_span_context().span_id)

    with FakeServer("Hello") as server:
        async with AsyncClient(base_url=server.url, event_hooks={"request": [note]}) as client:
            await client.chat("Hi")
            stream = await client.chat("Hi", stream=True)
            assert not trace.get_current_span().get_span_context().is_valid
            await stream.collect()
    assert inside == [span.context.span_id for span in ended()]


async def test_other_instrumentation_can_ask_for_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    context = sys.modules["opentelemetry.context"]
    token = context.attach(context.set_value("suppress_instrumentation", True))
    try:
        with FakeServer("Hello") as server:
            async with AsyncClient(base_url=server.url) as client:
                await client.chat("Hi")
    finally:
        context.detach(token)
    assert not ended()


async def test_without_a_provider_nothing_is_read_from_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = pytest.importorskip("opentelemetry.trace")
    monkeypatch.setattr(trace, "get_tracer", trace.NoOpTracerProvider().get_tracer)

    def never(*_: object) -> Any:
        raise AssertionError("attributes were made")

    spans = sys.modules["hfi._core.observe.spans"]
    for name in ("request_attributes", "reply_attributes", "answer_attributes"):
        monkeypatch.setattr(spans, name, never)
    with FakeServer("Hello") as server:
        async with AsyncClient(base_url=server.url, timeout=Timeout(total=10)) as client:
            completion = await client.chat("Hi")
            stream = await client.chat("Hi", stream=True)
            await stream.collect()
    assert completion.text == "Hello"


async def test_a_reply_that_is_an_error_at_second_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = spans_of(monkeypatch)
    body = {"error": {"message": "private words are refused", "code": 429}}
    with FakeServer(faults=faults.Status(200, body=body)) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.RateLimitError):
                await client.chat("Hi")
    (span,) = ended()
    assert span.attributes["error.type"] == "RateLimitError"
    assert "private" not in span.to_json()
