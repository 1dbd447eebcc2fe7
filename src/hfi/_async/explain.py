"""What a call would do, told by the planner of the call itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from hfi._async.base import AsyncBase
from hfi._concurrency import async_to_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi.types.explanation import Explanation

__all__ = ["AsyncExplainMethods"]


class AsyncExplainMethods(AsyncBase):
    """``explain``."""

    # The task, and the method that plans a call of it and tells the plan. Each takes the task's
    # first argument, ``stream`` and the options. All others are told alike.
    _EXPLAINED: ClassVar[Mapping[str, str]] = {
        "chat": "_explain_chat",
        "text_generation": "_explain_text",
        "feature_extraction": "_explain_features",
        "sentence_similarity": "_explain_similarity",
    }

    async def explain(
        self, task: str, messages: Any = None, *, stream: bool = False, **options: Any
    ) -> Explanation:
        """Says what a call would do, without sending its inference request.

        What must be known for that may be asked for: a model's metadata, or what a server is.

        Args:
            task: The name of the method, such as ``"chat"``.
            messages: The method's first argument; it may be given by its name as well.
            stream: As for the method.
            **options: The method's other arguments.

        Raises:
            ConfigurationError: As the call itself would, or for a task that cannot be explained.
        """
        name = self._EXPLAINED.get(task)
        explanation: Explanation
        if name is not None:
            explanation = await getattr(self, name)(messages, stream, options)
        else:
            room = await self._room("performing")
            explanation = await room.explain_call(self, task, messages, stream, options)
        engine = await async_to_thread(self._transport.engine_for, explanation.url)
        return attrs.evolve(explanation, engine=engine.name, engine_reason=engine.reason)
