"""Inline reasoning told from the answer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.incoming.reasoning import ThinkSplitter, split_think


@pytest.mark.parametrize(
    ("content", "reasoning", "answer"),
    [
        ("<think>hm</think>Yes", "hm", "Yes"),
        (
            "\n<think>\nhm, a < b\n</think>\n\nYes <think>no</think>",
            "hm, a < b",
            "Yes <think>no</think>",
        ),
        ("<think>still at i", "still at i", ""),
        ("<think>\n\n</think>\n\nYes", None, "Yes"),
        ("</think>\n\nYes", None, "Yes"),
        ("hm\n</think>\n\nYes", "hm", "Yes"),
        ("Yes", None, "Yes"),
        ("  Yes\n", None, "  Yes\n"),
        (
            "The tag <think> opens, </think> closes.",
            None,
            "The tag <think> opens, </think> closes.",
        ),
        ("Write `</think>` at the end.", None, "Write `</think>` at the end."),
        ("<thinking>hm</thinking>", None, "<thinking>hm</thinking>"),
        ("", None, ""),
    ],
)
def test_whole(content: str, reasoning: str | None, answer: str) -> None:
    assert split_think(content) == (reasoning, answer)


@pytest.mark.parametrize(
    ("content", "reasoning", "answer"),
    [
        ("hm\n</think>\n\nYes", "hm", "Yes"),
        ("<think>hm</think>Yes", "hm", "Yes"),
        ("\nstill at it\n", "still at it", ""),
    ],
)
def test_prompt_that_opened(content: str, reasoning: str | None, answer: str) -> None:
    assert split_think(content, thinking=True) == (reasoning, answer)


PARTS = st.sampled_from(["<think>", "</think>", "<", "</", "think>", " ", "\n", "a", "b c", "`"])


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=10).map("".join), st.lists(st.integers(0, 60)), st.booleans())
def test_any_split_gives_the_same(content: str, cuts: list[int], thinking: bool) -> None:
    def run(pieces: list[str]) -> tuple[bool, str, str]:
        splitter = ThinkSplitter(thinking=thinking)
        parts = [*map(splitter.feed, pieces), splitter.flush()]
        return splitter.split, "".join(r for r, _ in parts), "".join(t for _, t in parts)

    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    pieces = [content[a:b] for a, b in pairwise(edges)]
    whole = run([content])
    assert run(pieces) == whole
    split, reasoning, answer = whole
    if not split:
        assert (reasoning, answer) == ("", content)
    else:
        assert split_think(content, thinking=thinking) == (reasoning or None, answer)


def test_plain_text_is_handed_on_at_once() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("H") == ("", "H")
    assert splitter.decided
    assert splitter.feed(" <think>") == ("", " <think>")


def test_endless_white_space_is_not_held_forever() -> None:
    splitter = ThinkSplitter()
    given_back = "".join(splitter.feed("\n")[1] for _ in range(3000))
    assert len(given_back) == 3000
    splitter = ThinkSplitter(thinking=True)
    splitter.feed("a")
    given_back = "".join(splitter.feed(" ")[0] for _ in range(3000))
    assert len(given_back) > 1000
