"""A conversation as a value: what was said, by whom, and whether it was cut off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ConversationError", "Talk", "Turn"]

_ROLES = ("system", "developer", "user", "assistant", "tool")


class ConversationError(ValueError):
    """A value that is no conversation; the text says why, without naming where it stands."""


@attrs.frozen
class Turn:
    """One message, in the form that ``Client.chat`` takes.

    Attributes:
        message: The message.
        interrupted: Whether it is an answer that was not heard to its end.
    """

    message: Mapping[str, Any]
    interrupted: bool = False

    @property
    def role(self) -> str:
        """Who says it."""
        return str(self.message["role"])


@attrs.frozen(kw_only=True)
class Talk:
    """What was said so far, and what will go with the next question.

    Attributes:
        system: What the model is told before all else.
        turns: The messages after that, in order.
        images: Paths and URLs of pictures for the next question.
    """

    system: str | None = None
    turns: tuple[Turn, ...] = ()
    images: tuple[str, ...] = ()

    def asked(self, text: str) -> Talk:
        """The conversation with a question, which takes the pictures along."""
        content: Any = text
        if self.images:
            parts = [{"type": "image", "image": image} for image in self.images]
            content = [*parts, {"type": "text", "text": text}]
        turn = Turn({"role": "user", "content": content})
        return attrs.evolve(self, turns=(*self.turns, turn), images=())

    def answered(self, text: str, *, interrupted: bool = False) -> Talk:
        """The conversation with the model's answer."""
        turn = Turn({"role": "assistant", "content": text}, interrupted)
        return attrs.evolve(self, turns=(*self.turns, turn))

    @property
    def open_question(self) -> bool:
        """Whether it is the model's turn to speak."""
        return bool(self.turns) and self.turns[-1].role != "assistant"

    def unanswered(self) -> Talk:
        """The conversation up to its last question, without the answer to it."""
        kept = len(self.turns)
        while kept and self.turns[kept - 1].role == "assistant":
            kept -= 1
        return attrs.evolve(self, turns=self.turns[:kept])

    def undone(self) -> Talk:
        """The conversation without its last question and what came of it."""
        asked = [index for index, turn in enumerate(self.turns) if turn.role == "user"]
        return attrs.evolve(self, turns=self.turns[: asked[-1]] if asked else ())

    def last_question(self) -> tuple[str, tuple[str, ...]]:
        """The text of the last question and its pictures; nothing where there is none."""
        for turn in reversed(self.turns):
            if turn.role == "user":
                return _read_content(turn.message.get("content"))
        return "", ()

    def messages(self) -> list[dict[str, Any]]:
        """What ``Client.chat`` takes."""
        told = [{"role": "system", "content": self.system}] if self.system else []
        return [*told, *(dict(turn.message) for turn in self.turns)]

    def to_object(self, model: str | None) -> dict[str, Any]:
        """What is written to a file: ``hfi prompt`` reads it too."""
        first = 1 if self.system else 0
        cut = [first + index for index, turn in enumerate(self.turns) if turn.interrupted]
        return {
            **({"model": model} if model else {}),
            "messages": self.messages(),
            **({"interrupted": cut} if cut else {}),
        }

    @classmethod
    def of(cls, value: object) -> Talk:
        """Reads what ``to_object`` gave, or a list of messages.

        Raises:
            ConversationError: It is neither.
        """
        fields = value if isinstance(value, Mapping) else {"messages": value}
        messages = fields.get("messages")
        if not isinstance(messages, list):
            raise ConversationError("holds no list of messages")
        cut = fields.get("interrupted")
        cut = cut if isinstance(cut, list) else []
        turns = [_turn(entry, number, cut) for number, entry in enumerate(messages)]
        system = None
        if turns and turns[0].role == "system":
            system = _read_content(turns[0].message.get("content"))[0]
            turns = turns[1:]
        return cls(system=system or None, turns=tuple(turns))


def _turn(entry: object, number: int, cut: Sequence[object]) -> Turn:
    if not isinstance(entry, Mapping) or entry.get("role") not in _ROLES:
        raise ConversationError(f"has no message with a role at place {number + 1}")
    return Turn(entry, interrupted=number in cut)


def _read_content(content: object) -> tuple[str, tuple[str, ...]]:
    """The text and the pictures of a message's content."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts, images = [], []
    for part in parts:
        if not isinstance(part, Mapping):
            continue
        text, image = part.get("text"), part.get("image")
        if isinstance(text, str):
            texts.append(text)
        if isinstance(image, str):
            images.append(image)
    return "\n".join(texts), tuple(images)
