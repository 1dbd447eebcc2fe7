"""``hfi explain`` tells what the command beside it sends."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calls import answers
from hfi.cli.chat import LOCAL_MAX_TOKENS, chat_options
from servers.images import FakeProviders

if TYPE_CHECKING:
    from conftest import Run, Serve, Web


def test_a_chat_is_explained_as_it_is_sent(run: Run, serve: Serve, tmp_path: Path) -> None:
    dot = tmp_path / "dot.png"
    dot.write_bytes(b"\x89PNG\r\n\x1a\n....")
    server = serve(answers("ok"))
    args = ["--base-url", server.url, "-m", "m", "-s", "Be brief.", "--seed", "3", "--image"]
    args += [str(dot), "--max-tokens", "5", "What is this?"]
    explained = run("explain", "chat", "--json", *args)
    assert (explained.exit_code, explained.stderr) == (0, "")
    assert not server.seen
    assert run("chat", *args).exit_code == 0
    payload = json.loads(explained.stdout)["payload"]
    assert payload == json.loads(server.seen[0][3])
    whole = json.loads(run("explain", "chat", "--json", "--no-stream", *args).stdout)
    assert "stream" not in whole["payload"]


def test_curl_keeps_the_token_to_itself(run: Run, web: Web) -> None:
    web(FakeProviders("together"))
    result = run("explain", "chat", "-m", "org/name", "--curl", "It's")
    assert result.exit_code == 0, result.stderr
    assert "hf_of_the_tests" not in result.output
    words = shlex.split(result.stdout)
    assert words[0] == "curl"
    assert "https://router.huggingface.co/v1/chat/completions" in words
    assert json.loads(words[-1])["messages"] == [{"role": "user", "content": "It's"}]


def test_an_image_is_explained(run: Run, web: Web) -> None:
    providers = FakeProviders("together", "fal-ai")
    web(providers)
    result = run("explain", "image", "--aspect-ratio", "16:9", "--json", "A cat")
    assert result.exit_code == 0, result.stderr
    explained = json.loads(result.stdout)
    assert (explained["provider"], explained["payload"]["width"]) == ("together", 1024)
    assert all(request.method == "GET" for request in providers.seen)


def test_a_text_is_explained(run: Run) -> None:
    url = "http://127.0.0.1:1/v1/completions"
    args = ["--base-url", url, "-m", "m", "--max-tokens", "8", "--temperature", "0", "Once"]
    result = run("explain", "text", *args)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("request     POST http://127.0.0.1:1/v1/completions\n")
    payload = json.loads(result.stdout[result.stdout.index("payload") + 7 :])
    assert (payload["prompt"], payload["max_tokens"]) == ("Once", 8)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["chat", "--curl", "--json", "--base-url", "http://127.0.0.1:1", "Hi"], "exclude"),
        (["chat"], "There is no prompt"),
        (["chat", "--protocol", "smtp", "Hi"], "text-generation"),
        (["song", "Hi"], "song"),
        (["chat", "--local", "--provider", "groq", "Hi"], "exclude"),
    ],
)
def test_wrong_command_lines(run: Run, args: list[str], words: str) -> None:
    result = run("explain", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.parametrize(
    ("environ", "client", "given", "expected"),
    [
        ({}, {"provider": "local"}, {}, LOCAL_MAX_TOKENS),
        ({"HFI_PROVIDER": "local"}, {}, {}, LOCAL_MAX_TOKENS),
        ({}, {"provider": "local", "model": "smollm2-135m"}, {}, LOCAL_MAX_TOKENS),
        ({}, {"provider": "local"}, {"max_tokens": 7}, 7),
        ({}, {"provider": "local", "model": "own.gguf"}, {}, None),
        ({"HFI_LOCAL_MODEL": "own.gguf"}, {"provider": "local"}, {}, None),
        ({}, {"base_url": "http://127.0.0.1:1"}, {}, None),
        ({"HFI_BASE_URL": "http://127.0.0.1:1"}, {}, {}, None),
        ({}, {"model": "org/name"}, {}, None),
    ],
)
def test_the_embedded_model_has_a_bound(
    environ: dict[str, str],
    client: dict[str, Any],
    given: dict[str, Any],
    expected: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert chat_options(given, client).get("max_tokens") == expected


def test_explain_alone_tells_what_it_can(run: Run) -> None:
    overview = run("explain")
    assert overview.exit_code == 0
    assert "Commands:" in overview.stdout
