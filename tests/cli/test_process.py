"""``hfi`` as a program of its own: signals, pipes, terminals, and what starting it costs."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calls import answers, silent, stalls
from rawserver import Peer, wait_until
from terminal import on_terminal

if TYPE_CHECKING:
    from conftest import Serve, Start

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
SOURCE = Path(__file__).resolve().parents[2] / "src"


def endless(peer: Peer) -> None:
    """Streams words until the client goes."""
    peer.read_request()
    peer.start_stream()
    for number in range(100_000):
        peer.word(f"word {number}\\n")
        time.sleep(0.01)


def thinker(peer: Peer) -> None:
    """Thinks, then says something that a terminal would obey."""
    peer.read_request()
    peer.start_stream()
    time.sleep(0.3)
    peer.event('{"choices":[{"index":0,"delta":{"reasoning":"Hm."}}]}')
    peer.word("One")
    peer.word(", \\u001b[2Jtwo", "length")
    peer.end_stream()


def read_some(process: subprocess.Popen[bytes], least: int) -> bytes:
    """Reads standard output until there are so many bytes of it."""
    assert process.stdout is not None
    data = b""
    while len(data) < least and select.select([process.stdout], [], [], 30)[0]:
        piece = os.read(process.stdout.fileno(), 4096)
        if not piece:
            break
        data += piece
    return data


@posix
def test_each_piece_comes_at_once_and_ctrl_c_keeps_what_came(serve: Serve, start: Start) -> None:
    server = serve(stalls)
    process = start("chat", "--base-url", server.url, "Hi")
    assert read_some(process, 3) == b"one"  # while the stream goes on
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"\n", b"")
    assert wait_until(lambda: server.gone and server.gone[0] is not None, 10)


@posix
def test_ctrl_c_before_the_answer(serve: Serve, start: Start) -> None:
    server = serve(silent)
    process = start("chat", "--base-url", server.url, "Hi")
    assert wait_until(lambda: server.seen, 30)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == 130


@posix
def test_ctrl_c_while_standard_input_is_read(start: Start) -> None:
    process = start("chat", stdin=subprocess.PIPE)
    assert process.stderr is not None
    # The notice says that it is waiting.
    assert b"standard input" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert process.stderr.read() == b""


@posix
def test_a_reader_that_goes_is_no_error(serve: Serve, start: Start) -> None:
    server = serve(endless)
    process = start("chat", "--base-url", server.url, "Hi")
    assert process.stdout is not None
    assert read_some(process, 7).startswith(b"word 0\n")
    process.stdout.close()
    assert process.wait(30) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""


@posix
def test_help_to_a_reader_that_goes(start: Start) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start("chat", "--help", stdout=writing)
    os.close(writing)
    assert process.wait(30) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full(serve: Serve, start: Start) -> None:
    server = serve(answers("Hello"))
    with Path("/dev/full").open("wb") as full:
        process = start("chat", "--base-url", server.url, "Hi", stdout=full)
    assert process.wait(30) == 1
    assert process.stderr is not None
    assert (
        process.stderr.read() == b"hfi: Standard output takes no more: No space left on device.\n"
    )


def test_an_output_without_the_letters(serve: Serve, start: Start) -> None:
    server = serve(answers("na\\u00efve"))
    process = start("chat", "--base-url", server.url, "Hi", env={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out.rstrip(), err) == (0, b"na?ve", b"")


@posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(closed: str, serve: Serve) -> None:
    server = serve(answers("Hello"))
    command = f'"$0" -m hfi chat --base-url "$1" Hi {closed}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, server.url],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    written = b"" if ">&-" in closed.split() else b"Hello\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, written, b"")


@posix
def test_a_terminal_shows_the_wait_the_reasoning_and_the_limit(serve: Serve, start: Start) -> None:
    server = serve(thinker)
    code, text, _ = on_terminal(start, "chat", "--base-url", server.url, "Hi")
    assert code == 0
    assert "Waiting for the model" in text
    spinner, rest = text.split("\x1b[2mHm.\x1b[0m")
    assert spinner.rstrip("\r").endswith("\x1b[2K")  # the line of the spinner is wiped
    assert "\x1b[?25h" in spinner  # and the cursor is back
    shown = "\r\n\r\nOne, ␛[2Jtwo\r\n\x1b[2m(cut off at the limit of tokens)\x1b[0m\r\n"
    assert rest == shown


@posix
def test_a_plain_terminal(serve: Serve, start: Start) -> None:
    server = serve(thinker)
    code, text, _ = on_terminal(start, "chat", "--base-url", server.url, "Hi", TERM="dumb")
    assert code == 0
    assert text == ("Reasoning:\r\nHm.\r\n\r\nOne, ␛[2Jtwo\r\n(cut off at the limit of tokens)\r\n")
    _, text, _ = on_terminal(start, "chat", "--base-url", server.url, "Hi", NO_COLOR="1")
    assert "\x1b[2m" not in text
    assert "One, ␛[2Jtwo" in text


@posix
def test_a_terminal_streams(serve: Serve, start: Start) -> None:
    asked: list[float] = []

    def slow(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        for word in ("one ", "two ", "three"):
            peer.word(word)
            asked.append(time.monotonic())
            time.sleep(0.5)
        peer.word("", "stop")
        peer.end_stream()

    server = serve(slow)
    code, text, pieces = on_terminal(start, "chat", "--base-url", server.url, "Hi", TERM="dumb")
    assert (code, text) == (0, "one two three\r\n")
    assert len(pieces) >= 3


@posix
@pytest.mark.parametrize("option", ["--json", "--jsonl", "--no-stream"])
def test_a_terminal_without_a_prompt(start: Start, option: str) -> None:
    """Without these there is a conversation: tests/cli/test_talk_terminal.py."""
    code, text, _ = on_terminal(start, "chat", option)
    assert code == 2
    assert text.startswith("hfi: There is no prompt. ")


BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("click", "rich"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from hfi.cli import main
sys.exit(main(["chat", "Hi"]))
"""


def program(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


def test_without_the_extra() -> None:
    done = program(BLOCKED)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("hfi: ")
    assert 'pip install "hfi[cli]"' in line


def test_starting_imports_what_is_needed() -> None:
    loaded = """
import sys
import hfi.cli
first = {"click", "rich", "httpx", "jinja2", "msgspec"} & set(sys.modules)
code = hfi.cli.main(["chat", "--help"])
print(first, {"rich", "httpx", "jinja2"} & set(sys.modules), code, file=sys.stderr)
"""
    assert program(loaded).stderr == "set() set() 0\n"
