"""The life of the server's process, with a stand-in for the engine: starts, failures, threads."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from hfi.errors import ConfigurationError, LocalServerError, MissingExtraError
from hfi.local import LocalServer, shared_server

Engine = Callable[[str], Path]
Gone = Callable[[int, float], bool]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def attendants() -> int:
    return sum(thread.name == "hfi-local-server" for thread in threading.enumerate())


def children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended
            found.update(int(pid) for pid in (task / "children").read_text().split())
    return found


def run(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_starts_once_and_stops_twice(engine: Engine, gone: Gone) -> None:
    server = LocalServer(engine("pass"))
    assert not server.is_running
    assert server.start() is server
    pid = server.pid
    assert server.start().pid == pid
    assert server.is_running
    assert server.url == "http://127.0.0.1:9"
    assert server.model == "tiny"
    server.stop()
    server.stop()
    assert not server.is_running
    assert gone(pid, 0.1)


def test_before_the_start_and_after_the_end_there_is_no_address(engine: Engine) -> None:
    server = LocalServer(engine("pass"))
    for _ in range(2):
        for name in ("url", "api_key", "pid"):
            with pytest.raises(LocalServerError, match="not running"):
                getattr(server, name)
        with server:
            pass


def test_the_key_is_random_and_in_no_repr_command_line_or_environment(engine: Engine) -> None:
    with LocalServer(engine("pass")) as one, LocalServer(engine("pass")) as two:
        assert len(one.api_key) >= 24
        assert one.api_key != two.api_key
        shown = repr(one) + repr(vars(one))
        for name in ("cmdline", "environ"):
            shown += Path(f"/proc/{one.pid}/{name}").read_text()
        assert one.api_key not in shown


def test_the_engine_gets_the_settings_with_the_context_multiplied(engine: Engine) -> None:
    weights = engine(
        """
        p = params
        print(p.n_ctx, p.n_parallel, p.cpuparams.n_threads, p.chat_template, p.hostnames, p.port)
        print(p.model.path, sorted(p.model_alias), len(p.api_keys))
        """
    )
    with LocalServer(weights, n_ctx=512, parallel=3, threads=2, chat_template="{{ x }}") as server:
        deadline = time.monotonic() + 5
        while server.log.count("\n") < 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        first, second = server.log.splitlines()
        assert first == "1536 3 2 {{ x }} ['127.0.0.1'] 0"
        assert second == f"{weights} ['tiny'] 1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_ctx": 0},
        {"n_ctx": 10.5},
        {"parallel": -1},
        {"parallel": True},
        {"threads": 0},
        {"start_timeout": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        LocalServer("x.gguf", **wrong)  # type: ignore[arg-type]


def test_no_files_threads_or_zombies_are_left(engine: Engine) -> None:
    weights = engine("pass")
    with LocalServer(weights):
        pass
    files, threads, born = open_files(), attendants(), children()
    for _ in range(3):
        with LocalServer(weights):
            assert open_files() > files
    assert (open_files(), attendants(), children()) == (files, threads, born)


def test_a_dropped_server_is_ended(engine: Engine, gone: Gone) -> None:
    server = LocalServer(engine("pass")).start()
    pid = server.pid
    del server
    gc.collect()
    assert gone(pid, 2)


# --- failures while loading ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('Failed to init server')", "could not load .*Failed to init server"),
        ("print('tensor is missing'); raise ValueError('no')", "tensor is missing"),
        ("os.kill(os.getpid(), 9)", "killed by SIGKILL.*out of memory"),
        ("os.abort()", "killed by SIGABRT"),
        ("os._exit(7)", "exit code 7"),
        ("sys.exit(0)", "could not load"),
        ("raise ImportError('bad wheel')", "cannot be imported: .*bad wheel.*--force-reinstall"),
        (
            "raise ImportError('libgomp.so.1: cannot open shared object file')",
            "cannot be imported: .*apt-get install libgomp1",
        ),
    ],
)
def test_a_child_that_fails_while_loading(body: str, said: str, engine: Engine) -> None:
    weights = engine(body)
    before = open_files(), children()
    server = LocalServer(weights)
    with pytest.raises(LocalServerError) as caught:
        server.start()
    text = " ".join(str(caught.value).split())
    assert caught.value.hint
    assert re.search(said, text), text
    assert not server.is_running
    assert (open_files(), children()) == before


def test_only_the_last_lines_of_the_log_are_kept(engine: Engine) -> None:
    weights = engine(
        """
        for n in range(5000): print("line", n)
        print("x" * 1_000_000)
        print("the key was", params.api_keys[0], flush=True)
        raise ValueError("no")
        """
    )
    server = LocalServer(weights)
    with pytest.raises(LocalServerError) as caught:
        server.start()
    assert "the key was ***" in str(caught.value)
    assert "line 4999" in str(caught.value)
    assert "line 4900" not in server.log
    assert len(server.log) < 40_000


def test_a_start_that_takes_too_long_is_ended(engine: Engine) -> None:
    weights = engine("time.sleep(60)")
    server = LocalServer(weights, start_timeout=0.5)
    before = children()
    began = time.monotonic()
    with pytest.raises(LocalServerError, match=r"within 0.5 seconds.*start_timeout"):
        server.start()
    assert time.monotonic() - began < 5
    assert children() == before


def test_a_missing_engine_is_told_before_anything_is_started(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = engine("pass")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    for start in (LocalServer(weights).start, lambda: shared_server(weights)):
        with pytest.raises(MissingExtraError, match="xllamacpp"):
            start()


def test_an_interpreter_that_is_none(engine: Engine) -> None:
    with pytest.raises(LocalServerError, match="could not be started"):
        LocalServer(engine("pass"), python="/no/such/python").start()
    with pytest.raises(LocalServerError, match="died while loading"):
        LocalServer(engine("pass"), python="/bin/false").start()


def test_a_frozen_application_is_not_started_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = LocalServer(engine("pass"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(LocalServerError, match="python="):
        server.start()
    with LocalServer(engine("pass"), python=sys.executable) as server:
        assert server.is_running


# --- threads, cancelling, interrupting ----------------------------------------------------------


def test_threads_that_start_at_once_get_one_server(engine: Engine, tmp_path: Path) -> None:
    weights = engine(f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); time.sleep(0.3)")
    servers: list[LocalServer] = []
    threads = [
        threading.Thread(target=lambda: servers.append(shared_server(weights))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    try:
        assert len(servers) == 8
        assert len({server.pid for server in servers}) == 1
        assert (tmp_path / "starts").read_text() == "x"
    finally:
        servers[0].stop()


def test_a_failed_start_does_not_poison_the_next(engine: Engine) -> None:
    weights = engine("raise RuntimeError('first')")
    with pytest.raises(LocalServerError):
        shared_server(weights)
    engine("pass")
    server = shared_server(weights)
    assert server.is_running
    server.stop()


def test_stopping_from_another_thread_ends_a_start(engine: Engine) -> None:
    server = LocalServer(engine("time.sleep(60)"))
    before = children()
    timer = threading.Timer(0.5, server.stop)
    timer.start()
    began = time.monotonic()
    with pytest.raises(LocalServerError, match="stopped while it was starting"):
        server.start()
    timer.join()
    assert time.monotonic() - began < 10
    assert children() == before


def test_an_interrupted_start_leaves_nothing_behind(engine: Engine) -> None:
    server = LocalServer(engine("time.sleep(60)"))
    before = children()
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        server.start()
    timer.join()
    assert children() == before


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_async_context_manager(backend: str, engine: Engine, gone: Gone) -> None:
    weights = engine("time.sleep(0.3)")

    async def main() -> tuple[int, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await anyio.sleep(0.01)
                ticks += 1

        async with anyio.create_task_group() as group:
            group.start_soon(tick)
            async with LocalServer(weights) as server:
                pid = server.pid
            group.cancel_scope.cancel()
        return pid, ticks

    pid, ticks = anyio.run(main, backend=backend)
    assert gone(pid, 0.1)
    assert ticks > 5


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_start_returns_at_once_and_leaves_nothing(backend: str, engine: Engine) -> None:
    weights = engine("time.sleep(60)")
    before = children()

    async def main() -> float:
        began = time.monotonic()
        with anyio.move_on_after(0.5):
            async with LocalServer(weights):
                raise AssertionError("it cannot have started")
        return time.monotonic() - began

    assert anyio.run(main, backend=backend) < 5
    assert children() == before


# --- how it ends --------------------------------------------------------------------------------

PARENT = """
import os, signal, subprocess, sys, time
from hfi.local import LocalServer, shared_server
"""


@pytest.mark.parametrize(
    "end",
    [
        "pass",
        "raise SystemExit(3)",
        "os._exit(0)",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.execv('/bin/true', ['true'])",
        # others that hold, or could hold, the pipe's write end and live on
        "subprocess.Popen(['sleep', '20'], close_fds=False, stdout=-3, stderr=-3);"
        " os.kill(os.getpid(), signal.SIGKILL)",
        "os.fork() or (os.closerange(0, 3), time.sleep(20), os._exit(0));"
        " os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_it_ends_with_its_process_however_that_ends(end: str, engine: Engine, gone: Gone) -> None:
    script = PARENT + f"print(shared_server({str(engine('pass'))!r}).pid, flush=True)\n{end}"
    done = run(script)
    assert gone(int(done.stdout), 2), done.stderr
    assert done.stderr == ""


def test_a_fork_that_keeps_the_pipe_does_not_keep_the_server(engine: Engine, gone: Gone) -> None:
    # The fork goes round Python's handlers, so that it holds the write end of the pipe.
    script = (
        PARENT
        + f"""
