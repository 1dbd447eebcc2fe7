"""Text generation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

from hfi._async.base import AsyncBase
from hfi._core.outgoing.options import lists_options
from hfi.types.options import TEXT_DEFAULTS, TextArguments

if TYPE_CHECKING:
    from hfi._async.stream import AsyncTextStream
    from hfi.types.explanation import Explanation
    from hfi.types.text import TextGeneration

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncTextMethods"]


class AsyncTextMethods(AsyncBase):
    """``text_generation``, and the explanation of one."""

    @overload
    async def text_generation(
        self, prompt: str, *, stream: Literal[False] = ..., **options: Unpack[TextArguments]
    ) -> TextGeneration: ...
    @overload
    async def text_generation(
        self, prompt: str, *, stream: Literal[True], **options: Unpack[TextArguments]
    ) -> AsyncTextStream: ...
    @overload
    async def text_generation(
        self, prompt: str, *, stream: bool, **options: Unpack[TextArguments]
    ) -> TextGeneration | AsyncTextStream: ...
    @lists_options(TextArguments, TEXT_DEFAULTS)
    async def text_generation(
        self, prompt: str, *, stream: bool = False, **options: Unpack[TextArguments]
    ) -> TextGeneration | AsyncTextStream:
        """Goes on from a prompt, exactly as it stands, and gives the text, whole or as a stream.

        A server that was named is asked what it is: TGI, llama.cpp, or one with OpenAI's
        ``/v1/completions``. Stop sequences and special tokens are not part of the text.

        Args:
            prompt: What the model goes on from.
            stream: Gives a stream of chunks instead of the whole text.
            **options: What ``hfi.types.options.TextArguments`` lists. One that is None is not
                sent.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: No provider generates text with this model.
            APIStatusError: The server refused; its subclasses say why.
            APIConnectionError: The server could not be reached, or not in time.
            StreamError: A stream broke off; ``.partial`` holds what had arrived.
            ResponseError: The reply is not what the protocol promises.
        """
        room = await self._room("generation")
        answer: TextGeneration | AsyncTextStream = await room.generate(
            self, prompt, stream, options
        )
        return answer

    async def _explain_text(self, prompt: str, stream: bool, options: Any) -> Explanation:
        room = await self._room("generation")
        explanation: Explanation = await room.explain(self, prompt, stream, options)
        return explanation
