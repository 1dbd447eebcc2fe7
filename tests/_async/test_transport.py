"""The transport against a server over real sockets: requests, errors, attempts, time limits."""

from __future__ import annotations

import gc
import gzip
import socket
import ssl
import sys
import time
import weakref
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import respx

import hfi
from calls import CERTIFICATE, NO_RETRY, PATIENT, RETRY, credential, get, post, silent
from hfi import errors
from hfi._async import transport as module
from hfi._async.transport import AsyncTransport
from hfi._concurrency import async_sleep
from hfi._core.failures.retry import RetryPolicy
from hfi._core.request import Response
from hfi.types.settings import Limits, Timeout
from rawserver import Peer, RawServer

PACKAGE = Path(hfi.__file__).parent

pytestmark = pytest.mark.usefixtures("each_engine")


def make(**options: Any) -> AsyncTransport:
    return AsyncTransport(user_agent="hfi/test", **{"limits": Limits(), **options})


def replies(peer: Peer) -> None:
    while peer.read_request():
        peer.reply(b'{"ok": true}', headers={"X-Request-Id": "abc"})


def tls_server(handler: Any) -> RawServer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return RawServer(handler, tls=context)


# -- sending ---------------------------------------------------------------------------------------


async def test_a_whole_reply_and_its_facts() -> None:
    with RawServer(replies) as server:
        transport = make()
        request = post(f"{server.url}/v1/chat?key=1", credential=credential(), headers={"x-a": "1"})
        response, meta = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert response.content == b'{"ok": true}'
        assert (response.status_code, meta.status_code, meta.attempts) == (200, 200, 1)
        assert meta.request_id == "abc"
        assert meta.url == f"{server.url}/v1/chat"
        assert meta.total is not None
        method, target, headers, body = server.seen[0]
        assert (method, target, body) == ("POST", "/v1/chat?key=1", b'{"messages": []}')
        assert headers["authorization"] == "Bearer hf_secretsecretsecret"
        assert headers["user-agent"] == "hfi/test"
        assert headers["accept-encoding"] == "gzip"
        assert headers["x-a"] == "1"
        await transport.aclose()


async def test_a_stream_asks_for_no_compression() -> None:
    with RawServer(replies) as server:
        transport = make()
        request = post(server.url, stream=True)
        reply = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
        assert await reply.read() == b'{"ok": true}'
        assert await reply.read() == b""
        assert server.seen[0][2]["accept-encoding"] == "identity"
        await transport.aclose()


async def test_a_user_s_own_authorization_wins() -> None:
    with RawServer(replies) as server:
        transport = make()
        request = post(server.url, credential=credential(), headers={"authorization": "Basic x"})
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert server.seen[0][2]["authorization"] == "Basic x"
        await transport.aclose()


async def test_connections_are_kept_and_nothing_grows() -> None:
    """D7, D9: no entry per call stays, and bytes are sent without a warning."""
    with RawServer(replies) as server:
        transport = make()
        await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(50):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        for _ in range(20):
            request = post(server.url, stream=True)
            reply = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
            while await reply.read():
                pass
            gone = weakref.ref(reply)
            del reply
            assert gone() is None  # at once, without the collector
        gc.collect()
        assert len(gc.get_objects()) - before < 100
        assert server.connections == 1
        await transport.aclose()


async def test_a_connection_that_the_server_closed_is_replaced() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.reply()

    with RawServer(handler) as server:
        transport = make()
        for _ in range(3):
            _, meta = await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
            assert meta.attempts == 1
            await async_sleep(0.05)
        assert server.connections == 3
        await transport.aclose()


async def test_a_request_that_met_the_server_s_close_is_sent_once_more() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.reply()
        peer.read_request()  # and closes without a word

    with RawServer(handler) as server:
        transport = make()
        for _ in range(3):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert server.connections == 3
        assert len(server.seen) == 5
        await transport.aclose()


