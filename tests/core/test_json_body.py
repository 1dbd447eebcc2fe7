"""Strict JSON: what cannot be sent is named, and nothing is sent as something else."""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import enum
import json
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.outgoing.json_body import MAX_DEPTH, encode, json_text
from hfi.errors import ConfigurationError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(JSON)
@settings(deadline=None, max_examples=200)
def test_json_round_trips(value: Any) -> None:
    try:
        value = json.loads(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError:  # a lone surrogate in a key
        with pytest.raises(ConfigurationError):
            encode(value)
        return
    assert json.loads(encode(value)) == value
    assert json.loads(json_text(value, "x")) == value


def test_the_order_is_the_user_s() -> None:
    assert encode({"z": 1, "a": {"y": 2, "b": 3}}) == b'{"z":1,"a":{"y":2,"b":3}}'


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Word(str):
    __slots__ = ()


class Single:
    """As a NumPy scalar."""

    def __float__(self) -> float:
        return 0.5


class Index:
    def __index__(self) -> int:
        return 4


class Known:
    def to_dict(self) -> dict[str, Any]:
        return {"known": Colour.RED}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": Colour.RED, Colour.RED: Level.HIGH}, '{"a":"red","red":3}'),
        (collections.OrderedDict(b=1, a=(1, 2)), '{"b":1,"a":[1,2]}'),
        (types.MappingProxyType({"a": None}), '{"a":null}'),
        ({1: "x", -2: "y"}, '{"1":"x","-2":"y"}'),
        ([Word("w"), Single(), Index(), Known()], '["w",0.5,4,{"known":"red"}]'),
        ({"n": 2**70}, '{"n":1180591620717411303424}'),
        ({"d": decimal.Decimal("0.25")}, '{"d":0.25}'),
    ],
)
def test_values_that_are_nearly_json(value: Any, text: str) -> None:
    assert encode(value).decode() == text


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("value", "place", "reason"),
    [
        ({"temperature": NAN}, "temperature", "nan"),
        ({"a": [1, {"b": -INFINITY}]}, "a[1].b", "-inf"),
        ({"a": {"b c": b"x"}}, "a['b c']", "'bytes'"),
        ({"a": {1, 2}}, "a", "'set'"),
        ({"when": datetime.datetime(2026, 1, 1)}, "when", "'datetime'"),
        ({"o": object()}, "o", "'object'"),
        ({"k": {(1, 2): 3}}, "k", "key"),
        ({"k": {None: 3}}, "k", "key"),
        ({"k": {True: 3}}, "k", "key"),
        ({"m": [{"content": "half \ud83d"}]}, "m[0].content", "U+D83D"),
        ({"a": {"\udc80": 1}}, "a", "U+DC80"),
        ([NAN], "[0]", "nan"),
        (NAN, "The value", "nan"),
        (decimal.Decimal("NaN"), "The value", "nan"),
    ],
)
def test_what_is_no_json_is_named(value: Any, place: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        encode(value)
    assert str(caught.value).startswith(f"{place} ")
    assert reason in str(caught.value)


def test_messages_tell_what_to_give_instead() -> None:
    with pytest.raises(ConfigurationError, match="Give a list"):
        encode({"a": {1}})
    with pytest.raises(ConfigurationError, match="data URL"):
        encode({"a": b""})


def test_the_place_begins_with_what_it_is_called() -> None:
    with pytest.raises(ConfigurationError, match=r"^messages\[3\]\.content\.x is nan"):
        json_text({"x": NAN}, "messages[3].content")


def test_too_deep_or_in_a_circle() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert encode(deep)
    circle: dict[str, Any] = {}
    circle["self"] = circle
    for value in (circle, [[deep]]):
        with pytest.raises(ConfigurationError, match="deeper than 200") as caught:
            encode(value)
        assert len(str(caught.value)) < 300


@given(JSON)
@settings(deadline=None, max_examples=50)
def test_nothing_is_changed(value: Any) -> None:
    before = repr(value)
    with contextlib.suppress(ConfigurationError):
        encode({"a": value, "b": (Colour.RED,)})
    assert repr(value) == before
