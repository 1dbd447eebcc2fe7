"""Every example in the README and the docs runs, as it stands.

Python blocks of a page run in order in one namespace; lines of shell that call ``hfi`` run in a
shell. What would go to Hugging Face's router is answered with a recorded reply; the rest goes to
the embedded model's server.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx

from servers.documented import garden, task_reply
from servers.documented_chats import choice_for
from servers.images import FakeProviders
from servers.recordings import recording

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.live

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CALLS_HFI = re.compile(r"(^|\| )hfi ")

PAINTED = ("text-to-image", "image-to-image", "image-text-to-image")

# A reply of the router, shortened: what any of its providers sends for one short answer.
TEXT = "Air scatters blue light most."
WHOLE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1760000000,
    "model": "openai/gpt-oss-120b",
    "usage": {"prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 27},
}


def blocks(page: Path, *languages: str) -> list[tuple[int, str]]:
    """Give the fenced blocks of some languages with the line each begins on."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, match.start(2)), match[2])
        for match in FENCE.finditer(text)
        if match[1] in languages
    ]


def name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def router_reply(request: httpx.Request) -> httpx.Response:
    """Answer a chat as the router would, streamed if the request asks for it."""
    headers = {"x-request-id": "recorded-1", "x-inference-provider": "groq"}
    if request.headers.get("authorization") == "Bearer hf_not_a_token":
        body = {"error": "Invalid username or password."}
        return httpx.Response(401, json=body, headers=headers)
    asked = json.loads(request.content)
    if not asked.get("stream"):
        message, finish = choice_for(asked, TEXT)
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return httpx.Response(200, json={**WHOLE, "choices": [choice]}, headers=headers)
    deltas = [(word, None) for word in re.findall(r"\S+\s*", TEXT)] + [("", "stop")]
    chunks = [
        {"index": 0, "delta": {"content": text}, "finish_reason": finish} for text, finish in deltas
    ]
    events = [{**WHOLE, "object": "chat.completion.chunk", "choices": [c]} for c in chunks]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
    headers["content-type"] = "text/event-stream"
    return httpx.Response(200, text="".join(lines), headers=headers)


@pytest.fixture
def a_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a folder with the files that the examples name."""
    (tmp_path / "notes.txt").write_text("Rain on Monday, sun on Tuesday.\n")
    (tmp_path / "cat.png").write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
            "789c63f8cfc0f01f0005010181f5b9c8b60000000049454e44ae426082"
        )
    )
    (tmp_path / "garden.png").write_bytes(garden())
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Hub:
    """The Hub of the docs: a recorded model that writes, and models that paint for the rest."""

    def __init__(self, bodies: Path) -> None:
        self._bodies = bodies
        self._painters = FakeProviders("together", "fal-ai", "hf-inference", tasks=PAINTED)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/models":
            return httpx.Response(200, json=[{"id": "org/painter", "likes": 7}])
        if request.url.path.startswith("/v1/models/"):
            entry = json.loads((self._bodies / "docs-router-v1-models-entry.json").read_text())
            return httpx.Response(200, json=entry["entry"])
        recorded_media = recording(request)
        if recorded_media is not None:
            return recorded_media
        reply = task_reply(request)
        if reply is not None:
            return httpx.Response(200, json=reply)
        name = request.url.path.removeprefix("/api/models/").replace("/", "-")
        recorded = self._bodies / f"composed-modelinfo-{name}.json"
        if recorded.exists():
            return httpx.Response(200, json=json.loads(recorded.read_text())["body"])
        return self._painters(request)


@pytest.fixture
def recorded_router(monkeypatch: pytest.MonkeyPatch, fixtures_dir: Path) -> Iterator[None]:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_docs")
    with respx.mock(assert_all_called=False) as mock:
        mock.route(host="127.0.0.1").pass_through()
        mock.post("https://router.huggingface.co/v1/chat/completions").mock(
            side_effect=router_reply
        )
        mock.route().mock(side_effect=Hub(fixtures_dir / "hub"))
        yield


def run(page: Path, line: int, source: str, namespace: dict[str, Any]) -> None:
    """Run one block, with ``await`` at its top level allowed as in a notebook."""
    tree = ast.increment_lineno(ast.parse(source), line)
    await_too = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(tree, str(page), "exec", flags=await_too, dont_inherit=True)
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, namespace)
        return
    loop = namespace.setdefault("__loop__", asyncio.new_event_loop())
    loop.run_until_complete(eval(code, namespace))


@pytest.fixture
def a_program_s_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page record spans, which a program begins once and for good, and stop it afterwards."""
    trace = pytest.importorskip("opentelemetry.trace")
    once = type(trace._TRACER_PROVIDER_SET_ONCE)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", once())


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name)
@pytest.mark.usefixtures("a_desk", "recorded_router", "live_server", "a_program_s_tracing")
def test_python_blocks_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("__docs__")  # classes of the page look their names up in it
    monkeypatch.setitem(sys.modules, "__docs__", module)
    namespace = vars(module)
    try:
        for line, source in blocks(page, "python"):
            run(page, line, source, namespace)
    finally:
        if loop := namespace.get("__loop__"):
            loop.close()


def shell_lines(page: Path) -> list[str]:
    return [
        line
        for _, source in blocks(page, "sh", "console")
        for line in source.replace("\\\n", " ").splitlines()
        if CALLS_HFI.search(line.removeprefix("$ "))
    ]


@pytest.mark.parametrize("page", [p for p in PAGES if shell_lines(p)], ids=name)
def test_shell_lines_run(page: Path, a_desk: Path, live_url: str, live_key: str) -> None:
    environment = os.environ | {
        "HFI_BASE_URL": live_url,
        "HFI_TOKEN": live_key,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for line in shell_lines(page):
        done = subprocess.run(
            ["sh", "-c", line.removeprefix("$ ")],
            cwd=a_desk,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert done.stdout.strip(), f"{line} printed nothing"


def anchors(page: Path) -> set[str]:
    """Give the anchors that a page's headings get."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"https?://[\w.-]+(/\S*)?$", target) or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), f"{name(page)} links to {target}, which is not there"
        assert not anchor or anchor in anchors(file), f"{name(page)}: no heading for {target}"


def test_there_is_something_to_run() -> None:
    assert sum(len(blocks(page, "python")) for page in PAGES) >= 5
