"""``hfi models`` and ``hfi model``, against a Hub of our own."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hfi.cli.tables import short_number, tabbed
from rawserver import Peer
from terminal import on_terminal

if TYPE_CHECKING:
    from conftest import Run, Serve, Start, Web

posix = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")

PAINTER: dict[str, Any] = {
    "id": "org/painter",
    "pipeline_tag": "text-to-image",
    "downloads": 1234567,
    "likes": 12,
    "gated": "auto",
    "inference": "warm",
    "inferenceProviderMapping": {
        "together": {"status": "live", "providerId": "p", "task": "text-to-image"},
        "nscale": {"status": "error", "providerId": "p", "task": "text-to-image"},
        "fal-ai": {"status": "live", "providerId": "q", "task": "text-to-image"},
    },
}
POET: dict[str, Any] = {"id": "organisation/a-poet-with-a-name-that-is-long\x1b[1m"}

CARD: dict[str, Any] = {
    **PAINTER,
    "id": "org/one",
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "tags": ["transformers", "conversational", "license:mit", "en"],
    "lastModified": "2025-01-02T03:04:05.000Z",
    "safetensors": {"total": 7_600_000_000},
    "config": {
        "max_position_embeddings": 32768,
        "tokenizer_config": {
            "eos_token": "</s>",
            "chat_template": [
                {"name": "default", "template": "{{ messages[0].content }}"},
                {"name": "tool_use", "template": "{{ tools }}"},
            ],
        },
    },
}


class Lister:
    """A Hub that has two pages of models, and one that can be looked up."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.path == "/api/models/org/one":
            return httpx.Response(200, json=CARD)
        if request.url.path != "/api/models":
            return httpx.Response(404, headers={"x-error-code": "RepoNotFound"})
        if request.url.params.get("cursor"):
            return httpx.Response(200, json=[POET])
        link = '<https://huggingface.co/api/models?cursor=2>; rel="next"'
        return httpx.Response(200, json=[PAINTER], headers={"link": link})


def hub(peer: Peer) -> None:
    """The same for a program of its own, without pages."""
    while peer.read_request():
        body = CARD if peer.target.startswith("/api/models/") else [PAINTER, POET]
        peer.reply(json.dumps(body).encode())


def test_lines_for_a_pipe(run: Run, web: Web) -> None:
    web(Lister())
    result = run("models")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "org/painter\ttext-to-image\t1234567\t12\tauto\twarm\ttogether,fal-ai",
        "organisation/a-poet-with-a-name-that-is-long\x1b[1m\t\t\t\t\t\t",
    ]


def test_filters_reach_the_hub(run: Run, web: Web) -> None:
    lister = Lister()
    web(lister)
    args = ["--task", "text-to-image", "--search", "a", "--search", "b", "--provider", "fal-ai"]
    result = run("models", *args, "--warm", "--sort", "likes", "--limit", "1")
    assert result.stdout.count("\n") == 1
    (request,) = lister.seen
    query = request.url.params
    assert query.get_list("search") == ["a", "b"]
    assert query.get_list("inference_provider") == ["fal-ai"]
    names = ("pipeline_tag", "inference", "sort", "limit")
    assert [query[name] for name in names] == ["text-to-image", "warm", "likes", "1"]


def test_models_as_json(run: Run, web: Web) -> None:
    web(Lister())
    whole = json.loads(run("models", "--json").stdout)
    lines = [json.loads(line) for line in run("models", "--jsonl").stdout.splitlines()]
    assert whole == lines
    painter, poet = whole
    assert painter["providers"][0]["provider"] == "together"
    assert (painter["warm"], painter["gated"], painter["downloads"]) == (True, "auto", 1234567)
    assert (poet["id"], poet["pipeline_tag"], poet["likes"]) == (POET["id"], None, None)
    assert "chat_templates" not in poet


