"""What a server is, found out by asking it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi import errors
from hfi._core.failures.line_failure import connection_error, timeout_error
from hfi._core.generation.prompt import ask_bos
from hfi._core.generation.servers import KINDS, Server, identify, server_root
from hfi._core.request import Request, Response
from playing import play, reply

ROOT = "http://127.0.0.1:8080"
TGI = {"router": "text-generation-router", "model_id": "org/m", "max_total_tokens": 2048}
OLD_TGI = {"model_id": "org/m", "max_input_length": 1024, "max_total_tokens": 2048}
TEI = {"model_id": "org/e", "model_type": {"embedding": {}}, "max_batch_tokens": 10}
PROPS = {
    "default_generation_settings": {"n_ctx": 4096},
    "chat_template": "T",
    "bos_token": "<s>",
    "eos_token": "</s>",
}


def asked(pages: dict[str, Any], **headers: str) -> tuple[Server, list[str]]:
    def answer(request: Request) -> Any:
        path = request.url.removeprefix(ROOT)
        if path in pages:
            return reply(json.dumps(pages[path]).encode())
        return reply(b"{}", 404, **headers)

    server, steps = play(identify(ROOT, headers={}, credential=None), answer)
    return server, [step.url.removeprefix(ROOT) for step in steps if isinstance(step, Request)]


@pytest.mark.parametrize(
    ("pages", "kind"),
    [
        ({"/info": TGI}, "tgi"),
        ({"/info": OLD_TGI}, "tgi"),
        ({"/info": TEI}, "tei"),
        ({"/info": {"name": "another"}, "/props": PROPS}, "llama.cpp"),
        ({"/api/version": {"version": "0.5"}}, "ollama"),
        ({"/api/v1/models": {"models": []}}, "lm-studio"),
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "vllm"}]}}, "vllm"),
        ({"/v1/models": {"data": []}}, "openai"),
        ({"/info": "a page", "/v1/models": []}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_each_kind_is_known_by_its_answers(pages: dict[str, Any], kind: str) -> None:
    assert asked(pages)[0].kind is KINDS[kind]


def test_the_first_that_tells_ends_the_questions() -> None:
    server, paths = asked({"/info": TGI, "/v1/models": {"data": []}})
    assert paths == ["/info"]
    assert (server.model, server.context_length) == ("org/m", 2048)


def test_llamacpp_tells_itself_by_a_header() -> None:
    server, paths = asked({"/props": PROPS}, server="llama.cpp")
    assert paths == ["/info", "/props"]
    assert server.context_length == 4096
    assert server.chat_template == "T"
    assert server.special_tokens == {"bos_token": "<s>", "eos_token": "</s>"}


def test_a_server_that_is_not_there_is_not_unknown() -> None:
    def refused(request: Request) -> Any:
        return connection_error("refused", request, "refused")

    with pytest.raises(errors.APIConnectionError):
        play(identify(ROOT, headers={}, credential=None), refused)


def test_a_question_that_hangs_is_given_up() -> None:
    def slow(request: Request) -> Any:
        if request.url == f"{ROOT}/v1/models":
            return reply(b'{"data": []}')
        return timeout_error("first_token", 2)

    server, _ = play(identify(ROOT, headers={}, credential=None), slow)
    assert server.kind is KINDS["openai"]


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("http://h:1", "http://h:1"),
        ("http://h:1/", "http://h:1"),
        ("http://h:1/v1", "http://h:1"),
        ("http://h:1/v1/chat/completions", "http://h:1"),
        ("http://h:1/generate_stream", "http://h:1"),
        ("http://h:1/proxy/v1/", "http://h:1/proxy"),
    ],
)
def test_the_root_of_a_server(base: str, root: str) -> None:
    assert server_root(base) == root


@pytest.mark.parametrize(
    ("kind", "body", "adds"),
    [
        ("llama.cpp", {"tokens": [1]}, True),
        ("llama.cpp", {"tokens": []}, False),
        ("tgi", [{"id": 1, "text": "", "start": 0, "stop": 0}, {"start": 0, "stop": 1}], True),
        ("tgi", [{"id": 5, "text": "a", "start": 0, "stop": 1}], False),
        ("tgi", {"error": "no"}, False),
        ("tgi", [], None),
    ],
)
def test_a_tokenizer_is_asked_whether_it_adds_bos(kind: str, body: Any, adds: Any) -> None:
    server = Server(kind=KINDS[kind], root=ROOT)

    def answer(_: Request) -> Response:
        return reply(json.dumps(body).encode())

    found, steps = play(ask_bos(server, headers={}, credential=None), answer)
    assert found is adds
    assert len(steps) == 1
