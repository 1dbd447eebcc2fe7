"""What the methods of all tasks but chat and text generation stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._async.hub import AsyncHubMethods

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AsyncTaskMethods"]


class AsyncTaskMethods(AsyncHubMethods):
    """``_perform``: a task by the name of its method."""

    async def _perform(
        self, method: str, inputs: Mapping[str, Any], options: Mapping[str, Any]
    ) -> Any:
        """Does a task: reads its media, looks its model up, plans, sends, reads the reply.

        Args:
            method: The name of the task's method, as in ``_core.tasks.catalogue``.
            inputs: What it is given, by the task's names; media as the user gave them.
            options: All other arguments of the method.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: Nobody does this with the model.
            APIStatusError: The last provider refused, or the job failed; ``.earlier`` holds what
                the others said.
            APIConnectionError: There was no answer, or no result within ``timeout.total``.
            ResponseError: What came is not what the task gives.
        """
        room = await self._room("performing")
        return await room.perform(self, method, inputs, options)
