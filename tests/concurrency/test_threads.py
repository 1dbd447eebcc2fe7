"""What threads, signals and forks do to the plain half."""

from __future__ import annotations

import gc
import os
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from calls import CERTIFICATE, NO_RETRY, PATIENT, answers, post, run_script, stalls
from hfi import Client, errors
from hfi._core.incoming.streams import ChatStreamParser
from hfi._network.wire import Wire
from hfi._sync import resuming, transport
from hfi._sync.stream import ChatStream
from hfi._sync.transport import Transport
from hfi.types.settings import Limits, Timeout
from rawserver import Peer, RawServer, wait_until
from servers.deserter import Deserter

pytestmark = pytest.mark.usefixtures("each_engine")


def make(**options: Any) -> Transport:
    return Transport(user_agent="hfi/test", **{"limits": Limits(), **options})


def stream_from(transport: Transport, url: str, timeout: Timeout = PATIENT) -> ChatStream:
    request = post(url, stream=True)
    reply = transport.open(request, timeout=timeout, retry=NO_RETRY)
    return ChatStream(reply, ChatStreamParser(request, headers=reply.headers))


def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("how", ["close", "abort"])
def test_closing_wakes_a_reader_in_another_thread(how: str, encrypted: bool) -> None:
    with RawServer(stalls, tls=tls() if encrypted else None) as server:
        transport = make(verify=str(CERTIFICATE))
        stream = stream_from(transport, server.url)
        next(stream)
        woken: list[float] = []
        caught: list[BaseException] = []

        def read() -> None:
            try:
                next(stream)
            except errors.HFIError as error:
                caught.append(error)
            woken.append(time.monotonic())

        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(0.1)
        closed = time.monotonic()
        getattr(stream, how)()
        stream.close()
        thread.join(2)
        assert woken[0] - closed < 0.1
        assert isinstance(caught[0], errors.StreamInterruptedError)
        assert caught[0].partial.text == "one"
        assert wait_until(lambda: server.gone, 0.5)
        transport.close()


