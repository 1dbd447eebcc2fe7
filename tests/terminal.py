"""A terminal to run ``hfi`` on."""

from __future__ import annotations

import os
import select
import struct
import subprocess
from collections.abc import Callable

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