@pytest.mark.parametrize("body", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\r\n"])
async def test_a_second_reply_is_never_taken_for_the_next_request_s(body: bytes) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood" + body)

    with RawServer(handler) as server:
        transport = make()
        for _ in range(3):
            response, _ = await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
            assert response.content == b"good"
        assert server.connections == 3
        await transport.aclose()


async def test_a_fresh_connection_that_is_closed_is_an_error() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.APIConnectionError, match="closed the connection"):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert server.connections == 1
        await transport.aclose()


async def test_a_closed_transport_says_so() -> None:
    transport = make()
    await transport.aclose()
    await transport.aclose()
    with pytest.raises(errors.ClientClosedError):
        await transport.send(post("http://127.0.0.1:1"), timeout=PATIENT, retry=RETRY)


async def test_idle_connections_expire_and_are_bounded() -> None:
    with RawServer(replies) as server:
        transport = make(limits=Limits(idle_seconds=0.05))
        await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await async_sleep(0.1)
        await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert server.connections == 2
        await transport.aclose()


async def test_the_answer_to_a_head_is_its_headers() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nX-A: 1\r\n\r\n")

    with RawServer(handler) as server:
        transport = make()
        for _ in range(2):
            request = get(server.url, method="HEAD")
            response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            assert response.headers["x-a"] == "1"
            assert response.content == b""
        assert server.connections == 1
        await transport.aclose()


async def test_an_early_refusal_of_a_large_body_is_read() -> None:
    def handler(peer: Peer) -> None:
        peer.reply(b'{"error": "too much"}', "413 Payload Too Large", {"Connection": "close"})
        peer.sock.shutdown(socket.SHUT_WR)
        time.sleep(0.3)

    with RawServer(handler) as server:
        transport = make()
        request = post(server.url, content=b"0" * 30_000_000)
        with pytest.raises(errors.RequestTooLargeError, match="too much"):
            await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


@pytest.mark.parametrize("size", [0, 10, 20_000, 200_000, 3_000_000])
async def test_bodies_of_any_size_arrive_whole(size: int) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(peer.body)

    with RawServer(handler) as server:
        transport = make()
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        for _ in range(2):
            request = post(server.url, content=content)
            response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            assert response.content == content
        await transport.aclose()


