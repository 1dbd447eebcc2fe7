"""The cache of look-ups: lifetime, bound, and which entry goes first."""

from __future__ import annotations

from hfi._core.hub.model_cache import ModelCache


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_lives_for_its_time_and_no_longer() -> None:
    clock = Clock()
    cache: ModelCache[str] = ModelCache(clock=clock, lifetime=10)
    cache.put("a", "one")
    clock.now = 9.9
    assert cache.get("a") == "one"
    clock.now = 10.0
    assert cache.get("a") is None
    assert len(cache) == 0


def test_reading_does_not_lengthen_a_life_and_putting_does() -> None:
    clock = Clock()
    cache: ModelCache[str] = ModelCache(clock=clock, lifetime=10)
    cache.put("a", "one")
    cache.put("b", "one")
    clock.now = 6
    assert cache.get("a") == "one"
    cache.put("b", "two")
    clock.now = 12
    assert cache.get("a") is None
    assert cache.get("b") == "two"


def test_the_least_recently_used_goes_when_it_is_full() -> None:
    clock = Clock()
    cache: ModelCache[int] = ModelCache(clock=clock, bound=2)
    for clock.now, key in ((1.0, "a"), (2.0, "b")):
        cache.put(key, 0)
    clock.now = 3
    assert cache.get("a") == 0
    clock.now = 4
    cache.put("c", 0)
    assert [key for key in "abc" if cache.get(key) is not None] == ["a", "c"]


def test_with_a_clock_that_stands_still_the_oldest_goes() -> None:
    cache: ModelCache[int] = ModelCache(clock=Clock(), bound=3)
    for number in range(10):
        cache.put(number, number)
    assert [number for number in range(10) if cache.get(number) is not None] == [7, 8, 9]


def test_clear_and_repr() -> None:
    cache: ModelCache[int] = ModelCache(clock=Clock())
    cache.put(("hf_secret", "a"), 1)
    assert repr(cache) == "<ModelCache with 1 entries>"
    cache.clear()
    assert cache.get(("hf_secret", "a")) is None
