"""A real JupyterLab in a real browser, and cells that run in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kernels import environment

__all__ = ["Lab", "Notebook", "chromium", "missing"]

SECONDS = 60.0
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
# It would ask whether it may, in a corner of every picture.
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """Give the browser's path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """Say why there can be no browser, or None."""
    if chromium() is None:
        return "no Chromium here: scripts/browser installs it with apt, as root"
    try:
        import jupyterlab  # noqa: F401, PLC0415 - only whether it is there
        import playwright  # noqa: F401, PLC0415
    except ImportError as error:
        return f"{error.name} is not installed: scripts/browser does it"
    return None


class Lab:
    """JupyterLab in a child process, on loopback."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.token = secrets.token_hex(16)
        self.folder = folder
        settings = folder / "config" / "labconfig" / "default_setting_overrides.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(NO_NEWS))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={folder}"),
            *(
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ),
        ]
        with (folder / "lab.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=environment(folder, project),
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"JupyterLab did not start: {(self.folder / 'lab.log').read_text()}")

    def notebook(self, page: Any, cells: list[str]) -> Notebook:
        """Open a notebook of these cells in a page of the browser."""
        name = f"{secrets.token_hex(4)}.ipynb"
        (self.folder / name).write_text(json.dumps(notebook_of(cells)))
        return Notebook(
            page, f"http://127.0.0.1:{self.port}/doc/tree/{name}?reset&token={self.token}"
        )

    def close(self) -> None:
        """End the server, and the kernels with it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)


def notebook_of(cells: list[str]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell{place}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for place, source in enumerate(cells)
        ],
    }


class Notebook:
    """A notebook in a page."""

    def __init__(self, page: Any, url: str) -> None:
        self.requests: list[str] = []
        self.page = page
        page.goto(url)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content", timeout=SECONDS * 1000)
        # A cell that is run before there is a kernel is not run later.
        page.wait_for_selector(".jp-StatusBar-Left >> text=/\\| Idle/", timeout=SECONDS * 1000)

    def start(self, place: int) -> None:
        """Begin to run a cell."""
        self.page.locator(".jp-CodeCell .cm-content").nth(place).click()
        self.page.keyboard.press("Control+Enter")

    def interrupt(self) -> None:
        """Press the toolbar's square."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def output(self, place: int) -> Any:
        """Give what stands below a cell."""
        return self.page.locator(".jp-CodeCell").nth(place).locator(".jp-OutputArea").first

    def wait(self, what: Callable[[], bool], why: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if what():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(why)

    def is_idle(self, place: int) -> bool:
        """Say whether a cell has run."""
        prompt = self.page.locator(".jp-CodeCell").nth(place).locator(".jp-InputPrompt")
        text: str = prompt.first.inner_text()
        return text.strip("[]: \n").isdigit()

    def run(self, place: int) -> str:
        """Run a cell to its end and give the text below it."""
        self.start(place)
        self.wait(lambda: self.is_idle(place), f"cell {place} did not end")
        text: str = self.output(place).inner_text()
        return text