async def test_a_host_whose_first_address_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = socket.getaddrinfo

    def two(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        asked.append(host)
        if host in ("twofold.example", b"twofold.example"):
            if options.get("flags", 0) & socket.AI_NUMERICHOST:
                raise socket.gaierror(socket.EAI_NONAME, "not a number")
            return [*real("127.0.0.2", port, type=1), *real("127.0.0.1", port, type=1)]
        return real(host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with RawServer(replies) as server:
        transport = make()
        url = f"http://twofold.example:{server.port}"
        response, _ = await transport.send(post(url), timeout=PATIENT, retry=NO_RETRY)
        assert response.content == b'{"ok": true}'
        assert asked
        await transport.aclose()


# -- errors ----------------------------------------------------------------------------------------


async def test_an_error_status_is_raised_with_its_body() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(b'{"error": {"message": "no such thing"}}', "404 Not Found")

    with RawServer(handler) as server:
        transport = make()
        for stream in (False, True):
            request = post(server.url, stream=stream)
            send = transport.open if stream else transport.send
            with pytest.raises(errors.ModelNotFoundError, match="no such thing") as caught:
                await send(request, timeout=PATIENT, retry=RETRY)
            assert caught.value.status_code == 404
            assert caught.value.body == {"error": {"message": "no such thing"}}
        # The body was read, so the connection is kept.
        assert server.connections == 1
        await transport.aclose()


async def test_passing_errors_are_tried_again_and_remembered() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if len(peer.server.seen) < 3:
                peer.reply(b'{"error": "busy"}', "502 Bad Gateway")
            else:
                peer.reply()

    told: list[Any] = []
    with RawServer(handler) as server:
        transport = make()
        retry = attrs.evolve(RETRY, on_wait=told.append)
        _, meta = await transport.send(post(server.url), timeout=PATIENT, retry=retry)
        assert meta.attempts == 3
        assert [type(error) for error in meta.earlier] == [errors.ServerError] * 2
        assert [error.__traceback__ for error in meta.earlier] == [None, None]
        *waits, over = told
        assert [waiting.error for waiting in waits] == list(meta.earlier)
        assert {waiting.reason for waiting in told} == {"retry"}
        assert [waiting.done for waiting in told] == [False, False, True]
        assert waits[1].waited == waits[0].seconds
        assert (over.seconds, over.waited) == (0.0, sum(waiting.seconds for waiting in waits))
        await transport.aclose()


async def test_a_call_has_one_idempotency_key_over_all_its_tries() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.target.startswith("/307"):
                peer.reply(b"", "307 Moved", {"Location": "/there"})
            elif len(peer.server.seen) % 4:
                peer.reply(b'{"error": "busy"}', "503 Service Unavailable")
            else:
                peer.reply()

    with RawServer(handler) as server:
        transport = make()
        request = post(f"{server.url}/307")
        await transport.send(request, timeout=PATIENT, retry=RETRY)
        stream = post(server.url, stream=True)
        reply = await transport.open(
            stream, timeout=PATIENT, retry=attrs.evolve(RETRY, max_retries=3)
        )
        await reply.aclose()
        keys = [headers["idempotency-key"] for _, _, headers, _ in server.seen]
        assert len(keys) == 8
        assert len(set(keys[:4])) == len(set(keys[4:])) == 1
        assert keys[0] != keys[4]
        assert all(len(bytes.fromhex(key)) == 16 for key in keys)
        await transport.aclose()


async def test_an_idempotency_key_of_the_user_s_wins() -> None:
    with RawServer(replies) as server:
        transport = make()
        request = post(server.url, headers={"idempotency-key": "mine"})
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        await transport.send(get(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert server.seen[0][2]["idempotency-key"] == "mine"
        assert "idempotency-key" not in server.seen[1][2]
        await transport.aclose()


async def test_logs_do_not_name_the_idempotency_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="hfi")
    with RawServer(replies) as server:
        transport = make()
        await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert "curl" in caplog.text
        assert server.seen[0][2]["idempotency-key"] not in caplog.text
        assert "idempotency" not in caplog.text
        await transport.aclose()


LOADING = b'{"error": "Model org/some-model is currently loading", "estimated_time": 900.0}'


async def test_a_cold_model_is_waited_for_beside_the_time_of_the_call() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if len(peer.server.seen) < 2:
                peer.reply(LOADING, "503 Service Unavailable")
            else:
                peer.reply()

    told: list[Any] = []
    with RawServer(handler) as server:
        transport = make()
        retry = RetryPolicy(max_retries=0, max_wait=0.4, on_wait=told.append)
        timeout = attrs.evolve(PATIENT, total=0.3)
        _, meta = await transport.send(post(server.url), timeout=timeout, retry=retry)
        assert meta.attempts == 2
        assert [type(error) for error in meta.earlier] == [errors.ModelLoadingError]
        waiting, over = told
        assert over.done
        assert (waiting.reason, waiting.limit, waiting.told) == ("loading", 0.4, 900.0)
        assert waiting.seconds == pytest.approx(0.4)
        await transport.aclose()


async def test_a_model_that_stays_cold_says_how_long_it_was_waited_for() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(LOADING, "503 Service Unavailable")

    with RawServer(handler) as server:
        transport = make()
        retry = RetryPolicy(max_retries=2, max_wait=0.2)
        with pytest.raises(errors.ModelLoadingError, match=r"waited 0\.2 s") as caught:
            await transport.send(post(server.url), timeout=PATIENT, retry=retry)
        assert "max_wait" in str(caught.value)
        assert caught.value.estimated_time == 900.0
        assert len(server.seen) == 2
        await transport.aclose()


async def test_the_last_error_keeps_the_earlier_ones() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(b'{"error": "down"}', "503 Service Unavailable")

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.ServerError) as caught:
            await transport.send(post(server.url), timeout=PATIENT, retry=RETRY)
        assert len(caught.value.earlier) == 2
        assert len(server.seen) == 3
        await transport.aclose()


async def test_a_refused_connection() -> None:
    with RawServer(replies) as server:
        url = server.url
    transport = make()
    with pytest.raises(errors.APIConnectionError, match="refused") as caught:
        await transport.send(post(url), timeout=PATIENT, retry=RETRY)
    assert len(caught.value.earlier) == 2
    assert isinstance(caught.value.__cause__, Exception)
    await transport.aclose()


async def test_a_name_that_does_not_resolve() -> None:
    transport = make()
    with pytest.raises(errors.APIConnectionError, match="could not be resolved"):
        await transport.send(post("http://no-such-host.invalid/"), timeout=PATIENT, retry=NO_RETRY)
    await transport.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        b"220 ready for mail\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    ],
)
async def test_what_is_no_http(answer: bytes) -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer)

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.APIConnectionError) as caught:
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert caught.value.__cause__ is not None
        await transport.aclose()


