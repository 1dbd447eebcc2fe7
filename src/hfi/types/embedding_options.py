"""The options of embeddings, and of what servers of one's own do beside inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from hfi.types.options import CallOptions

__all__ = [
    "OPTION_DOCS",
    "FeatureExtractionArguments",
    "FeatureExtractionOptions",
    "RerankArguments",
    "SentenceSimilarityArguments",
    "TokenizeArguments",
]


class _Shape(CallOptions, total=False):
    model: str | None
    extra_body: Mapping[str, Any] | None
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None


class FeatureExtractionOptions(CallOptions, total=False):
    """The options of ``feature_extraction``."""

    normalize: bool | None
    prompt_name: str | None
    truncate: bool | None
    truncation_direction: Literal["left", "right", "Left", "Right"] | None
    dimensions: int | None
    encoding_format: Literal["float", "base64"] | None


class FeatureExtractionArguments(_Shape, FeatureExtractionOptions, total=False):
    """All that ``feature_extraction`` takes by keyword, but for ``progress``."""


class SentenceSimilarityArguments(_Shape, total=False):
    """All that ``sentence_similarity`` takes by keyword."""


class TokenizeArguments(CallOptions, total=False):
    """All that ``tokenize`` takes by keyword."""

    model: str | None
    add_special_tokens: bool


class RerankArguments(CallOptions, total=False):
    """All that ``rerank`` takes by keyword."""

    model: str | None
    top_n: int | None
    raw_scores: bool | None
    truncate: bool | None
    extra_body: Mapping[str, Any] | None


Progress = bool | Callable[[int, int], object]

# One line each, for help(); the words here win over those of hfi.types.options.
OPTION_DOCS: Mapping[str, str] = {
    "add_special_tokens": "Whether the marks that the model wants around a text are added.",
    "dimensions": "How many numbers a vector has, for models that can shorten theirs.",
    "encoding_format": "'base64' makes replies a quarter as long, where the server knows it.",
    "normalize": "Whether vectors are given the length 1; TEI's own default is to do so.",
    "prompt_name": "Which of the model's own prompts is put before each text, such as 'query'.",
    "raw_scores": "Whether the model's own numbers are given, in place of 0 to 1. TEI only.",
    "top_n": "How many of the best are given, 1 or more.",
    "truncate": "Whether what is too long for the model is cut; else it is refused.",
    "truncation_direction": "'right' cuts the end of what is too long, 'left' its beginning.",
}
