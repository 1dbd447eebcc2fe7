"""A conversation on a real terminal: tmux runs it, presses keys, and reads the screen."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfi._core import embedded
from hfi.errors import LocalServerError, MissingExtraError
from hfi.local import find_weights
from hfi.local.engine import require_engine
from rawserver import Peer, wait_until
from terminal import Terminal

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="no tmux here (`apt-get install tmux`)"
)
SOURCE = Path(__file__).resolve().parents[2] / "src"

PLAN = """# A plan

Some **bold** words and a line that is longer than forty columns are wide.

- one
- two

```python
x = 1
```

The end.
"""

Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def begin(columns: int, *arguments: str, **env: str) -> Terminal:
        environment = {"PYTHONPATH": str(SOURCE), "XDG_STATE_HOME": str(tmp_path), **env}
        home = {"HOME": str(tmp_path), "HF_HOME": os.environ["HF_HOME"]}
        opened.append(Terminal(tmp_path, columns=columns, **home, **environment))
        opened[-1].start("chat", *arguments)
        opened[-1].wait_for("/help lists")
        opened[-1].wait_for("> ")
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def speaks(text: str, *, size: int = 8, pause: float = 0.02, linger: bool = False) -> object:
    """A handler that streams a text, and with ``linger`` nothing more until the client goes."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream()
            for at in range(0, len(text), size):
                peer.word(json.dumps(text[at : at + size])[1:-1])
                time.sleep(pause)
            if linger:
                peer.server.gone.append(peer.wait_gone(20))
                return
            peer.word("", "stop")
            peer.end_stream()

    return handler


def sent(server: object) -> list[list[object]]:
    bodies = [json.loads(body) for _, _, _, body in server.seen]  # type: ignore[attr-defined]
    return [[turn["content"] for turn in body["messages"]] for body in bodies]


@pytest.mark.parametrize("columns", [80, 40])
def test_markdown_is_drawn(columns: int, serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks(PLAN))  # type: ignore[arg-type]
    terminal = open_terminal(columns, "--base-url", server.url)
    terminal.say("plan")
    terminal.wait_for("The end.")
    time.sleep(0.3)
    screen = terminal.screen(above=50)
    assert max(map(len, screen)) <= columns
    begun = next(index for index, line in enumerate(screen) if line.strip() == "A plan")
    drawn = "\n".join(screen[begun:])
    assert "Some bold words" in drawn
    assert "**" not in drawn
    assert " • one\n • two\n\n x = 1\n\nThe end." in drawn
    if columns == 80:
        assert "are wide." in screen[begun + 2]


def test_it_is_drawn_while_it_comes(serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks("**One** and then", linger=True))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.say("Hi")
    terminal.wait_for("One and then")


def test_ctrl_c_keeps_what_came_and_goes_on(serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks("One and", linger=True))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    for count in (1, 2):  # the second time it means the same
        terminal.say(f"Question {count}")
        wait_until(lambda count=count: len(server.seen) == count, 10)  # type: ignore[misc]
        terminal.wait_for("One and")
        time.sleep(0.2)
        terminal.press("C-c")
        terminal.wait_for("what came is kept")
        terminal.say("/save talk.json")
        terminal.wait_for("saved to talk.json")
        terminal.press("C-l")
    assert wait_until(lambda: len(server.gone) == 2, 10)
    assert None not in server.gone  # the connection was closed at once
    assert sent(server)[1] == ["Question 1", "One and", "Question 2"]
    terminal.press("C-d")
    terminal.wait_for_shell()
    terminal.say("echo code=$?")
    terminal.wait_for("code=0")


