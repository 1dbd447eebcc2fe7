"""Long lists: cut by number and length, put together in order, and kept when a part fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi import (
    BadRequestError,
    CallMeta,
    ConfigurationError,
    ContextLengthError,
    Embeddings,
    HFIError,
    RequestTooLargeError,
    ResponseError,
    ServerError,
)
from hfi._core.embeddings.parts import PartLimits, Parts, joined, smaller, split
from hfi.types.usage import Usage


def part(*rows: list[float], **facts: object) -> Embeddings:
    numbers = [number for row in rows for number in row]
    return Embeddings(numbers, dimensions=len(rows[0]), **facts)  # type: ignore[arg-type]


def test_parts_are_cut_by_number() -> None:
    limits = PartLimits(texts=2, bytes=100)
    assert split(["a"] * 5, limits) == [range(2), range(2, 4), range(4, 5)]
    assert split([], limits) == []


def test_parts_are_cut_by_length_in_bytes() -> None:
    limits = PartLimits(texts=100, bytes=4)
    assert split(["aa", "aa", "a"], limits) == [range(2), range(2, 3)]
    assert split(["\u00e9\u00e9", "a"], limits) == [range(1), range(1, 2)]
    assert split(["a" * 9, "b" * 9], limits) == [range(1), range(1, 2)]
    assert split(["\ud800"], limits) == [range(1)]


@given(
    texts=st.lists(st.text(max_size=6), max_size=30),
    most=st.integers(0, 7),
    length=st.integers(0, 20),
)
def test_parts_cover_all_rows_in_order(texts: list[str], most: int, length: int) -> None:
    parts = split(texts, PartLimits(texts=most, bytes=length))
    assert [row for rows in parts for row in rows] == list(range(len(texts)))
    assert all(1 <= len(rows) <= max(most, 1) for rows in parts)


def test_a_refusal_for_size_says_in_which_parts_to_ask_again() -> None:
    told = "batch size 100 > maximum allowed batch size 32"
    tei = BadRequestError(told, status_code=422)
    for error in (tei, RequestTooLargeError(told, status_code=413)):
        assert smaller(range(50, 150), error) == [
            *(range(50, 82), range(82, 114), range(114, 146), range(146, 150))
        ]
    large = RequestTooLargeError("too large", status_code=413)
    assert smaller(range(5), large) == [range(3), range(3, 5)]
    assert smaller(range(1), large) == []
    assert smaller(range(10), tei) == [range(5), range(5, 10)]
    assert smaller(range(9), BadRequestError("no", status_code=400)) == []
    assert smaller(range(9), ServerError(told, status_code=500)) == []
    none = BadRequestError("maximum allowed batch size 0", status_code=400)
    assert smaller(range(2), none) == [range(1), range(1, 2)]
    long = ContextLengthError("too long", status_code=400)
    assert smaller(range(3), long) == [range(2), range(2, 3)]
    assert smaller(range(1), long) == []


def test_a_long_list_is_shared_evenly() -> None:
    limits = PartLimits(texts=2048, bytes=1_000_000)
    assert len(split(["a"] * 64, limits)) == 1
    assert [len(rows) for rows in split(["a"] * 100, limits)] == [64, 36]
    assert {len(rows) for rows in split(["a"] * 8000, limits)} == {1000}
    assert max(len(rows) for rows in split(["a"] * 80000, limits)) == 2048


def test_what_a_server_takes_at_once_is_learnt() -> None:
    parts = Parts(200, joined)
    refusal = BadRequestError("batch size 64 > maximum allowed batch size 32", status_code=422)
    assert parts.refused(range(64), refusal) == [range(32), range(32, 64)]
    assert parts.begin(range(64, 128)) == [range(64, 96), range(96, 128)]


def test_one_text_that_is_too_large_makes_no_other_part_smaller() -> None:
    parts = Parts(200, joined)
    assert parts.refused(range(4), RequestTooLargeError("too large")) == [range(2), range(2, 4)]
    assert parts.begin(range(64, 128)) == [range(64, 128)]


def test_what_came_is_put_in_order_whatever_came_first() -> None:
    told: list[tuple[int, int]] = []
    parts = Parts(3, joined, lambda done, of: told.append((done, of)))
    parts.add(range(2, 3), part([5, 6]))
    parts.add(range(2), part([1, 2], [3, 4]))
    assert parts.result() == [[1, 2], [3, 4], [5, 6]]
    assert told == [(1, 3), (3, 3)]
    assert parts.begin(range(3)) == [range(3)]


def test_a_failed_part_says_its_rows_and_loses_no_other() -> None:
    parts = Parts(6, joined)
    parts.add(range(4, 6), part([5, 6], [7, 8]))
    later, first = ServerError("later", status_code=500), ServerError("first", status_code=500)
    assert parts.refused(range(2, 4), later) == []
    assert parts.refused(range(2), first) == []
    assert parts.begin(range(3)) == []
    with pytest.raises(ServerError, match="first") as caught:
        parts.result()
    assert "rows 0 to 1 of 6" in str(caught.value)
    assert caught.value.partial == {4: [5, 6], 5: [7, 8]}


def test_the_error_of_the_only_part_is_left_as_it_is() -> None:
    parts = Parts(2, joined)
    parts.refused(range(2), ConfigurationError("wrong", hint="Mend it."))
    with pytest.raises(HFIError) as caught:
        parts.result()
    assert str(caught.value) == "wrong Mend it."


def test_parts_of_different_models_do_not_fit() -> None:
    parts = Parts(2, joined)
    parts.add(range(1), part([1, 2]))
    parts.add(range(1, 2), part([1, 2, 3]))
    with pytest.raises(ResponseError, match="2 and 3 numbers") as caught:
        parts.result()
    assert caught.value.partial == {0: [1, 2], 1: [1, 2, 3]}


def test_the_facts_of_all_parts_are_put_together() -> None:
    usage = Usage(prompt_tokens=3, total_tokens=4)
    early = ServerError("x", status_code=503)
    one = part([1], usage=usage, meta=CallMeta(attempts=2, earlier=(early,), total=3.0), raw=({},))
    two = part([2], usage=usage, meta=CallMeta(total=1.0, url="http://x"))
    both = joined([one, two])
    assert both.usage == Usage(prompt_tokens=6, total_tokens=8)
    assert (both.meta.attempts, both.meta.earlier, both.meta.total) == (3, (early,), 3.0)
    assert both.meta.url == "http://x"
    assert both.raw == ({},)
    assert joined([one, part([2])]).usage is None
    assert joined([]) == []


def test_token_vectors_of_some_parts_make_all_rows_of_tokens() -> None:
    some = Embeddings([1, 2, 3, 4], dimensions=2, counts=(2,))
    assert [row.shape for row in joined([some, part([5, 6])])] == [(2, 2), (1, 2)]
