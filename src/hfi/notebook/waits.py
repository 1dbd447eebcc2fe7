"""Bars for waits: what a client in a notebook shows where nobody gave ``on_wait``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from threading import Event, Thread, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from hfi.notebook.shell import notebook_shell

if TYPE_CHECKING:
    from hfi.types.waiting import Waiting

__all__ = ["show_wait"]

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
    if waiting.done:
        if bar is not None:
            _bars.pop(who).close()
    elif bar is not None:
        bar.tell(waiting)
    elif waiting.seconds >= _SHORTEST:
        drawing = _drawing()
        if drawing is not None:
            _bars[who] = _Bar(drawing, waiting)


class _Bar:
    """The bar of one call; a thread moves it while the call sleeps."""

    def __init__(self, drawing: Any, waiting: Waiting) -> None:
        self._drawing = drawing
        self._closed = Event()
        self.tell(waiting)
        Thread(target=self._tick, name="hfi-wait", daemon=True).start()

    def tell(self, waiting: Waiting) -> None:
        """Goes on to another wait."""
        self._waited, self._since = waiting.waited, monotonic()
        self._guess = _guess(waiting)
        words = _WORDS.get(waiting.reason, waiting.reason)
        self._drawing.set_description_str(f"{words}{_told(waiting.told)}", refresh=False)
        self._draw()

    def close(self) -> None:
        """Takes it away."""
        self._closed.set()
        self._drawing.close()

    def _draw(self) -> None:
        seconds = self._waited + monotonic() - self._since
        # A guess that has come true too early says nothing any more.
        self._drawing.total = self._guess if self._guess and seconds < self._guess else None
        self._drawing.n = round(seconds, 1)
        self._drawing.refresh()

    def _tick(self) -> None:
        while not self._closed.wait(_TICK):
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