@pytest.mark.parametrize("how", ["in silence", "refusing", "mute"])
def test_closing_wakes_a_reader_whose_stream_is_taken_up_again(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the next request is under way, and in the waits before it."""
    monkeypatch.setattr(resuming, "PAUSE", 5)
    monkeypatch.setattr(transport, "random", lambda: 1.0)
    woken: list[float] = []
    with Deserter(how) as server, Client(base_url=server.url, token=False) as client:
        stream = client.chat("Go on", stream=True, resume=3)

        def read() -> None:
            with pytest.raises(errors.StreamInterruptedError):
                stream.collect()
            woken.append(time.monotonic())

        thread = threading.Thread(target=read)
        thread.start()
        assert wait_until(lambda: len(server.bodies) == (1 if how == "mute" else 2))
        time.sleep(0.1)
        closed = time.monotonic()
        stream.close()
        thread.join(3)
        assert woken
        assert woken[0] - closed < 0.15


def test_closing_the_transport_does_not_break_a_stream() -> None:
    with RawServer(answers("a", "b")) as server:
        transport = make()
        stream = stream_from(transport, server.url)
        threading.Thread(target=transport.close).start()
        assert stream.collect().text == "ab"


def test_many_threads() -> None:
    with RawServer(answers("a", "b")) as server:
        transport = make(limits=Limits(max_connections=8))

        def call(_: int) -> str:
            return stream_from(transport, server.url).collect().text

        with ThreadPoolExecutor(32) as pool:
            assert set(pool.map(call, range(200))) == {"ab"}
        assert server.connections <= 8
        transport.close()


def test_more_calls_than_connections_wait_in_order() -> None:
    order: list[int] = []

    def handler(peer: Peer) -> None:
        while peer.read_request():
            time.sleep(0.02)
            peer.reply(peer.body)

    with RawServer(handler) as server:
        transport = make(limits=Limits(max_connections=1))

        def call(number: int) -> None:
            request = post(server.url, content=str(number).encode())
            transport.send(request, timeout=PATIENT, retry=NO_RETRY)
            order.append(number)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
            time.sleep(0.005)
        for thread in threads:
            thread.join()
        assert order == sorted(order)
        transport.close()


def test_a_dropped_stream_lets_a_waiting_thread_go_on() -> None:
    with RawServer(stalls) as server:
        transport = make(limits=Limits(max_connections=1))
        streams = [stream_from(transport, server.url)]
        done = threading.Event()

        def other() -> None:
            stream_from(transport, server.url).close()
            done.set()

        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.05)
        assert not done.is_set()
        streams.clear()
        assert done.wait(1)
        thread.join()
        transport.close()


def test_a_stream_in_a_cycle_is_closed_by_the_collector() -> None:
    with RawServer(stalls) as server:
        transport = make()
        cycle: dict[str, Any] = {"stream": stream_from(transport, server.url)}
        cycle["self"] = cycle
        next(cycle["stream"])
        del cycle
        gc.collect()
        assert wait_until(lambda: server.gone, 0.5)
        transport.close()


def test_a_blocked_turn_is_interrupted_by_the_total() -> None:
    with RawServer(stalls) as server:
        transport = make(limits=Limits(max_connections=1))
        stream = stream_from(transport, server.url)
        start = time.monotonic()
        with pytest.raises(errors.PoolTimeoutError):
            transport.send(post(server.url), timeout=Timeout(total=0.2), retry=NO_RETRY)
        assert 0.15 < time.monotonic() - start < 1
        stream.close()
        transport.close()


SCRIPT = """
import gc, os, signal, sys, threading
from calls import NO_RETRY, PATIENT, post
from hfi._core.incoming.streams import ChatStreamParser
from hfi._sync.stream import ChatStream
from hfi._sync.transport import Transport
from hfi.types.settings import Limits

url = sys.argv[1]
transport = Transport(user_agent="hfi/test", limits=Limits())

def stream_from():
    request = post(url, stream=True)
    reply = transport.open(request, timeout=PATIENT, retry=NO_RETRY)
    return ChatStream(reply, ChatStreamParser(request, headers=reply.headers))
"""


@pytest.mark.parametrize(
    "text",
    [
        "for chunk in stream_from():\n    print(chunk)\n    break\ngc.collect()",
        "stream = stream_from()\nprint(next(stream))",
        "stream = stream_from()\nprint(next(stream))\ntransport.close()",
        "stream = stream_from()\nprint(next(stream))\ndel transport\nstream.close()",
        "print(next(stream_from()))\nprint(next(stream_from()))",
    ],
)
def test_no_warning_is_printed(text: str) -> None:
    with RawServer(stalls) as server:
        printed = run_script(SCRIPT + text, server.url)
        assert set(printed.split()) == {"one"}
        assert wait_until(lambda: len(server.gone) == printed.count("one"))


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_socket_that_the_collector_meets_first_says_nothing(encrypted: bool) -> None:
    """In a cycle the order is the collector's; pytest makes an error of a warning."""

    def handler(peer: Peer) -> None:
        peer.read_request()
        peer.reply()
        peer.server.gone.append(peer.wait_gone(5))

    with RawServer(handler, tls=tls() if encrypted else None) as server:
        dropped = make(verify=str(CERTIFICATE))
        dropped.send(post(server.url), timeout=PATIENT, retry=NO_RETRY)
        (wire,) = (each for each in gc.get_objects() if isinstance(each, Wire) and each.socket)
        wire.socket = None  # as if it had gone before
        del wire, dropped
        gc.collect()
        assert wait_until(lambda: server.gone, 2)
        assert server.gone[0] is not None


def test_ctrl_c_ends_cleanly() -> None:
    text = """
stream = stream_from()
print(next(stream))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    next(stream)
except KeyboardInterrupt:
    print("interrupted")
print(stream.closed)
"""
    with RawServer(stalls) as server:
        assert run_script(SCRIPT + text, server.url).split() == ["one", "interrupted", "True"]
        assert wait_until(lambda: server.gone)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_gets_connections_of_its_own() -> None:
    """The child's calls, and its end, leave the parent's connections and stream alone."""
    text = """
def whole():
    response, meta = transport.send(post(url + "/whole"), timeout=PATIENT, retry=NO_RETRY)
    return response.content.decode()

stream = stream_from()
print(next(stream))
first = whole()
sys.stdout.flush()
child = os.fork()
if child == 0:
    code = 0 if whole() != first else 3  # the server tells its connections apart
    del stream
    gc.collect()
    transport.close()
    os._exit(code)
print(os.waitpid(child, 0)[1] >> 8)
print(whole() == first)
print(next(stream))
stream.close()
transport.close()
"""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.target == "/whole":
                peer.reply(f'"{peer.number}"'.encode())
                continue
            peer.start_stream()
            peer.word("one")
            wait_until(lambda: server.connections == 3, 5)
            time.sleep(0.3)
            peer.word("two")
            peer.server.gone.append(peer.wait_gone(5))
            return

    with RawServer(handler) as server:
        printed = run_script(SCRIPT + text, server.url)
        assert printed.split() == ["one", "0", "True", "two"]
        assert server.connections == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking beside threads warns there")
def test_a_fork_while_another_thread_waits() -> None:
    """A lock that another thread held at the fork would never be free in the child."""
    text = """
streams = [stream_from()]
busy = Transport(user_agent="hfi/test", limits=Limits(max_connections=1))
def hammer():
    while not done.is_set():
        transport.send(post(url + "/whole"), timeout=PATIENT, retry=NO_RETRY)
done = threading.Event()
threads = [threading.Thread(target=hammer) for _ in range(4)]
for thread in threads:
    thread.start()
codes = set()
for _ in range(5):
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        transport.send(post(url + "/whole"), timeout=PATIENT, retry=NO_RETRY)
        os._exit(0)
    codes.add(os.waitpid(child, 0)[1])
done.set()
for thread in threads:
    thread.join()
print(codes)
"""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            if peer.target == "/whole":
                peer.reply()
                continue
            stalls_on(peer)

    def stalls_on(peer: Peer) -> None:
        peer.start_stream()
        peer.word("one")
        peer.server.gone.append(peer.wait_gone(20))

    with RawServer(handler) as server:
        assert run_script(SCRIPT + text, server.url).strip() == "{0}"
