"""The seam between what had come of an answer and what comes after it was taken up again."""

from __future__ import annotations

__all__ = ["Seam", "split_tail"]

# A first piece that repeats less than this may be the model's own word.
_TELLING = 12


def split_tail(text: str) -> tuple[str, str]:
    """Gives what to send of a half answer, and the white space at its end.

    The white space is left for the model to make anew: a template may trim it, and a prompt that
    ends in it is cut into other tokens than the answer was.
    """
    sent = text.rstrip()
    return sent, text[len(sent) :]


class Seam:
    """Takes out of the rest of an answer what had been shown before."""

    def __init__(self, tail: str = "", *, echo: str = "") -> None:
        """Begins before the rest.

        Args:
            tail: The white space that was shown, but not sent.
            echo: What the server may repeat. Those that do, do so in their first piece of text,
                where others have a single token.
        """
        self._echo = echo if len(echo) >= _TELLING or " " in echo.strip() else ""
        self._tail = tail

    def cut(self, text: str) -> str:
        """Gives what is new of the next piece of text."""
        if not text:
            return text
        if self._echo:
            echo, self._echo = self._echo, ""
            # A template may have trimmed its beginning, too.
            bare = text.removeprefix(echo)
            text = text.removeprefix(echo.lstrip()) if bare is text else bare
        start, most = 0, min(len(text), len(self._tail))
        while start < most and text[start] == self._tail[start]:
            start += 1
        # What differs from what was shown is new, and all that follows.
        self._tail = self._tail[start:] if start == len(text) else ""
        return text[start:]