def test_lines_and_history(serve: Serve, open_terminal: Open, tmp_path: Path) -> None:
    server = serve(speaks("Well."))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.type("one")
    terminal.press("M-Enter")
    terminal.type("two\\")
    terminal.press("Enter")
    terminal.say("three")
    terminal.wait_for("Well.")
    terminal.press("C-d")
    terminal.wait_for_shell()
    assert sent(server) == [["one\ntwo\nthree"]]
    assert "+two" in (tmp_path / "hfi" / "history").read_text()
    terminal.say("clear")
    assert wait_until(lambda: terminal.screen() == ["$"], 10), terminal.screen()
    terminal.start("chat", "--base-url", server.url)
    terminal.wait_for("/help lists")
    terminal.wait_for("> ")
    # The history is read meanwhile; until then there is nothing to go up to.
    shown = any(
        terminal.press("Up") is None and wait_until(lambda: "  three" in terminal.screen(), 2)
        for _ in range(15)
    )
    assert shown
    terminal.press("Enter")
    assert wait_until(lambda: len(server.seen) == 2, 30), terminal.screen()
    assert sent(server)[1] == ["one\ntwo\nthree"]


def test_no_history(serve: Serve, open_terminal: Open, tmp_path: Path) -> None:
    server = serve(speaks("Well."))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url, HFI_NO_HISTORY="1")
    terminal.say("Hi")
    terminal.wait_for("Well.")
    assert not (tmp_path / "hfi").exists()


def test_names_are_completed(serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks("Well."))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.type("/sy")
    terminal.wait_for("what the model is told")
    terminal.press("Tab")
    terminal.say(" Be brief.")
    terminal.wait_for("system: Be brief.")


def test_a_plain_terminal(serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks("**One**"))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url, "--plain")
    terminal.say("Hi")
    terminal.wait_for("**One**")


def test_ctrl_c_before_the_answer_gives_the_question_back(
    serve: Serve, open_terminal: Open
) -> None:
    def late(peer: Peer) -> None:
        peer.read_request()
        if len(server.seen) == 1:
            peer.server.gone.append(peer.wait_gone(20))
            return
        peer.start_stream()
        peer.word("Well.", "stop")
        peer.end_stream()

    server = serve(late)
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.say("Are you there?")
    terminal.wait_for("Waiting for the model")
    assert wait_until(lambda: server.seen, 10)
    terminal.press("C-c")
    terminal.wait_for("no answer")
    terminal.wait_for("> Are you there?")
    assert wait_until(lambda: server.gone and server.gone[0] is not None, 10)
    terminal.press("Enter")
    terminal.wait_for("Well.")
    assert sent(server)[1] == ["Are you there?"]


def test_what_is_pasted_stays_whole(serve: Serve, open_terminal: Open) -> None:
    server = serve(speaks("Well."))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.paste("one\n\n  two\n")
    terminal.wait_for("two")
    time.sleep(0.2)
    assert not server.seen
    terminal.press("Enter")
    terminal.wait_for("Well.")
    assert sent(server) == [["one\n\n  two"]]


def test_what_is_typed_during_an_answer_is_not_drawn_into_it(
    serve: Serve, open_terminal: Open
) -> None:
    server = serve(speaks("One, two, three, four, five.", size=4, pause=0.2))  # type: ignore[arg-type]
    terminal = open_terminal(60, "--base-url", server.url)
    terminal.say("Count.")
    terminal.wait_for("One,")
    terminal.type("zzz")
    screen = terminal.wait_for("five.")
    assert not any("zzz" in line for line in screen if not line.startswith(">"))
    terminal.wait_for("> zzz")  # it stands in the next line


@pytest.mark.live
def test_ctrl_c_leaves_the_embedded_model_running(open_terminal: Open) -> None:
    try:
        require_engine()
        find_weights(embedded.MODEL_ALIAS, environ={"HF_HUB_OFFLINE": "1"})
    except (MissingExtraError, LocalServerError) as error:
        pytest.skip(f"no embedded model here: {error}")
    terminal = open_terminal(80, "--local", "--max-tokens", "300")
    terminal.say("Tell a long story about a fox.")
    assert wait_until(lambda: len(terminal.screen()) > 7, 60)
    terminal.press("C-c")
    terminal.wait_for("what came is kept")
    terminal.say("/retry")
    assert wait_until(lambda: terminal.screen().count("(interrupted; what came is kept)") == 1, 5)
    time.sleep(1.5)
    terminal.press("C-c")
    assert wait_until(
        lambda: terminal.screen(above=200).count("(interrupted; what came is kept)") == 2, 30
    )
    assert not any("hfi:" in line for line in terminal.screen(above=200))
