"""``hfi chat`` within this process, against servers that answer as they are told to."""

from __future__ import annotations

import base64
import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calls import answers
from hfi import Client, __version__
from hfi.errors import MissingExtraError
from rawserver import Handler, Peer

if TYPE_CHECKING:
    from click.testing import Result

    from conftest import Run, Serve

TOKEN = "hf_aaaabbbbccccddddeeee"


def replies(body: Any, status: str = "200 OK", **headers: str) -> Handler:
    """A handler that answers every request with this JSON."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(json.dumps(body).encode(), status, headers)

    return handler


def streams(*deltas: dict[str, Any], finish: str | None = "stop") -> Handler:
    """A handler that streams these deltas; without ``finish`` the connection drops after them."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream({"x-request-id": "req-1"})
            for delta in deltas:
                peer.event(json.dumps({"model": "m", "choices": [{"index": 0, "delta": delta}]}))
            if finish is None:
                return
            choice = {"index": 0, "delta": {}, "finish_reason": finish}
            peer.event(json.dumps({"choices": [choice]}))
            peer.end_stream()

    return handler


def failed(result: Result, code: int) -> str:
    """The one line that a failed run wrote to standard error."""
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("hfi: ")
    return lines[0]


def test_the_text_and_a_line_break(run: Run, serve: Serve) -> None:
    server = serve(answers("Hello", " there", "."))
    result = run("chat", "--base-url", server.url, "Hi")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Hello there.\n", "")
    ((_, target, _, body),) = server.seen
    sent = json.loads(body)
    assert target == "/v1/chat/completions"
    assert sent["messages"] == [{"role": "user", "content": "Hi"}]
    assert sent["stream"] is True
    assert "temperature" not in sent


def test_no_second_line_break(run: Run, serve: Serve) -> None:
    server = serve(streams({"content": "Hello\r\n"}, {"content": "\x1b[1m\n"}))
    # What is no terminal gets what the model wrote.
    assert run("chat", "--base-url", server.url, "Hi").stdout_bytes == b"Hello\r\n\x1b[1m\n"


def test_options_reach_the_wire(run: Run, serve: Serve, tmp_path: Path) -> None:
    picture = tmp_path / "dot.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n....")
    server = serve(answers("ok"))
    args = [
        *("--base-url", server.url, "-m", "org/name", "-s", "Be brief.", "--image", str(picture)),
        *("--max-tokens", "7", "--temperature", "0", "--seed", "3", "--timeout", "5"),
        *("--max-wait", "1", "What", "is", "this?"),
    ]
    result = run("chat", *args)
    assert result.exit_code == 0, result.stderr
    sent = json.loads(server.seen[0][3])
    assert {name: sent[name] for name in ("model", "max_tokens", "temperature", "seed")} == {
        "model": "org/name",
        "max_tokens": 7,
        "temperature": 0,
        "seed": 3,
    }
    system, user = sent["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    image, text = user["content"]
    encoded = base64.b64encode(picture.read_bytes()).decode()
    assert image["image_url"]["url"] == f"data:image/png;base64,{encoded}"
    assert text == {"type": "text", "text": "What is this?"}


@pytest.mark.parametrize(
    ("words", "piped", "expected"),
    [
        ([], b"\xef\xbb\xbfBonjour \xc3\xa9t\xc3\xa9\n", "Bonjour été"),
        (["Summarise:"], b"Rain.\n", "Summarise:\n\nRain."),
        (["-"], b"Rain.", "Rain."),
    ],
)
def test_standard_input(
    run: Run, serve: Serve, words: list[str], piped: bytes, expected: str
) -> None:
    server = serve(answers("ok"))
    assert run("chat", "--base-url", server.url, *words, input=piped).exit_code == 0
    assert json.loads(server.seen[0][3])["messages"][0]["content"] == expected


def test_standard_input_that_is_no_text(run: Run) -> None:
    assert "not text in UTF-8" in failed(run("chat", "Hi", input=b"\x89PNG\xff"), 2)


def test_reasoning_is_not_in_the_text(run: Run, serve: Serve) -> None:
    server = serve(streams({"reasoning_content": "Hm."}, {"content": "Yes."}))
    result = run("chat", "--base-url", server.url, "Hi")
    assert (result.stdout, result.stderr) == ("Yes.\n", "")


@pytest.mark.parametrize("stream", [True, False])
def test_one_json_object(run: Run, serve: Serve, stream: bool) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    whole = {
        "id": "c-1",
        "model": "m",
        "created": 7,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Né.", "reasoning": "Hm."},
                "finish_reason": "stop",
            }
        ],
        "usage": usage,
    }

    def handler(peer: Peer) -> None:
        while peer.read_request():
            if not stream:
                peer.reply(json.dumps(whole).encode(), headers={"x-request-id": "req-1"})
                continue
            peer.start_stream({"x-request-id": "req-1"})
            delta = {"role": "assistant", "reasoning": "Hm.", "content": "Né."}
            choice = {"index": 0, "delta": delta, "finish_reason": "stop"}
            peer.event(json.dumps({**whole, "choices": [choice]}))
            peer.end_stream()

    server = serve(handler)
    extra = [] if stream else ["--no-stream"]
    result = run("chat", "--base-url", server.url, "--json", *extra, "Hi")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout) == {
        **whole,
        "object": "chat.completion",
        "provider": None,
        "request_id": "req-1",
    }
    assert json.loads(server.seen[0][3]).get("stream", False) is stream


