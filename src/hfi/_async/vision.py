"""Tasks about a picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hfi._async.tasks import AsyncTaskMethods
from hfi._core.outgoing.options import lists_options
from hfi.types.task_options import (
    DocumentQuestionAnsweringArguments,
    ImageClassificationArguments,
    ImageSegmentationArguments,
    ImageToTextArguments,
    ObjectDetectionArguments,
    VisualQuestionAnsweringArguments,
    ZeroShotImageClassificationOptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.answers import Answer, VisualAnswer
    from hfi.types.classes import Classification
    from hfi.types.results import Results
    from hfi.types.vision import Detection, Segment
    from hfi.types.written import ImageText

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["AsyncVisionMethods"]


class AsyncVisionMethods(AsyncTaskMethods):
    """What is in a picture, where, and what it says."""

    @lists_options(ImageClassificationArguments)
    async def image_classification(
        self, image: Any, **options: Unpack[ImageClassificationArguments]
    ) -> Results[Classification]:
        """Tells what a picture shows.

        Args:
            image: A path, a URL, bytes, a binary file, a PIL image, a NumPy array or an ``Image``.
                What lies at a URL is fetched here, without a token, where the provider takes no
                URLs.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Classification] = await self._perform(
            "image_classification", {"image": image}, options
        )
        return found

    @lists_options(ImageSegmentationArguments)
    async def image_segmentation(
        self, image: Any, **options: Unpack[ImageSegmentationArguments]
    ) -> Results[Segment]:
        """Finds the parts of a picture, each as a mask.

        Args:
            image: As for ``image_classification``.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Segment] = await self._perform(
            "image_segmentation", {"image": image}, options
        )
        return found

    @lists_options(ObjectDetectionArguments)
    async def object_detection(
        self, image: Any, **options: Unpack[ObjectDetectionArguments]
    ) -> Results[Detection]:
        """Finds things in a picture, each with the box around it.

        Args:
            image: As for ``image_classification``.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Detection] = await self._perform(
            "object_detection", {"image": image}, options
        )
        return found

    @lists_options(ImageToTextArguments)
    async def image_to_text(self, image: Any, **options: Unpack[ImageToTextArguments]) -> ImageText:
        """Writes what a picture shows or says.

        Args:
            image: As for ``image_classification``.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: ImageText = await self._perform("image_to_text", {"image": image}, options)
        return found

    @lists_options(ZeroShotImageClassificationOptions)
    async def zero_shot_image_classification(
        self,
        image: Any,
        candidate_labels: Sequence[str],
        **options: Unpack[ZeroShotImageClassificationOptions],
    ) -> Results[Classification]:
        """Tells which of your labels fit a picture.

        Args:
            image: As for ``image_classification``.
            candidate_labels: The labels to choose from, in words that say what they mean.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Classification] = await self._perform(
            "zero_shot_image_classification",
            {"image": image},
            {**options, "candidate_labels": candidate_labels},
        )
        return found

    @lists_options(VisualQuestionAnsweringArguments)
    async def visual_question_answering(
        self, image: Any, question: str, **options: Unpack[VisualQuestionAnsweringArguments]
    ) -> Results[VisualAnswer]:
        """Answers a question about a picture, the likeliest answer first.

        Args:
            image: As for ``image_classification``.
            question: What to ask.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[VisualAnswer] = await self._perform(
            "visual_question_answering", {"image": image, "question": question}, options
        )
        return found

    @lists_options(DocumentQuestionAnsweringArguments)
    async def document_question_answering(
        self, image: Any, question: str, **options: Unpack[DocumentQuestionAnsweringArguments]
    ) -> Results[Answer]:
        """Finds the answer to a question on a page, the likeliest first.

        Args:
            image: The page; as for ``image_classification``.
            question: What to ask.
            **options: What is listed below.

        Raises:
            HFIError: As ``summarization``.
        """
        found: Results[Answer] = await self._perform(
            "document_question_answering", {"image": image, "question": question}, options
        )
        return found