import ctypes
server = LocalServer({str(engine("pass"))!r}).start()
print(server.pid, flush=True)
if ctypes.CDLL(None).fork() == 0:
    os.closerange(0, 3)
    time.sleep(20)
    os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    done = run(script)
    assert gone(int(done.stdout), 2), done.stderr


def test_a_parent_killed_while_the_engine_holds_the_gil(
    engine: Engine, gone: Gone, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    weights = engine(
        f"""
        open({str(pid_file)!r}, "w").write(str(os.getpid()))
        ctypes.PyDLL(None).sleep(30)
        """
    )
    script = PARENT + f"LocalServer({str(weights)!r}).start()"
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        deadline = time.monotonic() + 20
        while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        parent.kill()
    assert gone(int(pid_file.read_text()), 2)


def test_it_survives_the_thread_that_started_it(engine: Engine) -> None:
    server = LocalServer(engine("pass"))
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join(30)
    time.sleep(1.2)
    assert server.is_running
    server.stop()


def test_ctrl_c_in_the_terminal_does_not_reach_it(engine: Engine) -> None:
    with LocalServer(engine("pass")) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)
        os.kill(server.pid, signal.SIGINT)
        time.sleep(0.3)
        assert server.is_running


def test_a_dead_server_is_noticed_reaped_and_started_again(engine: Engine) -> None:
    weights = engine("pass")
    before = open_files()
    server = shared_server(weights)
    first, key = server.pid, server.api_key
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while server.is_running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not server.is_running
    again = shared_server(str(weights))
    assert again.pid != first
    assert again.api_key != key
    assert first not in children()
    again.stop()
    assert open_files() == before


