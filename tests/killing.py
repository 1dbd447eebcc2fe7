"""The embedded server's process killed in mid-stream: what tests and ``scripts/killed`` share."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hfi import AsyncClient, Client, HFIError, StreamInterruptedError, Timeout
from hfi.local import LocalServer
from rawserver import wait_until
from servers.forwarder import Forwarder

QUESTION = "Write a short poem about spring."
LENGTH = 24  # tokens of an answer that is to be whole
LONG = 400  # tokens of one that is to be broken off: seconds of work
LIMITS = Timeout(connect=5, first_token=20, between_tokens=20, total=60)
COLOURS = ("sync", "async")


class Outcome(NamedTuple):
    """What came of one stream.

    Attributes:
        error: The name of the error's class; empty where the answer came to its end.
        shown: The text that was handed out.
        told: The text of the error's ``.partial``, or of the completion.
        resumes: How often the stream was taken up again.
        seconds: From the kill to the end, or from the beginning where nothing was killed.
    """

    error: str
    shown: str
    told: str
    resumes: int
    seconds: float


class Stage:
    """An embedded server that can be killed and started anew, at an address that stays."""

    def __init__(self, weights: Any = None) -> None:
        self._server = LocalServer(weights, n_ctx=1024, parallel=1)
        self._front = Forwarder()
        self._key = ""
        self.kills = 0
        self.start()

    def start(self) -> None:
        """Starts the server, or another one in the place of a killed one."""
        server = self._server.start()
        self._key = server.api_key
        self._front.target = urlsplit(server.url).port

    def kill(self) -> None:
        """Kills the server's process; gives no time to anything."""
        self.kills += 1
        self._front.target = None
        os.kill(self._server.pid, signal.SIGKILL)

    def restart(self) -> None:
        """Waits until the killed one is dead, and starts another."""
        if not wait_until(lambda: not self._server.is_running, 10):
            raise AssertionError("the killed process is still there")
        self.start()

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of a client; each start has another key, so the token is a callable."""
        return {"base_url": self._front.url, "token": lambda: self._key, "timeout": LIMITS}

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._front.close()
        self._server.stop()


class Reading:
    """One stream that is read, and the kill in its midst."""

    def __init__(self, stage: Stage, kill_after: int | None, *, restart: bool) -> None:
        self._stage = stage
        self._left = kill_after
        self._starter = threading.Thread(target=stage.restart) if restart else None
        self._began = time.monotonic()
        self.shown = ""

    def take(self, chunk: Any) -> None:
        """Keeps a chunk; kills the server after so many with text."""
        self.shown += chunk.text
        if self._left is None or not chunk.text:
            return
        self._left -= 1
        if self._left == 0:
            self._stage.kill()
            self._began = time.monotonic()
            if self._starter is not None:
                self._starter.start()

    def ended(self, end: Any) -> Outcome:
        """What came of it: an error or a completion."""
        seconds = time.monotonic() - self._began
        if isinstance(end, HFIError):
            partial = end.partial if isinstance(end, StreamInterruptedError) else None
            told = partial.text if partial is not None else str(end)
            return Outcome(type(end).__name__, self.shown, told, 0, seconds)
        return Outcome("", self.shown, end.text, end.meta.resumes, seconds)

    def join(self) -> None:
        """Waits for the server that takes the killed one's place."""
        if self._starter is not None and self._starter.ident is not None:
            self._starter.join(60)


def read(stage: Stage, colour: str, kill_after: int | None = None, *, resume: int = 0) -> Outcome:
    """Streams an answer; where told so, kills the server after some chunks of it.

    With ``resume`` another server is started at once, else when the stream has ended.
    """
    reading = Reading(stage, kill_after, restart=resume > 0)
    options: dict[str, Any] = {"stream": True, "temperature": 0, "max_retries": 0}
    options["max_tokens"] = LENGTH if resume or kill_after is None else LONG
    if resume:
        # The retries outlast the start of the next server, however slow the machine is.
        options.update(resume=resume, max_retries=8)
    try:
        outcome = (
            _read(reading, stage, options)
            if colour == "sync"
            else asyncio.run(_aread(reading, stage, options))
        )
    finally:
        reading.join()
    if kill_after is not None and not resume:
        stage.restart()
    return outcome


def read_whole(stage: Stage, colour: str, kill_after: int, whole: str) -> Outcome:
    """The same with ``resume=3``, for an answer that must be ``whole``.

    On a busy machine the server may have sent the whole answer before its reader gets to the kill.
    Such a run says nothing, so there is another, up to three.
    """
    for _ in range(3):
        outcome = read(stage, colour, kill_after, resume=3)
        if outcome.error or outcome.resumes or outcome.shown != whole:
            break
    return outcome


def _read(reading: Reading, stage: Stage, options: dict[str, Any]) -> Outcome:
    with Client(**stage.settings) as client:
        stream = client.chat(QUESTION, **options)
        try:
            for chunk in stream:
                reading.take(chunk)
        except HFIError as error:
            return reading.ended(error)
        return reading.ended(stream.completion)


async def _aread(reading: Reading, stage: Stage, options: dict[str, Any]) -> Outcome:
    async with AsyncClient(**stage.settings) as client:
        stream = await client.chat(QUESTION, **options)
        try:
            async for chunk in stream:
                reading.take(chunk)
        except HFIError as error:
            return reading.ended(error)
        return reading.ended(stream.completion)


def faults_of(outcome: Outcome, whole: str | None = None) -> list[str]:
    """What is wrong with an outcome.

    Args:
        outcome: It.
        whole: The answer that it must be; None where it must be the error of a broken stream.
    """
    found = []
    wanted = "StreamInterruptedError" if whole is None else ""
    if outcome.error != wanted:
        found.append(f"ended with {outcome.error or 'an answer'}: {outcome.told!r}")
    elif outcome.told != outcome.shown or not outcome.shown:
        found.append(f"handed out {outcome.shown!r}, and told {outcome.told!r}")
    elif whole is None and outcome.seconds > 2:
        found.append(f"noticed the kill after {outcome.seconds:.1f} s")
    elif whole is not None and outcome.shown != whole:
        found.append(f"gave {outcome.shown!r} in place of {whole!r}")
    elif whole is not None and not outcome.resumes:
        found.append("came to its end before the kill")
    return found


def held() -> dict[str, int]:
    """What this process holds: descriptors (none are counted without /proc) and threads."""
    gc.collect()
    own = Path("/proc/self/fd")
    links = []
    if own.is_dir():
        for entry in own.iterdir():
            with contextlib.suppress(OSError):  # the descriptor that lists them
                links.append(entry.readlink())
    return {"descriptors": len(links), "threads": threading.active_count()}
