"""Why a server did not start, and what to do about it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from hfi.errors import LocalServerError

if TYPE_CHECKING:
    from hfi.local.process import ServerProcess
    from hfi.local.weights import Weights

__all__ = ["failure", "stopped", "too_slow"]

_SHOWN_LOG_LINES = 8


def stopped() -> LocalServerError:
    return LocalServerError("The embedded server was stopped while it was starting.")


def too_slow(weights: Weights, timeout: float, log: str) -> LocalServerError:
    return LocalServerError(
        f"The embedded server did not finish loading {weights.path.name} within {timeout:g}"
        f" seconds.{_last_words(log)}",
        hint="Allow it more with LocalServer(start_timeout=...), or load a smaller file.",
    )


def failure(weights: Weights, process: ServerProcess) -> LocalServerError:
    """The error for a child that ended, or said that it failed, before it listened."""
    words = _last_words(process.log)
    said = str(process.facts.get("message", ""))
    if process.facts.get("error") == "import":
        return LocalServerError(
            f"The embedded server's package xllamacpp cannot be imported: {said}.{words}",
            hint=_hint_for_import(said),
        )
    shown = f"{str(weights.path)!r} (found by {weights.source})"
    if said:
        return LocalServerError(
            f"The embedded server could not load {shown}: {said}{words}",
            hint="Check that the file is whole (download it again), that this llama.cpp knows the"
            " model's architecture, and that memory suffices.",
        )
    return LocalServerError(
        f"The embedded server died while loading {shown}: {_how(process.exit_code)}.{words}",
        hint=_hint_for_death(process.exit_code),
    )


def _hint_for_import(said: str) -> str:
    if "cannot open shared object file" in said:  # slim container images lack libgomp.so.1
        return (
            "Install the system library it names"
            " (libgomp.so.1: `apt-get install libgomp1`, `dnf install libgomp`)."
        )
    return "Reinstall it with `pip install --force-reinstall xllamacpp`."


def _last_words(log: str) -> str:
    lines = log.splitlines()[-_SHOWN_LOG_LINES:]
    return "\nThe last lines of its log:\n  " + "\n  ".join(lines) + "\n" if lines else ""


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        try:
            return f"killed by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"killed by signal {-exit_code}"
    return f"exit code {exit_code}"


def _hint_for_death(exit_code: int | None) -> str:
    if exit_code == -int(getattr(signal, "SIGKILL", 9)):
        return "The system may be out of memory: try a smaller file, n_ctx or parallel."
    if exit_code == -int(getattr(signal, "SIGILL", 4)):
        return "This processor may lack an instruction that the wheel of xllamacpp was built with."
    return "Run `python -c 'import xllamacpp'` to see whether the package works here."
