"""What is said to the model, and how texts are made fit for a terminal."""

from __future__ import annotations

import io
import json

import click
import pytest

from hfi.cli.failure import in_options
from hfi.cli.harmless import visible
from hfi.cli.shapes import json_line
from hfi.cli.words import messages, prompt


@pytest.mark.parametrize(
    ("words", "piped", "expected"),
    [
        (("Hello",), None, "Hello"),
        (("Hello", "there"), None, "Hello there"),
        (("Hello",), "", "Hello"),
        (("Hello",), " \n", "Hello"),
        (("Summarise:",), "A text.\n", "Summarise:\n\nA text."),
        ((), "A text.\r\n", "A text."),
        ((), "  indented\n\nand so on\n\n", "  indented\n\nand so on"),
        (("-",), "A text.", "A text."),
        (("-", "x"), None, "- x"),
    ],
)
def test_words_and_standard_input(words: tuple[str, ...], piped: str | None, expected: str) -> None:
    assert prompt(words, piped) == expected


@pytest.mark.parametrize(("words", "piped"), [((), None), ((), "\n"), ((" ",), ""), (("-",), "")])
def test_nothing_to_say(words: tuple[str, ...], piped: str | None) -> None:
    with pytest.raises(click.UsageError, match="There is no prompt"):
        prompt(words, piped)


def test_words_that_are_no_text() -> None:
    with pytest.raises(click.UsageError, match="not text"):
        prompt(("caf\udce9",), None)


def test_images_stand_before_the_text() -> None:
    assert messages("Hi", ()) == "Hi"
    turns = messages("What is this?", ("a.png", "https://example.org/b.png"))
    assert len(turns) == 1
    turn = turns[0]
    assert isinstance(turn, dict)
    assert turn["role"] == "user"
    assert turn["content"] == [
        {"type": "image", "image": "a.png"},
        {"type": "image", "image": "https://example.org/b.png"},
        {"type": "text", "text": "What is this?"},
    ]


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", '{"a": "é"}'), ("ascii", '{"a": "\\u00e9"}'), ("cp1252", '{"a": "é"}')],
)
def test_json_in_letters_that_the_output_has(
    encoding: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    assert json_line({"a": "é"}) == written
    assert json.loads(json_line({"a": "\ud800\n"})) == {"a": "\ud800\n"}


def test_a_terminal_is_not_obeying_the_model() -> None:
    assert visible("\x1b]52;c;aGk=\x07") == "␛]52;c;aGk=␇"
    assert visible("one\r\ntwo\tthree\x7f\x9b0m") == "one\ntwo\tthree␡\ufffd0m"
    assert visible("naïve 🌸 \u200d") == "naïve 🌸 \u200d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('or use provider="local", which', "or use --local, which"),
        ("raise max_wait= to wait", "raise --max-wait to wait"),
        ("Check model= and provider=: this", "Check --model and --provider: this"),
        ("as base_url=, or", "as --base-url, or"),
        ("model='org/name' is what it says", "model='org/name' is what it says"),
        ("the_model= and token=", "the_model= and token="),
        ("Both system= and a system message", "Both --system and a system message"),
        (
            'a chat route: protocol="chat-completions".',
            "a chat route: --protocol chat-completions.",
        ),
        ("Without repair=False it", "Without --no-repair it"),
        ("client.explain(...) shows what is sent", "hfi explain shows what is sent"),
        ("raise Timeout(first_token=...), or", "raise --timeout, or"),
    ],
)
def test_hints_name_options(text: str, expected: str) -> None:
    assert in_options(text) == expected
