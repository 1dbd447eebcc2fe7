"""What every fault is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from hfi.testing.answers import Answer, Step

__all__ = ["Fault"]


class Fault:
    """One way to misbehave; subclasses say what it changes.

    Attributes:
        early: Whether the answer is sent before the body of the request was read.
        at_connect: Whether it shows before any request was read.
    """

    early: ClassVar[bool] = False
    at_connect: ClassVar[bool] = False

    def change(self, answer: Answer) -> Answer:
        """The answer in place of the good one."""
        return answer

    def send(self, steps: Iterable[Step]) -> Iterable[Step]:
        """The steps in place of those that send the answer."""
        return steps
