"""The child process: the llama.cpp server, and a watch on the process that started it.

It needs the standard library and xllamacpp only. What it says to its parent are single lines in
its output that begin with ``MARK``, followed by JSON; everything else there is llama.cpp's log.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any, NoReturn

__all__ = ["MARK", "main"]

MARK = b"hfi.local:"

_PR_SET_PDEATHSIG = 1
_LOG_SECONDS = 0.3
_POLL_SECONDS = 0.5


def main(config: dict[str, Any]) -> NoReturn:
    """Serve ``config["path"]`` until standard input ends or the parent is gone."""
    # stdout is stderr: whatever prints (llama.cpp, a site hook) lands in the log, in order.
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to act on
    parent = os.getppid()
    _die_with_parent(on=True)
    # Another parent is a launcher, unless ours ended before this line.
    if sys.platform != "win32" and parent != config["parent"] and not _is_alive(config["parent"]):
        os._exit(0)
    watch = threading.Thread(target=_watch, args=(parent, config["parent"]), daemon=True)
    watch.start()
    try:
        server = _serve(config)
    except BaseException as error:
        kind = "import" if isinstance(error, ImportError) else "load"
        if kind == "load":
            time.sleep(_LOG_SECONDS)  # llama.cpp writes its log, and so the reason, in a thread
        _tell(error=kind, message=f"{type(error).__name__}: {error}")
        os._exit(1)
    _die_with_parent(on=False)
    _tell(url=server.listening_address)
    watch.join()
    # Never `del server` and never a normal exit: with a request in flight the first hangs and the
    # second crashes (xllamacpp 2026.10).
    os._exit(0)


def _serve(config: dict[str, Any]) -> Any:
    # OpenMP reads this when xllamacpp loads it. Its threads otherwise wait for each other by
    # spinning: with other work on all processors 2 threads fell from 80 tokens a second to 2
    # (waiting passively: to 8).
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    engine: Any = importlib.import_module("xllamacpp")
    params = engine.CommonParams()
    params.model.path = config["path"]
    params.model_alias = {config["name"]}  # otherwise the file's path is the model's id
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config["api_key"]]
    params.n_parallel = config["parallel"]
    # llama.cpp splits n_ctx among the slots; ours is what one conversation gets.
    params.n_ctx = config["n_ctx"] * config["parallel"]
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    params.verbosity = 1  # errors only; at -1 a failed load does not even say why
    params.ui = False
    params.offline = True
    if config["chat_template"] is not None:
        params.chat_template = config["chat_template"]
    if config["embeddings"]:
        params.embedding = True
        params.pooling_type = engine.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return engine.Server(params)


def _tell(**facts: Any) -> None:
    line = MARK + json.dumps(facts).encode() + b"\n"
    with contextlib.suppress(OSError):
        os.write(1, b"\n" + line)  # one write; the line break ends a log line left open


def _watch(parent: int, pid: int) -> None:
    """End this process when standard input ends or the parent is gone.

    The end of the pipe alone is not enough: a forked sibling of the parent holds a copy of its
    write end and may outlive it.
    """
    if sys.platform == "win32":  # no fork there, so the pipe is enough; select takes sockets only
        while os.read(0, 4096):
            pass
        os._exit(0)
    else:
        import select  # noqa: PLC0415 - without poll on Windows

        poll = select.poll()
        poll.register(0, select.POLLIN | select.POLLHUP)
        if sys.platform == "linux":
            with contextlib.suppress(AttributeError, OSError):  # needs Linux 5.3
                poll.register(os.pidfd_open(pid), select.POLLIN)
        while os.getppid() == parent:
            for fd, _ in poll.poll(_POLL_SECONDS * 1000):
                if fd != 0 or not os.read(0, 4096):
                    os._exit(0)
        os._exit(0)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _die_with_parent(*, on: bool) -> None:
    """Have Linux kill this process with the thread that started it, while that thread waits.

    Loading holds the GIL, so the watching thread cannot run before it is over. The signal comes
    when that *thread* ends, not its process, so it must be off once loading is done: worker
    threads come and go.
    """
    if sys.platform == "linux":
        with contextlib.suppress(Exception):  # a hint only; the watch does the rest
            import ctypes  # noqa: PLC0415 - not built everywhere, and needed on Linux only

            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if on else 0, 0, 0, 0)
