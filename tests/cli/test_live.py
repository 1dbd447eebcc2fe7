"""``hfi chat --local``: a real model, in a program of its own."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfi._core import embedded
from hfi.errors import LocalServerError, MissingExtraError
from hfi.local import find_weights
from hfi.local.engine import require_engine
from rawserver import wait_until

if TYPE_CHECKING:
    from conftest import Start

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True, scope="module")
def weights() -> None:
    """Skips where there is no embedded model; nothing is downloaded for a test."""
    try:
        require_engine()
        find_weights(embedded.MODEL_ALIAS, environ={"HF_HUB_OFFLINE": "1"})
    except (MissingExtraError, LocalServerError) as error:
        pytest.skip(f"no embedded model here: {error}")


def children(pid: int) -> list[int]:
    """The processes that a process started; none where there is no /proc."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_one_json_object(start: Start) -> None:
    process = start(
        *("chat", "--local", "--json", "--max-tokens", "4", "Describe:"),
        stdin=subprocess.PIPE,
    )
    out, err = process.communicate(b"a cat\n", timeout=100)
    assert (process.returncode, err) == (0, b"")
    reply = json.loads(out)
    assert reply["choices"][0]["message"]["content"]
    assert reply["usage"]["completion_tokens"] <= 4
    assert (reply["object"], reply["provider"]) == ("chat.completion", "local")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_it_and_the_server(start: Start) -> None:
    process = start("chat", "--local", "--max-tokens", "400", "Tell a long story.")
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 100)[0]
    first = os.read(process.stdout.fileno(), 4096)
    assert first.strip()
    servers = children(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
    assert (first + out).endswith(b"\n")
    if sys.platform == "linux":
        assert len(servers) == 1
        assert wait_until(lambda: not Path(f"/proc/{servers[0]}").exists(), 10)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_goes(start: Start) -> None:
    process = start("chat", "--local", "--max-tokens", "400", "List ten colours, one in a line.")
    assert process.stdout is not None
    assert process.stdout.read(1)
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""
