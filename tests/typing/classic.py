"""What a type checker makes of tasks about texts, tables and pictures; checked, never run."""

from __future__ import annotations

import sys
from typing import Any

from hfi import AsyncClient, CallMeta, Client, Image
from hfi.types.answers import Answer, TableAnswer, VisualAnswer
from hfi.types.classes import Classification
from hfi.types.results import Results
from hfi.types.vision import Box, Detection, Segment
from hfi.types.words import Entity, FillMask
from hfi.types.written import ImageText, Summary, Translation

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def texts(client: Client, count: int | None) -> None:
    assert_type(client.summarization("text", truncation="only_first"), Summary)
    assert_type(client.translation("text", src_lang="en", tgt_lang="de"), Translation)
    assert_type(client.fill_mask("a [MASK]", targets=["cat"]), Results[FillMask])
    assert_type(client.question_answering("Who?", "Ann."), Answer)
    assert_type(client.question_answering(question="Who?", context="Ann.", top_k=None), Answer)
    assert_type(client.question_answering("Who?", "Ann.", top_k=2), Results[Answer])
    assert_type(client.question_answering("Who?", "Ann.", top_k=count), Answer | Results[Answer])
    assert_type(client.text_classification("text", top_k=3), Results[Classification])
    assert_type(client.token_classification("text"), Results[Entity])
    assert_type(client.zero_shot_classification("text", ["a", "b"]), Results[Classification])
    for found in client.text_classification("text"):
        assert_type(found, Classification)
        assert_type(found.label, str)
        assert_type(found.score, float | None)
    assert_type(client.text_classification("text")[0], Classification)
    assert_type(client.text_classification("text")[:2], Results[Classification])
    assert_type(client.text_classification("text").meta, CallMeta)


def tables(client: Client, table: Any) -> None:
    assert_type(client.table_question_answering(table, "How many?"), TableAnswer)
    assert_type(client.tabular_classification(table), Results[str | float])
    assert_type(client.tabular_regression(table), Results[float])


def pictures(client: Client, image: Image) -> None:
    assert_type(client.image_classification(image), Results[Classification])
    assert_type(client.image_segmentation(image, subtask="semantic"), Results[Segment])
    assert_type(client.object_detection(image, threshold=0.5), Results[Detection])
    assert_type(client.image_to_text(image), ImageText)
    assert_type(client.zero_shot_image_classification(image, ["a"]), Results[Classification])
    assert_type(client.visual_question_answering(image, "What?"), Results[VisualAnswer])
    assert_type(client.document_question_answering(image, "What?"), Results[Answer])
    assert_type(client.object_detection(image)[0].box, Box)
    assert_type(client.image_segmentation(image)[0].mask, Image)


async def unsync(client: AsyncClient, count: int | None) -> None:
    assert_type(await client.summarization("text"), Summary)
    assert_type(await client.question_answering("Who?", "Ann."), Answer)
    assert_type(await client.question_answering("Who?", "Ann.", top_k=2), Results[Answer])
    assert_type(
        await client.question_answering("Who?", "Ann.", top_k=count), Answer | Results[Answer]
    )
    assert_type(await client.object_detection(b"..."), Results[Detection])


def refused(client: Client) -> None:
    client.text_classification("text", topk=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.text_classification("text", function_to_apply="relu")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.zero_shot_classification("text")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.question_answering("Who?", "Ann.", top_k="2")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
