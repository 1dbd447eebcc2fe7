"""A token, a key or a password shows nowhere, and goes to nobody it is not meant for."""

from __future__ import annotations

import copy
import functools
import gc
import logging
import os
import pickle
import ssl
import sys
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, Limits, Timeout, errors
from hfi._core.configuration.config import ClientConfig
from hfi.testing import FakeServer, faults
from observing import SECRET, with_variables
from rawserver import Peer, RawServer

pytestmark = pytest.mark.usefixtures("each_engine")

FOUND = "hf_F0undInTheEnvironmentOfATest"
KEY = "s3cretKeyOfAProvider"
PASSWORD = "pAssw0rdOfTheProxy"


def dead_url() -> str:
    """An address where nobody listens."""
    with RawServer(lambda _: None) as server:
        return server.url


def shown(value: Any) -> str:
    """Whatever prints a value without knowing what it is."""
    return f"{value} {value!r} {[value]} {vars(value) if hasattr(value, '__dict__') else ''}"


def texts_of(error: BaseException) -> str:
    """All that an error tells: itself, its causes, what it keeps, its pickle, its variables."""
    texts = [with_variables(error)]
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if each is None:
            continue
        pending += [each.__cause__, each.__context__, *getattr(each, "earlier", ())]
        texts += [shown(each), repr(each.args)]
        if isinstance(each, errors.HFIError):
            texts.append(pickle.dumps(each).decode("latin-1"))
    return "\n".join(texts)


async def read_chat(client: AsyncClient, stream: bool) -> None:
    answer: Any = await client.chat("Hi", stream=stream)
    if stream:
        await answer.collect()


