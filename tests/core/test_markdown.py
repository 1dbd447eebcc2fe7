"""Markdown of a model: rendered, with nothing of its own that a browser runs or loads."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfi.types import markdown
from hfi.types.markdown import to_html
from markup import Page

HARMLESS = {
    *("p", "em", "strong", "s", "a", "code", "pre", "blockquote", "hr", "br", "span"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"href", "title", "target", "rel", "class", "start", "style"}


def test_it_is_rendered() -> None:
    page = Page(
        to_html("# T\n\n**b** *i* ~~s~~ `c`\n\n- one\n\n|a|\n|-|\n|1|\n\n```py\nx < y\n```")
    )
    assert {"h1", "strong", "em", "s", "code", "li", "table", "pre"} <= set(page.tags)
    assert "x < y" in page.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<div\nonclick=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "`<script>alert(1)</script>`",
        "```\n<script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        "$<script>alert(1)</script>$",
        "$$\n<script>alert(1)</script>\n$$",
        "\\[<script>alert(1)</script>\\]",
        '[a](https://x.y "<script>alert(1)</script>")',
        "![<script>alert(1)</script>](https://x.y)",
        "|<script>|\n|-|\n|<script>|",
        "<https://x.y/<script>alert(1)</script>>",
    ],
)
def test_no_html_of_its_own(text: str) -> None:
    page = Page(to_html(text))
    assert set(page.tags) <= HARMLESS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript&colon;alert(1)", "//evil.org"),
        *("data:text/html,<script>", "data:image/png;base64,AA", "vbscript:x", "file:///etc"),
        *("/api/shutdown", "../other.ipynb", "#anchor", "java\tscript:alert(1)", "blob:x"),
    ],
)
def test_links_lead_to_the_web_only(url: str) -> None:
    for text in (f"[a]({url})", f"<{url}>", f"![a]({url})", f"[a][1]\n\n[1]: {url}"):
        assert Page(to_html(text)).all("a") == []


def test_links_tell_where_they_lead_and_open_elsewhere() -> None:
    (link,) = Page(to_html("[my bank](https://evil.org/?a=1&b=2)")).all("a")
    assert link == {
        "href": "https://evil.org/?a=1&b=2",
        "title": "https://evil.org/?a=1&b=2",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }


def test_pictures_are_not_loaded_but_linked_to() -> None:
    page = Page(to_html("![a **cat**](https://evil.org/pixel.png?what=I+said)"))
    assert "img" not in page.tags
    assert page.all("a")[0]["href"] == "https://evil.org/pixel.png?what=I+said"
    assert "[image: a" in page.text


@pytest.mark.parametrize(
    "formula", ["$a_1 * b * c_1$", "$$x_1$$", r"\(a_1 * b * c\)", r"\[a_1\]", "$$\n- x\n= c\n$$"]
)
def test_formulas_stay_as_they_are_written(formula: str) -> None:
    page = Page(to_html(f"{formula}\n"))
    assert formula in page.text
    assert set(page.tags) == {"p"}
    assert Page(to_html(f"Let\n{formula}\n")).text.count(formula) == 1


def test_a_formula_that_is_not_ended_is_text() -> None:
    assert Page(to_html("\\[ a\n\n- b\n\n$$ c\n\nd")).tags == [
        "p",
        "ul",
        "li",
        "p",
        "span",
        "span",
        "p",
    ]


def test_sums_of_money_are_no_formulas() -> None:
    page = Page(to_html("It costs $5 and *not* $10 or 3 $."))
    assert "em" in page.tags
    assert page.tags.count("span") == 3
    assert page.text == "It costs $5 and not $10 or 3 $.\n"


def test_what_cannot_be_encoded_is_replaced() -> None:
    assert to_html("a \ud800 b") == "<p>a ? b</p>\n"


@given(st.text(alphabet="<>\"'&$\\[]()!`*_#|- \n:/ascript=onerjx", max_size=80))
def test_no_text_makes_other_elements(text: str) -> None:
    page = Page(to_html(text))
    assert set(page.tags) <= HARMLESS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES


def test_without_the_library_the_text_stands_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name == "markdown_it":
            raise ImportError(name)
        return real(name, *args)

    markdown._parser.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    try:
        page = Page(to_html("**b** <script>"))
    finally:
        monkeypatch.undo()
        markdown._parser.cache_clear()
    assert page.text == "**b** <script>"
    assert page.tags == ["div"]
