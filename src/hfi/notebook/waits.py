"""Bars for waits: what a client in a notebook shows where nobody gave ``on_wait``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Lock, Thread, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from hfi.notebook.shell import notebook_shell

if TYPE_CHECKING:
    from hfi.types.waiting import Waiting

__all__ = ["show_wait", "working"]

_WORDS = {
    "loading": "The model is loading",
    "queue": "Waiting for the result",
    "retry": "Trying again",
}
_SHORTEST = 0.5  # seconds; a shorter wait alone is not worth a bar
_TICK = 0.5
_LONGEST = 40  # letters of a provider's own word

_bars: dict[tuple[int, object], _Bar] = {}


def show_wait(waiting: Waiting) -> None:
    """Shows a wait as a bar of tqdm, where there is a notebook and tqdm.

    Clients in a notebook take it as their ``on_wait``. Each call that waits has a bar of its own,
    which goes when its waiting is over.
    """
    who = _caller()
    bar = _bars.get(who)
    if bar is not None:
        if not waiting.done:
            bar.tell(waiting)
        elif not bar.rest():
            _bars.pop(who).close()
    elif waiting.seconds >= _SHORTEST:
        drawing = _drawing()
        if drawing is not None:
            _bars[who] = bar = _Bar(drawing)
            bar.tell(waiting)


@contextmanager
def working(on_wait: object, thing: str) -> Iterator[None]:
    """Shows a bar while a call makes something that takes its time, if ``show_wait`` shows waits.

    Args:
        on_wait: Who is told of the call's waits.
        thing: What it makes: "image", "audio" or "video".
    """
    who = _caller()
    drawing = _drawing() if on_wait is show_wait and who not in _bars else None
    if drawing is None:
        yield
        return
    bar = _bars[who] = _Bar(drawing, f"Making the {thing}")
    try:
        yield
    finally:
        del _bars[who]
        bar.close()


class _Bar:
    """The bar of one call; a thread moves it while the call sleeps.

    Args:
        drawing: What draws it.
        work: What it says between waits; without it there is nothing to say then.
    """

    def __init__(self, drawing: Any, work: str | None = None) -> None:
        self._drawing = drawing
        self._work = work
        self._guess: float | None = None
        self._began = monotonic()
        self._closed, self._lock = Event(), Lock()
        self.rest()
        Thread(target=self._tick, name="hfi-wait", daemon=True).start()

    def tell(self, waiting: Waiting) -> None:
        """Goes on to a wait."""
        words = _WORDS.get(waiting.reason, waiting.reason)
        self._say(f"{words}{_told(waiting.told)}", _guess(waiting), waiting.waited)

    def rest(self) -> bool:
        """Says what is done between waits; False if there is nothing to say."""
        if self._work is not None:
            self._say(self._work, None, 0.0)
        return self._work is not None

    def close(self) -> None:
        """Takes it away."""
        with self._lock:
            self._closed.set()
            self._drawing.total = None  # one that ends before its total is left there, in red
            self._drawing.close()

    def _say(self, words: str, guess: float | None, waited: float) -> None:
        with self._lock:
            if guess is not None and guess != self._guess:
                self._drawing.reset(total=guess)  # makes room for a bar that can fill
            self._guess, self._began = guess, monotonic() - waited
            self._drawing.set_description_str(words, refresh=False)
            self._draw()

    def _draw(self) -> None:
        seconds = round(monotonic() - self._began, 1)
        self._drawing.n = seconds if self._guess is None else min(seconds, self._guess)
        self._drawing.refresh()

    def _tick(self) -> None:
        while not self._closed.wait(_TICK):
            with self._lock:
                if not self._closed.is_set():
                    self._draw()


def _drawing() -> Any:
    if notebook_shell() is None:
        return None
    try:
        with warnings.catch_warnings():
            # Without ipywidgets it warns, and draws with letters instead.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return tqdm(total=None, leave=False, bar_format="{desc} {bar} {elapsed}")


def _guess(waiting: Waiting) -> float | None:
    """Seconds that it takes in all, where the server made a guess."""
    told = waiting.told
    if isinstance(told, bool) or not isinstance(told, (int, float)):
        return None
    return float(told) if 0 < told < 86_400 else None


def _told(told: object) -> str:
    """The provider's own word for a job's state."""
    inner = told.get("data") if isinstance(told, Mapping) else None
    job = inner if isinstance(inner, Mapping) else told
    state = job.get("status") or job.get("task_status") if isinstance(job, Mapping) else None
    if not isinstance(state, str) or not state.isprintable() or len(state) > _LONGEST:
        return ""
    return f" ({state.lower().replace('_', ' ')})"


def _caller() -> tuple[int, object]:
    """Who waits: calls that wait at once do so in threads of their own, or in tasks."""
    task: object = None
    for name in ("asyncio", "trio.lowlevel"):
        library = sys.modules.get(name)
        if library is not None and task is None:
            try:
                task = library.current_task()
            except RuntimeError:  # no loop of this kind runs here
                continue
    return get_ident(), task