def refuses(status: str) -> Any:
    """Answers with an error that repeats the token, as careless servers do."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            told = peer.headers.get("authorization", "")
            body = f'{{"error": {{"message": "bad {told}", "given": "{told}"}}}}'
            peer.reply(body.encode(), status, {"X-Echo": told, "X-Request-Id": told})

    return handler


# -- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 No", "429 No", "500 No"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("secret", [SECRET, "aPlainWordThatLooksLikeNoToken"])
async def test_errors_of_the_server(status: str, stream: bool, secret: str) -> None:
    with RawServer(refuses(status)) as server:
        async with AsyncClient(
            base_url=server.url, token=secret, headers={"x-api-key": KEY}, max_retries=1
        ) as client:
            with pytest.raises(errors.APIStatusError) as caught:
                await client.chat("Hi", stream=stream, timeout=10)
    assert secret not in texts_of(caught.value)
    assert KEY not in texts_of(caught.value)


async def test_errors_of_the_line() -> None:
    def resets(peer: Peer) -> None:
        peer.read_request()
        peer.reset()

    with RawServer(resets) as server:
        for url in (server.url, dead_url()):
            client = AsyncClient(base_url=url, token=SECRET, max_retries=1)
            with pytest.raises(errors.APIConnectionError) as caught:
                await client.chat("Hi")
            assert SECRET not in texts_of(caught.value)
            await client.aclose()


async def test_a_request_that_cannot_be_written() -> None:
    """The frames below hold the bytes to be written, with the token in them."""

    def does_not_read(peer: Peer) -> None:
        peer.server.stop.wait(5)

    with RawServer(does_not_read) as server:
        client = AsyncClient(base_url=server.url, token=SECRET, max_retries=0)
        with pytest.raises(errors.APITimeoutError) as caught:
            await client.chat("x" * 30_000_000, timeout=Timeout(first_token=0.3))
        text = with_variables(caught.value)
        assert SECRET not in text
        assert "hfi" in text  # there are frames
        server.stop.set()
        await client.aclose()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_breaks(stream: bool) -> None:
    with FakeServer("One two three", faults=faults.Break(after=300, how="reset")) as server:
        async with AsyncClient(base_url=server.url, token=SECRET, max_retries=0) as client:
            with pytest.raises(errors.APIConnectionError) as caught:
                await read_chat(client, stream)
    assert SECRET not in texts_of(caught.value)


async def test_an_error_of_the_user_s_own_transport() -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way with {request.headers}", request=request)

    client = AsyncClient(
        base_url="https://far.example",
        token=SECRET,
        max_retries=0,
        transport=httpx.MockTransport(fails),
    )
    with pytest.raises(errors.APIConnectionError) as caught:
        await client.chat("Hi")
    assert SECRET not in f"{caught.value} {caught.value!r} {with_variables(caught.value)}"
    await client.aclose()


# -- bad arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\nX-Evil: 1", "\r\n two", " two", "é", "\0"])
def test_a_token_that_cannot_be_sent(end: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="token") as caught:
        AsyncClient(token=SECRET + end)
    assert SECRET not in texts_of(caught.value)
    client = AsyncClient(base_url="http://127.0.0.1:1")
    with pytest.raises(errors.ConfigurationError, match="token") as caught:
        client.with_options(token=SECRET + end)
    assert SECRET not in texts_of(caught.value)


async def test_a_found_token_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", f"{FOUND}\nX-Evil: 1")
    client = AsyncClient()  # a bad token is an error only where it is needed
    with pytest.raises(errors.ConfigurationError, match="HF_TOKEN") as caught:
        await client.chat("Hi")
    assert FOUND not in texts_of(caught.value)
    await client.aclose()


async def test_a_bad_token_of_a_call() -> None:
    client = AsyncClient(base_url="http://127.0.0.1:1")
    bad = f"{SECRET}\nX-Evil: 1"
    for method in (client.text_to_image, client.text_generation):
        with pytest.raises(errors.ConfigurationError, match="token") as caught:
            await method("A cat", token=bad)
        assert SECRET not in texts_of(caught.value)
    await client.aclose()


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_retries": -1},
        {"engine": "steam"},
        {"transport": 3},
        {"event_hooks": {"reqest": []}},
        {"base_url": f"https://me:{PASSWORD}@ [host"},
        {"base_url": f"ftp://me:{PASSWORD}@host"},
        {"proxy": f"ftp://me:{PASSWORD}@host"},
        {"proxy": f"http://me:{PASSWORD}@"},
        {"headers": {"x-api-key": f"{KEY}\n"}, "base_url": "http://h", "max_wait": -1},
        {"headers": {"x-api-key": f"{KEY}\nX-Evil: 1"}},
        {"headers": {"Authorization": f"Bearer {SECRET}\nX-Evil: 1"}},
    ],
)
def test_whatever_is_wrong_no_argument_is_shown(arguments: dict[str, Any]) -> None:
    """Tools that print tracebacks print variables: arguments among them."""
    rest = {
        "token": SECRET,
        "proxy": f"http://me:{PASSWORD}@proxy:1",
        "headers": {"x-api-key": KEY, "authorization": f"Bearer {SECRET}"},
    }
    with pytest.raises(errors.ConfigurationError) as caught:
        AsyncClient(**{**rest, **arguments})
    client = AsyncClient()
    with pytest.raises(errors.ConfigurationError) as again:
        client.with_options(**{**rest, **arguments})
    for error in (caught.value, again.value):
        text = texts_of(error)
        assert "AsyncClient" in text or "client" in text
        for secret in (SECRET, PASSWORD, KEY):
            assert secret not in text


async def test_a_header_that_cannot_be_sent() -> None:
    client = AsyncClient(base_url="http://127.0.0.1:1", token=SECRET, headers={"x-api-key": KEY})
    with pytest.raises(errors.ConfigurationError) as caught:
        await client.chat("Hi", extra_headers={"x-a": f"{PASSWORD}\n\nX-Evil: 1"})
    text = f"{caught.value} {caught.value!r}"
    assert PASSWORD not in text
    assert KEY not in with_variables(caught.value)
    await client.aclose()


# -- what prints values ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"token": SECRET, "headers": {"x-api-key": KEY}},
        {"base_url": f"https://me:{PASSWORD}@h.example"},
        {"headers": {"x-api-key": KEY, "authorization": f"Bearer {SECRET}"}},
        {"token": lambda: SECRET},
    ],
)
async def test_a_client_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, given: dict[str, Any]
) -> None:
    monkeypatch.setenv("HF_TOKEN", FOUND)
    monkeypatch.setenv("HFI_TOKEN", FOUND)
    caplog.set_level(logging.DEBUG)
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"error": "no"}))
    fixed = {"base_url": "https://h.example", "proxy": f"http://me:{PASSWORD}@proxy:1"}
    client = AsyncClient("org/m", transport=answer, **{**fixed, **given})
    with pytest.raises(errors.HFIError):
        await client.chat("Hi")
    explained = await client.explain("chat", "Hi")
    texts = [
        shown(client),
        shown(client._config),
        shown(client._transport),
        f"{client:}",
        str(explained),
        repr(explained),
        explained.as_curl(),
        str(explained.to_dict()),
        caplog.text,
    ]
    assert "curl -X POST https://h.example" in caplog.text
    for text in texts:
        for secret in (SECRET, FOUND, PASSWORD, KEY):
            assert secret not in text
    await client.aclose()


async def test_what_is_explained_shows_no_key_of_the_query() -> None:
    client = AsyncClient(base_url="http://127.0.0.1:1")
    explained = await client.explain("chat", "Hi", extra_query={"api_key": KEY, "version": "2"})
    assert explained.url.endswith("?api_key=***&version=2")
    assert KEY not in explained.as_curl()
    await client.aclose()


async def test_the_pool_s_proxy_is_not_shown() -> None:
    def refuses_all(peer: Peer) -> None:
        peer.read_request()
        peer.reply(b"", "407 Proxy Authentication Required")

    with RawServer(refuses_all) as proxy:
        client = AsyncClient(
            base_url="https://far.example",
            token=SECRET,
            proxy=proxy.url.replace("//", f"//me:{PASSWORD}@"),
            max_retries=0,
        )
        pool = client._transport._http
        assert PASSWORD not in shown(pool)
        with pytest.raises(errors.APIConnectionError) as caught:
            await client.chat("Hi")
        text = texts_of(caught.value)
        assert PASSWORD not in text
        assert SECRET not in text
        assert "authorization" not in proxy.seen[0][2]
        assert SECRET not in str(proxy.seen)
        await client.aclose()


# -- where a token goes ----------------------------------------------------------------------------


async def test_a_download_from_another_host_goes_without_the_token() -> None:
    def store(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(b"GIF89a\x01\0\x01\0\0\0\0;", headers={"Content-Type": "image/gif"})

    with RawServer(store) as far:

        def api(peer: Peer) -> None:
            while peer.read_request():
                body = f'{{"data": [{{"url": "{far.url}/cat.gif?sig=1"}}]}}'
                peer.reply(body.encode())

        with RawServer(api) as server:
            async with AsyncClient(
                base_url=server.url, token=SECRET, headers={"x-api-key": KEY}
            ) as client:
                await client.text_to_image("A cat", model="org/m")
            assert server.seen[0][2]["authorization"] == f"Bearer {SECRET}"
        assert far.seen
        assert SECRET not in str(far.seen)
        assert KEY not in str(far.seen)


async def test_a_redirect_to_another_host_goes_without_the_token() -> None:
    with (
        FakeServer("Hello") as far,
        FakeServer(faults=faults.Redirect(to=f"{far.url}/v1/chat/completions")) as server,
    ):
        async with AsyncClient(
            base_url=server.url, token=SECRET, headers={"x-api-key": KEY}
        ) as client:
            await client.chat("Hi")
        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert far.requests
        assert SECRET not in str(far.requests[0].headers)
        assert KEY not in str(far.requests[0].headers)


# -- pickling and copying --------------------------------------------------------------------------


def rate() -> str:
    """A token callable that can be pickled: it stands in a module."""
    return SECRET


async def test_a_client_travels() -> None:
    with FakeServer("Hello") as server:
        client = AsyncClient(
            "org/m",
            base_url=server.url,
            token=SECRET,
            timeout=7,
            max_retries=5,
            headers={"x-note": "kept"},
            limits=Limits(max_connections=3),
            aliases={"big": "org/large"},
        )
        await client.chat("Hi")
        assert server.connections == 1
        other = pickle.loads(pickle.dumps(client))
        assert type(other) is AsyncClient
        assert repr(other) == repr(client)
        assert other._line["limits"] == Limits(max_connections=3)
        assert (other._config.max_retries, other._config.timeout) == (5, Timeout.of(7))
        completion = await other.chat("Hi", model="big")
        assert completion.text == "Hello"
        assert server.connections == 2  # its own
        sent = server.calls[-1]
        assert sent.headers["authorization"] == f"Bearer {SECRET}"
        assert sent.headers["x-note"] == "kept"
        assert sent.json["model"] == "org/large"
        await client.aclose()
        await other.chat("Hi")
        await other.aclose()


async def test_a_found_token_stays_and_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", FOUND)
    data = pickle.dumps(AsyncClient())
    assert FOUND.encode() not in data
    monkeypatch.setenv("HF_TOKEN", "hf_An0therOneOfTheOtherProcess")
    there: ClientConfig = pickle.loads(data)._config
    assert there.found.token is not None
    assert there.found.token.value == "hf_An0therOneOfTheOtherProcess"
    monkeypatch.delenv("HF_TOKEN")
    assert pickle.loads(data)._config.found.token is None


def test_every_protocol_of_pickle() -> None:
    client = AsyncClient(token=SECRET)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert repr(pickle.loads(pickle.dumps(client, protocol))) == repr(client)


async def test_a_closed_client_stays_closed() -> None:
    client = AsyncClient()
    await client.aclose()
    for other in (pickle.loads(pickle.dumps(client)), copy.deepcopy(client)):
        with pytest.raises(errors.ClientClosedError):
            await other.chat("Hi")


class Own(AsyncClient):
    """A client of a user's, with something of his own."""

    note = ""


