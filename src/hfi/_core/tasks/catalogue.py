"""All tasks, by the names of their methods; a family's rows are imported when one is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.tasks.task import Task

__all__ = ["FAMILIES", "all_tasks", "find_task", "methods", "task_of"]

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "audio": (
        "automatic_speech_recognition",
        "audio_classification",
        "audio_to_audio",
        "text_to_speech",
        "text_to_audio",
    ),
    "embeddings": ("feature_extraction", "sentence_similarity"),
    "images": ("text_to_image", "image_to_image", "image_text_to_image"),
    "tables": ("table_question_answering", "tabular_classification", "tabular_regression"),
    "text": (
        "summarization",
        "translation",
        "fill_mask",
        "question_answering",
        "text_classification",
        "token_classification",
        "zero_shot_classification",
    ),
    "vision": (
        "image_classification",
        "image_segmentation",
        "object_detection",
        "image_to_text",
        "zero_shot_image_classification",
        "visual_question_answering",
        "document_question_answering",
    ),
    "video": ("text_to_video", "image_to_video", "image_text_to_video"),
}
"""The methods of each family, which is a module of this package with ``TASKS``."""


def methods() -> tuple[str, ...]:
    """The names of all methods."""
    return tuple(method for family in FAMILIES.values() for method in family)


def find_task(method: str) -> Task | None:
    """The task behind a method, or None where there is none of that name."""
    for family, known in FAMILIES.items():
        if method in known:
            rows: tuple[Task, ...] = import_module(f"{__package__}.{family}").TASKS
            return next((task for task in rows if task.method == method), None)
    return None


def task_of(method: str) -> Task:
    """The task behind a method.

    Raises:
        ConfigurationError: There is none of that name.
    """
    task = find_task(method)
    if task is None:
        raise ConfigurationError(
            f"There is no task {method!r}.",
            hint=f"There are chat, text_generation, {', '.join(methods())}.",
        )
    return task


def all_tasks() -> tuple[Task, ...]:
    """All tasks, in the order of the families."""
    found = (find_task(method) for method in methods())
    return tuple(task for task in found if task is not None)
