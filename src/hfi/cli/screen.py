"""Where words go: the answer to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from hfi.cli.harmless import visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from hfi.cli.waits import WaitLine, Wanted
    from hfi.types.waiting import Waiting

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

__all__ = ["OutputError", "Screen", "discard_output", "is_terminal", "say"]

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class OutputError(Exception):
    """Standard output takes no more; the cause is the system's error."""

    @property
    def reader_gone(self) -> bool:
        """Whether a pipe was closed at its other end, which is no fault."""
        # Windows reports a closed pipe as EINVAL.
        closed = os.name == "nt" and getattr(self.__cause__, "errno", None) == 22
        return closed or isinstance(self.__cause__, BrokenPipeError)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it, rather than a pipe or a file."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def say(text: str) -> None:
    """Writes one line to standard error, whatever state that is in."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def discard_output() -> None:
    """Lets what is left in standard output's buffer go, or Python complains of it at its exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


class Screen:
    """The output of one answer. Leaving its context ends the line and takes the spinner away."""

    def __init__(self) -> None:
        self.shown = is_terminal(sys.stdout)  # whether somebody looks at the answer
        self._attended = is_terminal(sys.stderr)
        self._smart = os.environ.get("TERM", "") not in ("dumb", "unknown")
        self._styled = self._attended and self._smart and not os.environ.get("NO_COLOR")
        self._wait_line: WaitLine | None = None
        self._in_line = False  # text of the answer stands before the cursor
        self._thinking = False  # reasoning was shown, and no answer after it yet
        self._in_thought = False  # reasoning stands before the cursor
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A lone surrogate, or an encoding such as ASCII, must not end an answer.
            sys.stdout.reconfigure(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_status()
        self._end_thought()
        if self._in_line and not isinstance(error, OutputError):
            self.answer("\n")

    def status(self, text: str) -> None:
        """Shows what is being waited for, where somebody looks."""
        if not (self._attended and self._smart):
            return
        try:
            from hfi.cli.waits import Wanted

            self._show_wait(Wanted(text=text))
        except ImportError:  # no rich: a spinner is not worth an error
            return

    def wait(self, waiting: Waiting, *, thing: str = "answer", after: str | None = None) -> None:
        """Shows what a call says of its wait; ``after`` is what is waited for when it is over."""
        if not (self._attended and self._smart):
            return
        try:
            from hfi.cli.waits import wanted

            wait = wanted(waiting, thing=thing)
            if wait is not None:
                self._show_wait(wait)
            elif after is not None:
                self.status(after)
        except ImportError:
            return

    def _show_wait(self, wait: Wanted) -> None:
        if self._wait_line is not None:
            self._wait_line.update(wait)
            return
        from hfi.cli.waits import WaitLine

        self._wait_line = WaitLine(wait)

    def stop_status(self) -> None:
        """Takes what is waited for away."""
        line, self._wait_line = self._wait_line, None
        if line is not None:
            line.stop()

    def answer(self, text: str) -> None:
        """Writes the model's text to standard output at once, and unchanged if that is a pipe.

        Raises:
            OutputError: It cannot be written.
        """
        self._write(visible(text) if self.shown else text)

    def line(self, text: str) -> None:
        """Writes a whole line to standard output.

        Raises:
            OutputError: It cannot be written.
        """
        self.answer(f"{text}\n")

    def exactly(self, data: bytes) -> None:
        """Writes bytes to standard output, and nothing after them.

        Raises:
            OutputError: It cannot be written.
        """
        self.stop_status()
        if sys.stdout is None:
            return
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        except OSError as error:
            raise OutputError("Standard output takes no more.") from error

    def draw(self, make: Callable[[int], Any]) -> None:
        """Writes what rich can show to standard output; ``make`` is told the columns there are.

        Raises:
            OutputError: It cannot be written.
        """
        from rich.console import Console

        console = Console(highlight=False)
        # Rich itself would end the program where the reader has gone.
        with console.capture() as drawn:
            console.print(make(console.width))
        self._write("".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines()))

    def reasoning(self, text: str) -> None:
        """Shows what the model thinks, dimmed, where somebody looks at standard error."""
        if not (text and self._attended):
            return
        self.stop_status()
        if self._in_line:  # on a terminal both streams are one
            self.answer("\n")
        if not self._thinking and not self._styled:
            say("Reasoning:")
        self._thinking = True
        self._in_thought = not text.endswith("\n")
        shown = visible(text)
        self._to_stderr(f"{_DIM}{shown}{_PLAIN}" if self._styled else shown)

    def note(self, text: str) -> None:
        """Says something about the answer, below it, where somebody looks at standard error."""
        if not self._attended:
            return
        self.stop_status()
        self._end_thought()
        if self._in_line:
            self.answer("\n")
        say(f"{_DIM}({text}){_PLAIN}" if self._styled else f"({text})")

    def _write(self, text: str) -> None:
        if not text or sys.stdout is None:  # None: the program was started without one (>&-)
            return
        self.stop_status()
        self._end_thought()
        # Said before, as Ctrl-C may come between the writing and what follows it.
        self._in_line = True
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            self._in_line = False
            raise OutputError("Standard output takes no more.") from error
        self._in_line = not text.endswith("\n")

    def _end_thought(self) -> None:
        if self._thinking:
            self._thinking = False
            self._to_stderr("\n\n" if self._in_thought else "\n")

    def _to_stderr(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)
            sys.stderr.flush()
