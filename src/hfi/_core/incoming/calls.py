"""Tool calls put together from the pieces of a stream, in all the ways servers cut them.

By the protocol a call's first piece has ``index``, ``id`` and the function's name, and the later
ones its ``index`` and a piece of the arguments. Servers leave each of these out or repeat it.
"""

from __future__ import annotations

import attrs

from hfi.types.raw import loads
from hfi.types.tool_call import FunctionCall, ToolCall, ToolCallDelta

__all__ = ["CallAccumulator"]


@attrs.define(kw_only=True)
class _Call:
    index: int
    id: str | None = None
    type: str | None = None
    name: str = ""
    arguments: list[str] = attrs.field(factory=list)

    def is_whole(self) -> bool:
        """Whether the arguments are a whole JSON object, after which only another call can come."""
        try:
            return isinstance(loads("".join(self.arguments).encode("utf-8", "replace")), dict)
        except ValueError:
            return False

    def add(self, delta: ToolCallDelta) -> None:
        name, arguments = delta.function.name, delta.function.arguments
        self.id = self.id or delta.id
        self.type = self.type or delta.type
        if name and name != self.name:  # some repeat it in every piece
            self.name += name
        if arguments:
            self.arguments.append(arguments)


class CallAccumulator:
    """The calls of one choice."""

    def __init__(self) -> None:
        """Begins without any."""
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._last: _Call | None = None

    def add(self, deltas: tuple[ToolCallDelta, ...]) -> None:
        """Takes the pieces of one chunk, and gives each the index of its call."""
        alone = len(deltas) == 1
        for position, delta in enumerate(deltas):
            call = self._find(delta, None if alone else position)
            call.add(delta)
            if call.id:
                self._by_id.setdefault(call.id, call)
            if delta.index != call.index:
                object.__setattr__(delta, "index", call.index)  # ours until it is handed out
            self._last = call

    def calls(self) -> tuple[ToolCall, ...]:
        """Gives what there is of the calls, in order."""
        return tuple(
            ToolCall(
                id=call.id,
                type=call.type or "function",
                function=FunctionCall(name=call.name, arguments="".join(call.arguments)),
            )
            for call in sorted(self._calls, key=lambda call: call.index)
        )

    def _find(self, delta: ToolCallDelta, position: int | None) -> _Call:
        if delta.index is not None:
            call = self._by_index.get(delta.index)
            if call is None or _is_another(call, delta):
                call = self._by_index[delta.index] = self._new(delta.index)
            return call
        if delta.id:
            return self._by_id.get(delta.id) or self._new()
        call = self._last
        if position is not None:
            call = self._calls[position] if position < len(self._calls) else None
        if call is None or _is_another(call, delta):
            return self._new()
        return call

    def _new(self, index: int | None = None) -> _Call:
        taken = {call.index for call in self._calls}
        if index is None or index in taken:
            # Gemini gives every call of an answer the index 0.
            index = max(taken, default=-1) + 1
        call = _Call(index=index)
        self._calls.append(call)
        return call


def _is_another(call: _Call, delta: ToolCallDelta) -> bool:
    """Whether a piece begins a new call although its index, or its place, is that of ``call``."""
    name, arguments = delta.function.name, delta.function.arguments
    if not name or not call.name:
        return False
    if delta.id and call.id:
        # A new id alone is none: vLLM once made one up for every piece of the same call.
        return delta.id != call.id
    if delta.index is None and name != call.name:
        return True
    return bool(arguments and arguments.lstrip().startswith("{") and call.is_whole())