# --- forks --------------------------------------------------------------------------------------


def test_a_forked_child_starts_its_own_and_spares_its_parents(engine: Engine, gone: Gone) -> None:
    script = (
        PARENT
        + f"""
weights = {str(engine("pass"))!r}
mine, other = shared_server(weights), LocalServer(weights).start()
first = mine.pid
child = os.fork()
if child == 0:
    assert not other.is_running
    other.stop()
    its = shared_server(weights)
    assert its.is_running and its.pid != first
    print(its.pid, flush=True)
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
time.sleep(0.7)
assert mine.is_running and mine.pid == first and other.is_running
print("fine", flush=True)
"""
    )
    done = run(script)
    assert done.stderr == ""
    pid, said = done.stdout.split()
    assert said == "fine"
    assert gone(int(pid), 2)


def test_a_fork_while_another_thread_starts_a_server(engine: Engine) -> None:
    script = (
        PARENT
        + f"""
import threading
weights = {str(engine("time.sleep(1)"))!r}
server = LocalServer(weights)
thread = threading.Thread(target=server.start)
thread.start()
time.sleep(0.5)
child = os.fork()
if child == 0:
    with server:
        assert server.is_running
    shared_server(weights).stop()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
thread.join()
assert server.is_running
"""
    )
    done = run(script)
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_of_multiprocessing_have_servers_of_their_own(engine: Engine, gone: Gone) -> None:
    script = f"""
import multiprocessing, os
from hfi.local import shared_server
weights = {str(engine("pass"))!r}
def work(_):
    return os.getpid(), shared_server(weights).pid
mine = shared_server(weights).pid
with multiprocessing.get_context("fork").Pool(2) as pool:
    found = dict(pool.map(work, range(8), 1))
assert mine not in found.values() and len(set(found.values())) == len(found)
print(*found.values())
"""
    done = run(script)
    assert done.stderr == ""
    assert all(gone(int(pid), 2) for pid in done.stdout.split())


# --- where it must work -------------------------------------------------------------------------


def test_modules_in_the_working_directory_do_not_get_in_the_way(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = engine("pass")
    for name in ("json.py", "threading.py", "signal.py", "site.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n")
    monkeypatch.chdir(tmp_path)
    with LocalServer(weights) as server:
        assert server.is_running


def test_a_script_without_a_main_guard(engine: Engine, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    weights = str(engine("pass"))
    script.write_text(
        f"from hfi.local import LocalServer\nwith LocalServer({weights!r}) as s: print(s.model)\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("tiny\n", "")


def test_from_a_zip_file(engine: Engine, tmp_path: Path) -> None:
    import zipfile  # noqa: PLC0415

    import hfi  # noqa: PLC0415

    package = Path(hfi.__file__).parent
    archive = tmp_path / "hfi.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*.py"):
            file.write(path, Path("hfi") / path.relative_to(package))
    script = f"""
import sys
sys.path.insert(0, {str(archive)!r})
import hfi.local
assert ".zip" in hfi.local.__file__
with hfi.local.LocalServer({str(engine("pass"))!r}) as server: print(server.model)
"""
    done = run(script)
    assert (done.stdout, done.stderr) == ("tiny\n", "")
