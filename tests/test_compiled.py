"""Replies as the fast engine's parser reads them, against h11, which the default engine has."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Sequence

import h11
import httpcore
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("httptools", reason="the extra fast is not installed")

from hfi._network.compiled import CompiledReply
from hfi._sync.compiled import CompiledBody

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

Read = tuple[object, ...]


def pieces_of(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


def compiled(pieces: Sequence[bytes], method: str = "GET") -> Read:
    """The status, the body, how it ended, and whether the connection could be used again."""
    reply, body = CompiledReply(method), b""
    try:
        for piece in [*pieces, b""]:
            reply.feed(piece)
            while part := reply.take():
                body += part
            if reply.over:
                return reply.status, body, "end", reply.settled
    except httpcore.RemoteProtocolError:
        pass
    return reply.status, body, "error", False


def h11_s(pieces: Sequence[bytes], method: str = "GET") -> Read:
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=1_000_000)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    status, body = 0, b""
    try:
        for piece in [*pieces, b""]:
            client.receive_data(piece)
            while True:
                event = client.next_event()
                if isinstance(event, h11.Response):
                    status = event.status_code
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    idle = client.their_state is h11.DONE and not client.trailing_data[0]
                    return status, body, "end", idle
                elif not isinstance(event, h11.InformationalResponse):
                    break
    except h11.RemoteProtocolError:
        pass
    return status, body, "error", False


GOOD = (
    COUNTED + b"hello",
    COUNTED + b"hello\r\n",
    COUNTED + b"hell",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 None\r\n\r\n",
    HEAD + b"5\r\nhello\r\n3;a=b\r\n...\r\n0\r\n\r\n",
    HEAD + b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    HEAD + b"5\r\nhello\r\n",
    HEAD + b"zz\r\nhello\r\n",
    HEAD + b"5\r\nhelloX\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" + COUNTED + b"hello",
    b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
)


@pytest.mark.parametrize("data", GOOD)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_reads_what_h11_reads(data: bytes, method: str) -> None:
    if method == "HEAD" and data in (HEAD + b"zz\r\nhello\r\n", b"HTTP/1.1 204 None\r\n\r\n"):
        assert compiled([data], method)[2] == "end"
        return
    ours, theirs = compiled([data], method), h11_s([data], method)
    assert ours[:3] == theirs[:3]
    assert ours[3] is theirs[3]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(GOOD), st.lists(st.integers(0, 500), max_size=8))
@example(HEAD + b"5\r\nhello\r\n0\r\n\r\n", list(range(120)))
def test_any_split_gives_the_same(data: bytes, cuts: list[int]) -> None:
    assert compiled(pieces_of(data, cuts))[:3] == compiled([data])[:3]


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ODD = {
    "lines that end in a bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "a folded header": OK + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\nok",
    "a length beside chunks": OK
    + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "a length told twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "lengths that differ": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a list of lengths": OK + b"Content-Length: 2, 2\r\n\r\nok",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\nok",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "a space before the colon": OK + b"A : b\r\nContent-Length: 2\r\n\r\nok",
    "a header without a name": OK + b": b\r\nContent-Length: 2\r\n\r\nok",
    "a control character in a header": OK + b"A: \x01\r\nContent-Length: 2\r\n\r\nok",
    "a NUL in a header": OK + b"A: \x00\r\nContent-Length: 2\r\n\r\nok",
    "a bare CR in a header": OK + b"A: \r\r\nContent-Length: 2\r\n\r\nok",
    "padded chunk sizes": CHUNKS + b"2  \r\nok\r\n0\r\n\r\n",
    "an extension of a chunk": CHUNKS + b'2;a="b"\r\nok\r\n0\r\n\r\n',
    "a negative chunk": CHUNKS + b"-2\r\nok\r\n0\r\n\r\n",
    "another coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked, told twice": CHUNKS[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no coding": OK + b"Transfer-Encoding: identity\r\n\r\nok",
    "another version": b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "no version of ours": b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok",
    "an offer to upgrade": OK
    + b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\nok",
    "2,000 headers": OK + b"X: 1\r\n" * 2000 + b"Content-Length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("name", ODD)
def test_the_odd_is_read_as_h11_reads_it(name: str) -> None:
    """A server that the default engine understands, the fast one does, too."""
    theirs = h11_s([ODD[name]])
    assert compiled([ODD[name]]) == theirs
    assert compiled(pieces_of(ODD[name], range(0, len(ODD[name]), 5))) == theirs


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from([*GOOD, *ODD.values()]))
    for _ in range(draw(st.integers(1, 3))):
        at, gone = draw(st.integers(0, len(data))), draw(st.integers(0, 5))
        new = draw(st.binary(max_size=3) | st.sampled_from([b"\r\n", b"\n", b"0", b"Connection: "]))
        data = data[:at] + new + data[at + gone :]
    return data


@settings(max_examples=300, deadline=None)
@given(mutants(), st.sampled_from(["GET", "HEAD"]))
@example(OK + b"Content-Length: 0\r\n\r\n\xaa", "GET")
@example(CHUNKS + b"0\r\n\r\n\n", "GET")
def test_no_bytes_are_read_in_two_ways(data: bytes, method: str) -> None:
    """One parser may refuse what the other reads; where both read, they read the same."""
    ours, theirs = compiled([data], method), h11_s([data], method)
    if ours[2] == theirs[2] == "end":
        assert ours[:2] == theirs[:2]
        # What is left unread would be the next reply.
        assert theirs[3] or not ours[3] or b"HTTP/1.0" in data


def test_the_pieces_before_a_fault_are_handed_out_first() -> None:
    reply = CompiledReply("GET")
    reply.feed(HEAD + b"5\r\nhello\r\nzz\r\n")
    assert reply.take() == b"hello"
    with pytest.raises(httpcore.RemoteProtocolError):
        reply.take()


@pytest.mark.parametrize("after", [b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"x"])
@pytest.mark.parametrize("data", [COUNTED + b"hello", HEAD + b"0\r\n\r\n"])
def test_what_follows_a_reply_is_noticed(data: bytes, after: bytes) -> None:
    assert compiled([data])[3] is True
    assert compiled([data + after])[1:] == (compiled([data])[1], "end", False)


def test_many_chunks_of_one_read_come_as_one_piece() -> None:
    reply = CompiledReply("GET")
    reply.feed(HEAD + b"2\r\nab\r\n" * 1000)
    assert reply.take() == b"ab" * 1000
    assert reply.take() == b""


@pytest.mark.parametrize("data", [COUNTED + b"hello", HEAD + b"zz\r\n", HEAD + b"5\r\nhel"])
def test_a_reply_is_gone_with_its_last_user(data: bytes) -> None:
    """The parser calls it back; the two must not keep each other until the collector comes."""
    gc.collect()
    gc.disable()
    try:
        reply = CompiledReply("GET")
        reply.feed(data)
        body = CompiledBody(None, reply)
        del reply, body
        assert [each for each in gc.get_objects() if type(each) is CompiledReply] == []
    finally:
        gc.enable()
