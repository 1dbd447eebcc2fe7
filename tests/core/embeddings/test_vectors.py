"""Vectors read out of every form of reply, and nothing but a ResponseError for what is none."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi import ResponseError
from hfi._core.embeddings.vectors import read_embedding, read_embeddings


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


ONE = [
    pytest.param([1, 2.5], id="flat"),
    pytest.param([[1, 2.5]], id="TEI"),
    pytest.param([[[1, 2.5]]], id="one level too many"),
    pytest.param({"data": [{"index": 0, "embedding": [1, 2.5]}]}, id="OpenAI"),
    pytest.param({"data": [{"embedding": packed(1, 2.5)}]}, id="OpenAI, base64"),
    pytest.param(packed(1, 2.5), id="base64"),
    pytest.param([{"index": 0, "embedding": [[1, 2.5]]}], id="llama.cpp"),
    pytest.param({"embeddings": [[1, 2.5]]}, id="Ollama"),
    pytest.param({"embedding": [1, 2.5]}, id="older Ollama"),
    pytest.param({"predictions": [[1, 2.5]]}, id="Vertex"),
    pytest.param(["1", "2.5"], id="numbers as text"),
]


@pytest.mark.parametrize("body", ONE)
def test_one_text(body: Any) -> None:
    row = read_embedding(body)
    assert row == [1, 2.5]
    assert row.shape == (2,)


def test_null_is_nan_as_rust_writes_it() -> None:
    assert math.isnan(read_embedding([None, 1])[0])


TWO = [
    pytest.param([[1, 2], [3, 4]], id="TEI"),
    pytest.param([[[1, 2], [3, 4]]], id="one level too many around"),
    pytest.param([[[1, 2]], [[3, 4]]], id="one level too many inside"),
    pytest.param([[[[1, 2]]], [[[3, 4]]]], id="two levels too many inside"),
    pytest.param(
        {"data": [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1, 2]}]},
        id="OpenAI, out of order",
    ),
    pytest.param({"data": [{"embedding": [1, 2]}, {"embedding": [3, 4]}]}, id="no index"),
    pytest.param(
        {"data": [{"index": 0, "embedding": [1, 2]}, {"index": 0, "embedding": [3, 4]}]},
        id="the same index",
    ),
    pytest.param([packed(1, 2), packed(3, 4)], id="base64"),
]


@pytest.mark.parametrize("body", TWO)
def test_two_texts(body: Any) -> None:
    assert read_embeddings(body, texts=2) == [[1, 2], [3, 4]]


def test_token_vectors_stay_rows_of_tokens() -> None:
    one = [[1, 2], [3, 4], [5, 6]]
    assert read_embedding(one).shape == (3, 2)
    assert read_embedding([one]).shape == (3, 2)
    assert read_embedding([[one]]).tokens == one
    two = read_embeddings([one, [[7, 8]]], texts=2)
    assert [row.shape for row in two] == [(3, 2), (1, 2)]
    assert read_embeddings([[one], [[[7, 8]]]], texts=2) == two
    assert read_embeddings([[one, [[7, 8]]]], texts=2) == two


def test_what_else_is_told_is_kept_without_the_vectors() -> None:
    body = {
        "object": "list",
        "data": [{"index": 0, "embedding": [1]}],
        "model": "org/m",
        "usage": {"prompt_tokens": 3, "total_tokens": "3", "cost": 0.1},
    }
    found = read_embeddings(body, texts=1)
    assert found.model == "org/m"
    assert found.usage is not None
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (3, 3)
    assert found.usage.raw == body["usage"]
    assert found.raw == ({"object": "list", "model": "org/m", "usage": body["usage"]},)
    assert read_embedding(body).raw == found.raw[0]
    assert read_embeddings({**body, "model": 3, "usage": None}, texts=1).usage is None


NONE = [
    *(None, {}, [], [[]], 3, "x", "", True, {"error": "no"}, {"data": []}, {"data": None}),
    *([["a"]], [{"x": 1}], [[1], [2, 3]], [[[1], [2, 3]]], {"data": {"embedding": [1]}}),
    *({"data": [{"embedding": None}]}, {"data": ["x", {"embedding": [1]}]}, [[[[[[1, 2], [3]]]]]]),
    *({"data": [{"embedding": "AAA="}]}, {"data": [{"embedding": "!AAAA"}]}, [{}], [[1, [2]]]),
]


@pytest.mark.parametrize("body", NONE, ids=repr)
def test_what_is_no_vector_is_a_response_error(body: Any) -> None:
    with pytest.raises(ResponseError) as caught:
        read_embedding(body)
    assert caught.value.hint
    assert caught.value.body is not None


@pytest.mark.parametrize("body", [[[1, 2]], [[1], [2], [3]], [[1], 2], [1, 2], [[1], [2, 3]]])
def test_too_few_too_many_or_uneven_rows(body: Any) -> None:
    with pytest.raises(ResponseError):
        read_embeddings(body, texts=2)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "embedding", "index", "usage"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(body=json_values, texts=st.integers(1, 3))
def test_nothing_but_response_errors(body: Any, texts: int) -> None:
    try:
        found = read_embeddings(body, texts=texts)
    except ResponseError:
        return
    assert len(found) == texts
