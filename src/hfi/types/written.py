"""Texts that a model wrote of another text, or of a picture."""

from __future__ import annotations

import attrs

from hfi.types.raw import short
from hfi.types.results import TaskValue

__all__ = ["ImageText", "Summary", "Translation"]


@attrs.frozen(kw_only=True, slots=False)
class _Written(TaskValue):
    """A text that a task gave.

    Attributes:
        text: The text.
    """

    text: str = attrs.field(default="", repr=short)

    def __str__(self) -> str:
        return self.text


@attrs.frozen(kw_only=True, slots=False)
class Summary(_Written):
    """A shorter text; ``str(summary)`` is ``summary.text``."""

    @property
    def summary_text(self) -> str:
        """The text, under the wire's name."""
        return self.text


@attrs.frozen(kw_only=True, slots=False)
class Translation(_Written):
    """A text in another language; ``str(translation)`` is ``translation.text``."""

    @property
    def translation_text(self) -> str:
        """The text, under the wire's name."""
        return self.text


@attrs.frozen(kw_only=True, slots=False)
class ImageText(_Written):
    """What a picture shows or says; ``str(text)`` is ``text.text``."""

    @property
    def generated_text(self) -> str:
        """The text, under the wire's name."""
        return self.text
