"""Nothing blocks the event loop: no file is read there, no name looked up, nothing waited for.

Python tells what it does in audit events, and in which thread; the processor time of each turn of
the loop tells the rest, however busy the machine is.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calls import run_script
from hfi.testing import FakeServer

WATCH = """
import asyncio, json, sys, threading, time
from hfi import AsyncClient

BLOCKING = {
    *("open", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system"),
    *("os.listdir", "os.scandir", "shutil.copyfile", "time.sleep", "socket.connect"),
}
on_loop, watching = [], False

def hear(event, args):
    if not watching or event not in BLOCKING or threading.current_thread().name != "MainThread":
        return
    frames, frame = [], sys._getframe(1)
    while frame is not None:
        frames.append(frame.f_code.co_name)
        frame = frame.f_back
    # An address that is spelled as one is read, not looked up; sockets that do not block connect
    # at once; and what is imported is anyio's, for the loop that it has not met before.
    if {"numeric", "_connect"} & set(frames[:2]) or "_find_and_load" in frames:
        return
    on_loop.append(f"{event} {str(args[:1])[:60]} in {frames[:4]}")

sys.addaudithook(hear)
turns = []

async def turn():
    while True:
        before = time.thread_time()
        await asyncio.sleep(0)
        turns.append(time.thread_time() - before)

async def main(url, path):
    global watching
    client = AsyncClient("org/m", base_url=url.replace("127.0.0.1", "localhost"), token=False)
    watching, ticking = True, asyncio.create_task(turn())
    WORK
    ticking.cancel()
    watching = False
    await client.aclose()

asyncio.run(main(*sys.argv[1:3]))
print(json.dumps([on_loop, max(turns)]))
"""
WORKS = {
    "a chat": 'await client.chat("Hi")',
    "a stream": 'stream = await client.chat("Hi", stream=True)\n    await stream.collect()',
    "an image of 6 MB": (
        "url = {'url': path}\n"
        "    part = {'type': 'image_url', 'image_url': url}\n"
        '    await client.chat([{"role": "user", "content": [part]}])'
    ),
    "a failure": (
        "try:\n"
        '        await client.chat("Hi", model="org/other", timeout=5, max_retries=0)\n'
        "    except Exception:\n"
        "        pass"
    ),
    "many at once": 'await asyncio.gather(*(client.chat("Hi") for _ in range(50)))',
}


@pytest.mark.parametrize("name", WORKS)
def test_nothing_blocks_the_event_loop(name: str, tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(6_000_000))
    with FakeServer("It is fine.") as server:
        script = WATCH.replace("WORK", WORKS[name])
        on_loop, longest = json.loads(run_script(script, server.url, str(picture)))
    assert on_loop == []
    assert longest < 0.2  # seconds of processor time in one turn; debug mode warns from 0.1


def test_the_watch_sees_what_blocks(tmp_path: Path) -> None:
    work = "await asyncio.sleep(0)\n    open(path).close(); sum(range(20_000_000))"
    script = WATCH.replace("WORK", f"{work}\n    await asyncio.sleep(0.01)")
    (tmp_path / "file").touch()
    on_loop, longest = json.loads(run_script(script, "http://127.0.0.1:1", str(tmp_path / "file")))
    assert [line.partition(" ")[0] for line in on_loop] == ["open"]
    assert longest > 0.2
