"""Replies to tasks about a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any, TypeVar

from hfi._core.tasks.elements import label, needed, number, objects, odd, unwrapped, whole
from hfi._core.tasks.task import Task, checked_text
from hfi.errors import ConfigurationError
from hfi.types.answers import Answer
from hfi.types.classes import Classification
from hfi.types.raw import short
from hfi.types.results import Results
from hfi.types.task_options import (
    FillMaskArguments,
    QuestionAnsweringArguments,
    SummarizationArguments,
    TextClassificationArguments,
    TokenClassificationArguments,
    TranslationArguments,
    ZeroShotClassificationArguments,
)
from hfi.types.words import Entity, FillMask
from hfi.types.written import ImageText, Summary, Translation

__all__ = [
    "TASKS",
    "checked_labels",
    "needs_labels",
    "read_answers",
    "read_classifications",
    "read_entities",
    "read_fill_masks",
    "read_image_text",
    "read_some_answers",
    "read_summary",
    "read_translation",
]

Written = TypeVar("Written", Summary, Translation, ImageText)


def read_summary(body: Any) -> Summary:
    """Reads ``[{"summary_text"}]``, or that object alone."""
    return _written(Summary, body, "summary_text")


def read_translation(body: Any) -> Translation:
    """Reads ``[{"translation_text"}]``, or that object alone."""
    return _written(Translation, body, "translation_text")


def read_image_text(body: Any) -> ImageText:
    """Reads ``[{"generated_text"}]``, or that object alone."""
    return _written(ImageText, body, "generated_text")


def _written(cls: type[Written], body: Any, name: str) -> Written:
    inner = unwrapped(body)
    first = next(iter(inner), None) if isinstance(inner, list) else inner
    if isinstance(first, str):
        return cls(text=first)
    if not isinstance(first, dict):
        raise odd("The reply holds no text", body)
    # Models that turn text into text answer under one name, whatever the task is called; the
    # schema of image-to-text calls its field generatedText.
    text = needed(first, name, "generated_text", "generatedText", "text", noun="text")
    return cls(text=text, source=first)


def read_classifications(body: Any) -> Results[Classification]:
    """Reads ``[{"label", "score"}]``; also the old form of zero-shot, two lists in an object."""
    found = []
    for item in objects(body, "classifications"):
        if isinstance(item.get("labels"), list):
            found += _paired(item)
        else:
            found.append(_classification(item))
    return Results(found, raw=body)


def _classification(item: Mapping[str, Any]) -> Classification:
    name = needed(item, "label", noun="classification")
    return Classification(name, number(item.get("score")), source=item)


def _paired(item: Mapping[str, Any]) -> list[Classification]:
    names, scores = item["labels"], item.get("scores")
    if not isinstance(scores, list):
        scores = []
    pairs = zip_longest(names, scores[: len(names)])
    return [_classification({"label": name, "score": score}) for name, score in pairs]


def read_entities(body: Any) -> Results[Entity]:
    """Reads ``[{"entity_group" or "entity", "score", "word", "start", "end"}]``."""
    found = [
        Entity(
            entity=needed(item, "entity_group", "entity", noun="entity"),
            score=number(item.get("score")),
            word=label(item.get("word")) or "",
            start=whole(item.get("start")),
            end=whole(item.get("end")),
            source=item,
        )
        for item in objects(body, "entities")
    ]
    return Results(found, raw=body)


def read_fill_masks(body: Any) -> Results[FillMask]:
    """Reads ``[{"sequence", "score", "token", "token_str"}]``, or a list of these for each gap."""
    inner = unwrapped(body)
    several = isinstance(inner, list) and any(isinstance(part, list) for part in inner)
    parts = inner if isinstance(inner, list) and several else [inner]
    found = [
        _fill_mask(item, mask)
        for mask, part in enumerate(parts)
        for item in objects(part, "words for a gap")
    ]
    return Results(found, raw=body)


def _fill_mask(item: Mapping[str, Any], mask: int) -> FillMask:
    needed(item, "token_str", "sequence", noun="word for a gap")
    return FillMask(
        sequence=label(item.get("sequence")) or "",
        score=number(item.get("score")),
        token=whole(item.get("token")),
        token_str=label(item.get("token_str")) or "",
        mask=mask,
        source=item,
    )


def read_answers(body: Any) -> Results[Answer]:
    """Reads ``[{"answer", "score", "start", "end"}]``, or one such object."""
    found = [
        Answer(
            answer=needed(item, "answer", noun="answer"),
            score=number(item.get("score")),
            start=whole(item.get("start")),
            end=whole(item.get("end")),
            source=item,
        )
        for item in objects(body, "answers")
    ]
    return Results(found, raw=body)


def read_some_answers(body: Any) -> Results[Answer]:
    """Reads answers, the likeliest first; there is always one, if only the empty one."""
    found = read_answers(body)
    if not found:
        raise odd("The reply holds no answer", body)
    return found


def checked_labels(name: str, value: Any) -> list[str]:
    """Labels to choose from; for ``Task.checks``.

    Raises:
        ConfigurationError: They are no list of strings, or none.
    """
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        found = list(value)
        if found and all(isinstance(each, str) for each in found):
            return found
    raise ConfigurationError(
        f"{name} must be a list of strings, at least one, not {short(value)}.",
        hint='Such as ["sports", "politics"].',
    )


def needs_labels(options: dict[str, Any]) -> dict[str, Any]:
    """The options as they are; for ``Task.prepare``.

    Raises:
        ConfigurationError: There are no labels to choose from.
    """
    if "candidate_labels" not in options:
        raise ConfigurationError("candidate_labels= is needed: the labels to choose from.")
    return options


_TEXT = {"text": checked_text}

TASKS = (
    Task(
        name="summarization",
        method="summarization",
        inputs=("text",),
        arguments=SummarizationArguments,
        read=read_summary,
        checks=_TEXT,
    ),
    Task(
        name="translation",
        method="translation",
        inputs=("text",),
        arguments=TranslationArguments,
        read=read_translation,
        checks=_TEXT,
    ),
    Task(
        name="fill-mask",
        method="fill_mask",
        inputs=("text",),
        arguments=FillMaskArguments,
        read=read_fill_masks,
        checks=_TEXT,
        keeps="text",
    ),
    Task(
        name="question-answering",
        method="question_answering",
        inputs=("question", "context"),
        arguments=QuestionAnsweringArguments,
        read=read_some_answers,
        checks={"question": checked_text, "context": checked_text},
        keeps="context",
    ),
    Task(
        name="text-classification",
        method="text_classification",
        inputs=("text",),
        arguments=TextClassificationArguments,
        read=read_classifications,
        checks=_TEXT,
        keeps="text",
    ),
    Task(
        name="token-classification",
        method="token_classification",
        inputs=("text",),
        arguments=TokenClassificationArguments,
        read=read_entities,
        checks=_TEXT,
        keeps="text",
    ),
    Task(
        name="zero-shot-classification",
        method="zero_shot_classification",
        inputs=("text",),
        arguments=ZeroShotClassificationArguments,
        read=read_classifications,
        checks={"text": checked_text, "candidate_labels": checked_labels},
        prepare=needs_labels,
        keeps="text",
    ),
)
