"""``hfi providers``: who serves a model."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from page import page_lines

if TYPE_CHECKING:
    from conftest import Run, Web

MODEL = "org/poet"
MAPPING = {
    "groq": {"status": "live", "providerId": "poet-8b", "task": "conversational"},
    "nebius": {"status": "error", "providerId": "org/poet-fast", "task": "conversational"},
}
PRICED = {
    "provider": "groq",
    "status": "live",
    "context_length": 131072,
    "pricing": {"input": 0.15, "output": 0.6},
    "throughput": 512.4,
}


@pytest.fixture
def hub(web: Web) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "huggingface.co":
            facts = {"id": MODEL, "tags": ["conversational"], "inferenceProviderMapping": MAPPING}
            return httpx.Response(200, json=facts)
        return httpx.Response(200, json={"id": MODEL, "providers": [PRICED]})

    web(answer)


@pytest.mark.usefixtures("hub")
def test_lines_with_tabs(run: Run) -> None:
    result = run("providers", MODEL)
    assert result.exit_code == 0, result.output
    first, second = result.stdout.splitlines()
    expected = ["groq", "conversational", "live", "0.15", "0.6", "512.4", "131072", "poet-8b"]
    assert first.split("\t") == expected
    assert second.split("\t")[:4] == ["nebius", "conversational", "error", ""]


@pytest.mark.usefixtures("hub")
def test_json(run: Run) -> None:
    (first, second) = json.loads(run("providers", MODEL, "--json").stdout)
    assert (first["provider"], first["input_price"]) == ("groq", 0.15)
    lines = run("providers", MODEL, "--jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [first, second]


@pytest.mark.usefixtures("hub")
def test_the_lines_of_the_page(run: Run, project_dir: Path) -> None:
    lines = page_lines(project_dir, "providers")
    assert len(lines) == 2
    for line in lines:
        result = run(*shlex.split(line)[1:])
        assert (result.exit_code, result.stderr) == (0, ""), line
        assert result.stdout


def test_a_model_that_is_not_there(run: Run, web: Web) -> None:
    web(lambda _: httpx.Response(404, json={"error": "Repository not found"}))
    result = run("providers", "org/absent")
    assert result.exit_code == 1
    assert result.stderr.startswith("hfi: ")
