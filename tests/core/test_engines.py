"""Which engine a request goes over, and why."""

from __future__ import annotations

import pytest

from hfi._core.line.engines import Engine, check_engine, choose_engine
from hfi.errors import ConfigurationError

FINE = {"installed": True, "proxied": False, "mocked": False}


@pytest.mark.parametrize("asked", ["auto", "fast"])
def test_the_fast_one_where_it_can_be(asked: str) -> None:
    assert choose_engine(asked, **FINE).name == "fast"


@pytest.mark.parametrize("asked", ["auto", "fast"])
@pytest.mark.parametrize(
    ("fact", "why"),
    [
        ({"installed": False}, "pip install"),
        ({"proxied": True}, "proxy"),
        ({"mocked": True}, "in for"),
    ],
)
def test_the_default_one_where_it_must_be(asked: str, fact: dict[str, bool], why: str) -> None:
    engine = choose_engine(asked, **{**FINE, **fact})
    assert engine.name == "default"
    assert why in engine.reason


def test_whoever_asks_for_the_default_one_gets_it() -> None:
    assert choose_engine("default", **FINE) == Engine("default", "as asked for")


@pytest.mark.parametrize("engine", ["auto", "default", "fast"])
def test_engines_that_there_are(engine: str) -> None:
    check_engine(engine, transport=False)


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(ConfigurationError, match=r"steam.*'fast'"):
        check_engine("steam", transport=False)


def test_a_transport_is_an_engine() -> None:
    check_engine("auto", transport=True)
    check_engine("default", transport=True)
    with pytest.raises(ConfigurationError, match="exclude"):
        check_engine("fast", transport=True)
