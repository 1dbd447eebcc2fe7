"""Tasks about a text."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, overload

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.task_options import (
    FillMaskArguments,
    QuestionAnsweringOptions,
    SummarizationArguments,
    TextClassificationArguments,
    TokenClassificationArguments,
    TranslationArguments,
    ZeroShotClassificationOptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.answers import Answer
    from hfi.types.classes import Classification
    from hfi.types.results import Results
    from hfi.types.words import Entity, FillMask
    from hfi.types.written import Summary, Translation

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncTextTaskMethods"]


class AsyncTextTaskMethods(AsyncTaskMethods):
    """Summaries, translations, gaps, answers, classes and names."""

    @lists_options(SummarizationArguments)
    async def summarization(self, text: str, **options: Unpack[SummarizationArguments]) -> Summary:
        """Writes a shorter text.

        Args:
            text: What to shorten.
            **options: What is listed below. One that is None is not sent; ``extra_body`` takes
                what only a server knows.

        Raises:
            ConfigurationError: The arguments do not fit together, or a token is missing.
            ModelNotSupportedError: Nobody does this with the model.
            APIStatusError: The last provider refused; ``.earlier`` holds what the others said.
            APIConnectionError: There was no answer within the timeout.
            ResponseError: What came is not what the task gives.
        """
        found: Summary = await self._perform("summarization", {"text": text}, options)
        return found

    @lists_options(TranslationArguments)
    async def translation(self, text: str, **options: Unpack[TranslationArguments]) -> Translation:
        """Writes a text in another language.

        Args:
            text: What to translate. Models for one pair of languages need neither ``src_lang`` nor
                ``tgt_lang``; those for many need both.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Translation = await self._perform("translation", {"text": text}, options)
        return found

    @lists_options(FillMaskArguments)
    async def fill_mask(self, text: str, **options: Unpack[FillMaskArguments]) -> Results[FillMask]:
        """Finds words that fit a gap, the likeliest first.

        Args:
            text: A text with the model's own mark for a gap in it: ``[MASK]``, ``<mask>``, ...
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[FillMask] = await self._perform("fill_mask", {"text": text}, options)
        return found

    @overload
    async def question_answering(
        self,
        question: str,
        context: str,
        *,
        top_k: None = None,
        **options: Unpack[QuestionAnsweringOptions],
    ) -> Answer: ...
    @overload
    async def question_answering(
        self,
        question: str,
        context: str,
        *,
        top_k: int,
        **options: Unpack[QuestionAnsweringOptions],
    ) -> Results[Answer]: ...
    @overload
    async def question_answering(
        self,
        question: str,
        context: str,
        *,
        top_k: int | None,
        **options: Unpack[QuestionAnsweringOptions],
    ) -> Answer | Results[Answer]: ...
    @lists_options(QuestionAnsweringOptions)
    async def question_answering(
        self,
        question: str,
        context: str,
        *,
        top_k: int | None = None,
        **options: Unpack[QuestionAnsweringOptions],
    ) -> Answer | Results[Answer]:
        """Finds the answer to a question in a text.

        Args:
            question: What to ask.
            context: Where to look for the answer.
            top_k: How many answers at most; they are given as ``Results``, ``top_k=1`` too. None
                gives the likeliest answer as such.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Answer] = await self._perform(
            "question_answering",
            {"question": question, "context": context},
            {**options, "top_k": top_k},
        )
        return found[0] if top_k is None else found

    @lists_options(TextClassificationArguments)
    async def text_classification(
        self, text: str, **options: Unpack[TextClassificationArguments]
    ) -> Results[Classification]:
        """Tells which classes a text belongs to, such as its mood.

        Args:
            text: What to judge.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Classification] = await self._perform(
            "text_classification", {"text": text}, options
        )
        return found

    @lists_options(TokenClassificationArguments)
    async def token_classification(
        self, text: str, **options: Unpack[TokenClassificationArguments]
    ) -> Results[Entity]:
        """Finds names, or parts of speech, in a text.

        Args:
            text: Where to look.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Entity] = await self._perform(
            "token_classification", {"text": text}, options
        )
        return found

    @lists_options(ZeroShotClassificationOptions)
    async def zero_shot_classification(
        self,
        text: str,
        candidate_labels: Sequence[str],
        **options: Unpack[ZeroShotClassificationOptions],
    ) -> Results[Classification]:
        """Tells which of your labels fit a text.

        Args:
            text: What to judge.
            candidate_labels: The labels to choose from, in words that say what they mean.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Classification] = await self._perform(
            "zero_shot_classification",
            {"text": text},
            {**options, "candidate_labels": candidate_labels},
        )
        return found
