"""Replies to tasks about texts, tables and pictures, in every shape that backends give them."""

from __future__ import annotations

import base64
import copy
import json
import math
import pickle
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.tasks import tables, text, vision
from hfi.errors import ConfigurationError, ResponseError
from hfi.types.answers import Answer, TableAnswer, VisualAnswer
from hfi.types.classes import Classification
from hfi.types.meta import CallMeta
from hfi.types.raw import loads
from hfi.types.results import Results
from hfi.types.vision import Box, Detection
from hfi.types.words import Entity, FillMask
from hfi.types.written import ImageText, Summary, Translation


def png(width: int = 2, height: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


MASK = base64.b64encode(png()).decode()
CAT = {"label": "cat", "score": 0.9}
DOG = {"label": "dog", "score": 0.1}
PAIR = [Classification("cat", 0.9), Classification("dog", 0.1)]
ANSWER = {"answer": "Paris", "score": 0.9, "start": 0, "end": 5}
BOX = {"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3}

READERS = {
    reader.__name__: reader
    for reader in (
        text.read_answers,
        text.read_some_answers,
        text.read_classifications,
        text.read_entities,
        text.read_fill_masks,
        text.read_image_text,
        text.read_summary,
        text.read_translation,
        tables.read_labels,
        tables.read_numbers,
        tables.read_table_answer,
        vision.read_detections,
        vision.read_segments,
        vision.read_visual_answers,
    )
}


# -- classes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [[CAT, DOG], [[CAT, DOG]], [[[CAT, DOG]]], [CAT, None, DOG]])
def test_classes_in_lists_of_any_depth(body: Any) -> None:
    found = text.read_classifications(body)
    assert found == PAIR
    assert found.raw is body


def test_a_class_alone() -> None:
    assert text.read_classifications(CAT) == PAIR[:1]


@pytest.mark.parametrize("body", [[], [[]], [None]])
def test_no_class_is_an_empty_list(body: Any) -> None:
    assert text.read_classifications(body) == []


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: [body], lambda body: [[body]]])
def test_zero_shot_in_its_old_form(wrap: Any) -> None:
    body = wrap({"sequence": "Meow", "labels": ["cat", "dog"], "scores": [0.9, 0.1]})
    assert text.read_classifications(body) == PAIR


@pytest.mark.parametrize("scores", [None, [0.9], "none"])
def test_zero_shot_in_its_old_form_with_scores_missing(scores: Any) -> None:
    body = {"labels": ["cat", "dog"], "scores": scores}
    assert [each.label for each in text.read_classifications(body)] == ["cat", "dog"]


@pytest.mark.parametrize(
    ("score", "read_as"),
    [("0.5", 0.5), (1, 1.0), (None, None), ("much", None), ([0.5], None), (True, None)],
)
def test_a_score_of_another_type(score: Any, read_as: float | None) -> None:
    (found,) = text.read_classifications([{"label": "cat", "score": score}])
    assert found == Classification("cat", read_as)


def test_nan_is_no_score() -> None:
    (found,) = text.read_classifications(loads(b'[{"label": "cat", "score": NaN}]'))
    assert found.score is None


def test_a_label_that_is_a_number() -> None:
    (found,) = text.read_classifications([{"label": 3, "score": 0.5}])
    assert found.label == "3"


def test_unknown_fields_stay_reachable() -> None:
    (found,) = text.read_classifications([{**CAT, "index": 7}])
    assert found.raw == {**CAT, "index": 7}
    assert found == PAIR[0]


@pytest.mark.parametrize(
    "body", [None, 3, "cat", [CAT, "dog"], [[CAT], [DOG]], [{"score": 0.9}], {"error": "no"}]
)
def test_what_holds_no_classes(body: Any) -> None:
    with pytest.raises(ResponseError) as caught:
        text.read_classifications(body)
    assert caught.value.hint
    assert caught.value.body in json.dumps(body)


def test_an_error_shows_the_beginning_of_a_long_reply() -> None:
    with pytest.raises(ResponseError) as caught:
        text.read_classifications(["x" * 10_000])
    assert len(caught.value.body or "") == 500


