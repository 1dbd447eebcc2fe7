"""The pieces of HTML that values show themselves with: what is theirs, and what is only text."""

from __future__ import annotations

import pytest

from hfi.types import html
from markup import Page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \" ' & \ud800"

PIECES = {
    "plain": html.plain(HOSTILE),
    "preformatted": html.preformatted(HOSTILE),
    "facts": html.facts("a", HOSTILE),
    "folded": html.folded(HOSTILE, html.plain(HOSTILE)),
    "card": html.card(HOSTILE, [(HOSTILE, HOSTILE)]),
    "figure": html.figure("", HOSTILE),
    "link": html.link(f"https://example.com/{HOSTILE}", HOSTILE),
    "table": html.table([HOSTILE], [[html.Cell(HOSTILE, HOSTILE, "https://x.y/" + HOSTILE)]]),
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_text_is_never_markup(piece: str) -> None:
    page = Page(piece)
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert(1)</script>" in page.text
    assert all(name != "onerror" for _, attributes in page.elements for name in attributes)
    piece.encode("utf-8")  # what cannot be encoded cannot leave the kernel


def test_facts_leave_out_what_is_not_known() -> None:
    assert Page(html.facts("model", None, "", 0)).text == "model · 0"
    assert html.facts(None, "") == ""


def test_a_card_leaves_out_what_is_not_known() -> None:
    assert Page(html.card("title", [("a", 1), ("b", None), ("c", "")])).text == "titlea1"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//x"])
def test_only_addresses_of_the_web_are_links(url: str) -> None:
    assert html.link(url, "text") == "text"
    (_, attributes) = Page(html.link("https://example.com/a?b=1&c", "text")).elements[0]
    assert attributes["href"] == "https://example.com/a?b=1&c"
    assert attributes["rel"] == "noopener noreferrer"


def test_a_folded_body_can_be_open_at_first() -> None:
    assert "open" in Page(html.folded("s", "b", is_open=True)).elements[0][1]
    assert "open" not in Page(html.folded("s", "b")).elements[0][1]


def test_a_table_keeps_what_sorts_it_beside_what_it_shows() -> None:
    rows = [
        [html.Cell("org/a"), html.Cell("1.2 M", 1_200_000)],
        [html.Cell("b"), html.Cell("", None)],
    ]
    page = Page(html.table(["model", "downloads"], rows))
    keys = [attributes["data-key"] for tag, attributes in page.elements if tag == "td"]
    assert keys == ["org/a", "1200000", "b", ""]
    heads = [attributes for tag, attributes in page.elements if tag == "th"]
    assert ["data-down" in attributes for attributes in heads] == [False, True]
    assert "script" not in page.tags
