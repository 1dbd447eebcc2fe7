"""Calls of tasks about texts, tables and pictures: what is sent, what comes, what is read."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import attrs

from hfi.types.answers import Answer, TableAnswer, VisualAnswer
from hfi.types.classes import Classification
from hfi.types.media import Image
from hfi.types.vision import Box, Detection, Segment
from hfi.types.words import Entity, FillMask
from hfi.types.written import ImageText, Summary, Translation

__all__ = ["CASES", "JPEG", "MASK", "PICTURE", "Case", "grey"]


def grey(width: int, height: int, shade: int = 255) -> bytes:
    """Give a PNG of one shade of grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([shade]) * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURE = grey(4, 3, 100)
MASK = grey(4, 3)
BASE64 = base64.b64encode(PICTURE).decode()
# The head of a JPEG, which nobody decodes here.
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b08000a001401011100ffd9")


@attrs.frozen(kw_only=True)
class Case:
    """One call.

    Attributes:
        method: Of the client.
        arguments: Its first arguments, by position.
        options: The others.
        sent: The body that is posted: JSON, or the bytes of a file.
        reply: What the server answers, as JSON.
        value: What is read of that.
        inputs: What the value is about.
    """

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any] = attrs.field(factory=dict)
    sent: Any
    reply: Any
    value: Any
    inputs: Any = None

    @property
    def name(self) -> str:
        """For the ids of tests."""
        return f"{self.method}{'-options' if self.options else ''}"

    @property
    def task(self) -> str:
        """The Hub's name of the task."""
        return self.method.replace("_", "-")


