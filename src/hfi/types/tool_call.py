"""The calls of functions that a model asks for."""

from __future__ import annotations

from typing import Any

import attrs

from hfi.errors import ResponseError
from hfi.types.raw import loads, short

__all__ = ["FunctionCall", "FunctionDelta", "ToolCall", "ToolCallDelta"]


@attrs.frozen(kw_only=True, slots=False)
class FunctionCall:
    """A function's name, and its arguments as the JSON text the model wrote."""

    name: str = ""
    arguments: str = attrs.field(default="", repr=short)


@attrs.frozen(kw_only=True, slots=False)
class ToolCall:
    """One call; ``id`` is what the "tool" message with its result refers to."""

    id: str | None = None
    type: str = "function"
    function: FunctionCall = attrs.field(factory=FunctionCall)

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name

    @property
    def arguments(self) -> str:
        """The arguments as the JSON text the model wrote, unchecked."""
        return self.function.arguments

    def parse_arguments(self) -> dict[str, Any]:
        """Decodes the arguments; an empty text means none.

        Raises:
            ResponseError: The model wrote something that is not a JSON object.
        """
        text = self.function.arguments
        if not text.strip():
            return {}
        try:
            value = loads(text.encode("utf-8", "surrogatepass"))
        except ValueError:
            value = None
        if isinstance(value, dict):
            return value
        raise ResponseError(
            f"The model called {self.function.name!r} with arguments that are not a JSON object: "
            f"{short(text)}.",
            hint="Answer the call with this error so that the model tries again; where the answer "
            "ended for its length, raise max_tokens.",
            body=text[:500],
        )

    def to_dict(self) -> dict[str, Any]:
        """Gives the wire form, to be sent back inside the assistant's message."""
        function = {"name": self.function.name, "arguments": self.function.arguments}
        call: dict[str, Any] = {"type": self.type, "function": function}
        return call if self.id is None else {"id": self.id, **call}


@attrs.frozen(kw_only=True, slots=False)
class FunctionDelta:
    """A piece of a call: usually the name first, then the arguments' text bit by bit."""

    name: str | None = None
    arguments: str | None = attrs.field(default=None, repr=short)


@attrs.frozen(kw_only=True, slots=False)
class ToolCallDelta:
    """A piece of the call number ``index``; ``id`` and ``type`` come with its first piece."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionDelta = attrs.field(factory=FunctionDelta)

    @property
    def name(self) -> str | None:
        """The function's name, where this piece holds it."""
        return self.function.name

    @property
    def arguments(self) -> str | None:
        """This piece of the arguments' JSON text."""
        return self.function.arguments
