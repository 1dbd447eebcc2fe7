"""An answer on a terminal while it is made: Markdown that grows, at a bounded rate."""

from __future__ import annotations

import contextlib
import sys
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

from hfi.cli.harmless import visible
from hfi.cli.talk.markdown import Lines, blocks, newest, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from rich.console import Console

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

__all__ = ["LiveAnswer", "unechoed"]

_RATE = 10  # times a second


class LiveAnswer:
    """Shows an answer in place. What is finished scrolls away above; what grows is drawn again.

    Of a block that is higher than the terminal the newest lines are seen while it grows, and all
    of it once it is finished.
    """

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self._console = console
        self._thinking = False  # whether reasoning stands above, and no answer after it yet
        self._thought = ""  # of the reasoning, the line that grows
        self._text = ""  # of the answer, the block that grows
        self._begun = False  # whether a part of the answer stands above
        self._looked = 0.0
        # Rich's own refreshing may come between what a print measures and what it writes.
        self._drawing = threading.RLock()
        self._changed = False
        self._over = threading.Event()
        self._drawer = threading.Thread(target=self._draw, daemon=True)
        self._live = Live(
            get_renderable=self._growing, console=console, auto_refresh=False, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        self._drawer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._drawer.join()
        try:
            self._end_thought()
            text, self._text = self._text, ""
            self._print(blocks(text))
        finally:
            self._live.stop()

    def _draw(self) -> None:
        """Draws what grows, as often as anybody can see, whatever the rate at which it comes."""
        while not self._over.wait(1 / _RATE):
            with self._drawing:
                changed, self._changed = self._changed, False
                if changed:
                    self._live.refresh()

    def reasoning(self, text: str) -> None:
        """Shows more of what the model thinks, dimmed."""
        if not text:
            return
        with self._drawing:
            self._thinking = self._changed = True
            *lines, self._thought = (self._thought + visible(text)).split("\n")
            for line in lines:
                self._say(_dimmed(line))

    def answer(self, text: str) -> None:
        """Shows more of the answer."""
        with self._drawing:
            self._end_thought()
            self._text += visible(text)
            self._changed = True
            now = monotonic()
            if now - self._looked < 1 / _RATE:
                return
            self._looked = now
            *whole, last = blocks(self._text)
            if whole:
                self._text = last
                self._print(whole)

    def _end_thought(self) -> None:
        thought, self._thought = self._thought, ""
        if thought:
            self._say(_dimmed(thought))
        if self._thinking:
            self._thinking = False
            self._say("")

    def _print(self, whole: Sequence[str]) -> None:
        for block in whole:
            if block.strip():
                if self._begun:
                    self._say("")
                self._begun = True
                self._say(render(block), end="")

    def _say(self, shown: Any, end: str = "\n") -> None:
        """Prints for good, above what grows."""
        # What grew is drawn no more before it is printed: else it would stand below as well, and
        # leave as many empty lines.
        self._live.refresh()
        self._console.print(shown, end=end)

    def _growing(self) -> Any:
        from rich.console import Group

        room = max(2, self._console.height - 1)
        if self._thought:
            return Lines(_dimmed(self._thought), room)
        shown: list[Any] = []
        for block in blocks(self._text) if self._text.strip() else ():
            if shown:
                shown.append("")
            shown.append(render(newest(block, room)))
        grown = Lines(Group(*shown), room - 1)
        return Group("", grown) if self._begun and shown else grown


def _dimmed(text: str) -> Any:
    from rich.text import Text

    return Text(text, style="dim")


@contextlib.contextmanager
def unechoed() -> Iterator[None]:
    """Keeps what is typed meanwhile from being drawn into the answer; it is read afterwards."""
    try:
        import termios
    except ImportError:
        yield
        return
    try:
        stdin = sys.stdin.fileno()
        before = termios.tcgetattr(stdin)
    except (OSError, ValueError, AttributeError, termios.error):  # closed, or no terminal
        yield
        return
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(stdin, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)
