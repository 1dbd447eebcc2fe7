"""Embeddings, and how alike sentences are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, overload

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.embedding_options import FeatureExtractionArguments, SentenceSimilarityArguments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.embedding_options import Progress
    from hfi.types.embeddings import Embedding, Embeddings
    from hfi.types.explanation import Explanation
    from hfi.types.results import Results

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncEmbeddingMethods"]


class AsyncEmbeddingMethods(AsyncTaskMethods):
    """``feature_extraction`` and ``sentence_similarity``."""

    @overload
    async def feature_extraction(
        self,
        text: str,
        *,
        progress: Progress = ...,
        **options: Unpack[FeatureExtractionArguments],
    ) -> Embedding: ...
    @overload
    async def feature_extraction(
        self,
        text: list[str] | tuple[str, ...],
        *,
        progress: Progress = ...,
        **options: Unpack[FeatureExtractionArguments],
    ) -> Embeddings: ...
    @lists_options(FeatureExtractionArguments)
    async def feature_extraction(
        self,
        text: str | list[str] | tuple[str, ...],
        *,
        progress: Progress = False,
        **options: Unpack[FeatureExtractionArguments],
    ) -> Embedding | Embeddings:
        """Turns a text, or each of a list, into numbers: 32-bit floats.

        A list may be of any length. It is sent in as many requests as the server's limits ask
        for, eight of them at the same time, and its rows come in the order of the texts.
        ``.numpy()`` gives an array of the shape (texts, dimensions); for one text (dimensions,).
        The time limits are those of each request, ``timeout.total`` too.

        Args:
            text: A text, or a list of texts.
            progress: True shows a bar, which needs ``hfi[notebook]``; a function is called with
                (texts done, texts) after each request.
            **options: What ``hfi.types.embedding_options.FeatureExtractionArguments`` lists. One
                that is None is not sent.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            MissingExtraError: A bar is asked for, and tqdm is not installed.
            ModelNotSupportedError: Nobody makes embeddings with this model, or the server has none.
            APIStatusError: The server refused. Where a list was sent in parts, the error says of
                which rows, and its ``.partial`` holds those that came, by row.
            APIConnectionError: There was no answer; ``.partial`` as above.
            ResponseError: What came are no embeddings; ``.partial`` as above.
        """
        room = await self._room("embedding")
        found: Embedding | Embeddings = await room.extract(self, text, progress, options)
        return found

    @lists_options(SentenceSimilarityArguments)
    async def sentence_similarity(
        self,
        sentence: str,
        other_sentences: Sequence[str],
        **options: Unpack[SentenceSimilarityArguments],
    ) -> Results[float]:
        """Tells how alike a sentence is to each of others, mostly from 0 to 1.

        Where a provider or server has only embeddings, theirs are compared here, by the cosine;
        ``.meta.notes`` says so.

        Args:
            sentence: The sentence.
            other_sentences: What it is compared with; a list of any length, as for
                ``feature_extraction``.
            **options: What ``hfi.types.embedding_options.SentenceSimilarityArguments`` lists.

        Raises:
            HFIError: As ``feature_extraction``.
        """
        room = await self._room("embedding")
        found: Results[float] = await room.compare(self, sentence, other_sentences, options)
        return found

    async def _explain_features(self, first: Any, stream: bool, options: Any) -> Explanation:
        room = await self._room("embedding")
        told: Explanation = await room.explain_extract(self, first, stream, options)
        return told

    async def _explain_similarity(self, first: Any, stream: bool, options: Any) -> Explanation:
        room = await self._room("embedding")
        told: Explanation = await room.explain_compare(self, first, stream, options)
        return told