# -- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "kind", "field"),
    [
        (text.read_summary, Summary, "summary_text"),
        (text.read_translation, Translation, "translation_text"),
        (text.read_image_text, ImageText, "generated_text"),
    ],
)
def test_texts(reader: Any, kind: Any, field: str) -> None:
    for body in ([{field: "Hi."}], {field: "Hi."}, [[{field: "Hi."}]], [{field: "Hi."}, {}]):
        found = reader(body)
        assert found == kind(text="Hi.")
        assert (str(found), getattr(found, field)) == ("Hi.", "Hi.")
        assert found.raw == {field: "Hi."}
    assert reader([{"generated_text": "Hi."}]).text == "Hi."
    assert reader("Hi.").text == "Hi."
    assert reader({field: ""}).text == ""
    for body in ([], [None], {}, {field: None}, {field: ["Hi."]}, None, 3, [[], []]):
        with pytest.raises(ResponseError):
            reader(body)


# -- words -----------------------------------------------------------------------------------------


def test_entities_grouped_or_not() -> None:
    grouped = {"entity_group": "PER", "score": 0.9, "word": "Ann", "start": 0, "end": 3}
    single = {"entity": "B-PER", "score": 0.8, "word": "Ann", "index": 1, "start": 0, "end": 3}
    found = text.read_entities([grouped, single])
    assert [each.entity for each in found] == ["PER", "B-PER"]
    assert found[0].entity_group == "PER"
    assert found[1].raw == single
    # Slow tokenizers do not know where their tokens stood.
    (found_one,) = text.read_entities([[{**single, "start": None, "end": None}]])
    assert found_one == Entity(entity="B-PER", score=0.8, word="Ann")
    (found_one,) = text.read_entities([{**grouped, "start": "0", "end": 3.0, "entity": None}])
    assert (found_one.start, found_one.end) == (0, 3)
    with pytest.raises(ResponseError, match="entity_group"):
        text.read_entities([{"word": "Ann"}])


WORD = {"sequence": "a cat", "score": 0.9, "token": 7, "token_str": "cat"}


@pytest.mark.parametrize("body", [[WORD], [[WORD]], WORD])
def test_words_for_one_gap(body: Any) -> None:
    expected = FillMask(sequence="a cat", score=0.9, token=7, token_str="cat")
    assert text.read_fill_masks(body) == [expected]


def test_words_for_several_gaps() -> None:
    other = {**WORD, "token_str": "dog"}
    found = text.read_fill_masks([[WORD, other], [other]])
    assert [(each.mask, each.token_str) for each in found] == [(0, "cat"), (0, "dog"), (1, "dog")]
    assert [each.mask for each in text.read_fill_masks([[WORD], WORD])] == [0, 1]
    with pytest.raises(ResponseError):
        text.read_fill_masks([[WORD], "cat"])
    with pytest.raises(ResponseError, match="token_str"):
        text.read_fill_masks([{"score": 0.5}])


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [ANSWER, [ANSWER], [[ANSWER]], [ANSWER, {**ANSWER, "score": 0}]])
def test_one_answer_or_several(body: Any) -> None:
    expected = Answer(answer="Paris", score=0.9, start=0, end=5)
    assert text.read_answers(body)[0] == expected
    assert text.read_some_answers(body) == text.read_answers(body)
    assert str(expected) == "Paris"


def test_no_answer() -> None:
    assert text.read_answers([]) == []
    with pytest.raises(ResponseError, match="no answer"):
        text.read_some_answers([])
    # What "impossible to answer" looks like.
    impossible = {"answer": "", "score": 0.4, "start": 0, "end": 0}
    assert text.read_some_answers(impossible)[0].answer == ""


def test_answers_about_pictures() -> None:
    found = vision.read_visual_answers([{"answer": "red", "score": 0.9}, {"score": 0.1}])
    assert found == [VisualAnswer("red", 0.9), VisualAnswer(None, 0.1)]
    assert [str(each) for each in found] == ["red", ""]
    assert vision.read_visual_answers({"answer": 2})[0].answer == "2"
    with pytest.raises(ResponseError):
        vision.read_visual_answers([{"answer": None}])


TABLE_ANSWER = {
    "answer": "AVERAGE > 1, 2",
    "coordinates": [[0, 1], [1, 1]],
    "cells": ["1", 2],
    "aggregator": "AVERAGE",
}


