"""Terminals to run ``hfi`` on: a bare one, and one whose screen can be read."""

from __future__ import annotations

import os
import select
import shlex
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Start = Callable[..., "subprocess.Popen[bytes]"]


def on_terminal(
    start: Start, *args: str, columns: int = 0, **env: str
) -> tuple[int, str, list[str]]:
    """Runs hfi on a terminal: its code, all that was written, and the pieces as they came."""
    import fcntl  # noqa: PLC0415 - POSIX alone has these
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    try:
        if columns:
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {"TERM": "xterm-256color", "NO_COLOR": "", **env}
        process = start(*args, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        pieces = []
        while select.select([ours], [], [], 30)[0]:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # Linux: the program is gone
                break
            if not piece:
                break
            pieces.append(piece.decode())
        return process.wait(30), "".join(pieces), pieces
    finally:
        os.close(ours)


class Terminal:
    """A terminal with a screen that can be read, run by tmux; ``hfi`` is typed into it."""

    def __init__(self, folder: Path, *, columns: int, rows: int = 24, **env: str) -> None:
        self._socket = str(folder / "tmux")
        settings = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PS1": "$ ", **env}
        self._tmux(
            *("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(rows)),
            *("-c", str(folder), "env", "-u", "COLUMNS", "-u", "LINES"),
            *(f"{name}={value}" for name, value in settings.items()),
            *("sh", "-i"),
        )

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> None:
        """Starts hfi on it."""
        self.type(shlex.join([sys.executable, "-W", "error", "-m", "hfi", *arguments]))
        self.press("Enter")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Presses keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def say(self, text: str) -> None:
        self.type(text)
        self.press("Enter")

    def paste(self, text: str) -> None:
        """Pastes a text, as a terminal that tells pasting from typing does."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p", "-r")

    def screen(self, *, above: int = 0) -> list[str]:
        """The lines on the screen, and so many of those that scrolled away above it."""
        text = self._tmux("capture-pane", "-p", "-S", str(-above))
        return [line.rstrip() for line in text.rstrip("\n").split("\n")]

    def wait_for(self, text: str, seconds: float = 30.0) -> list[str]:
        """The screen once it shows a text."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen()
            if any(text in f"{line} " for line in screen):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"{text!r} did not come; the screen:\n" + "\n".join(self.screen()))

    def wait_for_shell(self, seconds: float = 30.0) -> None:
        """Waits until the program that was started has ended."""
        end = time.monotonic() + seconds
        while self.screen()[-1] != "$":
            assert time.monotonic() < end, "\n".join(self.screen())
            time.sleep(0.05)

    def close(self) -> None:
        subprocess.run(
            ["tmux", "-S", self._socket, "kill-server"],
            capture_output=True,
            check=False,
            timeout=30,
        )