TEXT = "Ann lives in Köln."
TABLE = {"name": ["Ann", "Bob"], "age": ["30", "40"]}
CLASSES = [{"label": "good", "score": 0.9}, {"label": "bad", "score": 0.1}]
GOOD_BAD = [Classification("good", 0.9), Classification("bad", 0.1)]
PARIS = {"answer": "Paris", "score": 0.9, "start": 0, "end": 5}
ENTITY = {"entity_group": "PER", "score": 0.9, "word": "Ann", "start": 0, "end": 3}
ANSWER = Answer(answer="Paris", score=0.9, start=0, end=5)
WORD = {"sequence": "a cat", "score": 0.9, "token": 7, "token_str": "cat"}
MASKED = FillMask(sequence="a cat", score=0.9, token=7, token_str="cat")
BOX = {"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3}
IMAGE = Image(bytes=PICTURE, content_type="image/png", width=4, height=3)
LABELS = ["good", "bad"]


def _asked(**parameters: Any) -> Any:
    return {"inputs": TEXT, "parameters": parameters}


def _seen(**parameters: Any) -> Any:
    return {"inputs": BASE64, "parameters": parameters}


CASES = [
    Case(
        method="summarization",
        arguments=(TEXT,),
        sent={"inputs": TEXT},
        reply=[{"summary_text": "Ann."}],
        value=Summary(text="Ann."),
    ),
    Case(
        method="summarization",
        arguments=(TEXT,),
        options={
            "clean_up_tokenization_spaces": True,
            "truncation": "only_first",
            "generate_parameters": {"max_length": 5},
        },
        sent=_asked(
            clean_up_tokenization_spaces=True,
            truncation="only_first",
            generate_parameters={"max_length": 5},
        ),
        reply={"summary_text": "Ann."},
        value=Summary(text="Ann."),
    ),
    Case(
        method="translation",
        arguments=(TEXT,),
        options={"src_lang": "en_XX", "tgt_lang": "de_DE", "truncation": None},
        sent=_asked(src_lang="en_XX", tgt_lang="de_DE"),
        reply=[{"translation_text": "Ann wohnt in Köln."}],
        value=Translation(text="Ann wohnt in Köln."),
    ),
    Case(
        method="fill_mask",
        arguments=("a [MASK]",),
        options={"targets": ["cat", "dog"], "top_k": 1},
        sent={"inputs": "a [MASK]", "parameters": {"targets": ["cat", "dog"], "top_k": 1}},
        reply=[WORD],
        value=[MASKED],
        inputs="a [MASK]",
    ),
    Case(
        method="question_answering",
        arguments=("Where?", "Paris is large."),
        sent={"inputs": {"question": "Where?", "context": "Paris is large."}},
        reply=PARIS,
        value=ANSWER,
    ),
    Case(
        method="question_answering",
        arguments=("Where?", "Paris is large."),
        options={"top_k": 2, "align_to_words": False, "max_answer_len": 3},
        sent={
            "inputs": {"question": "Where?", "context": "Paris is large."},
            "parameters": {"top_k": 2, "align_to_words": False, "max_answer_len": 3},
        },
        reply=[PARIS, {**PARIS, "score": 0.1}],
        value=[ANSWER, attrs.evolve(ANSWER, score=0.1)],
        inputs="Paris is large.",
    ),
    Case(
        method="table_question_answering",
        arguments=({"name": ["Ann", "Bob"], "age": [30, 40]}, "How old is Bob?"),
        options={"padding": "longest", "sequential": True, "truncation": True},
        sent={
            "inputs": {
                "table": TABLE,
                "query": "How old is Bob?",
                "question": "How old is Bob?",
            },
            "parameters": {"padding": "longest", "sequential": True, "truncation": True},
        },
        reply={"answer": "40", "coordinates": [[1, 1]], "cells": ["40"], "aggregator": "NONE"},
        value=TableAnswer(answer="40", coordinates=((1, 1),), cells=("40",), aggregator="NONE"),
        inputs=TABLE,
    ),
    Case(
        method="text_classification",
        arguments=(TEXT,),
        sent={"inputs": TEXT},
        reply=[CLASSES],
        value=GOOD_BAD,
        inputs=TEXT,
    ),
    Case(
        method="text_classification",
        arguments=(TEXT,),
        options={"top_k": 2, "function_to_apply": "sigmoid"},
        sent=_asked(top_k=2, function_to_apply="sigmoid"),
        reply=CLASSES,
        value=GOOD_BAD,
        inputs=TEXT,
    ),
    Case(
        method="token_classification",
        arguments=(TEXT,),
        options={"aggregation_strategy": "simple", "ignore_labels": ["O"], "stride": 2},
        sent=_asked(aggregation_strategy="simple", ignore_labels=["O"], stride=2),
        reply=[ENTITY],
        value=[Entity(entity="PER", score=0.9, word="Ann", start=0, end=3)],
        inputs=TEXT,
    ),
    Case(
        method="zero_shot_classification",
        arguments=(TEXT, LABELS),
        sent=_asked(candidate_labels=LABELS),
        reply={"sequence": TEXT, "labels": LABELS, "scores": [0.9, 0.1]},
        value=GOOD_BAD,
        inputs=TEXT,
    ),
    Case(
        method="zero_shot_classification",
        arguments=(TEXT, tuple(LABELS)),
        options={"multi_label": True, "hypothesis_template": "This is {}."},
        sent=_asked(multi_label=True, hypothesis_template="This is {}.", candidate_labels=LABELS),
        reply=CLASSES,
        value=GOOD_BAD,
        inputs=TEXT,
    ),
    Case(
        method="tabular_classification",
        arguments=([{"pH": 3.2}, {"pH": 3.5}],),
        sent={"inputs": {"data": {"pH": [3.2, 3.5]}}},
        reply=["good", "bad"],
        value=["good", "bad"],
        inputs={"pH": [3.2, 3.5]},
    ),
    Case(
        method="tabular_regression",
        arguments=({"pH": ["3.2", "3.5"]},),
        sent={"inputs": {"data": {"pH": ["3.2", "3.5"]}}},
        reply=[1.5, 2],
        value=[1.5, 2.0],
        inputs={"pH": ["3.2", "3.5"]},
    ),
    Case(
        method="image_classification",
        arguments=(PICTURE,),
        sent=PICTURE,
        reply=CLASSES,
        value=GOOD_BAD,
        inputs=IMAGE,
    ),
    Case(
        method="image_classification",
        arguments=(PICTURE,),
        options={"function_to_apply": "softmax", "top_k": 2},
        sent=_seen(function_to_apply="softmax", top_k=2),
        reply=CLASSES,
        value=GOOD_BAD,
        inputs=IMAGE,
    ),
    Case(
        method="image_segmentation",
        arguments=(PICTURE,),
        options={"subtask": "semantic", "threshold": 0.9},
        sent=_seen(subtask="semantic", threshold=0.9),
        reply=[{"label": "sky", "mask": base64.b64encode(MASK).decode()}],
        value=[
            Segment(
                label="sky",
                mask=Image(bytes=MASK, content_type="image/png", width=4, height=3),
            )
        ],
        inputs=IMAGE,
    ),
    Case(
        method="object_detection",
        arguments=(PICTURE,),
        options={"threshold": 0.5},
        sent=_seen(threshold=0.5),
        reply=[{"label": "cat", "score": 0.9, "box": BOX}],
        value=[Detection(label="cat", score=0.9, box=Box(**BOX))],
        inputs=IMAGE,
    ),
    Case(
        method="image_to_text",
        arguments=(PICTURE,),
        sent=PICTURE,
        reply=[{"generated_text": "a cat"}],
        value=ImageText(text="a cat"),
    ),
    Case(
        method="image_to_text",
        arguments=(PICTURE,),
        options={"max_new_tokens": 5, "generation_parameters": {"do_sample": False}},
        sent=_seen(max_new_tokens=5, generation_parameters={"do_sample": False}),
        reply={"generated_text": "a cat"},
        value=ImageText(text="a cat"),
    ),
    Case(
        method="zero_shot_image_classification",
        arguments=(PICTURE, LABELS),
        options={"hypothesis_template": "A {} picture."},
        sent=_seen(hypothesis_template="A {} picture.", candidate_labels=LABELS),
        reply=CLASSES,
        value=GOOD_BAD,
        inputs=IMAGE,
    ),
    Case(
        method="visual_question_answering",
        arguments=(PICTURE, "What colour?"),
        options={"top_k": 2},
        sent={
            "inputs": {"image": BASE64, "question": "What colour?"},
            "parameters": {"top_k": 2},
        },
        reply=[{"answer": "grey", "score": 0.9}, {"score": 0.1}],
        value=[VisualAnswer("grey", 0.9), VisualAnswer(None, 0.1)],
        inputs=IMAGE,
    ),
    Case(
        method="document_question_answering",
        arguments=(PICTURE, "Which number?"),
        options={"lang": "en", "word_boxes": ["us", [0, 0, 10, 10]], "doc_stride": 16},
        sent={
            "inputs": {"image": BASE64, "question": "Which number?"},
            "parameters": {"lang": "en", "word_boxes": ["us", [0, 0, 10, 10]], "doc_stride": 16},
        },
        reply=[PARIS],
        value=[ANSWER],
        inputs=IMAGE,
    ),
]
