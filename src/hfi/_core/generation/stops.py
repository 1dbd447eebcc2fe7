"""Stop sequences, cut from a text that comes in pieces."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["StopCutter"]


class StopCutter:
    """Ends a text before the first stop sequence in it.

    TGI and transformers leave the sequence that ended a text in it. What may become one is held
    until more has come.

    Attributes:
        cut: Whether a sequence has come; all after it is dropped.
    """

    __slots__ = ("_held", "_longest", "_stops", "cut")

    def __init__(self, stops: Sequence[str] = ()) -> None:
        """Begins before the first character; empty sequences are none."""
        self.cut = False
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""

    def feed(self, text: str) -> str:
        """Takes the next piece and gives what is sure to belong to the text."""
        if not self._stops or (not text and not self._held):
            return text
        if self.cut:
            return ""
        text = self._held + text
        found = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if found:
            self.cut, self._held = True, ""
            return text[: min(found)]
        end = self._possible(text)
        self._held = text[end:]
        return text[:end]

    def flush(self) -> str:
        """Ends the text: gives what was held."""
        held, self._held = self._held, ""
        return held

    def _possible(self, text: str) -> int:
        """Gives where the longest end of ``text`` begins that may become a stop sequence."""
        start = max(0, len(text) - self._longest + 1)
        for place in range(start, len(text)):
            rest = text[place:]
            if any(stop.startswith(rest) for stop in self._stops):
                return place
        return len(text)
