"""Aspect ratios in pixels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.tasks.aspect_ratio import SIZES, pixels
from hfi.errors import ConfigurationError


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("16:9", (1024, 576)),
        ("9:16", (576, 1024)),
        ("4:3", (1024, 768)),
        ("3:2", (1024, 682)),
        ("21:9", (1024, 440)),
        ("4:5", (832, 1040)),
        ("2:1", (1024, 512)),
    ],
)
def test_the_usual_ratios_have_fixed_sizes(ratio: str, size: tuple[int, int]) -> None:
    assert pixels(ratio) == size


def test_there_are_thirteen_each_with_its_reverse() -> None:
    assert len(SIZES) == 13
    for name, (width, height) in SIZES.items():
        wide, high = name.split(":")
        assert SIZES[f"{high}:{wide}"] == (height, width)
        assert abs(width / height - int(wide) / int(high)) < 0.01


@pytest.mark.parametrize("same", ["16:9", " 16 : 9 ", "32:18", "16x9", "16/9", "1.6:0.9"])
def test_one_ratio_has_many_spellings(same: str) -> None:
    assert pixels(same) == (1024, 576)


def test_without_a_ratio_only_what_was_given_is_sent() -> None:
    assert pixels(None) == (None, None)
    assert pixels(None, 640) == (640, None)
    assert pixels(None, 640, 480) == (640, 480)


def test_explicit_sides_win() -> None:
    assert pixels("16:9", 640, 480) == (640, 480)
    assert pixels("16:9", width=512) == (512, 288)
    assert pixels("16:9", height=576) == (1024, 576)
    assert pixels("1:1", width=700) == (700, 704)


@pytest.mark.parametrize(
    "text", ["", "wide", "16", "16:", ":9", "0:1", "1:0", "-1:2", "1:2:3", "a:b"]
)
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="aspect_ratio"):
        pixels(text)


@pytest.mark.parametrize("text", ["9:1", "1:9", "99999:1"])
def test_an_extreme_ratio_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="8:1"):
        pixels(text)


def test_a_bad_ratio_is_refused_beside_explicit_sides_too() -> None:
    with pytest.raises(ConfigurationError):
        pixels("wide", 640, 480)


@given(wide=st.integers(1, 400), high=st.integers(1, 400))
@settings(deadline=None, max_examples=200)
def test_any_ratio_gives_about_a_megapixel_in_steps(wide: int, high: int) -> None:
    if not 1 / 8 <= wide / high <= 8:
        return
    size = pixels(f"{wide}:{high}")
    if size in SIZES.values():
        return
    width, height = size
    assert width is not None
    assert height is not None
    assert width % 16 == height % 16 == 0
    assert 0.94 < width * height / 2**20 < 1.06
    assert abs(width / height / (wide / high) - 1) < 0.06
