"""hfi as it is seen: a real JupyterLab in a real browser.

``scripts/browser`` installs what this needs. The pictures are kept in ``tests/notebook/pictures``,
to be looked at; git does not know them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import FLAGS, Lab, Notebook, chromium, missing
from hfi.testing import FakeServer, Reply, faults

_why_not = missing()
pytestmark = pytest.mark.skipif(_why_not is not None, reason=str(_why_not))

PICTURES = Path(__file__).parent / "pictures"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 640, "height": 800}

ANSWER = """\
The sky is blue because air scatters **short waves** of light more than long ones.

| colour | wavelength | scattered |
|---|---|---|
| blue | 450 nm | most |
| red | 700 nm | least |

How much goes with the fourth power, $I \\propto \\lambda^{-4}$, so that blue light is scattered
about six times as much as red:

```python
print((700 / 450) ** 4)
```

1. At noon, the way through the air is short.
2. At sunset it is long, and *red* is what is left.
"""
THOUGHT = "Rayleigh's scattering, not Mie's: the *molecules* are small."
HOSTILE = """\
Hello <script>window.owned = 1</script><img src=x onerror="window.owned = 2">
<iframe srcdoc="<script>parent.owned = 3</script>"></iframe>

[click](javascript:window.owned=4) ![dot](https://tracker.invalid/dot.png)

$\\href{javascript:window.owned=5}{x}$ `<script>window.owned = 6</script>`
"""
PAINT = """\
import struct, zlib
from hfi import Image, Images

def part(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def painted(seed):
    rows = b"".join(
        b"\\0" + bytes(v for x in range(240) for v in ((x + 60 * seed) % 256, y * 255 // 160, 160))
        for y in range(160)
    )
    head = struct.pack(">IIBBBBB", 240, 160, 8, 2, 0, 0, 0)
    parts = part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    return Image(bytes=b"\\x89PNG\\r\\n\\x1a\\n" + parts, content_type="image/png",
        width=240, height=160, seed=seed, prompt="A dawn over the sea", model="org/painter",
        provider="fal-ai")
"""
MODELS = """\
from datetime import datetime
from hfi import ModelInfo, ModelList, ProviderMapping

def model(name, downloads, parameters, likes, *providers):
    return ModelInfo(id=name, pipeline_tag="text-generation", downloads=downloads, likes=likes,
        parameters=parameters, context_length=32768, license="apache-2.0",
        last_modified=datetime(2026, 5, likes % 28 + 1), providers=tuple(
            ProviderMapping(provider=name, provider_id=name, status="live") for name in providers))

models = ModelList(items=(
    model("org/middle", 20_000, 7_000_000_000, 50, "groq", "together"),
    model("org/small", 900_000, 135_000_000, 400, "hf-inference"),
    model("org/large", 1_000, 120_000_000_000, 12)))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may be absent

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    """A server that answers by what it is asked."""

    def answer(request: Any) -> Reply:
        asked = request.json["messages"][-1]["content"]
        if "hostile" in asked:
            return Reply(HOSTILE)
        delay = 0.15 if "slowly" in asked else 0.02
        return Reply(
            ANSWER, reasoning="Rayleigh, not Mie: the *molecules* are small.", token_delay=delay
        )

    with FakeServer(answer, model="org/scholar") as server:
        yield server


@pytest.fixture(scope="module")
def cold() -> Iterator[FakeServer]:
    """A server whose model has to be loaded."""
    loading = faults.Status(503, body={"error": "loading", "estimated_time": 2.0})
    with FakeServer("It is warm now.", faults=[loading]) as server:
        yield server


@pytest.fixture(scope="module")
def notebook(lab: Lab, browser: Any, server: FakeServer, cold: FakeServer) -> Iterator[Notebook]:
    cells = [
        f"from hfi import AsyncClient, Client\nclient = Client(base_url={server.url!r})\n"
        f"other = AsyncClient(base_url={server.url!r})\n{PAINT}\n{MODELS}",
        "client.chat('Why is the sky blue?', stream=True).display()",
        "answer = await (await other.chat('slowly', stream=True)).display()",
        "client.chat('hostile')",
        "painted(3)",
        "Images(painted(seed) for seed in range(5))",
        "models[1]",
        "models",
        "Client(base_url='http://127.0.0.1:1', max_retries=0).chat('Hello')",
        "%load_ext hfi",
        "%%chat --client client\nWhy is the sky blue?",
        "client.explain('chat', 'Hello', max_tokens=5)",
        f"print(Client(base_url={cold.url!r}).chat('Hello'))",
    ]
    page = browser.new_page(viewport=WIDE)
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    notebook = lab.notebook(page, cells)
    notebook.requests = outside
    notebook.run(0)
    yield notebook
    page.close()


def picture(notebook: Notebook, place: int, name: str) -> None:
    """Keep what stands at a cell, at two sizes of the window."""
    PICTURES.mkdir(exist_ok=True)
    for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
        notebook.page.set_viewport_size(viewport)
        cell = notebook.page.locator(".jp-CodeCell").nth(place)
        cell.scroll_into_view_if_needed()
        notebook.page.wait_for_timeout(150)
        cell.screenshot(path=PICTURES / f"{name}-{size}.png")
    notebook.page.set_viewport_size(WIDE)


def test_a_stream_is_seen_to_advance(notebook: Notebook) -> None:
    notebook.start(1)
    seen: list[str] = []

    def is_over() -> bool:
        text = notebook.output(1).inner_text()
        if text not in seen:
            seen.append(text)
        return "tokens/s" in text

    notebook.wait(is_over, "the answer did not end")
    grown = [text for text in seen if "The sky" in text]
    assert len(grown) >= 3
    assert [len(text) for text in grown[:-1]] == sorted(len(text) for text in grown[:-1])
    output = notebook.output(1)
    assert output.locator("table").count() == 1
    assert output.locator("strong").inner_text() == "short waves"
    assert output.locator("details").get_attribute("open") is None
    assert output.locator(".jp-OutputArea-output").count() == 1
    notebook.wait(lambda: output.locator("mjx-container").count() == 1, "no formula was typeset")
    picture(notebook, 1, "stream")


def test_an_interrupt_keeps_what_had_arrived(notebook: Notebook, server: FakeServer) -> None:
    notebook.start(2)
    notebook.wait(lambda: "The sky" in notebook.output(2).inner_text(), "nothing came")
    notebook.interrupt()
    notebook.wait(lambda: "interrupted" in notebook.output(2).inner_text(), "it went on")
    notebook.wait(lambda: notebook.is_idle(2), "the cell did not end")
    text = notebook.output(2).inner_text()
    assert "The sky" in text
    assert "sunset" not in text
    end = time.monotonic() + 5
    while server.open_connections > 1 and time.monotonic() < end:  # the other client's idle one
        time.sleep(0.01)
    assert server.open_connections <= 1
    picture(notebook, 2, "interrupted")


def test_nothing_of_an_answer_runs_or_loads(notebook: Notebook) -> None:
    text = notebook.run(3)
    assert "<script>window.owned = 1</script>" in text
    notebook.page.wait_for_timeout(500)
    assert notebook.page.evaluate("window.owned") is None
    output = notebook.output(3)
    assert output.locator("img, iframe, script").count() == 0
    links = [link.get_attribute("href") for link in output.locator("a").all()]
    assert [link for link in links if link and not link.startswith("https://")] == []
    assert not [url for url in notebook.requests if "tracker" in url]
    picture(notebook, 3, "hostile")


def test_pictures_appear(notebook: Notebook) -> None:
    text = notebook.run(4)
    assert "A dawn over the sea · seed 3" in text
    size = "img => [img.naturalWidth, img.naturalHeight]"
    assert notebook.output(4).locator("img").first.evaluate(size) == [240, 160]
    picture(notebook, 4, "image")
    notebook.run(5)
    images = notebook.output(5).locator("img")
    assert [image.evaluate(size) for image in images.all()] == [[240, 160]] * 5
    tops = [image.bounding_box()["y"] for image in images.all()]
    assert tops[0] == tops[1] < tops[4] or len(set(tops)) == 1
    picture(notebook, 5, "images")


def test_a_model_is_a_card(notebook: Notebook) -> None:
    text = notebook.run(6)
    for fact in ("org/small", "135 M", "900,000 in 30 days", "hf-inference"):
        assert fact in text
    picture(notebook, 6, "model")


def test_models_sort_by_a_click(notebook: Notebook) -> None:
    notebook.run(7)
    output = notebook.output(7)

    def names() -> list[str]:
        return [link.inner_text() for link in output.locator("tbody a").all()]

    assert names() == ["org/middle", "org/small", "org/large"]
    for heading, order in (
        ("downloads", ["small", "middle", "large"]),
        ("downloads", ["large", "middle", "small"]),
        ("parameters", ["large", "middle", "small"]),
        ("model", ["large", "middle", "small"]),
    ):
        output.get_by_role("button", name=heading, exact=True).click()
        assert names() == [f"org/{name}" for name in order], heading
    picture(notebook, 7, "models")


def test_an_error_is_short(notebook: Notebook) -> None:
    text = notebook.run(8)
    assert text.startswith("APIConnectionError: ")
    assert len(text.splitlines()) <= 5
    picture(notebook, 8, "error")


def test_the_magic_chats(notebook: Notebook) -> None:
    notebook.run(9)
    text = notebook.run(10)
    assert "sunset" in text
    assert text.count("tokens/s") == 1
    picture(notebook, 10, "magic")


def test_an_explanation_is_a_card(notebook: Notebook) -> None:
    assert "POST http://127.0.0.1" in notebook.run(11)
    picture(notebook, 11, "explain")


def test_a_wait_is_a_bar_that_goes(notebook: Notebook) -> None:
    notebook.start(12)
    output = notebook.output(12)
    bars = output.locator(".widget-hprogress:visible")
    notebook.wait(lambda: bars.count() == 1, "no bar came")
    notebook.wait(lambda: "loading" in output.inner_text(), "it says nothing")
    picture(notebook, 12, "waiting")
    notebook.wait(lambda: "It is warm now." in output.inner_text(), "no answer came")
    notebook.wait(lambda: bars.count() == 0, "the bar stays")
    assert "loading" not in output.inner_text()
    picture(notebook, 12, "waited")
