"""The engine of a client: which is taken, what says so, and what the fast one sends and reads."""

from __future__ import annotations

from typing import Any

import httpcore
import httpx
import pytest
import respx

from calls import NO_RETRY, PATIENT, get, post
from hfi import AsyncClient, errors
from hfi._async.transport import AsyncTransport
from hfi._core.line.deadline import CallClock
from hfi._core.line.outgoing import Address, Outgoing
from hfi._network import engines
from hfi.testing import FakeServer
from hfi.types.settings import Limits, Timeout
from rawserver import Peer, RawServer

OK = b"HTTP/1.1 200 OK\r\n"
ENDED = b"Content-Length: 2\r\n\r\nok"
EARLY = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    if engines.fast_room("hfi._network") is None:
        pytest.skip("the extra fast is not installed")
    monkeypatch.setattr(engines, "fast_is_there", lambda: True)


def make(**options: Any) -> AsyncTransport:
    return AsyncTransport(user_agent="hfi/test", **{"limits": Limits(), **options})


def request_of(headers: list[tuple[bytes, bytes]], **options: Any) -> Outgoing:
    fields: dict[str, Any] = {"method": "POST", "target": b"/v1", "content": b"{}", **options}
    return Outgoing(
        method=fields["method"],
        url="http://a.example/v1",
        address=Address(b"http", b"a.example", None, fields["target"]),
        headers=headers,
        content=fields["content"],
        clock=CallClock(Timeout(), 0.0),
    )


# -- which one -------------------------------------------------------------------------------------


async def test_without_the_extra_auto_is_the_default_one() -> None:
    async with AsyncClient(base_url="http://127.0.0.1:1") as client:
        explanation = await client.explain("chat", "Hi")
        assert explanation.engine == "default"
        assert "pip install 'hfi[fast]'" in str(explanation.engine_reason)


def test_without_the_extra_fast_says_how_to_get_it() -> None:
    with pytest.raises(errors.MissingExtraError, match=r'pip install "hfi\[fast\]"'):
        AsyncClient(engine="fast")


async def test_what_cannot_be_imported_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(engines, "_rooms", {})
    monkeypatch.setattr(engines, "import_module", broken)
    assert engines.fast_room("hfi._network") is None
    with FakeServer("fine") as server:
        async with AsyncClient(base_url=server.url) as client:
            completion = await client.chat("Hi")
            assert completion.text == "fine"


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("asked", ["auto", "default", "fast"])
async def test_explain_says_which_and_the_call_takes_it(asked: str) -> None:
    with FakeServer("fine") as server:
        async with AsyncClient(base_url=server.url, engine=asked) as client:
            explanation = await client.explain("chat", "Hi")
            expected = "default" if asked == "default" else "fast"
            assert explanation.engine == expected
            assert f"engine      {expected} (" in str(explanation)
            await client.chat("Hi")
            (part,) = client._transport._http._parts.values()
            (connection,) = part._idle
            assert connection.fast is (expected == "fast")


@pytest.mark.usefixtures("fast")
async def test_a_proxy_is_for_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"base_url": "http://far.example", "token": False}
    async with AsyncClient(proxy="http://127.0.0.1:1", engine="fast", **options) as client:
        explanation = await client.explain("chat", "Hi")
        assert explanation.engine == "default"
        assert "proxy" in str(explanation.engine_reason)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "near.example")
    async with AsyncClient(**options) as client:
        explanation = await client.explain("chat", "Hi")
        assert explanation.engine == "default"
        near = client.with_options(base_url="http://near.example")
        explanation = await near.explain("chat", "Hi")
        assert explanation.engine == "fast"


@pytest.mark.usefixtures("fast")
async def test_a_transport_of_the_user_s_is_the_engine() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with AsyncClient(base_url="http://127.0.0.1:1", transport=transport) as client:
        explanation = await client.explain("chat", "Hi")
        assert explanation.engine == "transport"
    with pytest.raises(errors.ConfigurationError, match="exclude"):
        AsyncClient(transport=transport, engine="fast")


@pytest.mark.usefixtures("fast")
@respx.mock
async def test_what_stands_in_for_httpcore_is_asked() -> None:
    route = respx.post("https://router.example/v1").mock(return_value=httpx.Response(200, json={}))
    transport = make()
    await transport.send(post("https://router.example/v1"), timeout=PATIENT, retry=NO_RETRY)
    assert route.call_count == 1
    assert "httpcore" in transport.engine_for("https://router.example/v1").reason
    await transport.aclose()


