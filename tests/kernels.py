"""A real kernel in a child process, and what it says when cells run in it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import attrs
from jupyter_client.manager import KernelManager

__all__ = ["Kernel", "Output", "environment"]

SECONDS = 30.0


def environment(folder: Path, project: Path) -> dict[str, str]:
    """Give the environment of a kernel that finds the source, and leaves nothing elsewhere."""
    return os.environ | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONPATH": str(project / "src"),
    }


@attrs.define
class Output:
    """What a cell put out.

    Attributes:
        status: "ok", "error" or "aborted".
        shown: The outputs by media type, and the cell's value as one of them.
        updates: The states of an output that changes in place.
        times: When they came, in seconds.
        text: What was printed.
        traceback: The lines of an error, without colours.
        value: Whether the cell had a value that was shown.
    """

    status: str = "running"
    shown: list[dict[str, Any]] = attrs.field(factory=list)
    updates: list[dict[str, Any]] = attrs.field(factory=list)
    times: list[float] = attrs.field(factory=list)
    text: str = ""
    traceback: list[str] = attrs.field(factory=list)
    value: bool = False

    @property
    def html(self) -> str:
        """The output as it stands at the end, where there is one."""
        data = (self.updates or self.shown)[-1]
        return str(data["text/html"])


class Kernel:
    """Runs cells, one after the other."""

    def __init__(self, folder: Path, project: Path) -> None:
        self._manager = KernelManager()  # of this interpreter, where no other is named
        self._manager.start_kernel(env=environment(folder, project), cwd=str(folder))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=SECONDS)

    def run(self, code: str, *, interrupt_after: int | None = None) -> Output:
        """Run a cell; interrupt it once it has changed an output so many times."""
        sent = self._client.execute(code)
        output = Output()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            message = self._client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in ("display_data", "execute_result"):
                output.shown.append(content["data"])
                output.value = kind == "execute_result"
            elif kind == "update_display_data":
                output.updates.append(content["data"])
                output.times.append(time.monotonic())
                if len(output.updates) == interrupt_after:
                    self._manager.interrupt_kernel()
            elif kind == "stream":
                output.text += content["text"]
            elif kind == "error":
                output.traceback = [without_colours(line) for line in content["traceback"]]
            elif kind == "status" and content["execution_state"] == "idle":
                output.status = self._reply(sent)["content"]["status"]
                return output
        raise AssertionError(f"the cell did not end within {SECONDS:g} s: {output}")

    def _reply(self, sent: str) -> Any:
        while True:  # a question about the kernel, asked twice while it began, has two answers
            reply = self._client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == sent:
                return reply

    def close(self) -> None:
        """End the child process."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()


def without_colours(line: str) -> str:
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])
