"""Tokens and ranks read out of replies, and nothing but a ResponseError for what is none."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi import ResponseError
from hfi._core.servers.ranking import ranked, read_ranks
from hfi._core.servers.tokens import read_tokens

TEXTS = ["a", "b", "c"]


def test_recorded_tokens_of_vllm(fixtures_dir: Path) -> None:
    recorded = json.loads((fixtures_dir / "wire/vllm/tokenize_no_special.json").read_text())
    tokens = read_tokens(json.loads(recorded["body"]))
    assert tokens.ids == (19556,)
    assert tokens.max_length == 2048
    assert tokens[0].text is None


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"tokens": [1, 2]}, (1, 2)),
        ([{"id": 1}, {"id": 2, "text": "a"}], (1, 2)),
        ([[{"id": 1, "start": None}]], (1,)),
        ({"tokens": [1, 2], "token_strs": ["a"], "max_model_len": "x"}, (1, 2)),
        ({"tokens": []}, ()),
        ([[]], ()),
    ],
)
def test_tokens(body: Any, ids: tuple[int, ...]) -> None:
    assert read_tokens(body).ids == ids


@pytest.mark.parametrize("body", [None, {}, 3, {"tokens": [None]}, [True], [{"id": "1"}], [[[]]]])
def test_no_tokens(body: Any) -> None:
    with pytest.raises(ResponseError, match="no tokens"):
        read_tokens(body)


def test_pieces_that_are_no_text_by_themselves() -> None:
    body = {"tokens": [{"id": 1, "piece": [104, 105]}, {"id": 2, "piece": [255, 999]}]}
    assert [token.text for token in read_tokens(body)] == ["hi", None]


@pytest.mark.parametrize(
    "body",
    [
        [{"index": 2, "score": 0.9}, {"index": 0, "score": 0.1}],
        {"results": [{"index": 2, "relevance_score": 0.9}, {"index": 0, "relevance_score": "0.1"}]},
        {"data": [{"index": 2, "score": 0.9}, {"index": 0, "score": 0.1}]},
    ],
)
def test_ranks(body: Any) -> None:
    found = read_ranks(body, TEXTS)
    assert [(rank.index, rank.score, rank.text) for rank in found] == [(2, 0.9, "c"), (0, 0.1, "a")]


@pytest.mark.parametrize(
    "body",
    [
        *(None, {}, 3, [3], [{}], [{"index": 3, "score": 1}], [{"index": -1, "score": 1}]),
        *([{"index": 0}], [{"index": 0, "score": None}], [{"index": 0, "score": True}]),
        *([{"index": "0", "score": 1}], [{"index": 0, "score": 1}, {"index": 0, "score": 1}]),
    ],
)
def test_no_ranks(body: Any) -> None:
    with pytest.raises(ResponseError):
        read_ranks(body, TEXTS)


def test_equal_ranks_keep_the_order_of_the_texts() -> None:
    parts = [
        read_ranks([{"index": 1, "score": 1}, {"index": 0, "score": 1}], TEXTS),
        read_ranks([{"index": 2, "score": 2}], TEXTS),
    ]
    assert [rank.index for rank in ranked(parts, None)] == [2, 0, 1]
    assert [rank.index for rank in ranked(parts, 2)] == [2, 0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["tokens", "id", "index", "score", "results", "piece"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(body=json_values)
def test_nothing_but_response_errors(body: Any) -> None:
    for read in (read_tokens, lambda value: read_ranks(value, TEXTS)):
        with contextlib.suppress(ResponseError):
            assert read(body) is not None