@pytest.mark.usefixtures("fast")
async def test_with_options_takes_another_engine() -> None:
    async with AsyncClient(base_url="http://127.0.0.1:1") as client:
        explanation = await client.explain("chat", "Hi")
        assert explanation.engine == "fast"
        other = client.with_options(engine="default")
        explanation = await other.explain("chat", "Hi")
        assert explanation.engine == "default"
        assert other._transport is not client._transport
        await other.aclose()


# -- what goes out ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("fast")
async def test_both_engines_send_the_same() -> None:
    seen: list[bytes] = []

    def handler(peer: Peer) -> None:
        seen.append(peer.sock.recv(65536))
        peer.reply()

    with RawServer(handler) as server:
        for engine in ("default", "fast"):
            transport = make(engine=engine)
            request = post(
                f"{server.url}/v1/chät?q=1", headers={"x-a": "é", "idempotency-key": "1"}
            )
            await transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            await transport.send(get(server.url), timeout=PATIENT, retry=NO_RETRY)
            await transport.aclose()
    assert seen[:2] == seen[2:]


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("headers", "options"),
    [
        ([(b"x-a", b"1\r\nx-b: 2")], {}),
        ([(b"x-a\n", b"1")], {}),
        ([(b"x-a", b"\0")], {}),
        ([], {"target": b"/v1 HTTP/1.1\r\nx: y"}),
        ([], {"target": b"/a b"}),
        ([(b"content-length", b"3")], {}),
        ([(b"Transfer-Encoding", b"chunked")], {}),
    ],
)
async def test_what_http_does_not_allow_is_not_sent(headers: Any, options: Any) -> None:
    from hfi._network.compiled import request_bytes  # noqa: PLC0415 - needs the extra

    with pytest.raises(httpcore.LocalProtocolError):
        request_bytes(request_of(headers, **options))


# -- what comes in ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (OK + ENDED, True),
        (EARLY + OK + ENDED, True),
        (CHUNKED + b"2;x=y\r\nok\r\n0\r\nX-T: 1\r\n\r\n", True),
        (OK + b"Connection: close\r\n" + ENDED, False),
        (b"HTTP/1.0 200 OK\r\n" + ENDED, False),
        (OK + ENDED + b"\r\n", False),
        (OK + b"\r\nok", False),
    ],
)
async def test_a_connection_is_kept_after_one_whole_reply(reply: bytes, kept: bool) -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.send(reply)
            if b"Length" not in reply and b"chunked" not in reply:
                return

    with RawServer(handler) as server:
        transport = make(engine="fast")
        for _ in range(2):
            response, _ = await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
            assert response.content == b"ok"
            assert "x-t" not in response.headers
            assert "a" not in response.headers
        assert server.connections == (1 if kept else 2)
        await transport.aclose()


@pytest.mark.usefixtures("fast")
async def test_a_status_without_a_body() -> None:
    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.send(b"HTTP/1.1 204 None\r\nX-A: 1\r\n\r\n")

    with RawServer(handler) as server:
        transport = make(engine="fast")
        for _ in range(2):
            response, _ = await transport.send(get(server.url), timeout=PATIENT, retry=NO_RETRY)
            assert response.content == b""
        assert server.connections == 1
        await transport.aclose()


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    "part",
    [
        CHUNKED + b"1;",
        CHUNKED + b"2\r\nok\r\n0\r\nX-T: ",
        b"HTTP/1.1 200 ",
    ],
)
async def test_nothing_without_end_is_kept_in_memory(part: bytes) -> None:
    """Sizes and trailers are bounded, as heads are."""

    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(part)
        while True:
            peer.send(b"a" * 10_000)

    with RawServer(handler) as server:
        transport = make(engine="fast")
        with pytest.raises((errors.LimitExceededError, errors.APIConnectionError)):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()


@pytest.mark.usefixtures("fast")
async def test_another_protocol_is_no_reply() -> None:
    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes")

    with RawServer(handler) as server:
        transport = make(engine="fast")
        with pytest.raises(errors.HFIError):
            await transport.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        await transport.aclose()
