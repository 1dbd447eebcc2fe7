"""Renders every hostile template in a process of its own, under limits; prints what came of each.

Run by test_sandbox.py. Forking once per template spares the imports.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import datetime

from hostile import HOSTILE

from hfi._render import render_chat_template
from hfi.errors import TemplateError

MEMORY = 256 << 20  # bytes of address space, the interpreter's own included
SECONDS = 2
NOON = datetime(2025, 1, 1, 12)
MESSAGES = [
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi"},
    {"role": "user", "content": "Bye"},
]


def attempt(template: str) -> str:
    """Render under limits: "TemplateError", "rendered", or what else was raised."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    try:
        render_chat_template(template, MESSAGES, now=NOON)
    except TemplateError:
        return "TemplateError"
    except BaseException as error:  # the very thing that must not happen: report it
        return type(error).__name__
    return "rendered"


def run(name: str) -> dict[str, object]:
    """Fork, render, and report how it ended, the CPU seconds and the peak memory in MB."""
    reader, writer = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        ending = attempt(HOSTILE[name])
        os.write(writer, ending.encode())
        os._exit(0)
    os.close(writer)
    _, status, usage = os.wait4(child, 0)
    with os.fdopen(reader) as pipe:
        ending = pipe.read() or f"died: status {status}"
    return {
        "name": name,
        "ending": ending,
        "cpu": usage.ru_utime + usage.ru_stime,
        "seconds": time.monotonic() - started,
        "megabytes": usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }


if __name__ == "__main__":
    render_chat_template("{{ messages }}", "warm up", now=NOON)
    for hostile in HOSTILE:
        print(json.dumps(run(hostile)), flush=True)  # noqa: T201