async def test_a_reset_connection() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        peer.reset()

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.APIConnectionError, match=r"reset|closed"):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


# -- bounds ----------------------------------------------------------------------------------------


async def test_a_compressed_reply_is_inflated() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            body = gzip.compress(b'{"text": "' + b"a" * 5000 + b'"}')
            peer.reply(body, headers={"Content-Encoding": "gzip"})

    with RawServer(handler) as server:
        transport = make()
        response, _ = await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert len(response.content) == 5012
        await transport.aclose()


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_reply_that_is_too_large(monkeypatch: pytest.MonkeyPatch, compressed: bool) -> None:
    monkeypatch.setattr(module, "MAX_BODY", 100_000)
    body = b"0" * 10_000_000

    def handler(peer: Peer) -> None:
        peer.read_request()
        if compressed:
            peer.reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})
        else:
            peer.start_stream()
            peer.chunk(body)

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.LimitExceededError):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


async def test_an_announced_size_that_is_too_large_is_not_read() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n")
        peer.server.gone.append(peer.wait_gone(3))

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.LimitExceededError):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()
    assert server.gone[0] is not None


async def test_headers_that_are_too_large() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            peer.send(b"X-Filler: " + b"a" * 1000 + b"\r\n")

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.LimitExceededError):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


async def test_an_error_body_without_end_is_cut() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.chunk(b"a" * 60000)

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.BadRequestError) as caught:
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert len(str(caught.value)) < 2000
        await transport.aclose()


async def test_an_encoding_nobody_asked_for() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.reply(b"\x0b\x02\x80", headers={"Content-Encoding": "br"})

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.ResponseError, match="'br'"):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


# -- time ------------------------------------------------------------------------------------------


def dribbles_headers(peer: Peer) -> None:
    peer.read_request()
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
        peer.send(bytes([byte]))
        time.sleep(0.02)


