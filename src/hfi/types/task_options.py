"""The options of tasks about texts, tables and pictures, for ``**options: Unpack[...]``.

Each task has its options, which are sent under these names (those of Hugging Face), and its
arguments: those, and what shapes the request.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hfi.types.options import CallOptions

if sys.version_info >= (3, 11):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

__all__ = [
    "OPTION_DOCS",
    "DocumentQuestionAnsweringArguments",
    "DocumentQuestionAnsweringOptions",
    "FillMaskArguments",
    "FillMaskOptions",
    "ImageClassificationArguments",
    "ImageClassificationOptions",
    "ImageSegmentationArguments",
    "ImageSegmentationOptions",
    "ImageToTextArguments",
    "ImageToTextOptions",
    "ObjectDetectionArguments",
    "ObjectDetectionOptions",
    "QuestionAnsweringArguments",
    "QuestionAnsweringOptions",
    "SummarizationArguments",
    "SummarizationOptions",
    "TableQuestionAnsweringArguments",
    "TableQuestionAnsweringOptions",
    "TabularArguments",
    "TabularOptions",
    "TaskShape",
    "TextClassificationArguments",
    "TextClassificationOptions",
    "TokenClassificationArguments",
    "TokenClassificationOptions",
    "TranslationArguments",
    "TranslationOptions",
    "VisualQuestionAnsweringArguments",
    "VisualQuestionAnsweringOptions",
    "ZeroShotClassificationArguments",
    "ZeroShotClassificationOptions",
    "ZeroShotImageClassificationArguments",
    "ZeroShotImageClassificationOptions",
]


class TaskShape(TypedDict, total=False):
    """The arguments of every task that shape its request."""

    model: str | None
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


Truncation = Literal["do_not_truncate", "longest_first", "only_first", "only_second"]
Transform = Literal["sigmoid", "softmax", "none"]


class SummarizationOptions(CallOptions, total=False):
    """The options of ``summarization``."""

    clean_up_tokenization_spaces: bool | None
    truncation: Truncation | None
    generate_parameters: Mapping[str, Any] | None


class SummarizationArguments(TaskShape, SummarizationOptions, total=False):
    """All that ``summarization`` takes by keyword."""


class TranslationOptions(CallOptions, total=False):
    """The options of ``translation``."""

    src_lang: str | None
    tgt_lang: str | None
    clean_up_tokenization_spaces: bool | None
    truncation: Truncation | None
    generate_parameters: Mapping[str, Any] | None


class TranslationArguments(TaskShape, TranslationOptions, total=False):
    """All that ``translation`` takes by keyword."""


class FillMaskOptions(CallOptions, total=False):
    """The options of ``fill_mask``."""

    targets: str | Sequence[str] | None
    top_k: int | None


class FillMaskArguments(TaskShape, FillMaskOptions, total=False):
    """All that ``fill_mask`` takes by keyword."""


class QuestionAnsweringOptions(CallOptions, total=False):
    """The options of ``question_answering``."""

    align_to_words: bool | None
    doc_stride: int | None
    handle_impossible_answer: bool | None
    max_answer_len: int | None
    max_question_len: int | None
    max_seq_len: int | None


class QuestionAnsweringArguments(TaskShape, QuestionAnsweringOptions, total=False):
    """All that ``question_answering`` takes by keyword."""


class TableQuestionAnsweringOptions(CallOptions, total=False):
    """The options of ``table_question_answering``."""

    padding: Literal["do_not_pad", "longest", "max_length"] | None
    sequential: bool | None
    truncation: bool | None


class TableQuestionAnsweringArguments(TaskShape, TableQuestionAnsweringOptions, total=False):
    """All that ``table_question_answering`` takes by keyword."""


class TextClassificationOptions(CallOptions, total=False):
    """The options of ``text_classification``."""

    function_to_apply: Transform | None
    top_k: int | None


class TextClassificationArguments(TaskShape, TextClassificationOptions, total=False):
    """All that ``text_classification`` takes by keyword."""


class TokenClassificationOptions(CallOptions, total=False):
    """The options of ``token_classification``."""

    aggregation_strategy: Literal["none", "simple", "first", "average", "max"] | None
    ignore_labels: str | Sequence[str] | None
    stride: int | None


class TokenClassificationArguments(TaskShape, TokenClassificationOptions, total=False):
    """All that ``token_classification`` takes by keyword."""


class ZeroShotClassificationOptions(CallOptions, total=False):
    """The options of ``zero_shot_classification``."""

    multi_label: bool | None
    hypothesis_template: str | None


class ZeroShotClassificationArguments(TaskShape, ZeroShotClassificationOptions, total=False):
    """All that ``zero_shot_classification`` takes by keyword."""


class TabularOptions(CallOptions, total=False):
    """The options of ``tabular_classification`` and of ``tabular_regression``."""


class TabularArguments(TaskShape, TabularOptions, total=False):
    """All that ``tabular_classification`` and of ``tabular_regression`` takes by keyword."""


class ImageClassificationOptions(CallOptions, total=False):
    """The options of ``image_classification``."""

    function_to_apply: Transform | None
    top_k: int | None


class ImageClassificationArguments(TaskShape, ImageClassificationOptions, total=False):
    """All that ``image_classification`` takes by keyword."""


class ImageSegmentationOptions(CallOptions, total=False):
    """The options of ``image_segmentation``."""

    mask_threshold: float | None
    overlap_mask_area_threshold: float | None
    subtask: Literal["instance", "panoptic", "semantic"] | None
    threshold: float | None


class ImageSegmentationArguments(TaskShape, ImageSegmentationOptions, total=False):
    """All that ``image_segmentation`` takes by keyword."""


class ObjectDetectionOptions(CallOptions, total=False):
    """The options of ``object_detection``."""

    threshold: float | None


class ObjectDetectionArguments(TaskShape, ObjectDetectionOptions, total=False):
    """All that ``object_detection`` takes by keyword."""


class ImageToTextOptions(CallOptions, total=False):
    """The options of ``image_to_text``."""

    max_new_tokens: int | None
    generation_parameters: Mapping[str, Any] | None


class ImageToTextArguments(TaskShape, ImageToTextOptions, total=False):
    """All that ``image_to_text`` takes by keyword."""


class ZeroShotImageClassificationOptions(CallOptions, total=False):
    """The options of ``zero_shot_image_classification``."""

    hypothesis_template: str | None


class ZeroShotImageClassificationArguments(
    TaskShape, ZeroShotImageClassificationOptions, total=False
):
    """All that ``zero_shot_image_classification`` takes by keyword."""


class VisualQuestionAnsweringOptions(CallOptions, total=False):
    """The options of ``visual_question_answering``."""

    top_k: int | None


class VisualQuestionAnsweringArguments(TaskShape, VisualQuestionAnsweringOptions, total=False):
    """All that ``visual_question_answering`` takes by keyword."""


class DocumentQuestionAnsweringOptions(CallOptions, total=False):
    """The options of ``document_question_answering``."""

    doc_stride: int | None
    handle_impossible_answer: bool | None
    lang: str | None
    max_answer_len: int | None
    max_question_len: int | None
    max_seq_len: int | None
    top_k: int | None
    word_boxes: Sequence[Any] | None


class DocumentQuestionAnsweringArguments(TaskShape, DocumentQuestionAnsweringOptions, total=False):
    """All that ``document_question_answering`` takes by keyword."""


# One line each, for help(); the words here win over those of hfi.types.options.
OPTION_DOCS: Mapping[str, str] = {
    "aggregation_strategy": "How tokens are grouped: 'none', 'simple', 'first', 'average', 'max'.",
    "align_to_words": "Whether answers are widened to whole words; bad without spaces.",
    "clean_up_tokenization_spaces": "Whether spaces that the tokenizer put too many are taken out.",
    "doc_stride": "How many tokens the parts share that a long text or document is cut into.",
    "function_to_apply": "What makes scores of numbers: 'softmax', 'sigmoid' or 'none'.",
    "generate_parameters": "How the text is written, such as {'max_new_tokens': 60}.",
    "generation_parameters": "How the text is written, such as {'do_sample': False}.",
    "handle_impossible_answer": "Whether 'there is no answer' may be the answer; it is empty then.",
    "hypothesis_template": "A sentence with {} for the label, that the model judges.",
    "ignore_labels": "Labels to leave out of the results.",
    "lang": "The language of the document, for reading its letters.",
    "mask_threshold": "From which probability a pixel belongs to a mask, mostly 0 to 1.",
    "max_answer_len": "The longest answer, in tokens; on a document, in words.",
    "max_new_tokens": "The most tokens to make, 1 or more; the server's own limit where absent.",
    "max_question_len": "What a question is cut to, in tokens.",
    "max_seq_len": "The tokens of one part of a long text or document, the question included.",
    "multi_label": "Whether several labels may be true; the scores then do not add up to 1.",
    "overlap_mask_area_threshold": "Below which share of a mask a piece is dropped, 0 to 1.",
    "padding": "'do_not_pad', 'longest' or 'max_length': how short inputs are filled up.",
    "sequential": "Whether questions are asked one after another; some models need that.",
    "src_lang": "The language of the text, as the model spells it; not every model needs it.",
    "stride": "How many tokens the parts share that a long text is cut into.",
    "subtask": "'instance', 'panoptic' or 'semantic': what kind of parts, as the model can.",
    "targets": "Words to choose from, in place of the whole vocabulary.",
    "tgt_lang": "The language to translate to, as the model spells it; not every model needs it.",
    "threshold": "From which probability a result is told, 0 to 1.",
    "top_k": "How many results at most, the likeliest.",
    "truncation": "How what is too long is cut: a strategy's name; for tables True or False.",
    "word_boxes": "The document's words with their boxes (0 to 1000), in place of reading it.",
}
