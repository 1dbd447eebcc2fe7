"""Replies to tasks about a picture."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from hfi._core.outgoing.media import image_size, parse_data_url, sniff
from hfi._core.tasks.elements import label, needed, number, objects, odd, whole
from hfi._core.tasks.task import Task, checked_text
from hfi._core.tasks.text import (
    checked_labels,
    needs_labels,
    read_answers,
    read_classifications,
    read_image_text,
)
from hfi.types.answers import VisualAnswer
from hfi.types.media import Image
from hfi.types.results import Results
from hfi.types.task_options import (
    DocumentQuestionAnsweringArguments,
    ImageClassificationArguments,
    ImageSegmentationArguments,
    ImageToTextArguments,
    ObjectDetectionArguments,
    VisualQuestionAnsweringArguments,
    ZeroShotImageClassificationArguments,
)
from hfi.types.vision import Box, Detection, Segment

__all__ = ["TASKS", "read_detections", "read_segments", "read_visual_answers"]


def read_detections(body: Any) -> Results[Detection]:
    """Reads ``[{"label", "score", "box": {"xmin", "ymin", "xmax", "ymax"}}]``."""
    found = [
        Detection(
            label=needed(item, "label", noun="detection"),
            score=number(item.get("score")),
            box=_box(item),
            source=item,
        )
        for item in objects(body, "detections")
    ]
    return Results(found, raw=body)


def _box(item: Mapping[str, Any]) -> Box:
    told = item.get("box")
    told = told if isinstance(told, dict) else {}
    sides = {name: _pixels(told.get(name)) for name in ("xmin", "ymin", "xmax", "ymax")}
    xmin, ymin, xmax, ymax = sides.values()
    if xmin is None or ymin is None or xmax is None or ymax is None:
        raise odd("A part of the reply is no detection: it has no box", item)
    return Box(xmin=xmin, ymin=ymin, xmax=xmax, ymax=ymax)


def _pixels(value: object) -> int | float | None:
    found = whole(value)
    if found is not None:
        return found
    part = number(value)
    return part if part is not None and isfinite(part) else None


def read_segments(body: Any) -> Results[Segment]:
    """Reads ``[{"label", "score", "mask"}]`` with the masks as base64 or data URLs."""
    found = [
        Segment(
            label=needed(item, "label", noun="segment"),
            score=number(item.get("score")),
            mask=_mask(item),
            source=item,
        )
        for item in objects(body, "segments")
    ]
    return Results(found, raw=body)


def _mask(item: Mapping[str, Any]) -> Image:
    told = item.get("mask")
    if not isinstance(told, str):
        raise odd("A part of the reply is no segment: it has no mask", item)
    is_url = told[:5].lower() == "data:"
    parsed = parse_data_url(told if is_url else f"data:;base64,{told}")
    data = b"" if parsed is None else parsed[1]
    kind = sniff(data)
    if kind is None or not kind.startswith("image/"):
        raise odd("The mask of a segment is no image", item)
    width, height = image_size(data) or (None, None)
    return Image(bytes=data, content_type=kind, width=width, height=height)


def read_visual_answers(body: Any) -> Results[VisualAnswer]:
    """Reads ``[{"answer", "score"}]``; some models only score."""
    found = []
    for item in objects(body, "answers"):
        answer, score = label(item.get("answer")), number(item.get("score"))
        if answer is None and score is None:
            raise odd("A part of the reply is no answer", item)
        found.append(VisualAnswer(answer, score, source=item))
    return Results(found, raw=body)


_PICTURE = {"image": "image"}

TASKS = (
    Task(
        name="image-classification",
        method="image_classification",
        inputs=("image",),
        arguments=ImageClassificationArguments,
        read=read_classifications,
        media=_PICTURE,
        keeps="image",
    ),
    Task(
        name="image-segmentation",
        method="image_segmentation",
        inputs=("image",),
        arguments=ImageSegmentationArguments,
        read=read_segments,
        media=_PICTURE,
        keeps="image",
    ),
    Task(
        name="object-detection",
        method="object_detection",
        inputs=("image",),
        arguments=ObjectDetectionArguments,
        read=read_detections,
        media=_PICTURE,
        keeps="image",
    ),
    Task(
        name="image-to-text",
        method="image_to_text",
        inputs=("image",),
        arguments=ImageToTextArguments,
        read=read_image_text,
        media=_PICTURE,
    ),
    Task(
        name="zero-shot-image-classification",
        method="zero_shot_image_classification",
        inputs=("image",),
        arguments=ZeroShotImageClassificationArguments,
        read=read_classifications,
        media=_PICTURE,
        checks={"candidate_labels": checked_labels},
        prepare=needs_labels,
        keeps="image",
    ),
    Task(
        name="visual-question-answering",
        method="visual_question_answering",
        inputs=("image", "question"),
        arguments=VisualQuestionAnsweringArguments,
        read=read_visual_answers,
        media=_PICTURE,
        checks={"question": checked_text},
        keeps="image",
    ),
    Task(
        name="document-question-answering",
        method="document_question_answering",
        inputs=("image", "question"),
        arguments=DocumentQuestionAnsweringArguments,
        read=read_answers,
        media=_PICTURE,
        checks={"question": checked_text},
        keeps="image",
    ),
)
