"""Embeddings: texts as rows of numbers, and how alike sentences are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs

from hfi._core.embeddings.similarity import read_similarities
from hfi._core.embeddings.vectors import read_embedding, read_embeddings
from hfi._core.providers.way import HERE, Way
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.task import Task, checked_text
from hfi.errors import ConfigurationError
from hfi.types.embedding_options import FeatureExtractionArguments, SentenceSimilarityArguments

__all__ = ["TASKS", "call_for_rows", "text_list"]

_ALIKE = frozenset({"feature-extraction", "sentence-similarity"})


def text_list(name: str, value: Any) -> list[str]:
    """A list of texts, out of anything that gives texts one by one.

    Raises:
        ConfigurationError: It gives something else.
    """
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
        raise ConfigurationError(f"{name} must be a list of strings, not {type(value).__name__}.")
    texts = list(value)
    odd = [type(text).__name__ for text in texts if not isinstance(text, str)]
    if odd:
        raise ConfigurationError(f"{name} must be a list of strings, and {odd[0]} is in it.")
    return texts


def _texts(name: str, value: Any) -> str | list[str]:
    return value if isinstance(value, str) else text_list(name, value)


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigurationError(f"{name} must be True or False, not {value!r:.60}.")


def _dimensions(name: str, value: Any) -> int:
    # NumPy's integers have __index__, and are not JSON.
    number = value.__index__() if hasattr(value, "__index__") else 0
    if isinstance(value, bool) or number < 1:
        raise ConfigurationError(f"{name} must be a whole number of at least 1, not {value!r:.60}.")
    return int(number)


def _one_of(name: str, value: Any, *, words: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in words:
        return value
    raise ConfigurationError(
        f"{name} must be one of {', '.join(map(repr, words))}, not {value!r:.60}."
    )


# The schema of the task has them in lower case, TEI's own with a capital.
_DIRECTIONS = ("left", "right", "Left", "Right")

TASKS = (
    Task(
        name="feature-extraction",
        method="feature_extraction",
        inputs=("text",),
        arguments=FeatureExtractionArguments,
        read=read_embedding,  # of a text; ``call_for_rows`` reads those of a list
        also=_ALIKE,
        checks={
            "text": _texts,
            "normalize": _flag,
            "truncate": _flag,
            "prompt_name": checked_text,
            "truncation_direction": partial(_one_of, words=_DIRECTIONS),
            "dimensions": _dimensions,
            "encoding_format": partial(_one_of, words=("float", "base64")),
        },
        openai=Way(path="/embeddings", names="model", takes={"text": {"input": HERE}}),
        text_field="text",
    ),
    Task(
        name="sentence-similarity",
        method="sentence_similarity",
        inputs=("sentence", "other_sentences"),
        arguments=SentenceSimilarityArguments,
        read=read_similarities,
        also=_ALIKE,
        checks={"sentence": checked_text, "other_sentences": text_list},
        text_field="sentence",
    ),
)


def call_for_rows(call: TaskCall, rows: range) -> TaskCall:
    """The call for some of its texts, or of its sentences to compare with."""
    task, name = call.task, call.task.inputs[-1]
    read: Any
    if task.method == "feature_extraction":
        read = partial(read_embeddings, texts=len(rows))
    else:
        read = partial(read_similarities, sentences=len(rows))
    inputs = {**call.inputs, name: call.inputs[name][rows.start : rows.stop]}
    return attrs.evolve(call, task=attrs.evolve(task, read=read), inputs=inputs)