def test_a_subclass_travels_with_what_it_holds() -> None:
    client = Own(token=SECRET)
    client.note = "mine"
    other = pickle.loads(pickle.dumps(client))
    assert (type(other), other.note) == (Own, "mine")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("token", {"token": lambda: SECRET}),
        ("on_wait", {"on_wait": lambda _: None}),
        ("event_hooks", {"event_hooks": {"request": [lambda _: None]}}),
        ("verify", {"verify": ssl.create_default_context()}),
        ("transport", {"transport": httpx.MockTransport(lambda _: httpx.Response(200))}),
    ],
)
def test_what_cannot_travel_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, Any]
) -> None:
    for module in [each for each in sys.modules if each.rpartition(".")[2] in STRONGER]:
        monkeypatch.delitem(sys.modules, module)
    client = AsyncClient(**options)
    with pytest.raises(errors.ConfigurationError, match=f"pickled, because of its {name}=") as no:
        pickle.dumps(client)
    assert SECRET not in texts_of(no.value)
    copied = copy.copy(client)
    assert repr(copied) == repr(client)


STRONGER = ("cloudpickle", "dill")


def test_functions_of_a_module_travel() -> None:
    client = AsyncClient(token=rate, on_wait=print, event_hooks={"request": [print]})
    other = pickle.loads(pickle.dumps(client))
    assert other._config.token.value is rate
    assert other._transport._hooks.request == (print,)
    partial = AsyncClient(token=functools.partial(os.path.join, "", "y"))
    assert pickle.loads(pickle.dumps(partial))._config.token.value() == "y"


def test_cloudpickle_decides_where_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stronger:
        @staticmethod
        def dumps(_: object) -> bytes:
            return b""

    monkeypatch.setitem(sys.modules, "ray.cloudpickle", Stronger)
    assert AsyncClient(token=lambda: SECRET).__getstate__()["_config"].token


async def test_copies() -> None:
    with FakeServer("Hello") as server:
        client = AsyncClient(base_url=server.url, token=SECRET)
        shared, own = copy.copy(client), copy.deepcopy(client)
        assert repr(shared) == repr(own) == repr(client)
        assert shared._transport is client._transport
        assert own._transport is not client._transport
        await shared.aclose()
        await client.chat("Hi")  # still open
        await client.aclose()
        completion = await own.chat("Hi")
        assert completion.text == "Hello"
        await own.aclose()
    gc.collect()
