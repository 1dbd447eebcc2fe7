"""The embedded model as it really is: llama.cpp, the weights, HTTP by the standard library."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from hfi._core import embedded
from hfi.errors import LocalServerError
from hfi.local import LocalServer, Weights, shared_server

pytestmark = pytest.mark.live

# No proxy of the environment may stand between a test and loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str, path: str, key: str | None, body: Any = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    with OPENER.open(urllib.request.Request(url + path, data, headers), timeout=60) as reply:
        return json.load(reply)


def chat(server: LocalServer, text: str, **options: Any) -> Any:
    body = {"messages": [{"role": "user", "content": text}], "temperature": 0, **options}
    return ask(server.url, "/v1/chat/completions", server.api_key, body)


def is_gone(pid: int, seconds: float) -> bool:
    """Whether a process ends within that time. A zombie that nobody reaps has ended too."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if sys.platform == "linux":
                stat = Path(f"/proc/{pid}/stat").read_text()
                if stat.rpartition(")")[2].split()[0] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_health_is_open_and_everything_else_needs_the_key(live_url: str, live_key: str) -> None:
    assert live_url.startswith("http://127.0.0.1:")
    assert ask(live_url, "/health", None) == {"status": "ok"}
    for key in (None, "wrong"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(live_url, "/v1/models", key)
        assert caught.value.code == 401
        caught.value.close()
    assert ask(live_url, "/v1/models", live_key)["data"]


def test_the_model_has_its_alias_and_no_path_of_this_machine(live_server: LocalServer) -> None:
    models = ask(live_server.url, "/v1/models", live_server.api_key)["data"]
    assert [model["id"] for model in models] == [embedded.MODEL_ALIAS] == [live_server.model]


def test_each_slot_has_the_context_asked_for(live_server: LocalServer) -> None:
    slots = ask(live_server.url, "/slots", live_server.api_key)
    assert [slot["n_ctx"] for slot in slots] == [4096] * 4


def test_a_chat(live_server: LocalServer) -> None:
    reply = chat(live_server, "Say hello.", max_tokens=20)
    choice = reply["choices"][0]
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"].strip()
    assert choice["finish_reason"] in ("stop", "length")
    assert 0 < reply["usage"]["completion_tokens"] <= 20


def test_a_json_schema_binds_the_answer(live_server: LocalServer) -> None:
    properties = {"name": {"type": "string"}, "city": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": ["name", "city"]}
    reply = chat(
        live_server,
        "Alice lives in Paris. Give the name and the city.",
        max_tokens=60,
        response_format={"type": "json_schema", "json_schema": {"name": "p", "schema": schema}},
    )
    assert json.loads(reply["choices"][0]["message"]["content"]).keys() == {"name", "city"}


def test_the_default_system_prompt_replaces_the_templates_own(live_server: LocalServer) -> None:
    """The reason for that constant: without it the template puts in something else."""
    user = {"role": "user", "content": "Hi"}
    system = {"role": "system", "content": embedded.DEFAULT_SYSTEM_PROMPT}

    def prompt(*messages: dict[str, str]) -> str:
        body = {"messages": list(messages)}
        reply = ask(live_server.url, "/apply-template", live_server.api_key, body)
        return str(reply["prompt"])

    assert prompt(user).startswith("<|im_start|>system\n")
    assert embedded.DEFAULT_SYSTEM_PROMPT not in prompt(user)
    assert prompt(system, user).count("<|im_start|>system\n") == 1
    assert embedded.DEFAULT_SYSTEM_PROMPT in prompt(system, user)


def test_eight_requests_at_once_on_four_slots(live_server: LocalServer) -> None:
    replies: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda n=n: replies.append(chat(live_server, f"Count to {n}.", max_tokens=8))
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(replies) == 8
    assert all(reply["choices"][0]["message"]["content"] for reply in replies)


def test_embeddings_where_asked_for(live_weights: Weights) -> None:
    with LocalServer(live_weights, n_ctx=512, parallel=1, embeddings=True) as server:
        body = {"input": ["a cat", "a kitten", "the stock market"]}
        reply = ask(server.url, "/v1/embeddings", server.api_key, body)
        assert [len(row["embedding"]) for row in reply["data"]] == [576] * 3
        assert chat(server, "Hi", max_tokens=4)["choices"]


def test_a_chat_template_of_ones_own(live_weights: Weights) -> None:
    template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    with LocalServer(live_weights, n_ctx=512, parallel=1, chat_template=template) as server:
        body = {"messages": [{"role": "user", "content": "Hi"}]}
        reply = ask(server.url, "/apply-template", server.api_key, body)
        assert reply["prompt"] == "[user]Hi"


def test_it_stops_at_once_with_a_request_in_flight(live_weights: Weights) -> None:
    with LocalServer(live_weights, n_ctx=2048, parallel=1) as server:
        pid = server.pid
        line = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        body = {"messages": [{"role": "user", "content": "Tell a long story."}], "stream": True}
        headers = {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"}
        line.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        reply = line.getresponse()
        assert reply.read(1)
        began = time.monotonic()
        server.stop()
        took = time.monotonic() - began
        # The connection is cut in the middle of the body.
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            reply.read()
        line.close()
    assert took < 1
    assert is_gone(pid, 0.1)


def test_a_truncated_file_is_reported_with_llama_cpps_reason(
    live_weights: Weights, tmp_path: Path
) -> None:
    path = tmp_path / "cut.gguf"
    with live_weights.path.open("rb") as whole:
        path.write_bytes(whole.read(3_000_000))
    with pytest.raises(LocalServerError, match="could not load") as caught:
        LocalServer(path).start()
    assert "not within the file bounds" in str(caught.value)
    assert "download it again" in str(caught.value)


def test_the_shared_server_is_one_and_comes_back(live_weights: Weights, tmp_path: Path) -> None:
    weights = tmp_path / "copy.gguf"  # other tests may share the server of the file itself
    shutil.copyfile(live_weights.path, weights)
    servers: list[LocalServer] = []
    threads = [
        threading.Thread(target=lambda: servers.append(shared_server(weights))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    server, other = servers
    try:
        assert server is other
        first = server.pid
        os.kill(first, signal.SIGTERM)
        assert is_gone(first, 5)
        deadline = time.monotonic() + 5
        while server.is_running and time.monotonic() < deadline:
            time.sleep(0.01)
        assert shared_server(weights) is server
        assert server.pid != first
        assert chat(server, "Hi", max_tokens=4)["choices"]
    finally:
        server.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_killed_process_takes_its_server_along_although_a_fork_lives_on(
    live_weights: Weights,
) -> None:
    script = f"""
import ctypes, os, signal, time
from hfi.local import shared_server
server = shared_server({str(live_weights.path)!r})
print(server.pid, flush=True)
sibling = ctypes.CDLL(None).fork()  # past Python's handlers: it keeps the write end of the pipe
if sibling == 0:
    os.closerange(0, 3)
    time.sleep(20)
    os._exit(0)
print(sibling, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environ,
    )
    server, sibling = (int(pid) for pid in done.stdout.split())
    try:
        assert is_gone(server, 2), done.stderr
        assert not is_gone(sibling, 0.1)
    finally:
        os.kill(sibling, signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_left_open_after_real_use(live_weights: Weights) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(2):
        with LocalServer(live_weights, n_ctx=512, parallel=1) as server:
            chat(server, "Hi", max_tokens=4)
            pid = server.pid
        assert not Path(f"/proc/{pid}").exists()
    assert open_files() == before
