"""The options of tasks about texts, tables and pictures, for ``**options: Unpack[...]``.

The options are sent under these names, which are Hugging Face's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hfi.types.options import CallOptions

__all__ = [
    "OPTION_DOCS",
    "DocumentQuestionAnsweringArguments",
    "FillMaskArguments",
    "ImageClassificationArguments",
    "ImageSegmentationArguments",
    "ImageToTextArguments",
    "ObjectDetectionArguments",
    "QuestionAnsweringArguments",
    "QuestionAnsweringOptions",
    "SummarizationArguments",
    "TableQuestionAnsweringArguments",
    "TabularArguments",
    "TaskShape",
    "TextClassificationArguments",
    "TokenClassificationArguments",
    "TranslationArguments",
    "VisualQuestionAnsweringArguments",
    "ZeroShotClassificationArguments",
    "ZeroShotClassificationOptions",
    "ZeroShotImageClassificationArguments",
    "ZeroShotImageClassificationOptions",
]


class TaskShape(CallOptions, total=False):
    """What every task takes."""

    model: str | None
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


Truncation = Literal["do_not_truncate", "longest_first", "only_first", "only_second"]
Transform = Literal["sigmoid", "softmax", "none"]


class SummarizationArguments(TaskShape, total=False):
    """All that ``summarization`` takes by keyword."""

    clean_up_tokenization_spaces: bool | None
    truncation: Truncation | None
    generate_parameters: Mapping[str, Any] | None


class TranslationArguments(TaskShape, total=False):
    """All that ``translation`` takes by keyword."""

    src_lang: str | None
    tgt_lang: str | None
    clean_up_tokenization_spaces: bool | None
    truncation: Truncation | None
    generate_parameters: Mapping[str, Any] | None


class FillMaskArguments(TaskShape, total=False):
    """All that ``fill_mask`` takes by keyword."""

    targets: str | Sequence[str] | None
    top_k: int | None


class QuestionAnsweringOptions(TaskShape, total=False):
    """What ``question_answering`` takes by keyword, but for ``top_k``."""

    align_to_words: bool | None
    doc_stride: int | None
    handle_impossible_answer: bool | None
    max_answer_len: int | None
    max_question_len: int | None
    max_seq_len: int | None


class QuestionAnsweringArguments(QuestionAnsweringOptions, total=False):
    """All arguments of ``question_answering`` but its inputs."""

    top_k: int | None


class TableQuestionAnsweringArguments(TaskShape, total=False):
    """All that ``table_question_answering`` takes by keyword."""

    padding: Literal["do_not_pad", "longest", "max_length"] | None
    sequential: bool | None
    truncation: bool | None


class TextClassificationArguments(TaskShape, total=False):
    """All that ``text_classification`` takes by keyword."""

    function_to_apply: Transform | None
    top_k: int | None


class TokenClassificationArguments(TaskShape, total=False):
    """All that ``token_classification`` takes by keyword."""

    aggregation_strategy: Literal["none", "simple", "first", "average", "max"] | None
    ignore_labels: str | Sequence[str] | None
    stride: int | None


class ZeroShotClassificationOptions(TaskShape, total=False):
    """What ``zero_shot_classification`` takes by keyword, but for ``candidate_labels``."""

    multi_label: bool | None
    hypothesis_template: str | None


class ZeroShotClassificationArguments(ZeroShotClassificationOptions, total=False):
    """All arguments of ``zero_shot_classification`` but its inputs."""

    candidate_labels: Sequence[str] | None


class TabularArguments(TaskShape, total=False):
    """All that ``tabular_classification`` and of ``tabular_regression`` takes by keyword."""


class ImageClassificationArguments(TaskShape, total=False):
    """All that ``image_classification`` takes by keyword."""

    function_to_apply: Transform | None
    top_k: int | None


class ImageSegmentationArguments(TaskShape, total=False):
    """All that ``image_segmentation`` takes by keyword."""

    mask_threshold: float | None
    overlap_mask_area_threshold: float | None
    subtask: Literal["instance", "panoptic", "semantic"] | None
    threshold: float | None


class ObjectDetectionArguments(TaskShape, total=False):
    """All that ``object_detection`` takes by keyword."""

    threshold: float | None


class ImageToTextArguments(TaskShape, total=False):
    """All that ``image_to_text`` takes by keyword."""

    max_new_tokens: int | None
    generation_parameters: Mapping[str, Any] | None


class ZeroShotImageClassificationOptions(TaskShape, total=False):
    """What ``zero_shot_image_classification`` takes by keyword, but for ``candidate_labels``."""

    hypothesis_template: str | None


class ZeroShotImageClassificationArguments(ZeroShotImageClassificationOptions, total=False):
    """All arguments of ``zero_shot_image_classification`` but its inputs."""

    candidate_labels: Sequence[str] | None


class VisualQuestionAnsweringArguments(TaskShape, total=False):
    """All that ``visual_question_answering`` takes by keyword."""

    top_k: int | None


class DocumentQuestionAnsweringArguments(TaskShape, total=False):
    """All that ``document_question_answering`` takes by keyword."""

    doc_stride: int | None
    handle_impossible_answer: bool | None
    lang: str | None
    max_answer_len: int | None
    max_question_len: int | None
    max_seq_len: int | None
    top_k: int | None
    word_boxes: Sequence[Any] | None


# One line each, for help(); the words here win over those of hfi.types.options.
OPTION_DOCS: Mapping[str, str] = {
    "aggregation_strategy": "How tokens are grouped: 'none', 'simple', 'first', 'average', 'max'.",
    "align_to_words": "Whether answers are widened to whole words; bad without spaces.",
    "candidate_labels": "The labels to choose from.",
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
