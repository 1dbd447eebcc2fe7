"""The site in a browser, on a desk and on a telephone: nothing is fetched, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import FLAGS, chromium

PAGES = ("index", "chat", "features", "house", "faults", "reference/clients", "reference/values")
SIZES = {"desk": (1280, 900), "telephone": (390, 844)}
WIDER_THAN_THE_PAGE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="scripts/browser installs Playwright")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: scripts/browser installs it with apt, as root")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_fetch_nothing(site: Path, browser: Any, size: str) -> None:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate(WIDER_THAN_THE_PAGE) <= 0, f"{name} is wider than a {size}"
        assert page.evaluate(BROKEN) == [], name
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert wrong == []


@pytest.mark.timeout(300)
def test_the_search_works_without_a_server(site: Path, browser: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{(site / 'search.html').as_uri()}?q=resume")
    page.wait_for_selector("#search-results li a", timeout=20_000)
    links = [link.get_attribute("href") for link in page.query_selector_all("#search-results a")]
    page.close()
    assert any("streams.html" in link for link in links)
    assert said == []
