"""The parent's side of the child process: its pipes, its log, its end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from hfi.errors import LocalServerError
from hfi.local.child import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ServerProcess", "python_command"]

_LOG_LINES = 40
_LINE_BYTES = 500
_READ_BYTES = 4096
_PENDING_BYTES = 65536
_STOP_SECONDS = 5.0

# The working directory must not shadow the standard library until the child has its sys.path.
_BOOT = (
    "import sys; sys.path[:] = [p for p in sys.path if p]; import json;"
    " config = json.loads(sys.stdin.buffer.readline());"
    " sys.path[:] = config['sys_path'] or sys.path;"
    " from hfi.local.child import main; main(config)"
)


def python_command(python: str | None = None) -> str:
    """The Python interpreter to run the child with.

    Raises:
        LocalServerError: This process does not know its interpreter, and none was given.
    """
    if python:
        return python
    if getattr(sys, "frozen", False) or not sys.executable:
        # In a frozen application sys.executable is the application: running it would start it anew.
        raise LocalServerError(
            "The embedded server needs a Python interpreter to run in, and this application is"
            " frozen or embedded.",
            hint="Give one that has xllamacpp: LocalServer(python='/path/to/python').",
        )
    return sys.executable


class ServerProcess:
    """One child process, from its start to its end.

    A thread of its own hands the child its configuration, reads everything it writes, and reaps it
    when it has ended, so that neither a full pipe nor a zombie is left whatever the caller does.
    """

    def __init__(self, python: str, config: Mapping[str, Any]) -> None:
        """Start the child.

        Raises:
            LocalServerError: The interpreter could not be run.
        """
        self._owner = os.getpid()
        self._secret = str(config["api_key"])
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._spoke = threading.Event()
        self.facts: dict[str, Any] = {}
        whole = {**config, "parent": self._owner}
        # The key goes through the pipe: every user of the machine can read a command line.
        line = json.dumps(whole).encode() + b"\n"
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter, a fixed program
                [python, "-c", _BOOT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,  # raw files have no lock that a fork could copy in its locked state
                **_detached(),
            )
        except (OSError, ValueError) as error:
            raise LocalServerError(
                f"The embedded server's process could not be started with {python!r}: {error}.",
                hint="Check that this interpreter exists, and the limits on processes and memory.",
            ) from error
        self._thread = threading.Thread(
            target=self._attend, args=(line,), name="hfi-local-server", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError as error:  # no more threads, or the interpreter is shutting down
            self._popen.kill()
            self._close_pipes()
            self._popen.wait()
            raise LocalServerError(f"The embedded server could not be started: {error}.") from error

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._owner == os.getpid() and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit status, or minus the number of the signal that killed it; None if alive."""
        return self._popen.returncode

    @property
    def log(self) -> str:
        """The last lines the child wrote."""
        return "\n".join(list(self._log)).replace(self._secret, "***")

    def wait(self, seconds: float) -> bool:
        """Wait until the child has said that it is ready or failed, or has ended."""
        return self._spoke.wait(seconds)

    def stop(self) -> None:
        """End the child at once, whatever it is doing, and wait until it has been reaped."""
        self.release()
        if self._owner == os.getpid() and self._thread is not threading.current_thread():
            self._thread.join(_STOP_SECONDS)

    def release(self) -> None:
        """End the child without waiting; in a forked process only let go of its pipes."""
        if self._owner != os.getpid():
            self._close_pipes()
            # It is no child of this process, so there is nothing to reap or to warn about.
            self._popen.returncode = 0
            return
        # There is nothing to save, and a server with a request in flight does not end by itself.
        with contextlib.suppress(OSError):
            self._popen.kill()
        # A kill ends a launcher (Windows' venv python.exe), the end of the pipe what it launched.
        with contextlib.suppress(OSError):
            if self._popen.stdin is not None:
                self._popen.stdin.close()

    def _attend(self, config_line: bytes) -> None:
        stdin, stdout = self._popen.stdin, self._popen.stdout
        assert stdin is not None  # noqa: S101 - both were asked for above
        assert stdout is not None  # noqa: S101
        try:
            with contextlib.suppress(OSError, ValueError):  # it died, or was stopped, before
                rest = memoryview(config_line)
                while rest:
                    rest = rest[stdin.write(rest) :]
            pending = b""
            with contextlib.suppress(OSError, ValueError):
                while chunk := stdout.read(_READ_BYTES):
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        self._hear(line)
                    pending = pending[:_PENDING_BYTES]
            self._hear(pending)
        finally:
            self._popen.wait()
            self._close_pipes()
            self._spoke.set()

    def _hear(self, line: bytes) -> None:
        if line.startswith(MARK) and not self.facts:
            with contextlib.suppress(ValueError):
                self.facts = json.loads(line[len(MARK) :])
                self._spoke.set()
                return
        text = line[:_LINE_BYTES].decode("utf-8", "replace").strip()
        if text:
            self._log.append(text)

    def _close_pipes(self) -> None:
        for pipe in (self._popen.stdin, self._popen.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _detached() -> dict[str, Any]:
    """Keep Ctrl-C in the terminal, which goes to its whole group of processes, from the child."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    else:  # noqa: RET505 - so that mypy follows either platform
        return {"start_new_session": True}
