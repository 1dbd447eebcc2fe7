"""What a server of one's own does beside inference."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hfi._async.base import AsyncBase
from hfi._core.outgoing.options import lists_options
from hfi.types.embedding_options import RerankArguments, TokenizeArguments
from hfi.types.options import CallOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.results import Results
    from hfi.types.servers import RankedText, ServerHealth, ServerInfo, Tokens

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncServerMethods"]


class AsyncServerMethods(AsyncBase):
    """``health``, ``info``, ``tokenize`` and ``rerank``."""

    @lists_options(CallOptions)
    async def health(self, **options: Unpack[CallOptions]) -> ServerHealth:
        """Asks the server whether it is ready; what it says is true if it is.

        A server that still loads its model is not ready. It is asked once, without waiting.

        Raises:
            ConfigurationError: No server of your own is named, nor the embedded one.
            APIConnectionError: It cannot be reached.
            APIStatusError: It refuses to say.
        """
        room = await self._room("serving")
        health: ServerHealth = await room.health(self, options)
        return health

    @lists_options(CallOptions)
    async def info(self, **options: Unpack[CallOptions]) -> ServerInfo:
        """Asks the server what it is: its kind, model, limits, and what it can do.

        Raises:
            ConfigurationError: No server of your own is named, nor the embedded one.
            APIConnectionError: It cannot be reached.
        """
        room = await self._room("serving")
        info: ServerInfo = await room.info(self, options)
        return info

    @lists_options(TokenizeArguments, {"add_special_tokens": True})
    async def tokenize(self, text: str, **options: Unpack[TokenizeArguments]) -> Tokens:
        """Cuts a text into tokens, as the server's model sees it. TGI, TEI, vLLM and llama.cpp.

        Args:
            text: The text.
            **options: What ``hfi.types.embedding_options.TokenizeArguments`` lists.

        Raises:
            ConfigurationError: No server of your own is named, nor the embedded one.
            ModelNotSupportedError: The server has no tokenizer; the error says what it has.
            APIStatusError: The server refused.
            APIConnectionError: It cannot be reached.
            ResponseError: What came are no tokens.
        """
        room = await self._room("serving")
        tokens: Tokens = await room.tokenize(self, text, options)
        return tokens

    @lists_options(RerankArguments)
    async def rerank(
        self, query: str, texts: Sequence[str], **options: Unpack[RerankArguments]
    ) -> Results[RankedText]:
        """Ranks texts by how well each answers a query, best first. TEI, vLLM and llama.cpp.

        A list longer than the server takes at once is sent in parts.

        Args:
            query: What is asked.
            texts: What may answer it.
            **options: What ``hfi.types.embedding_options.RerankArguments`` lists.

        Raises:
            ConfigurationError: No server of your own is named, nor the embedded one; or the
                arguments do not fit together.
            ModelNotSupportedError: The server, or its model, ranks no texts; the error says what
                it can do.
            APIStatusError: The server refused.
            APIConnectionError: It cannot be reached.
            ResponseError: What came are no ranks.
        """
        room = await self._room("serving")
        ranks: Results[RankedText] = await room.rerank(self, query, texts, options)
        return ranks