def dribbles_body(peer: Peer) -> None:
    peer.read_request()
    peer.start_stream()
    for _ in range(300):
        peer.chunk(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("handler", [silent, dribbles_headers, dribbles_body])
@pytest.mark.parametrize("which", ["first_token", "total"])
async def test_a_whole_reply_has_its_time(handler: Any, which: str) -> None:
    """D6: a time limit is an error of ours, and bytes that dribble gain no time."""
    limits: dict[str, Any] = {"connect": 5, "first_token": 5, "total": 5, which: 0.3}
    with RawServer(handler) as server:
        transport = make()
        start = time.monotonic()
        with pytest.raises(errors.APITimeoutError, match=r"0\.3 s") as caught:
            await transport.send(post(server.url), timeout=Timeout(**limits), retry=NO_RETRY)
        assert 0.25 < time.monotonic() - start < 1.5
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.phase == which
        await transport.aclose()


async def test_the_handshake_has_its_time() -> None:
    with RawServer(silent) as server:
        transport = make(verify=False)
        start = time.monotonic()
        with pytest.raises(errors.APITimeoutError, match="connect"):
            await transport.send(
                post(server.url.replace("http:", "https:")),
                timeout=Timeout(connect=0.3),
                retry=NO_RETRY,
            )
        assert 0.25 < time.monotonic() - start < 1.5
        await transport.aclose()


async def test_a_server_that_does_not_read_has_its_time() -> None:
    def handler(peer: Peer) -> None:
        peer.server.stop.wait(5)

    with RawServer(handler) as server:
        transport = make()
        with pytest.raises(errors.APITimeoutError):
            await transport.send(
                post(server.url, content=b"0" * 50_000_000),
                timeout=Timeout(first_token=0.3),
                retry=NO_RETRY,
            )
        server.stop.set()
        await transport.aclose()


async def test_the_total_spans_all_attempts() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        time.sleep(0.15)
        peer.reply(b"{}", "502 Bad Gateway")

    with RawServer(handler) as server:
        transport = make()
        start = time.monotonic()
        with pytest.raises((errors.ServerError, errors.APITimeoutError)):
            await transport.send(
                post(server.url),
                timeout=Timeout(total=0.4),
                retry=RetryPolicy(max_retries=100, base=0.001),
            )
        assert time.monotonic() - start < 1.0
        await transport.aclose()


async def test_no_limit_at_all() -> None:
    with RawServer(replies) as server:
        transport = make()
        await transport.send(post(server.url), timeout=Timeout.of(None), retry=NO_RETRY)
        await transport.aclose()


async def test_a_turn_that_does_not_come() -> None:
    with RawServer(dribbles_body) as server:
        transport = make(limits=Limits(max_connections=1, wait=0.2))
        request = post(server.url, stream=True)
        reply = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
        with pytest.raises(errors.PoolTimeoutError, match="max_connections"):
            await transport.send(post(server.url), timeout=PATIENT, retry=RETRY)
        await reply.aclose()
        other = await transport.open(request, timeout=PATIENT, retry=NO_RETRY)
        await other.aclose()
        await transport.aclose()


# -- redirects -------------------------------------------------------------------------------------


def redirects(peer: Peer) -> None:
    while peer.read_request():
        kind, _, rest = peer.target.lstrip("/").partition("/")
        if kind.isdigit():
            peer.reply(b"", f"{kind} Moved", {"Location": f"/{rest}" if rest else peer.target})
        else:
            peer.reply(peer.body)


@pytest.mark.parametrize("status", [307, 308])
async def test_a_post_is_redirected_with_its_body(status: int) -> None:
    with RawServer(redirects) as server:
        transport = make()
        request = post(f"{server.url}/{status}/there", credential=credential())
        response, meta = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert response.content == request.content
        assert meta.url == f"{server.url}/there"
        assert server.seen[1][2]["authorization"] == "Bearer hf_secretsecretsecret"
        assert server.connections == 1
        await transport.aclose()


async def test_a_post_is_not_turned_into_a_get() -> None:
    with RawServer(redirects) as server:
        transport = make()
        for status in (301, 302, 303):
            with pytest.raises(errors.APIStatusError) as caught:
                await transport.send(
                    post(f"{server.url}/{status}/there"), timeout=PATIENT, retry=NO_RETRY
                )
            assert caught.value.status_code == status
        await transport.aclose()


async def test_the_token_stays_behind_at_another_origin() -> None:
    with RawServer(replies) as other:

        def handler(peer: Peer) -> None:
            while peer.read_request():
                peer.reply(b"", "302 Found", {"Location": f"{other.url}/cdn"})

        with RawServer(handler) as server:
            transport = make()
            request = get(server.url, credential=credential(), headers={"x-api-key": "k"})
            response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            assert response.content == b'{"ok": true}'
            assert "authorization" not in other.seen[0][2]
            assert "x-api-key" not in other.seen[0][2]
            await transport.aclose()


async def test_a_circle_of_redirects_ends() -> None:
    with RawServer(redirects) as server:
        transport = make()
        with pytest.raises(errors.LimitExceededError, match="redirected"):
            await transport.send(get(f"{server.url}/302"), timeout=PATIENT, retry=RETRY)
        assert len(server.seen) == 6
        await transport.aclose()


# -- tokens and headers ----------------------------------------------------------------------------


async def test_a_callable_token_is_asked_for_each_call_and_once_more_on_401() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.headers["authorization"] == "Bearer good":
                peer.reply()
            else:
                peer.reply(b'{"error": "expired"}', "401 Unauthorized")

    with RawServer(handler) as server:
        transport = make()
        tokens = iter(["stale", "good", "good", "bad", "worse"])
        request = post(server.url, credential=credential(lambda: next(tokens)))
        _, meta = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert meta.attempts == 2
        _, meta = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert meta.attempts == 1
        with pytest.raises(errors.AuthenticationError):
            await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert next(tokens, None) is None
        await transport.aclose()


async def test_a_token_that_cannot_be_sent_is_not_shown() -> None:
    transport = make()
    request = post("http://127.0.0.1:1", credential=credential(lambda: "hf_abc\r\nX-Evil: 1"))
    with pytest.raises(errors.ConfigurationError) as caught:
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
    assert "hf_abc" not in f"{caught.value!r} {caught.value}"
    await transport.aclose()


@pytest.mark.parametrize(
    ("name", "value"), [("x-a", "one\r\ntwo"), ("x a", "secret"), ("x-a", "nul\x00")]
)
async def test_a_header_that_cannot_be_sent_is_not_shown(name: str, value: str) -> None:
    transport = make()
    request = post("http://127.0.0.1:1", headers={name: value})
    with pytest.raises(errors.ConfigurationError) as caught:
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
    assert value not in f"{caught.value!r} {caught.value}"
    assert name in str(caught.value)
    await transport.aclose()


async def test_hooks_see_each_attempt_without_secrets() -> None:
    seen: list[Any] = []
    with RawServer(replies) as server:
        transport = make(event_hooks={"request": [seen.append], "response": [seen.append]})
        request = post(server.url, credential=credential())
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert [type(each).__name__ for each in seen] == ["Request", "Response"]
        assert isinstance(seen[1], Response)
        assert seen[1].status_code == 200
        assert "hf_secret" not in repr(seen)
        assert "authorization" not in seen[0].headers
        await transport.aclose()
    with pytest.raises(errors.ConfigurationError, match="reqest"):
        make(event_hooks={"reqest": []})


async def test_a_bad_token_is_in_no_variable_of_a_traceback() -> None:
    transport = make()
    request = post("http://127.0.0.1:1", credential=credential(lambda: "hf_abc\ndef"))
    with pytest.raises(errors.ConfigurationError) as caught:
        await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
    frame = caught.value.__traceback__
    while frame is not None:
        if Path(frame.tb_frame.f_code.co_filename).is_relative_to(PACKAGE):
            assert "hf_abc" not in repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    await transport.aclose()


# -- other transports ------------------------------------------------------------------------------


async def test_a_transport_of_the_user_s() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/down":
            raise httpx.ConnectError("no way", request=request)
        return httpx.Response(200, json={"path": request.url.path}, headers={"x-request-id": "1"})

    transport = make(transport=httpx.MockTransport(answer))
    response, meta = await transport.send(
        post("https://example.com/a"), timeout=PATIENT, retry=NO_RETRY
    )
    assert response.content == b'{"path":"/a"}'
    assert meta.request_id == "1"
    with pytest.raises(errors.APIConnectionError, match="no way"):
        await transport.send(post("https://example.com/down"), timeout=PATIENT, retry=NO_RETRY)
    await transport.aclose()
    with pytest.raises(errors.ConfigurationError, match="object"):
        make(transport=object())


@respx.mock
async def test_respx_works() -> None:
    route = respx.post("https://router.example/v1/chat/completions").mock(
        side_effect=[
            httpx.Response(503, json={"error": "busy"}),
            httpx.ReadTimeout,
            httpx.Response(200, json={"ok": True}),
        ]
    )
    transport = make()
    response, meta = await transport.send(
        post("https://router.example/v1/chat/completions"), timeout=PATIENT, retry=RETRY
    )
    assert response.content == b'{"ok":true}'
    assert meta.attempts == 3
    assert route.call_count == 3
    request = post("https://router.example/v1/chat/completions", stream=True)
    route.mock(return_value=httpx.Response(200, stream=httpx.ByteStream(b"data: [DONE]\n\n")))
    reply = await transport.open(request, timeout=PATIENT, retry=RETRY)
    assert await reply.read() == b"data: [DONE]\n\n"
    assert await reply.read() == b""
    await transport.aclose()


# -- TLS and proxies -------------------------------------------------------------------------------


async def test_certificates_are_verified() -> None:
    with tls_server(replies) as server:
        transport = make()
        with pytest.raises(errors.APIConnectionError, match="TLS handshake"):
            await transport.send(post(server.url), timeout=PATIENT, retry=RETRY)
        await transport.aclose()
        for verify in (str(CERTIFICATE), ssl.create_default_context(cafile=CERTIFICATE), False):
            transport = make(verify=verify)
            for _ in range(2):
                response, _ = await transport.send(
                    post(server.url), timeout=PATIENT, retry=NO_RETRY
                )
                assert response.content == b'{"ok": true}'
            await transport.aclose()
        assert server.connections == 4


async def test_a_bundle_that_is_not_there() -> None:
    transport = make(verify="/no/such/bundle.pem")
    with pytest.raises(errors.ConfigurationError, match=r"bundle\.pem"):
        await transport.send(post("https://127.0.0.1:1"), timeout=PATIENT, retry=RETRY)
    await transport.aclose()


def forwards(peer: Peer) -> None:
    while peer.read_request():
        peer.reply(b'"by proxy"')


async def test_plain_requests_through_a_proxy() -> None:
    with RawServer(forwards) as proxy:
        transport = make(proxy=proxy.url.replace("//", "//user:word@"))
        request = post("http://far.example/v1", credential=credential())
        response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
        assert response.content == b'"by proxy"'
        assert proxy.seen[0][1] == "http://far.example/v1"
        assert proxy.seen[0][2]["proxy-authorization"] == "Basic dXNlcjp3b3Jk"
        await transport.aclose()


@pytest.mark.parametrize("encrypted", [False, True])
async def test_tls_through_a_proxy(encrypted: bool) -> None:
    """Through an encrypted proxy it is TLS within TLS."""

    def tunnel(peer: Peer) -> None:
        peer.read_request()
        peer.tunnel()

    with (
        tls_server(replies) as server,
        tls_server(tunnel) if encrypted else RawServer(tunnel) as proxy,
    ):
        transport = make(proxy=proxy.url, verify=str(CERTIFICATE))
        for _ in range(2):
            request = post(server.url, credential=credential())
            response, _ = await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            assert response.content == b'{"ok": true}'
        method, target, headers, _ = proxy.seen[0]
        assert (method, target) == ("CONNECT", f"127.0.0.1:{server.port}")
        assert "authorization" not in headers  # the proxy sees no token
        assert proxy.connections == 1
        await transport.aclose()


async def test_a_proxy_that_refuses() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.reply(b"", "407 Proxy Authentication Required")

    with RawServer(handler) as proxy:
        transport = make(proxy=proxy.url.replace("//", "//user:word@"))
        with pytest.raises(errors.APIConnectionError, match="proxy") as caught:
            await transport.send(post("https://far.example"), timeout=PATIENT, retry=NO_RETRY)
        assert "word" not in str(caught.value)
        url = proxy.url
        await transport.aclose()
    transport = make(proxy=url)
    with pytest.raises(errors.APIConnectionError, match="proxy"):
        await transport.send(post("http://far.example"), timeout=PATIENT, retry=NO_RETRY)
    await transport.aclose()


async def test_the_environment_s_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(forwards) as proxy, RawServer(replies) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "near.example")
        transport = make()
        await transport.send(post("http://far.example"), timeout=PATIENT, retry=NO_RETRY)
        await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        assert [target for _, target, _, _ in proxy.seen] == ["http://far.example/"]
        assert len(server.seen) == 1
        await transport.aclose()


async def test_a_socks_proxy_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    transport = make(proxy="socks5://127.0.0.1:1080")
    with pytest.raises(errors.MissingExtraError, match="pip install"):
        await transport.send(post("http://far.example"), timeout=PATIENT, retry=RETRY)
    await transport.aclose()


def test_a_proxy_that_is_none() -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        make(proxy="ftp://user:word@host")
    assert "word" not in str(caught.value)