@pytest.mark.parametrize("body", [TABLE_ANSWER, [TABLE_ANSWER], [[TABLE_ANSWER], None][:1]])
def test_answers_about_tables(body: Any) -> None:
    assert tables.read_table_answer(body) == TableAnswer(
        answer="AVERAGE > 1, 2",
        coordinates=((0, 1), (1, 1)),
        cells=("1", "2"),
        aggregator="AVERAGE",
    )


@pytest.mark.parametrize("coordinates", [None, "A1", [[0]], [[0, "x"]], [0, 1]])
def test_cells_that_cannot_be_found(coordinates: Any) -> None:
    body = {"answer": "1", "coordinates": coordinates, "cells": None}
    assert tables.read_table_answer(body) == TableAnswer(answer="1")


# -- tables ----------------------------------------------------------------------------------------


def test_classes_and_numbers_of_rows() -> None:
    assert tables.read_labels(["good", 5, 6.5]) == ["good", 5, 6.5]
    assert tables.read_labels([[["good"], ["bad"]]]) == ["good", "bad"]
    assert tables.read_labels("good") == ["good"]
    assert tables.read_numbers([1.5, "2.5", 3]) == [1.5, 2.5, 3.0]
    assert tables.read_numbers([[1.5], [2.5]]) == [1.5, 2.5]
    assert tables.read_numbers([[1.5, 2.5]]) == [1.5, 2.5]
    for body in (None, {}, [{}], [None], [["a", "b"], ["c", "d"]]):
        with pytest.raises(ResponseError):
            tables.read_labels(body)
    for body in (None, {}, ["much"], [True], [[1, 2], [3, 4]]):
        with pytest.raises(ResponseError):
            tables.read_numbers(body)


def test_a_row_without_a_number_keeps_its_place() -> None:
    found = tables.read_numbers(loads(b"[1, null, NaN, 4]"))
    assert [math.isnan(value) for value in found] == [False, True, True, False]


def test_tables_by_columns_by_rows_and_as_frames() -> None:
    columns = {"name": ["Ann", "Bob"], "age": [30, None]}

    class Frame:
        columns = ("name", "age")

        def to_dict(self, orient: str) -> Any:
            assert orient == "list"
            return {"name": ["Ann", "Bob"], "age": [30, float("nan")]}

    class Column(list[Any]):
        def tolist(self) -> list[Any]:
            return list(self)

    rows = [{"name": "Ann", "age": 30}, {"name": "Bob"}]
    arrays = {"name": Column(["Ann", "Bob"]), "age": (30, None)}
    for table in (columns, rows, Frame(), arrays):
        assert tables.table_of("table", table, as_text=False) == columns
        as_text = tables.table_of("table", table, as_text=True)
        assert as_text == {"name": ["Ann", "Bob"], "age": ["30", ""]}


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (None, "mapping of columns"),
        ("a,b", "mapping of columns"),
        ([["Ann"]], "mapping of columns"),
        ({}, "no columns"),
        ([], "no columns"),
        ({"a": "text"}, "list of fields"),
        ({"a": 3}, "list of fields"),
        ({"a": [1], "b": [1, 2]}, "'a' has 1, 'b' has 2"),
    ],
)
def test_what_is_no_table(table: Any, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        tables.table_of("table", table, as_text=True)


# -- pictures --------------------------------------------------------------------------------------


def test_detections() -> None:
    found = vision.read_detections([{**CAT, "box": BOX}])
    assert found == [Detection(label="cat", score=0.9, box=Box(**BOX))]
    assert (found[0].box.width, found[0].box.height) == (2, 2)
    odd = {"xmin": "1", "ymin": 1.5, "xmax": 3.0, "ymax": 4, "unit": "px"}
    (found_one,) = vision.read_detections({**CAT, "box": odd})
    assert found_one.box == Box(xmin=1, ymin=1.5, xmax=3, ymax=4)
    assert isinstance(found_one.box.xmax, int)
    for box in (None, [], {}, {**BOX, "ymax": None}, {**BOX, "ymax": math.inf}):
        with pytest.raises(ResponseError, match="no box"):
            vision.read_detections([{**CAT, "box": box}])


@pytest.mark.parametrize("mask", [MASK, f"data:image/png;base64,{MASK}", f" {MASK}\n"])
def test_segments(mask: str) -> None:
    (found,) = vision.read_segments([{"label": "sky", "mask": mask}])
    assert (found.label, found.score) == ("sky", None)
    assert (found.mask.bytes, found.mask.content_type) == (png(), "image/png")
    assert (found.mask.width, found.mask.height) == (2, 1)


@pytest.mark.parametrize("mask", [None, 3, "", "####", base64.b64encode(b"text").decode()])
def test_a_mask_that_is_no_image(mask: Any) -> None:
    with pytest.raises(ResponseError):
        vision.read_segments([{"label": "sky", "mask": mask}])


# -- all of them -----------------------------------------------------------------------------------

FIELDS = [
    *("label", "score", "labels", "scores", "box", "mask", "answer", "entity", "word", "start"),
    *("cells", "coordinates", "summary_text", "sequence", "token_str", *BOX),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(MASK)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
    ),
    max_leaves=15,
)


