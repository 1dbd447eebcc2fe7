"""What hf-inference answers in the examples of the docs: replies in the form of each task."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image, ImageDraw

from servers.embedders import FakeServer

__all__ = ["garden", "task_reply"]

_PATH = "/hf-inference/models/"

# The picture of the docs, and what there is in it: {label: (score, how it is drawn)}.
SIZE = (480, 300)
GARDEN: dict[str, tuple[float, tuple[int, int, int, int], list[tuple[str, Any, str]]]] = {
    "house": (
        0.981,
        (38, 66, 202, 226),
        [
            ("rectangle", (52, 126, 188, 226), "#c87a5a"),
            ("polygon", ((38, 126), (120, 66), (202, 126)), "#8c463c"),
            ("rectangle", (106, 174, 134, 226), "#5a3c28"),
            ("rectangle", (66, 144, 92, 166), "#e6f0fa"),
            ("rectangle", (148, 144, 174, 166), "#e6f0fa"),
        ],
    ),
    "tree": (
        0.943,
        (282, 78, 386, 244),
        [
            ("rectangle", (324, 160, 344, 244), "#6e5032"),
            ("ellipse", (282, 78, 386, 184), "#3c8246"),
        ],
    ),
    "stone": (0.671, (232, 250, 268, 274), [("ellipse", (232, 250, 268, 274), "#5a5a64")]),
}


def garden() -> bytes:
    """Draw the picture of the docs."""
    picture = Image.new("RGB", SIZE, "#96c8f0")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 200, *SIZE), fill="#6eaa5a")
    pen.ellipse((400, 22, 452, 74), fill="#fadc5a")
    for _, _, shapes in GARDEN.values():
        for shape, place, colour in shapes:
            getattr(pen, shape)(place, fill=colour)
    return _png(picture)


def _mask(label: str) -> str:
    mask = Image.new("L", SIZE)
    for shape, place, _ in GARDEN[label][2]:
        getattr(ImageDraw.Draw(mask), shape)(place, fill=255)
    return base64.b64encode(_png(mask)).decode()


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _classes(**scores: float) -> list[Any]:
    return [{"label": name.replace("_", " "), "score": score} for name, score in scores.items()]


def _detections() -> list[Any]:
    sides = ("xmin", "ymin", "xmax", "ymax")
    return [
        {"label": label, "score": score, "box": dict(zip(sides, box, strict=True))}
        for label, (score, box, _) in GARDEN.items()
    ]


def _segments() -> list[Any]:
    return [
        {"label": label, "score": score, "mask": _mask(label)}
        for label, (score, _, _) in GARDEN.items()
    ]


def _entities() -> list[Any]:
    text = "Marie Curie worked in Paris for the Sorbonne."
    found = [("PER", 0.999, "Marie Curie"), ("LOC", 0.998, "Paris"), ("ORG", 0.993, "Sorbonne")]
    return [
        {"entity_group": name, "score": score, "word": word, "start": at, "end": at + len(word)}
        for name, score, word in found
        for at in [text.index(word)]
    ]


_REPLIES: dict[str, Callable[[], Any]] = {
    "facebook/bart-large-cnn": lambda: [{"summary_text": "The tower is 330 metres tall."}],
    "Helsinki-NLP/opus-mt-en-de": lambda: [{"translation_text": "Ich heiße Anna."}],
    "google-bert/bert-base-uncased": lambda: [
        {
            "score": 0.41,
            "token": 2364,
            "token_str": "main",
            "sequence": "this is the main street.",
        },
        {"score": 0.08, "token": 2214, "token_str": "old", "sequence": "this is the old street."},
    ],
    "deepset/roberta-base-squad2": lambda: {
        "answer": "Anna",
        "score": 0.97,
        "start": 11,
        "end": 15,
    },
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": lambda: [
        _classes(POSITIVE=0.9998, NEGATIVE=0.0002)
    ],
    "dslim/bert-base-NER": _entities,
    "facebook/bart-large-mnli": lambda: _classes(refund=0.91, delivery=0.07, praise=0.02),
    "google/tapas-base-finetuned-wtq": lambda: {
        "answer": "SUM > 36542, 4512",
        "coordinates": [[0, 1], [1, 1]],
        "cells": ["36542", "4512"],
        "aggregator": "SUM",
    },
    "julien-c/wine-quality": lambda: [5, 6],
    "google/vit-base-patch16-224": lambda: _classes(barn=0.62, mobile_home=0.11, birdhouse=0.07),
    "facebook/detr-resnet-50": _detections,
    "facebook/mask2former-swin-tiny-ade-semantic": _segments,
    "Salesforce/blip-image-captioning-base": lambda: [
        {"generated_text": "a house and a tree on a green field"}
    ],
    "openai/clip-vit-base-patch32": lambda: _classes(a_drawing=0.93, a_photograph=0.07),
    "dandelin/vilt-b32-finetuned-vqa": lambda: [
        {"answer": "1", "score": 0.88},
        {"answer": "2", "score": 0.07},
    ],
    "impira/layoutlm-document-qa": lambda: [
        {"answer": "us-001", "score": 0.96, "start": 15, "end": 15}
    ],
}


# The server of the docs that ranks texts.
_RANKER = FakeServer("tei", model="BAAI/bge-reranker-v2-m3", model_type={"reranker": {}})


def _embedding(text: str) -> list[float]:
    """Give numbers of a length of 1, other ones for each text."""
    numbers = [math.sin((place + 1) * (1 + sum(map(ord, text)) % 97)) for place in range(384)]
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers]


def _pipeline_reply(request: httpx.Request) -> Any:
    inputs = json.loads(request.content)["inputs"]
    if request.url.path.endswith("/sentence-similarity"):
        return [0.83, 0.06][: len(inputs["sentences"])]
    return [_embedding(text) for text in ([inputs] if isinstance(inputs, str) else inputs)]


def task_reply(request: httpx.Request) -> Any:
    """Give the reply of a model in the docs, or None for any other request."""
    if request.url.port == 8082:
        return json.loads(_RANKER(request).content)
    if "/pipeline/" in request.url.path:
        return _pipeline_reply(request)
    model = request.url.path.removeprefix(_PATH)
    reply = _REPLIES.get(model) if request.url.path.startswith(_PATH) else None
    return None if reply is None else reply()
