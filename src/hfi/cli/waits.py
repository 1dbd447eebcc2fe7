"""What a call waits for, in words, and how a terminal shows it while it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi.cli.harmless import one_line, visible

if TYPE_CHECKING:
    from hfi.types.waiting import Waiting

__all__ = ["WaitLine", "Wanted", "wanted"]

_LONGEST = 40  # letters of a provider's own word
_BAR = 16  # columns


@attrs.frozen(kw_only=True)
class Wanted:
    """What is waited for.

    Attributes:
        text: In words.
        waited: Seconds waited for it before now.
        guess: Seconds that it takes in all, as the server guesses; None where nobody knows.
    """

    text: str
    waited: float = 0.0
    guess: float | None = None


def wanted(waiting: Waiting, *, thing: str = "answer") -> Wanted | None:
    """What a call says of its wait, or None where it waits no more."""
    if waiting.done:
        return None
    if waiting.reason == "loading":
        guess = _seconds(waiting.told)
        said = f" (about {guess:.0f} s, it says)" if guess else ""
        text = f"Waiting for the model to load{said}"
        return Wanted(text=text, waited=waiting.waited, guess=guess)
    if waiting.reason == "retry":
        return Wanted(text=f"Trying again in {waiting.seconds:.0f} s", waited=waiting.waited)
    return Wanted(text=f"Waiting for the {thing}{_told(waiting.told)}", waited=waiting.waited)


def _seconds(told: object) -> float | None:
    if isinstance(told, bool) or not isinstance(told, (int, float)):
        return None
    return float(told) if 0 < told < 86_400 else None


def _told(told: object) -> str:
    """The provider's own word for the job's state, and the place in its queue."""
    if not isinstance(told, Mapping):
        return ""
    inner = told.get("data")
    job = inner if isinstance(inner, Mapping) else told
    state = job.get("status") or job.get("task_status")
    words = [state.lower().replace("_", " ")] if isinstance(state, str) and state else []
    place = told.get("queue_position")
    if isinstance(place, int) and not isinstance(place, bool):
        words.append(f"place {place}")
    text = visible(one_line(", ".join(words)))
    return f" ({text})" if 0 < len(text) <= _LONGEST else ""


class WaitLine:
    """One line on standard error that moves: a spinner, what is waited for, and the seconds.

    Where the server made a guess, a bar fills by it.
    """

    def __init__(self, wait: Wanted) -> None:
        """Raises ImportError where rich is absent; a spinner is not worth an error."""
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True)
        self._began = self._console.get_time()
        self._wait = wait
        self._spinner = self._new_spinner()
        self._live = Live(
            get_renderable=self._line,
            console=self._console,
            transient=True,
            refresh_per_second=10,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def update(self, wait: Wanted) -> None:
        """Says something else."""
        if wait.text != self._wait.text or wait.waited:
            self._began = self._console.get_time() - wait.waited
        self._wait = wait

    def stop(self) -> None:
        """Takes the line away."""
        self._live.stop()

    def _new_spinner(self) -> Any:
        from rich.spinner import Spinner

        return Spinner("dots" if self._console.encoding.startswith("utf") else "line")

    def _line(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = self._console.get_time()
        seconds, guess = now - self._began, self._wait.guess
        shown = f"{seconds:.0f} s" if seconds >= 1 else ""
        text = Text(self._wait.text)
        room = self._console.width - len("x ") - len(shown) - 1
        cells: list[Any] = [self._spinner.render(now), text]
        # A bar says less than the words, and goes first where there is no room for both.
        if guess is not None and text.cell_len + _BAR + 1 <= room:
            cells.append(ProgressBar(total=guess, completed=min(seconds, guess), width=_BAR))
        text.truncate(max(1, room), overflow="ellipsis")
        line = Table.grid(*([""] * (len(cells) + 1)), padding=(0, 1, 0, 0), pad_edge=False)
        line.add_row(*cells, shown)
        return line
