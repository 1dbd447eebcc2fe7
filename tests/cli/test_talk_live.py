"""Answers drawn while they are made: Markdown in blocks, however its pieces are cut."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.console import Console

from hfi.cli.talk import live
from hfi.cli.talk.live import LiveAnswer
from hfi.cli.talk.markdown import blocks, newest

TEXT = """# A plan

A **bold** line
and another with <b>html</b> and [a link](https://example.org/a).

1. one
   - nested

   still one
2. two

| a | b |
|---|--:|
| c | 1 |

```python
x = 1

# no heading
```
> quoted
"""

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def screen_of(written: str) -> str:
    """What stands on a terminal in the end, of what rich writes: lines that are wiped are gone."""
    lines = [""]
    row = 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", written):
        if token == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif token == "\r":
            continue
        elif token == "\x1b[2K":
            lines[row] = ""
        elif match := re.fullmatch(r"\x1b\[(\d+)A", token):
            row -= int(match[1])
        elif not token.startswith("\x1b"):
            lines[row] += token
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def drawn(*pieces: str, width: int = 60, height: int = 24, reasoning: str = "") -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, force_terminal=True, color_system=None)
    with LiveAnswer(console) as answer:
        answer.reasoning(reasoning)
        for piece in pieces:
            answer.answer(piece)
    return screen_of(out.getvalue())


def test_blocks_are_the_text() -> None:
    parts = blocks(TEXT)
    assert "".join(parts) == TEXT
    assert [part.strip().split("\n")[0] for part in parts] == [
        "# A plan",
        "A **bold** line",
        "1. one",
        "| a | b |",
        "```python",
        "> quoted",
    ]
    assert blocks("") == [""]


@settings(max_examples=60, deadline=None)
@given(some.text(alphabet="ab #-*`|>\n\t1.[]()_~=<\u2028é", max_size=120))
def test_any_text_is_its_blocks(text: str) -> None:
    assert "".join(blocks(text)) == text


@settings(max_examples=40, deadline=None)
@given(some.integers(1, len(TEXT) - 1))
def test_finished_blocks_stay_as_they_are(cut: int) -> None:
    """What comes later changes the last block alone."""
    finished = blocks(TEXT[:cut])[:-1]
    assert blocks(TEXT)[: len(finished)] == finished


def test_a_fence_keeps_its_beginning() -> None:
    code = "```py\n" + "".join(f"{n}\n" for n in range(50))
    assert newest(code, 3) == "```py\n48\n49\n"
    assert newest("a\nb\nc\nd", 2) == "c\nd"
    assert newest("a\nb", 2) == "a\nb"


def test_what_is_drawn_in_the_end() -> None:
    assert drawn(TEXT) == "\n".join(
        [
            "                           A plan",
            "",
            "A bold line",
            "and another with <b>html</b> and a link",
            "(https://example.org/a).",
            "",
            " 1 one",
            "    • nested",
            "   still one",
            " 2 two",
            "",
            " a  b",
            " ────",
            " c  1",
            "",
            " x = 1",
            "",
            " # no heading",
            "",
            "▌ quoted",
        ]
    )


@pytest.mark.parametrize("size", [1, 3, 17])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 8)])
def test_any_pieces_end_alike(
    size: int, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_RATE", 1_000_000)  # looks for finished blocks at every piece
    pieces = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    assert drawn(*pieces, width=width, height=height) == drawn(TEXT, width=width, height=height)


def test_reasoning_stands_above() -> None:
    shown = drawn("Yes.", reasoning="Hm.\nWell")
    assert shown == "Hm.\nWell\n\nYes."
    assert drawn(reasoning="Hm.") == "Hm."


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert drawn("\x1b[2Jhi \x07") == "␛[2Jhi ␇"
    assert drawn(reasoning="\x1b]0;x\x07") == "␛]0;x␇"


def test_no_hyperlinks() -> None:
    out = io.StringIO()
    console = Console(file=out, width=60, force_terminal=True)
    with LiveAnswer(console) as answer:
        answer.answer("[bank](https://evil.example/)")
    assert "\x1b]8" not in out.getvalue()
    assert "https://evil.example/" in out.getvalue()


def test_what_came_before_an_error_is_kept() -> None:
    out = io.StringIO()
    console = Console(file=out, width=60, force_terminal=True, color_system=None)
    with contextlib.suppress(KeyboardInterrupt), LiveAnswer(console) as answer:
        answer.answer("one\n\ntwo")
        raise KeyboardInterrupt
    assert screen_of(out.getvalue()) == "one\n\ntwo"