@pytest.mark.parametrize("name", READERS)
@given(body=JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_gives_a_value_or_a_response_error(name: str, body: Any) -> None:
    before = repr(body)
    try:
        found = READERS[name](body)
    except ResponseError as error:
        found = error
    assert repr(found)
    if hasattr(found, "_repr_html_"):
        assert found._repr_html_()
    assert repr(body) == before


def test_deep_nesting_is_no_recursion_error() -> None:
    body: Any = CAT
    for _ in range(100_000):
        body = [body]
    assert text.read_classifications(body) == PAIR[:1]
    body = [body, body]
    with pytest.raises(ResponseError):
        text.read_classifications(body)


# -- results ---------------------------------------------------------------------------------------


def test_results_are_a_list_that_cannot_be_changed() -> None:
    found = Results(PAIR, inputs="Meow", raw=[CAT, DOG])
    assert (len(found), list(found), found[1], found[-1]) == (2, PAIR, PAIR[1], PAIR[1])
    assert found == Results(PAIR)
    assert found == PAIR
    assert found != PAIR[:1]
    assert found != tuple(PAIR)
    assert PAIR[0] in found
    assert found.index(PAIR[1]) == 1
    assert {found: 1}[Results(PAIR)] == 1
    first = found[:1]
    assert isinstance(first, Results)
    assert (first, first.inputs) == (PAIR[:1], "Meow")
    with pytest.raises(TypeError):
        found[0] = PAIR[1]  # type: ignore[index]  # that is what is tested
    with pytest.raises(AttributeError):
        found.items = ()  # type: ignore[misc]  # that is what is tested
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), copy.copy(found)):
        assert (again, again.inputs, again.raw) == (PAIR, "Meow", [CAT, DOG])


def test_a_repr_stays_short() -> None:
    found = Results(PAIR * 20, inputs="x" * 1000, raw=[CAT, DOG] * 20)
    assert repr(found) == (
        "Results([Classification(label='cat', score=0.9), Classification(label='dog', score=0.1), "
        "Classification(label='cat', score=0.9), ... 37 more])"
    )
    assert len(repr(Answer(answer="x" * 10_000))) < 150
    (segment,) = vision.read_segments([{"label": "sky", "mask": MASK}])
    assert repr(segment).startswith("Segment(label='sky', score=None, mask=<Image 2x1 image/png")


def test_a_value_as_text() -> None:
    (segment,) = vision.read_segments([{"label": "sky", "mask": MASK}])
    values = {
        "cat": Classification("cat", 0.9),
        "dog": Detection(label="dog", box=Box(**BOX)),
        "sky": segment,
        "Ann": Entity(entity="PER", word="Ann"),
        "gap": FillMask(token_str="gap"),
        "SUM > 1": TableAnswer(answer="SUM > 1"),
    }
    assert [str(value) for value in values.values()] == list(values)


def test_the_facts_of_a_call() -> None:
    meta = CallMeta(attempts=3)
    (answer,) = text.read_answers(ANSWER)
    one = answer.with_facts(meta, model="org/m", provider="hf-inference")
    assert (one.meta, one.model, one.provider, one.raw) == (meta, "org/m", "hf-inference", ANSWER)
    assert one == answer
    several = text.read_answers([ANSWER]).with_facts(meta, model="org/m")
    assert (several.meta, several.model) == (meta, "org/m")
    assert (several[0].meta, several[0].model) == (meta, "org/m")
    classes = text.read_classifications([CAT]).with_facts(meta)
    assert classes.meta is meta
