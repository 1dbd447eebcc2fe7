"""Embeddings as users hold them: sequences, arrays, and small in memory."""

from __future__ import annotations

import copy
import math
import pickle
import sys
from array import array

import pytest

from hfi import ConfigurationError, Embedding, Embeddings, MissingExtraError

TABLE = Embeddings([1, 2, 3, 4, 5, 6], dimensions=3, model="org/m", provider="tei")
TOKENS = Embeddings([1, 2, 3, 4, 5, 6], dimensions=2, counts=(1, 2))


def test_a_table_is_a_sequence_of_rows() -> None:
    assert len(TABLE) == 2
    assert TABLE.shape == (2, 3)
    assert TABLE == [[1, 2, 3], [4, 5, 6]]
    assert TABLE[-1].tolist() == [4.0, 5.0, 6.0]
    assert [row.tolist() for row in TABLE[:1]] == [[1.0, 2.0, 3.0]]
    assert TABLE[0] in TABLE
    assert TABLE.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    with pytest.raises(IndexError):
        _ = TABLE[2]


def test_a_row_is_a_sequence_of_floats() -> None:
    row = TABLE[1]
    assert isinstance(row, Embedding)
    assert row.shape == (3,)
    assert row == [4, 5, 6]
    assert row != [4, 5]
    assert row != ["a"]
    assert row[0] == 4.0
    assert row[1:] == [5.0, 6.0]
    assert list(row) == [4.0, 5.0, 6.0]
    assert row.index(6.0) == 2
    assert row.model == "org/m"
    assert row.provider == "tei"


def test_equality_is_of_32_bits() -> None:
    assert Embedding([0.1, 0.2], dimensions=2) == [0.1, 0.2]
    assert Embedding([0.1], dimensions=1).tolist() != [0.1]
    assert hash(TABLE[0]) == hash(Embedding([1, 2, 3], dimensions=3))
    assert Embedding([1], dimensions=1) != 1
    assert Embeddings([1, 2], dimensions=2) != Embeddings([1, 2], dimensions=1)


def test_numpy_gives_an_array_of_ones_own() -> None:
    numpy = pytest.importorskip("numpy")
    table = TABLE.numpy()
    assert table.dtype == numpy.float32
    assert table.shape == (2, 3)
    table[0, 0] = 9
    assert TABLE[0][0] == 1.0
    assert TABLE[1].numpy().shape == (3,)


def test_asarray_copies_nothing_and_cannot_be_written() -> None:
    numpy = pytest.importorskip("numpy")
    view = numpy.asarray(TABLE)
    assert not view.flags.writeable
    assert numpy.shares_memory(view, numpy.asarray(TABLE[1]))
    assert numpy.asarray(TABLE, dtype="float64").tolist() == TABLE.tolist()
    assert numpy.array(TABLE).flags.writeable


def test_without_numpy_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match="pip install"):
        TABLE.numpy()


def test_rows_of_token_vectors_keep_them_all() -> None:
    numpy = pytest.importorskip("numpy")
    assert [row.shape for row in TOKENS] == [(1, 2), (2, 2)]
    assert TOKENS[1].numpy().tolist() == [[3, 4], [5, 6]]
    assert TOKENS[1].tokens == [[3, 4], [5, 6]]
    assert list(TOKENS[1]) == [3, 4, 5, 6]
    with pytest.raises(ConfigurationError, match="different numbers of token vectors"):
        TOKENS.numpy()
    even = Embeddings([1, 2, 3, 4], dimensions=1, counts=(2, 2))
    assert even.numpy().tolist() == [[[1], [2]], [[3], [4]]]
    assert TABLE[0].tokens == [[1, 2, 3]]
    assert numpy.asarray(TOKENS[0]).shape == (1, 2)


def test_no_texts_are_an_empty_table() -> None:
    numpy = pytest.importorskip("numpy")
    empty = Embeddings(array("f"), dimensions=0)
    assert len(empty) == 0
    assert empty == []
    assert empty.numpy().shape == (0, 0)
    assert numpy.asarray(Embeddings([], dimensions=2, counts=())).shape == (0, 0, 2)


@pytest.mark.parametrize("value", [TABLE, TOKENS, TABLE[1], Embeddings([], dimensions=0)])
def test_they_pickle_and_copy(value: Embedding | Embeddings) -> None:
    for other in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert other == value
        assert repr(other) == repr(value)


def test_a_repr_is_one_line() -> None:
    assert repr(TABLE) == "<Embeddings 2 x 3 float32, model='org/m', provider='tei'>"
    assert repr(TABLE[0]) == "<Embedding 3 float32, model='org/m', provider='tei'>"
    assert repr(TOKENS) == "<Embeddings 2 x tokens x 2 float32>"


def test_similarity_is_the_cosine() -> None:
    row = Embedding([3, 4], dimensions=2)
    assert row.similarity(Embedding([6, 8], dimensions=2)) == pytest.approx(1)
    assert row.similarity(Embedding([-4, 3], dimensions=2)) == pytest.approx(0)
    assert row.similarity(Embedding([0, 0], dimensions=2)) == 0.0
    assert math.isnan(row.similarity(Embedding([math.nan, 1], dimensions=2)))
    with pytest.raises(ConfigurationError, match="cannot be compared"):
        row.similarity(TABLE[0])


def test_a_table_takes_four_bytes_a_number() -> None:
    rows = Embeddings(array("f", [0.5]) * 384_000, dimensions=384)
    assert rows._values.nbytes == 4 * 384_000
    assert len(rows) == 1000
