"""What tests of the transport and of streams share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hfi._core.failures.retry import RetryPolicy
from hfi._core.request import Credential, Request
from hfi._network import engines
from hfi.types.settings import Timeout
from rawserver import Peer

NO_RETRY = RetryPolicy(max_retries=0)
RETRY = RetryPolicy(max_retries=2, base=0.01, cap=0.02)
PATIENT = Timeout(connect=5, first_token=5, between_tokens=5, total=10)
# A key and its certificate for localhost and 127.0.0.1; of no use anywhere else.
CERTIFICATE = Path(__file__).parent / "data" / "loopback.pem"
# Before a script, so that it runs over the engine of the test that runs it.
DEFAULT_ENGINE = "import hfi._network.engines as e; e.fast_is_there = lambda: False; del e\n"
SOURCE = Path(__file__).resolve().parent.parent / "src"


def post(url: str, **fields: Any) -> Request:
    """A chat-like request."""
    return Request(url=url, **{"content": b'{"messages": []}', "model": "org/some-model", **fields})


def get(url: str, **fields: Any) -> Request:
    return Request(url=url, **{"method": "GET", **fields})


def credential(value: Any = "hf_secretsecretsecret") -> Credential:
    return Credential(value=value, source="argument")


def answers(*words: str) -> Any:
    """A handler that streams these words, and ends well."""

    def handler(peer: Peer) -> None:
        while peer.read_request():
            peer.start_stream()
            for word in words:
                peer.word(word)
            peer.word("", "stop")
            peer.end_stream()

    return handler


def stalls(peer: Peer) -> None:
    """Streams one word, then nothing until the client goes."""
    if peer.read_request():
        peer.start_stream()
        peer.word("one")
        peer.server.gone.append(peer.wait_gone(5))


def silent(peer: Peer) -> None:
    """Reads a request and answers nothing until the client goes."""
    peer.read_request()
    peer.server.gone.append(peer.wait_gone(5))


def run_script(text: str, *arguments: str, timeout: float = 30) -> str:
    """Runs a script in a Python that makes errors of warnings; gives what it printed.

    Whatever it writes to standard error fails the test: that is where warnings of finalisers go.
    """
    if not engines.fast_is_there():
        text = DEFAULT_ENGINE + text
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={"PYTHONPATH": f"{SOURCE}:{Path(__file__).parent}", "PATH": ""},
        check=False,
    )
    assert done.stderr == "", done.stderr
    assert done.returncode == 0, done.returncode
    return done.stdout
