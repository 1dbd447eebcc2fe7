"""One embedded server for all clients of a process."""

from __future__ import annotations

import os
import threading

from hfi.local.engine import require_engine
from hfi.local.server import LocalServer
from hfi.local.weights import PATH_VARIABLE, find_weights

__all__ = ["shared_server"]

_Asked = tuple[str | None, str | None]

_lock = threading.Lock()
_by_file: dict[str, LocalServer] = {}
_by_asked: dict[_Asked, LocalServer] = {}


def shared_server(model: str | os.PathLike[str] | None = None) -> LocalServer:
    """The running server of this process for these weights; one per weights file.

    Started on first use, started again if it died (with a new address and key), and ended with the
    process. It blocks while the server starts. A forked child gets one of its own.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        LocalServerError: As ``LocalServer.start`` and ``find_weights``.
    """
    asked = _asked(model)
    with _lock:
        server = _by_asked.get(asked)
    if server is None:
        require_engine()  # before a download that would be in vain
        weights = find_weights(model)  # may download, so not under the lock
        file = os.path.realpath(weights.path)
        with _lock:
            server = _by_file.get(file)
            if server is None:
                server = _by_file[file] = LocalServer(weights)
            _by_asked[asked] = server
    return server.start()


def _asked(model: str | os.PathLike[str] | None) -> _Asked:
    """What the search for weights depends on, so that it is made once."""
    if model is None:
        variable = os.environ.get(PATH_VARIABLE)
        return None, None if variable is None else _absolute(variable)
    return _absolute(os.fspath(model)), None


def _absolute(path: str) -> str:
    # A relative path means another file after a change of directory.
    return f"{path}\0{os.getcwd()}"  # noqa: PTH109 - part of a key, not a path


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it when the process forked
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
