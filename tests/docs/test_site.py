"""The site builds without a warning, loads nothing from elsewhere, and leaves no name out."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import hfi

PROJECT = Path(__file__).resolve().parents[2]
# What a browser fetches by itself, by the tag; of links, those that are more than a reference.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "modulepreload"}


class Page(HTMLParser):
    """What a page fetches, where it links to, and the anchors it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if where := given.get(FETCHED.get(tag, "")):
            self.fetched.append(where)
        if tag == "link" and FETCHED_LINKS & set(given.get("rel", "").split()):
            self.fetched.append(given["href"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        self.fetched += re.findall(r"url\(([^)]*)\)", given.get("style", ""))


@pytest.mark.timeout(300)
def test_it_builds_without_a_warning(site: Path) -> None:
    assert (site / "index.html").exists()
    assert (site / "searchindex.js").exists()


@pytest.mark.timeout(300)
def test_nothing_comes_from_elsewhere(site: Path) -> None:
    outer = re.compile(r"^\W*(?:https?:)?//", re.IGNORECASE)
    pages = list(site.rglob("*.html"))
    found = [
        f"{page.relative_to(site)}: {where}"
        for page in pages
        for where in Page(page).fetched
        if outer.match(where)
    ]
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        named = re.findall(r"url\(([^)]*)\)", text) + re.findall(r"@import\s+([^;]*)", text)
        found += [f"{sheet.relative_to(site)}: {where}" for where in named if outer.match(where)]
    assert found == []
    assert len(pages) > 20


def test_a_page_that_does_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<link rel="stylesheet" href="https://cdn.example/x.css"><link rel="canonical" href="/x">'
        '<script src="//cdn.example/x.js"></script><img src="a.png"><a href="https://x.example">x</a>'
    )
    read = Page(page)
    assert read.fetched == ["https://cdn.example/x.css", "//cdn.example/x.js", "a.png"]
    assert read.links == ["https://x.example"]


@pytest.mark.timeout(300)
def test_links_lead_to_files_that_are_there(site: Path) -> None:
    missing = []
    for page in site.rglob("*.html"):
        for link in Page(page).links:
            path = link.partition("#")[0]
            if re.match(r"[a-z]+:", link):
                assert re.match(r"https?://[\w.-]+(:\d+)?(/\S*)?$", link), f"{page.name}: {link}"
            elif path and not (page.parent / path).resolve().exists():
                missing.append(f"{page.relative_to(site)}: {link}")
    assert missing == []


@pytest.mark.timeout(300)
def test_every_public_name_is_in_the_reference(site: Path) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (site / "reference").glob("*.html"))
    documented = set(re.findall(r'id="(hfi[\w.]+)"', text))
    names = {f"hfi.{name}" for name in hfi.__all__}
    for room in ("testing", "testing.faults", "local"):
        module = importlib.import_module(f"hfi.{room}")
        names |= {f"hfi.{room}.{name}" for name in module.__all__}
    assert sorted(names - documented - {"hfi.testing.faults"}) == []
    assert {"hfi.Client.chat", "hfi.AsyncClient.text_to_image", "hfi.Image.save"} <= documented


@pytest.mark.timeout(300)
def test_every_option_is_told_with_its_type(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (site / "reference" / "clients.html").read_text(encoding="utf-8"))
    assert re.search(r"max_tokens \(int \| None\)", text)
    assert "**options" in text


def test_the_picture_of_the_house_is_that_of_the_imports() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "house"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_what_is_said_of_hfi_beside_its_peers_is_tested() -> None:
    page = PROJECT / "docs" / "features.md"
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|[^|]+\|[^|]+\|$", page.read_text("utf-8"), re.MULTILINE)
    told = [cell.strip() for cell in rows if cell.strip() not in ("hfi", "---")]
    assert len(told) > 30
    for cell in told:
        if cell == "-":
            continue
        link = re.fullmatch(r"\[([\w ]+)\]\((\.\./tests/[\w/.]+)\)", cell)
        assert link, f"{cell!r} names no test"
        source = (page.parent / link[2]).read_text(encoding="utf-8")
        test = f"test_{link[1].replace(' ', '_')}"
        assert re.search(rf"^(async )?def {test}\(", source, re.MULTILINE), cell
