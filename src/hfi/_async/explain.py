"""What a call would do, told by the planner of the call itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from hfi._async.base import AsyncBase
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi.types.explanation import Explanation

__all__ = ["AsyncExplainMethods"]


class AsyncExplainMethods(AsyncBase):
    """``explain``."""

    # The task, and the method that plans a call of it and tells the plan. Each takes the task's
    # first argument, ``stream`` and the options.
    _EXPLAINED: ClassVar[Mapping[str, str]] = {
        "chat": "_explain_chat",
        "text_generation": "_explain_text",
        "text_to_image": "_explain_image",
    }

    async def explain(
        self, task: str, messages: Any, *, stream: bool = False, **options: Any
    ) -> Explanation:
        """Says what a call would do, without sending its inference request.

        What must be known for that may be asked for: a model's metadata, or what a server is.

        Args:
            task: The name of the method, such as ``"chat"``.
            messages: The method's first argument.
            stream: As for the method.
            **options: The method's other arguments.

        Raises:
            ConfigurationError: As the call itself would, or for a task that cannot be explained.
        """
        name = self._EXPLAINED.get(task)
        if name is None:
            tasks = ", ".join(map(repr, self._EXPLAINED))
            raise ConfigurationError(
                f"There is no task {task!r} to explain.", hint=f"There are {tasks}."
            )
        explanation: Explanation = await getattr(self, name)(messages, stream, options)
        return explanation
