"""Framing: the HTTP library reads the same from it as from the bytes themselves."""

from __future__ import annotations

import itertools

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hfi._core.line.framing import Framing

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


def read(pieces: list[bytes], *, rechunk: bool, method: str = "GET") -> tuple[object, ...]:
    """What h11 makes of a reply that comes in these pieces, the connection closed after it."""
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=1_000_000)
    sent = client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    assert sent is not None
    client.send(h11.EndOfMessage())
    framing = Framing(sent)
    statuses, body, count = [], b"", 0
    try:
        for piece in [*pieces, b""]:
            given_on = framing.feed(piece) if rechunk and piece else piece
            if piece and not given_on:
                continue  # an empty piece would mean the end
            client.receive_data(given_on)
            while True:
                event = client.next_event()
                if isinstance(event, (h11.InformationalResponse, h11.Response)):
                    statuses.append(event.status_code)
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                    count += 1
                elif isinstance(event, h11.EndOfMessage):
                    trailing = client.trailing_data[0]
                    return statuses, body, "end", list(event.headers), trailing, count
                else:
                    break
    except h11.RemoteProtocolError:
        return statuses, body, "error", None, None, count
    return statuses, body, "open", None, None, count


def same(pieces: list[bytes], method: str = "GET") -> None:
    ours, direct = (read(pieces, rechunk=on, method=method) for on in (True, False))
    assert ours[:5] == direct[:5]


def chunked(parts: list[bytes], size: str = "x") -> bytes:
    chunks = [format(len(part), size).encode() + b"\r\n" + part + b"\r\n" for part in parts if part]
    return b"".join(chunks) + b"0\r\n\r\n"


BODIES = st.lists(st.binary(max_size=40), max_size=12)
CUTS = st.lists(st.integers(0, 2000), max_size=12)


@settings(max_examples=200, deadline=None)
@given(parts=BODIES, cuts=CUTS, size=st.sampled_from(["x", "X", "04x"]))
def test_a_well_made_body(parts: list[bytes], cuts: list[int], size: str) -> None:
    reply = HEAD + chunked(parts, size)
    same(pieces_of(reply, cuts))
    assert read(pieces_of(reply, cuts), rechunk=True)[1:3] == (b"".join(parts), "end")


@settings(max_examples=200, deadline=None)
@given(parts=BODIES, cuts=CUTS, cut=st.integers(0, 400))
def test_a_body_that_is_cut(parts: list[bytes], cuts: list[int], cut: int) -> None:
    same(pieces_of((HEAD + chunked(parts))[: len(HEAD) + cut], cuts))


@settings(max_examples=300, deadline=None)
@given(parts=BODIES, cuts=CUTS, place=st.integers(0, 400), junk=st.binary(min_size=1, max_size=4))
@example(parts=[b"ab"], cuts=[], place=5, junk=b"zz")
@example(parts=[b"ab"], cuts=[], place=1, junk=b";x=1")
def test_a_body_that_is_broken(
    parts: list[bytes], cuts: list[int], place: int, junk: bytes
) -> None:
    body = chunked(parts)
    place %= len(body) + 1
    same(pieces_of(HEAD + body[:place] + junk + body[place + len(junk) :], cuts))
    same(pieces_of(HEAD + body[:place] + junk + body[place:], cuts))


def test_byte_by_byte_and_whole() -> None:
    reply = HEAD + chunked([b"data: one\n\n", b"data: two\n\n", b"x" * 300])
    same([bytes([byte]) for byte in reply])
    same([reply])


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + chunked([b"a", b"b"]),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked([b"a"]),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunked([b"a"]),
        HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + chunked([b"a", b"b"]),
        HEAD.replace(b": chunked", b":  Chunked ") + chunked([b"a", b"b"]),
        HEAD + b"1;name=value\r\na\r\n1\r\nb\r\n0\r\nX-Trailer: 1\r\n\r\n",
        HEAD + b"fffffffffffffffffff\r\na",
        HEAD + chunked([b"a"]) + b"HTTP/1.1 200 OK\r\n\r\n",
        HEAD.replace(b"\r\n", b"\n") + chunked([b"a"]),
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked([b"a"]),
        b"220 ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_out_of_the_ordinary(reply: bytes) -> None:
    same([reply])
    same([reply[index : index + 7] for index in range(0, len(reply), 7)])
    same([reply], method="HEAD")


def test_one_read_becomes_one_chunk() -> None:
    events = [b"data: %d\n\n" % number for number in range(500)]
    assert read([HEAD + chunked(events)], rechunk=True)[5] == 1
    assert read([HEAD + chunked(events)], rechunk=False)[5] == 500


GOOD = [
    HEAD + chunked([b"a", b"b"]),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
]


@pytest.mark.parametrize("reply", GOOD)
def test_a_reply_is_whole_when_its_last_byte_has_come_and_no_other(reply: bytes) -> None:
    framing = Framing(b"POST / ")
    for index, byte in enumerate(reply):
        framing.feed(bytes([byte]))
        assert framing.whole == (index == len(reply) - 1)
    framing.feed(b"H")
    assert not framing.whole
    for after in (b"\r\n", reply, b"0\r\n\r\n"):
        framing = Framing(b"POST / ")
        framing.feed(reply + after)
        assert not framing.whole


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
        HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + chunked([b"a"]),
        HEAD + chunked([b"a"])[:-2] + b"X-Trailer: 1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"220 ready\r\n\r\n",
    ],
)
def test_after_what_is_odd_a_connection_is_not_used_again(reply: bytes) -> None:
    framing = Framing(b"POST / ")
    framing.feed(reply)
    assert not framing.whole


def test_nothing_follows_a_head() -> None:
    framing = Framing(b"HEAD / HT")
    framing.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert framing.whole
    framing.feed(b"hello")
    assert not framing.whole
