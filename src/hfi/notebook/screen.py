"""Where a stream shows itself while it is made: an output of a notebook that changes in place."""

from __future__ import annotations

import sys
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from hfi.notebook.shell import notebook_shell
from hfi.types.html import facts
from hfi.types.rendering import completion_html, text_html
from hfi.types.text import TextGeneration

if TYPE_CHECKING:
    from types import TracebackType

    from hfi.types.chat import ChatCompletion

__all__ = ["Screen"]

# Seconds between two pictures; a long answer takes longer to render, and rendering may take only
# so much of the time.
_PERIOD = 0.1
_RENDERING_SHARE = 0.2

_INTERRUPTED, _BROKEN = "interrupted", "broken off"


class Shown(Protocol):
    """A stream, as far as its showing goes."""

    @property
    def partial(self) -> Any:
        """The answer so far."""

    @property
    def completion(self) -> Any:
        """The whole answer after the end."""

    def abort(self) -> None:
        """Closes it without waiting for anything."""


class Screen:
    """Shows a stream that somebody reads; a context manager around the reading.

    At the end the whole answer stands there. What breaks the reading off, an error or an interrupt
    of the kernel, leaves what had arrived, says so, and closes the stream. Outside a notebook the
    text is printed as it comes.
    """

    def __init__(self, stream: Shown) -> None:
        self._stream = stream
        self._shell = notebook_shell()
        self._picture = _Picture(stream) if self._shell is not None else None

    def __enter__(self) -> Screen:
        if self._picture is not None:
            self._picture.begin()
        return self

    def draw(self, chunk: object) -> None:
        """Tells of a chunk that was read."""
        if self._picture is not None:
            self._picture.news.set()
        else:
            sys.stdout.write(str(chunk))
            sys.stdout.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._stream.abort()
        if self._picture is None:
            sys.stdout.write("\n")
        elif error is None:
            self._picture.end(self._stream.completion, None)
            _hide_once(self._shell, self._stream.completion)
        elif isinstance(error, Exception):
            partial = getattr(error, "partial", None)
            self._picture.end(partial or self._stream.partial, _BROKEN)
        else:
            self._picture.end(self._stream.partial, _INTERRUPTED)
            _explain_interrupt(error, self._stream.partial)


class _Picture:
    """The output, and the thread that draws it.

    A thread, so that the last words before a silence are seen although nothing comes that would
    draw them, and so that the reading is not held up.
    """

    def __init__(self, stream: Shown) -> None:
        from IPython.display import DisplayHandle  # noqa: PLC0415 - it is running

        self.news = Event()
        self._stream = stream
        self._output: Any = DisplayHandle()  # type: ignore[no-untyped-call]  # partly typed
        self._lock = Lock()
        self._ended = Event()

    def begin(self) -> None:
        """Says that there will be something."""
        waiting = {"text/html": facts("Waiting for the answer ..."), "text/plain": ""}
        self._output.display(waiting, raw=True)
        # The kernel knows by the context to which cell an output belongs.
        context = copy_context()
        Thread(target=context.run, args=(self._draw,), name="hfi-display", daemon=True).start()

    def end(self, answer: Any, note: str | None) -> None:
        """Draws the last state."""
        self._ended.set()
        self.news.set()
        with self._lock:
            self._show(answer, note)

    def _draw(self) -> None:
        took = 0.0
        while not self._ended.wait(max(_PERIOD, took / _RENDERING_SHARE) if took else 0):
            self.news.wait()
            self.news.clear()
            began = monotonic()
            with self._lock:
                if self._ended.is_set():
                    return
                try:
                    self._show(self._stream.partial, "...", is_open=True)
                except RuntimeError:  # the reader was just adding to it: the next picture has all
                    self.news.set()
            took = monotonic() - began

    def _show(self, answer: Any, note: str | None, *, is_open: bool = False) -> None:
        html = _html(answer, note, is_open)
        self._output.update({"text/html": html, "text/plain": str(answer)}, raw=True)


def _html(answer: ChatCompletion | TextGeneration, note: str | None, is_open: bool) -> str:
    if isinstance(answer, TextGeneration):
        return text_html(answer, note=note)
    return completion_html(answer, note=note, is_open=is_open)


def _explain_interrupt(error: BaseException, partial: Any) -> None:
    """Has IPython tell of an interrupt in a line: its frames are of no use to who interrupted."""
    lines = [f"{type(error).__name__}: interrupted; what had arrived stands above."]
    with suppress(AttributeError):  # an exception with slots
        error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]  # IPython asks for it
        error.partial = partial  # type: ignore[attr-defined]


# -- the answer is the value of the cell, too ------------------------------------------------------


class _Once:
    """Leaves out the showing of an answer, as the value of the cell that it was just shown in."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._answer: Any = None
        self._cell = 0

    def hide(self, answer: Any) -> None:
        self._answer, self._cell = answer, self._shell.execution_count

    def __call__(self, answer: Any) -> None:
        if answer is not self._answer or self._cell != self._shell.execution_count:
            raise NotImplementedError  # IPython's word for: show it as ever
        self._answer = None


def _hide_once(shell: Any, answer: Any) -> None:
    formatter = shell.display_formatter.ipython_display_formatter
    once = formatter.type_printers.get(type(answer))
    if not isinstance(once, _Once):
        once = _Once(shell)
        formatter.for_type(type(answer), once)
    once.hide(answer)