def test_each_chunk_as_it_was_sent(run: Run, serve: Serve) -> None:
    server = serve(streams({"content": "a", "unknown": 1}, {"content": "b"}))
    result = run("chat", "--base-url", server.url, "--jsonl", "Hi")
    chunks = [json.loads(line) for line in result.stdout.splitlines()]
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"content": "a", "unknown": 1},
        {"content": "b"},
        {},
    ]


def test_a_whole_answer(run: Run, serve: Serve) -> None:
    message = {"role": "assistant", "content": "Whole."}
    reply = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    server = serve(replies(reply))
    result = run("chat", "--base-url", server.url, "--no-stream", "Hi")
    assert (result.exit_code, result.stdout) == (0, "Whole.\n")
    lines = run("chat", "--base-url", server.url, "--no-stream", "--jsonl", "Hi").stdout
    assert json.loads(lines) == reply


def test_what_had_arrived_of_a_broken_answer(run: Run, serve: Serve) -> None:
    server = serve(streams({"content": "One, "}, {"content": "two"}, finish=None))
    result = run("chat", "--base-url", server.url, "Count.")
    failed(result, 6)
    assert result.stdout == "One, two\n"
    result = run("chat", "--base-url", server.url, "--json", "Count.")
    failed(result, 6)
    (choice,) = json.loads(result.stdout)["choices"]
    assert choice["message"]["content"] == "One, two"
    assert choice["finish_reason"] is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", 1),
        ("401 Unauthorized", 4),
        ("402 Payment Required", 4),
        ("403 Forbidden", 4),
        ("404 Not Found", 1),
        ("500 Internal Server Error", 1),
    ],
)
def test_a_refusal(run: Run, serve: Serve, status: str, code: int) -> None:
    server = serve(replies({"error": {"message": "No\n\x1b[31mway."}}, status))
    line = failed(run("chat", "--base-url", server.url, "Hi"), code)
    assert "127.0.0.1" in line
    assert "\x1b" not in line


def test_nobody_listens(run: Run, serve: Serve) -> None:
    server = serve(answers())
    url = server.url
    server.close()
    line = failed(run("chat", "--base-url", url, "Hi"), 3)
    assert "--local" in line
    assert "provider=" not in line


def test_no_token(run: Run) -> None:
    line = failed(run("chat", "Hi"), 2)
    assert "HF_TOKEN" in line
    assert "--local" in line


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["chat"], "There is no prompt"),
        (["chat", "--modle", "x", "Hi"], "--model"),
        (["chat", "--json", "--jsonl", "Hi"], "exclude each other"),
        (["chat", "--local", "--provider", "groq", "Hi"], "exclude each other"),
        (["chat", "--local", "--base-url", "http://127.0.0.1:1", "Hi"], "base"),
        (["chat", "--max-tokens", "many", "Hi"], "--max-tokens"),
        (["chat", "--temperature", "nan", "--base-url", "http://127.0.0.1:1", "Hi"], "temperature"),
        (["chat", "--timeout", "0", "Hi"], "zero"),
        (["chat", "--image", "absent.png", "--base-url", "http://127.0.0.1:1", "Hi"], "absent.png"),
        (["chatt"], "chatt"),
    ],
)
def test_wrong_command_lines(run: Run, args: list[str], words: str) -> None:
    assert words in failed(run(*args), 2)


def test_debug_shows_the_traceback_and_no_token(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(replies({"error": f"Not {TOKEN}, nor own-key-of-mine."}, "401 Unauthorized"))
    monkeypatch.setenv("HFI_BASE_URL", server.url)
    monkeypatch.setenv("HFI_TOKEN", "own-key-of-mine")
    result = run("chat", "--debug", "Hi")
    assert result.exit_code == 4
    assert server.seen[0][2]["authorization"] == "Bearer own-key-of-mine"
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("hfi: ")
    assert TOKEN not in result.stderr
    assert "own-key-of-mine" not in result.stderr
    assert "Traceback" not in run("chat", "Hi").stderr


def test_a_fault_of_our_own_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(Client, "chat", broken)
    line = failed(run("chat", "--base-url", "http://127.0.0.1:1", "Hi"), 1)
    assert "ZeroDivisionError: by zero" in line
    assert "--debug" in line


def test_an_extra_that_is_missing_below(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise MissingExtraError("No engine.", hint='Try `pip install "hfi[local]"`.')

    monkeypatch.setattr(Client, "chat", missing)
    line = failed(run("chat", "--local", "Hi"), 2)
    assert line == 'hfi: No engine. Try `pip install "hfi[local]"`.'


def test_ctrl_c_before_the_first_word(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "chat", interrupted)
    result = run("chat", "--base-url", "http://127.0.0.1:1", "Hi")
    assert (result.exit_code, result.output) == (130, "")


def test_warnings_are_lines(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(answers("ok"))
    chat = Client.chat

    def warns(self: Client, *args: Any, **options: Any) -> Any:
        warnings.warn("Something is odd.", stacklevel=2)
        return chat(self, *args, **options)

    monkeypatch.setattr(Client, "chat", warns)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        result = run("chat", "--base-url", server.url, "Hi")
    assert result.stderr == "hfi: warning: Something is odd.\n"
    assert result.stdout == "ok\n"


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout == f"hfi {__version__}\n"
    assert run().exit_code == run("-h").exit_code == 0
    assert "chat" in run().stdout
    page = run("chat", "--help").stdout
    assert all(option in page for option in ("--local", "--system", "--json", "--image"))
