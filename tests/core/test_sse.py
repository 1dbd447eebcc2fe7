"""The decoder of server-sent events."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.sse import ServerSentEvent, SSEDecoder
from hfi.errors import LimitExceededError

# Bytes that make lines, fields, ends and broken UTF-8 likely.
ATOMS = [
    *(b"data:", b"data", b"event:", b"id:", b"retry:", b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n"),
    *(
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"\xff",
        b"\0",
        b"x",
        b"7",
        b"data: a\n\n",
        b"data:b\r\n\r\n",
    ),
]
STREAMS = st.lists(st.sampled_from(ATOMS), max_size=30).map(b"".join)


def whatwg(stream: bytes) -> list[tuple[str, str, str]]:
    """The rules word by word, over the whole stream at once."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = re.split("\r\n|\n|\r", text)[:-1]
    events, data, kind, last_id = [], "", "", ""
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                events.append((kind or "message", data.removesuffix("\n"), last_id))
            data, kind = "", ""
        elif line.startswith(":"):
            continue
        elif field == "data":
            data += value + "\n"
        elif field == "event":
            kind = value
        elif field == "id" and "\0" not in value:
            last_id = value
    return events


def as_tuples(events: list[ServerSentEvent]) -> list[tuple[str, str, str]]:
    return [(event.event, event.data, event.id) for event in events]


@settings(max_examples=300, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_any_split_gives_what_the_rules_say(stream: bytes, cuts: list[int]) -> None:
    decoder = SSEDecoder()
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    events = [event for start, end in pairwise(edges) for event in decoder.feed(stream[start:end])]
    assert as_tuples(events) == whatwg(stream)


def test_line_separators_of_unicode_are_text() -> None:
    text = "a\u2028b\u2029c\x0bd\x0ce\x85f\x1cg"
    (event,) = SSEDecoder().feed(f"data: {text}\n\n".encode())
    assert event.data == text


@pytest.mark.parametrize("pieces", [1, 3, 8, 1000])
def test_line_too_long(pieces: int) -> None:
    decoder = SSEDecoder(max_size=100)
    stream = b"data: ok\n\ndata: " + b"x" * 101 + b"\n\ndata: never\n\n"
    events: list[ServerSentEvent] = []

    def read() -> None:
        for i in range(0, len(stream), pieces):
            events.extend(decoder.feed(stream[i : i + pieces]))
        decoder.close()

    with pytest.raises(LimitExceededError, match="100 bytes"):
        read()
    assert [event.data for event in events] == ["ok"]
    with pytest.raises(LimitExceededError):
        decoder.feed(b"data: more\n\n")
    with pytest.raises(LimitExceededError):
        decoder.close()


def test_line_as_long_as_allowed() -> None:
    line = b"data: " + b"x" * 94
    for pieces in ([line + b"\n\n"], [line, b"\n", b"\n"]):
        decoder = SSEDecoder(max_size=100)
        assert [len(e.data) for piece in pieces for e in decoder.feed(piece)] == [94]


def test_event_of_many_lines_too_large() -> None:
    decoder = SSEDecoder(max_size=100)
    assert decoder.feed(b"data: 1234567890\n" * 5) == []
    with pytest.raises(LimitExceededError):
        decoder.feed(b"data: 1234567890\n" * 5)
    # Small events do not add up, nor do comments.
    decoder = SSEDecoder(max_size=100)
    assert len(decoder.feed(b": keep-alive\n\ndata: 1\n\n" * 50)) == 50


def test_pending_block() -> None:
    decoder = SSEDecoder()
    assert decoder.pending() is None
    decoder.feed(b"event: end\ndata: [DO")
    assert decoder.pending() == (b"end", b"[DO", "", None)
    decoder.feed(b"NE]")
    assert decoder.pending() == (b"end", b"[DONE]", "", None)
    assert decoder.feed(b"\n\n")[0].data == "[DONE]"
    assert decoder.pending() is None
    assert decoder.close() == []


def test_foreign_lines_are_kept_for_parsers_and_hidden_from_users() -> None:
    stream = b'error: {"code":500}\n\ndata: 1\nodd\n\n: comment\n\n'
    assert SSEDecoder().feed_data(stream) == [
        (None, None, "", [b'error: {"code":500}']),
        (None, b"1", "", [b"odd"]),
    ]
    assert as_tuples(SSEDecoder().feed(stream)) == [("message", "1", "")]


def test_id_lasts_and_retry_is_the_streams() -> None:
    decoder = SSEDecoder()
    events = decoder.feed(b"id: 7\nretry: 250\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 9\n")
    assert [event.id for event in events] == ["7", "7", ""]
    assert {event.retry for event in events} == {None}
    assert decoder.retry == 250
    assert decoder.last_event_id == ""  # its block was not dispatched
    decoder.feed(b"\nretry: " + b"9" * 5000 + b"\n")
    assert decoder.last_event_id == "9"
    assert decoder.retry == 250


def test_long_line_in_many_pieces_is_not_copied_over_and_over() -> None:
    # 8 MiB in 1 KiB pieces: copying the growing prefix would move 32 GiB, minutes of work.
    decoder = SSEDecoder()
    piece = b"x" * 1024
    decoder.feed(b"data: ")
    for _ in range(8192):
        assert decoder.feed(piece) == []
    (event,) = decoder.feed(b"\n\n")
    assert len(event.data) == 8 * 1024 * 1024
