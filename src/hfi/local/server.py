"""``LocalServer``: a llama.cpp server in a child process, on loopback, with a key of its own."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import attrs

from hfi.errors import ConfigurationError, LocalServerError
from hfi.local.engine import require_engine
from hfi.local.failures import failure, stopped, too_slow
from hfi.local.process import ServerProcess, python_command
from hfi.local.weights import Weights, find_weights

if TYPE_CHECKING:
    from types import TracebackType

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

__all__ = ["LocalServer"]

_START_SECONDS = 60.0
_START_SECONDS_PER_GIB = 30.0  # a cold disk reads at least this fast
_MOST_THREADS = 8


@attrs.frozen(kw_only=True)
class _Settings:
    n_ctx: int
    parallel: int
    threads: int
    embeddings: bool
    chat_template: str | None


@attrs.frozen(kw_only=True)
class _Running:
    """A server that has said where it listens."""

    process: ServerProcess
    url: str
    api_key: str = attrs.field(repr=False)


class LocalServer:
    """A llama.cpp server with an OpenAI-compatible API, running in a child process.

    It listens on loopback only, with a random key, and ends with this object, with this process
    however that ends, or on ``stop()``. ``with LocalServer() as server:`` and ``async with`` start
    and stop it. It belongs to the process that started it: in a forked child it is as if it had
    never been started.

    Args:
        model: The path of a GGUF file, ``Weights``, or None for the weights ``find_weights`` finds.
        n_ctx: Tokens one conversation may have, prompt and answer together.
        parallel: Requests worked on at the same time; the rest queue. Memory grows with
            ``n_ctx * parallel``.
        threads: Threads that compute; None for one per available processor, at most 8.
        embeddings: Serve ``/v1/embeddings`` (mean pooling) besides chat.
        chat_template: A Jinja template instead of the model's own.
        start_timeout: Seconds the server may take to load; None for 60 and 30 more for each GiB
            of weights. A download of the weights does not count.
        python: An interpreter with ``hfi[local]`` to run the child with, for frozen applications.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Weights | None = None,
        *,
        n_ctx: int = 4096,
        parallel: int = 4,
        threads: int | None = None,
        embeddings: bool = False,
        chat_template: str | None = None,
        start_timeout: float | None = None,
        python: str | None = None,
    ) -> None:
        _check(n_ctx=n_ctx, parallel=parallel, threads=threads, start_timeout=start_timeout)
        self._given = model
        self._weights = model if isinstance(model, Weights) else None
        self._settings = _Settings(
            n_ctx=n_ctx,
            parallel=parallel,
            threads=threads or min(_processors(), _MOST_THREADS),
            embeddings=embeddings,
            chat_template=chat_template,
        )
        self._start_timeout = start_timeout
        self._python = python
        self._forget()
        _servers.add(self)

    def _forget(self) -> None:
        """The state of a server that was never started."""
        self._starting = threading.Lock()  # held while starting, however long that takes
        self._state = threading.Lock()  # held for a few assignments
        self._stops = 0
        self._process: ServerProcess | None = None
        self._running: _Running | None = None
        self._finalizer: weakref.finalize[Any, LocalServer] | None = None

    def start(self) -> Self:
        """Start the server unless it is running, and wait until it listens.

        Any thread may call it at any time: one starts the server, the others wait for it.

        Raises:
            MissingExtraError: xllamacpp is not installed.
            LocalServerError: No weights, not loadable, died or was stopped while loading, or took
                longer than ``start_timeout``.
        """
        stops = self._stops
        with self._starting:
            if not self.is_running:
                self._start(stops)
        return self

    def _start(self, stops: int) -> None:
        python = python_command(self._python)
        if self._python is None:
            require_engine()
        weights = self.weights
        api_key = secrets.token_urlsafe(24)
        config = attrs.asdict(self._settings)
        config.update(path=os.fspath(weights.path), name=weights.name, api_key=api_key)
        config["sys_path"] = self._sys_path()
        with self._state:
            if stops != self._stops:
                raise stopped()
            self._running = None
            if self._finalizer is not None:  # of a server that died
                self._finalizer.detach()
            process = self._process = ServerProcess(python, config)
            # Covers the end of the interpreter as well as of this object.
            self._finalizer = weakref.finalize(self, process.release)
        try:
            timeout = self._timeout(weights)
            if not process.wait(timeout):
                raise too_slow(weights, timeout, process.log)
            url = process.facts.get("url")
            if not isinstance(url, str):
                process.stop()
                raise stopped() if stops != self._stops else failure(weights, process)
            with self._state:
                if stops != self._stops:
                    raise stopped()
                self._running = _Running(process=process, url=url, api_key=api_key)
        except BaseException:  # KeyboardInterrupt too: no half-started child is left behind
            process.stop()
            raise

    def _sys_path(self) -> list[str]:
        # The child gets sys.path as it is here (a notebook's, a zip file's): PYTHONPATH and the
        # working directory need not lead to the same modules. Another interpreter has its own.
        if self._python is not None:
            return []
        return [path for path in sys.path if isinstance(path, str)]

    def _timeout(self, weights: Weights) -> float:
        if self._start_timeout is not None:
            return self._start_timeout
        try:
            size = weights.path.stat().st_size
        except OSError:
            size = 0
        return _START_SECONDS + _START_SECONDS_PER_GIB * size / 2**30

    def stop(self) -> None:
        """End the server at once, also while it is starting or answering; twice does no harm."""
        with self._state:
            self._stops += 1
            process, self._process, self._running = self._process, None, None
            finalizer, self._finalizer = self._finalizer, None
        if finalizer is not None:
            finalizer.detach()
        if process is not None:
            process.stop()

    @property
    def is_running(self) -> bool:
        """Whether the server is up, started by this very process, and has not died."""
        running = self._running
        return running is not None and running.process.is_alive

    @property
    def weights(self) -> Weights:
        """The weights it serves; looked up on first use, which may download them."""
        if self._weights is None:
            assert not isinstance(self._given, Weights)  # noqa: S101 - or it would be set
            self._weights = find_weights(self._given)
        return self._weights

    @property
    def model(self) -> str:
        """The model's name on the wire: ``smollm2-135m``, or the name of the given file."""
        return self.weights.name

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; another port after each start."""
        return self._expect_running().url

    @property
    def api_key(self) -> str:
        """The key requests must carry as a bearer token; another one after each start."""
        return self._expect_running().api_key

    @property
    def pid(self) -> int:
        """The process id of the server's process."""
        return self._expect_running().process.pid

    @property
    def log(self) -> str:
        """The last lines llama.cpp logged, errors only."""
        process = self._process
        return "" if process is None else process.log

    def _expect_running(self) -> _Running:
        running = self._running
        if running is None:
            raise LocalServerError(
                "The embedded server is not running.",
                hint="Call start(), or use it as a context manager.",
            )
        return running

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        from anyio import to_thread  # noqa: PLC0415 - only here, and slow to import

        try:
            # Abandoned when cancelled: stop() then ends what is starting, and that thread with it.
            await to_thread.run_sync(self.start, abandon_on_cancel=True)
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()  # takes milliseconds: the process is killed, not asked

    def __repr__(self) -> str:
        running = self._running if self.is_running else None
        name = None if self._weights is None else self._weights.name
        return f"<LocalServer model={name!r} url={None if running is None else running.url!r}>"


_servers: weakref.WeakSet[LocalServer] = weakref.WeakSet()


def _after_fork() -> None:
    """Let go of the parent's servers: of their pipes, and of locks another thread held."""
    for server in list(_servers):
        process, finalizer = server._process, server._finalizer
        if finalizer is not None:
            finalizer.detach()
        if process is not None:
            process.release()
        server._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _check(*, n_ctx: int, parallel: int, threads: int | None, start_timeout: float | None) -> None:
    for name, value in (("n_ctx", n_ctx), ("parallel", parallel), ("threads", threads)):
        if value is None and name == "threads":
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigurationError(f"{name} must be a positive whole number, not {value!r}.")
    if start_timeout is not None and not start_timeout > 0:
        raise ConfigurationError(f"start_timeout must be seconds above 0, not {start_timeout!r}.")


def _processors() -> int:
    # What this process may use, not what the machine has: more threads than that are far slower.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
