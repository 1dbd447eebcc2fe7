"""Reasoning that a server left inside the content, between ``<think>`` and ``</think>``.

Servers with a reasoning parser send it in a field of its own; without one it is the beginning of
the text. White space around it is the template's, not the answer's, and is dropped.
"""

from __future__ import annotations

__all__ = ["ThinkSplitter", "split_think"]

_OPEN = "<think>"
_CLOSE = "</think>"
# A tag in quotes is talked about, not used.
_QUOTES = "`'\"\u2018\u2019\u201c\u201d"
# White space longer than this is the model's own; holding it would cost the square of its length.
_MAX_HELD = 1000


class ThinkSplitter:
    """Splits the text of one choice, in pieces cut anywhere, into reasoning and answer.

    Only what the content begins with counts: a text that speaks of ``<think>`` later stays text.
    ``thinking`` says that the prompt ended with the opening tag, so that the reply begins inside.

    Attributes:
        split: Whether there was reasoning to split off, be it empty.
        decided: All that comes is text: there is no need to ask any more.
    """

    __slots__ = ("_begun", "_held", "_inside", "_trim", "decided", "split")

    def __init__(self, *, thinking: bool = False) -> None:
        """Begins before the first character."""
        self.split = thinking
        self.decided = False
        self._inside = thinking
        self._begun = False  # whether it is known if there is an opening tag
        self._trim = True  # at the edge of a part, where white space is dropped
        self._held = ""  # what may yet become a tag, or be the white space before one

    def feed(self, text: str) -> tuple[str, str]:
        """Takes the next piece and gives (reasoning, answer), either of which may be empty."""
        if self.decided:
            return "", text
        text = self._held + text
        self._held = ""
        if not self._begun:
            text = self._begin(text)
        reasoning = ""
        if self._inside and self._begun:
            reasoning, text = self._think(text)
        if self._begun and not self._inside:
            if self._trim:
                text = text.lstrip()
            self.decided = bool(text)
        return reasoning, text

    def flush(self) -> tuple[str, str]:
        """Ends the text: gives what was held, as ``feed`` does."""
        held, self._held = self._held, ""
        if self._inside:
            return held.strip() if self._trim else held.rstrip(), ""
        return "", held

    def _begin(self, text: str) -> str:
        """Looks for a tag at the beginning, and holds the text while it may be one."""
        stripped = text.lstrip()
        if stripped.startswith(_OPEN):
            self._begun = self._inside = self.split = True
            return stripped[len(_OPEN) :]
        if stripped.startswith(_CLOSE):
            # The template opened and the model closed at once: it was told not to think.
            self._begun = self.split = True
            self._inside = False
            return stripped[len(_CLOSE) :]
        if (_OPEN.startswith(stripped) or _CLOSE.startswith(stripped)) and len(text) < _MAX_HELD:
            self._held = text
            return ""
        self._begun = True
        self._trim = self._inside
        return text

    def _think(self, text: str) -> tuple[str, str]:
        """Gives (reasoning, answer) of a text that begins inside, and holds a possible end."""
        if self._trim:
            text = text.lstrip()
        end = text.find(_CLOSE)
        if end >= 0:
            self._inside, self._trim = False, True
            return text[:end].rstrip(), text[end + len(_CLOSE) :]
        end = len(text)
        tag = text.rfind("<", -len(_CLOSE) + 1)
        if tag >= 0 and _CLOSE.startswith(text[tag:]):
            end = tag
        end = len(text[:end].rstrip())
        if len(text) - end > _MAX_HELD:
            end = len(text)
        self._held = text[end:]
        self._trim = self._trim and not end
        return text[:end], ""


def split_think(content: str, *, thinking: bool = False) -> tuple[str | None, str]:
    """Gives (reasoning, answer) of a whole content; the reasoning is None if there is none.

    The opening tag may be missing, for templates that put it into the prompt: then the first
    closing tag ends the reasoning.
    """
    splitter = ThinkSplitter(thinking=thinking)
    parts = [splitter.feed(content), splitter.flush()]
    reasoning, answer = ("".join(part) for part in zip(*parts, strict=True))
    if splitter.split:
        return reasoning or None, answer
    end = _lone_close(content)
    if end < 0:
        return None, content
    return content[:end].strip() or None, content[end + len(_CLOSE) :].lstrip()


def _lone_close(content: str) -> int:
    """Finds a closing tag that has no opening tag before it and no quotes around; -1 without."""
    end = content.find(_CLOSE)
    while end > 0 and content[end - 1] in _QUOTES:
        end = content.find(_CLOSE, end + 1)
    return -1 if end >= 0 and _OPEN in content[:end] else end