@pytest.mark.parametrize("form", [[], ["--json"], ["--jsonl"]])
def test_the_hub_is_out_of_reach(run: Run, web: Web, form: list[str]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    web(refuse)
    result = run("models", "--task", "text-to-image", "--limit", "3", *form)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("hfi: warning: The Hub is out of reach")
    assert result.stderr.count("\n") == 1
    assert "FLUX" in result.stdout


def test_no_model_is_like_that(run: Run, web: Web) -> None:
    web(lambda _: httpx.Response(200, json=[]))
    result = run("models", "--search", "x")
    assert (result.exit_code, result.output) == (0, "")
    assert run("models", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["models", "--limit", "0"], "--limit"),
        (["models", "--sort", "colour"], "downloads"),
        (["models", "--json", "--jsonl"], "exclude each other"),
        (["models", "--task", " "], "task"),
        (["model"], "ID"),
        (["model", "a/b/c/d"], "a/b/c/d"),
    ],
)
def test_wrong_command_lines(run: Run, args: list[str], words: str) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_facts_for_a_pipe(run: Run, web: Web) -> None:
    web(Lister())
    result = run("model", "org/one")
    assert (result.exit_code, result.stderr) == (0, "")
    facts = [line.split("\t") for line in result.stdout.splitlines()]
    assert ["context", "32768"] in facts
    assert ["licence", "mit"] in facts
    assert ["gated", "auto"] in facts
    assert ["provider", "nscale", "text-to-image", "error", "p"] in facts
    assert facts[-1] == ["template", "tool_use", "11"]


def test_a_model_as_json(run: Run, web: Web) -> None:
    web(Lister())
    facts = json.loads(run("model", "org/one", "--json").stdout)
    assert facts["chat_templates"]["tool_use"] == "{{ tools }}"
    assert facts["special_tokens"] == {"eos_token": "</s>"}
    assert facts["last_modified"] == "2025-01-02T03:04:05+00:00"
    assert facts["providers"][2]["provider_id"] == "q"


def test_no_such_model(run: Run, web: Web) -> None:
    lister = Lister()
    web(lister)
    result = run("model", "flux", "--revision", "v1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("hfi: ")
    assert "black-forest-labs/FLUX.1-dev" in lister.seen[0].url.path


def screen_lines(text: str) -> list[str]:
    """What stands on the screen once the spinner is gone, without styles."""
    shown = text.rsplit("\x1b[2K", maxsplit=1)[-1]
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).replace("\r", "")
    return [line.rstrip() for line in plain.splitlines()]


@posix
def test_a_table_as_wide_as_the_terminal(serve: Serve, start: Start) -> None:
    endpoint = serve(hub).url
    code, text, _ = on_terminal(start, "models", columns=80, HF_ENDPOINT=endpoint)
    assert code == 0
    wide = screen_lines(text)
    assert wide[0].split() == ["model", "task", "downloads", "providers"]
    assert wide[1].split(maxsplit=3) == ["org/painter", "text-to-image", "1.2M", "together,"]
    assert "␛[1m" in "".join(wide)
    assert all(len(line) <= 80 for line in wide)
    _, text, _ = on_terminal(start, "models", columns=40, HF_ENDPOINT=endpoint)
    narrow = screen_lines(text)
    assert narrow[:2] == ["model", "org/painter"]
    assert "".join(narrow[2:]) == "organisation/a-poet-with-a-name-that-is-long␛[1m"
    assert all(len(line) <= 40 for line in narrow)
    _, text, _ = on_terminal(start, "models", columns=160, HF_ENDPOINT=endpoint)
    assert "likes  gated  providers" in screen_lines(text)[0]


@posix
def test_a_card_on_a_terminal(serve: Serve, start: Start) -> None:
    endpoint = serve(hub).url
    code, text, _ = on_terminal(start, "model", "org/one", columns=60, HF_ENDPOINT=endpoint)
    assert code == 0
    lines = screen_lines(text)
    assert "context     32768 tokens" in lines
    assert "parameters  7.6B" in lines
    assert "gated       yes, access is granted at once" in lines
    assert "tags        transformers, conversational, en" in lines
    assert "provider  task           status  its id" in lines
    assert "nscale    text-to-image  error   p" in lines
    assert lines[-1] == "tool_use          11"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, None),
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (99_949, "99.9k"),
        (123_456, "123k"),
        (999_600, "1.0M"),
        (7_600_000_000, "7.6B"),
        (10**16, "10000T"),
    ],
)
def test_short_numbers(number: int | None, text: str | None) -> None:
    assert short_number(number) == text


def test_tabs_and_line_breaks_are_no_fields() -> None:
    assert tabbed(["a\tb", None, "c\r\nd", 1]) == "a b\t\tc d\t1"
