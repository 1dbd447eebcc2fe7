"""The fuzzer's targets hold on what it begins with, and on a few mutants of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_targets import TARGETS, any_split


@st.composite
def mutants(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with one part replaced by other bytes or by a part of another seed."""
    seed, other = draw(st.sampled_from(seeds)), draw(st.sampled_from(seeds))
    start, end = sorted((draw(st.integers(0, len(seed))), draw(st.integers(0, len(seed)))))
    first, last = sorted((draw(st.integers(0, len(other))), draw(st.integers(0, len(other)))))
    return seed[:start] + draw(st.binary(max_size=8) | st.just(other[first:last])) + seed[end:]


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_mutants(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=64) | mutants(target.seeds))
    def run(data: bytes) -> None:
        target.run(data)

    run()


def test_a_broken_property_is_found() -> None:
    with pytest.raises(AssertionError, match="not the same"):
        any_split(list, b"abc", [b"a", b"bc"])
