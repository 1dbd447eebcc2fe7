"""Inflating: any split gives the same bytes, and never more at once than a piece."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.line.inflate import PIECE_SIZE, Inflater, inflater_for
from hfi.errors import LimitExceededError, ResponseError


def bare(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "bare": bare}


def run(inflater: Inflater, pieces: list[bytes]) -> bytes:
    out = []
    for piece in pieces:
        out.append(inflater.feed(piece))
        while inflater.pending:
            out.append(inflater.feed(b""))
    inflater.close()
    assert all(len(each) <= PIECE_SIZE for each in out)
    return b"".join(out)


def made(encoding: str, limit: int | None = None) -> Inflater:
    inflater = inflater_for("gzip" if encoding == "gzip" else "deflate", limit=limit)
    assert inflater is not None
    return inflater


@pytest.mark.parametrize("encoding", ENCODERS)
@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=2000), cuts=st.lists(st.integers(0, 3000), max_size=8))
def test_any_split_gives_the_same(encoding: str, data: bytes, cuts: list[int]) -> None:
    packed = ENCODERS[encoding](data)
    places = sorted({0, len(packed), *(cut for cut in cuts if cut < len(packed))})
    pieces = [packed[a:b] for a, b in itertools.pairwise(places)]
    assert run(made(encoding), pieces) == data


@pytest.mark.parametrize("encoding", ENCODERS)
def test_byte_by_byte(encoding: str) -> None:
    packed = ENCODERS[encoding](b"hello " * 100)
    assert run(made(encoding), [bytes([byte]) for byte in packed]) == b"hello " * 100


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_bomb_comes_out_in_pieces_and_under_a_limit(encoding: str) -> None:
    packed = ENCODERS[encoding](b"\0" * (50 * PIECE_SIZE + 17))
    assert len(run(made(encoding), [packed])) == 50 * PIECE_SIZE + 17
    with pytest.raises(LimitExceededError, match="inflated"):
        run(made(encoding, limit=3 * PIECE_SIZE), [packed])


def test_members_follow_each_other_and_padding_is_ignored() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 20
    assert run(made("gzip"), [packed]) == b"one two"
    assert run(made("gzip"), [bytes([byte]) for byte in packed]) == b"one two"


def test_no_member_begins_in_the_padding_wherever_it_is_cut() -> None:
    before, after = gzip.compress(b"one") + b"\0\0", b"\x1f\x8b no member"
    packed = before + after
    assert run(made("gzip"), [packed]) == b"one"
    assert run(made("gzip"), [before, after]) == b"one"
    assert run(made("gzip"), [bytes([byte]) for byte in packed]) == b"one"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_broken_is_our_error(encoding: str) -> None:
    with pytest.raises(ResponseError, match="broken"):
        run(made(encoding), [b"\xff\xff\xff not compressed at all"])
    packed = ENCODERS[encoding](bytes(range(256)) * 4)
    with pytest.raises(ResponseError, match="middle"):
        run(made(encoding), [packed[:-5]])
    wrong_sum = packed[:-4] + bytes(4)  # of both framings, a checksum stands in the last bytes
    with pytest.raises(ResponseError, match="broken"):
        run(made(encoding), [wrong_sum])


def test_an_empty_body_is_no_error() -> None:
    assert run(made("gzip"), []) == b""


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_nothing_else_is_ever_raised(data: bytes) -> None:
    for encoding in ("gzip", "deflate"):
        with contextlib.suppress(ResponseError):
            run(made(encoding), [data])


def test_which_encodings_are_undone() -> None:
    for nothing in (None, "", "identity", " Identity ", "identity, identity"):
        assert inflater_for(nothing) is None
    for known in ("gzip", "x-gzip", "GZIP", "deflate", "identity, gzip"):
        assert inflater_for(known) is not None
    for unknown in ("br", "zstd", "gzip, gzip", "gzip, br", "x" * 500):
        with pytest.raises(ResponseError):
            inflater_for(unknown)
