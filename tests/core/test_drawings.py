"""Results as HTML: what is shown, where, and that nobody's markup gets through."""

from __future__ import annotations

import math
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi.types.answers import Answer, TableAnswer, VisualAnswer
from hfi.types.classes import Classification
from hfi.types.drawings import bars, drawn, marked_table, marked_text
from hfi.types.legend import hues, percent
from hfi.types.media import Image
from hfi.types.results import Results
from hfi.types.vision import Box, Detection, Segment
from hfi.types.words import Entity, FillMask

EVIL = "<script>alert(1)</script>\"'&"
PICTURE = Image(bytes=b"not looked into", content_type="image/png", width=640, height=400)
BOX = Box(xmin=10, ymin=50, xmax=110, ymax=150)
ALLOWED = {
    *("div", "span", "mark", "img", "svg", "g", "title", "rect", "text", "button"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
EMPTY = {"img", "rect"}


class Page(HTMLParser):
    """Reads HTML: its text, its elements with their attributes, and whether all are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in EMPTY
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def evil_results() -> list[Results[Any]]:
    return [
        Results([Classification(EVIL, 0.5)]),
        Results([VisualAnswer(EVIL, 0.5)]),
        Results([FillMask(token_str=EVIL)]),
        Results([Entity(entity=EVIL, word=EVIL, start=0, end=5)], inputs=EVIL),
        Results([Entity(entity=EVIL, word=EVIL)]),
        Results([Answer(answer=EVIL, start=0, end=5)], inputs=EVIL),
        Results([Detection(label=EVIL, box=BOX)], inputs=PICTURE),
        Results([Detection(label=EVIL, box=BOX)]),
        Results([Segment(label=EVIL, mask=PICTURE)], inputs=PICTURE),
        Results([Segment(label=EVIL, mask=PICTURE)]),
        Results([EVIL], inputs={EVIL: [EVIL]}),
        Results([EVIL]),
    ]


@pytest.mark.parametrize("results", evil_results())
def test_what_others_wrote_is_escaped(results: Results[Any]) -> None:
    page = Page(results._repr_html_())
    assert page.text.count(EVIL) >= 1
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            # The headings of a table of ours sort it.
            assert not name.startswith("on") or tag == "button"
            assert "javascript:" not in (value or "")


def test_a_picture_s_type_cannot_break_out() -> None:
    odd = Image(bytes=b"x", content_type='image/png" onload="alert(1)', width=9, height=9)
    page = Page(drawn(Results([Detection(label="a", box=BOX)], inputs=odd)))
    (picture,) = page.all("img")
    assert set(picture) == {"src", "alt", "style"}
    page = Page(drawn(Results([Segment(label="a", mask=odd)], inputs=PICTURE)))
    assert all(set(attributes) <= {"style", "title"} for attributes in page.all("div"))


def test_bars_are_as_long_as_the_scores() -> None:
    page = Page(bars([("cat", 0.75), ("dog", 0.25), ("none", None), ("nan", math.nan)]))
    widths = [a["style"] for a in page.all("div") if "width:" in (a["style"] or "")]
    lengths = [w.split("width:")[1].split("%")[0] for w in map(str, widths) if "%;" in w]
    assert lengths == ["75", "25", "0", "0"]
    assert "75.0%" in page.text
    assert "25.0%" in page.text


def test_scores_that_are_no_probabilities() -> None:
    html = bars([("a", 4.0), ("b", -2.0), ("c", math.inf)])
    assert "width:100%" in html
    assert "width:50%" in html
    assert Page(html).text == "a4b-2c"
    assert [percent(score) for score in (0.5, 1, 0, 1.5, -0.5, None, math.nan, math.inf)] == [
        *("50.0%", "100.0%", "0.0%", "1.5", "-0.5", "", "", "")
    ]


def test_long_lists_are_cut() -> None:
    html = drawn(Results([Classification(f"class {n}", 0.01) for n in range(200)]))
    assert "class 49" in html
    assert "class 50" not in html
    assert "and 150 more" in html
    many = [Detection(label="thing", box=BOX)] * 130
    assert "and 30 more" in drawn(Results(many, inputs=PICTURE))


def test_names_are_marked_where_they_stand() -> None:
    text = "Ann & Bob in Köln"
    found = [
        Entity(entity="PER", word="bob", score=0.98, start=6, end=9),
        Entity(entity="PER", word="ann", score=0.9, start=0, end=3),
        Entity(entity="LOC", word="köln", start=13, end=17),
    ]
    page = Page(drawn(Results(found, inputs=text)))
    assert page.text == "AnnPER & BobPER in KölnLOC"
    styles = [mark["style"] for mark in page.all("mark")]
    assert styles[0] == styles[1] != styles[2]
    assert [mark["title"] for mark in page.all("mark")] == ["PER 90.0%", "PER 98.0%", "LOC"]


@pytest.mark.parametrize("mark", [(-1, 2), (2, 1), (2, 2), (0, 99), (50, 60), (None, 3), (0, None)])
def test_marks_that_fit_nowhere_are_left_out(mark: tuple[Any, Any]) -> None:
    page = Page(marked_text("some text", [(*mark, "X", 0.5)]))
    assert page.text == "some text"
    assert page.all("mark") == []


def test_of_marks_that_overlap_the_first_counts() -> None:
    marks = [(0, 4, "A", None), (2, 6, "B", None), (4, 6, "C", None)]
    assert Page(marked_text("abcdefgh", marks)).text == "abcdAefCgh"


def test_names_without_a_place_are_listed() -> None:
    page = Page(drawn(Results([Entity(entity="B-PER", word="ann", score=0.5)], inputs="Ann")))
    assert page.text == "Annann (B-PER)50.0%"


def test_a_long_text_is_cut() -> None:
    page = Page(marked_text("x" * 60_000, [(59_000, 59_001, "A", None)]))
    assert len(page.text) < 51_000
    assert "and 10000 more characters" in page.text


def test_answers_stand_in_a_table_and_are_marked_in_the_text() -> None:
    found = [Answer(answer="Paris", score=0.9, start=0, end=5), Answer(answer="", score=0.1)]
    page = Page(drawn(Results(found, inputs="Paris is the capital.")))
    assert len(page.all("tr")) == 3
    assert "(none)" in page.text
    assert len(page.all("mark")) == 1


def test_the_cells_of_an_answer_are_marked() -> None:
    table = {"name": ["Ann", "Bob"], "age": ["30", "40"]}
    answer = TableAnswer(answer="40", coordinates=((1, 1), (7, 7)), cells=("40",), inputs=table)
    page = Page(answer._repr_html_())
    marked = [cell for cell in page.all("td") if "bold" in (cell["style"] or "")]
    assert len(page.all("td")) == 4
    assert len(marked) == 1
    assert page.text == "40nameageAnn30Bob40"
    assert Page(TableAnswer(answer="40")._repr_html_()).text == "40"


def test_the_results_of_rows_stand_beside_them() -> None:
    page = Page(drawn(Results(["good", "bad"], inputs={"pH": [3.2, 3.5]})))
    assert page.text == "pHresult3.2good3.5bad"
    assert Page(drawn(Results([1.5, 2.5]))).text == "result1.52.5"
    assert Page(marked_table({"a": ["x"] * 80, "b": []}, ())).text.endswith("and 30 more")


def test_boxes_stand_where_they_are() -> None:
    found = [Detection(label="cat", score=0.9, box=BOX), Detection(label="dog", box=BOX)]
    page = Page(drawn(Results(found, inputs=PICTURE)))
    (drawing,) = page.all("svg")
    assert drawing["viewbox"] == "0 0 640 400"
    box, plate, *_ = page.all("rect")
    assert [box[side] for side in ("x", "y", "width", "height")] == ["10", "50", "100", "100"]
    assert float(plate["y"] or 0) < 50
    (picture,) = page.all("img")
    assert picture["src"] == PICTURE.data_url()
    assert "cat 90.0%" in page.text


def test_names_of_boxes_stay_in_the_picture() -> None:
    corner = Box(xmin=600, ymin=0, xmax=640, ymax=30)
    page = Page(drawn(Results([Detection(label="a long name", box=corner)], inputs=PICTURE)))
    plate = page.all("rect")[1]
    left, width, top = (float(plate[side] or -1) for side in ("x", "width", "y"))
    assert left + width <= 640
    assert top >= 0


def test_masks_lie_over_the_picture() -> None:
    mask = Image(bytes=b"mask", content_type="image/png")
    found = [Segment(label="sky", score=0.9, mask=mask), Segment(label="sea", mask=mask)]
    html = drawn(Results(found, inputs=PICTURE))
    assert html.count(mask.data_url()) == 2
    assert html.count("mask-mode:luminance") == 2
    assert Page(html).text == "sky 90.0%sea"


@pytest.mark.parametrize("inputs", [None, "https://example.com/cat.png"])
def test_without_the_picture_there_is_a_table(inputs: Any) -> None:
    page = Page(drawn(Results([Detection(label="cat", score=0.9, box=BOX)], inputs=inputs)))
    assert page.text == "labelscoreplacecat90.0%(10, 50) to (110, 150)"
    page = Page(drawn(Results([Segment(label="sky", mask=PICTURE)], inputs=inputs)))
    assert page.text == "labelscoresky"


def test_values_that_draw_themselves_stand_side_by_side() -> None:
    class Sound:
        def __init__(self, html: str | None) -> None:
            self.html = html

        def _repr_html_(self) -> str | None:
            return self.html

        def __repr__(self) -> str:
            return "<Sound>"

    page = Page(drawn(Results([Sound("<span>one</span>"), Sound(None)])))
    assert page.text == "one<Sound>"
    assert len(page.all("span")) == 1


def test_no_results() -> None:
    assert Page(drawn(Results([]))).text == "No results."


def test_labels_keep_their_colours() -> None:
    names = [f"label {n}" for n in range(30)]
    assert len(set(hues(names[:8]).values())) == 8
    assert list(hues(names)) == names
    assert hues(["a", "b", "a"]) == hues(["a", "b"])


@given(
    text=st.text(),
    marks=st.lists(
        st.tuples(
            st.none() | st.integers(-5, 30), st.none() | st.integers(-5, 30), st.text(), st.floats()
        )
    ),
)
@settings(deadline=None)
def test_any_marks_keep_the_text(text: str, marks: list[Any]) -> None:
    html = marked_text(text, [(start, end, "", score) for start, end, _, score in marks])
    kept = text.encode("utf-8", "replace").decode("utf-8")
    page = Page(html)
    assert page.text == kept
    marked_text(text, marks)
