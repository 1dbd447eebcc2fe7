"""How an error shows itself in a notebook: what happened and what to do next, not fifty frames."""

from __future__ import annotations

import re
from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING

from hfi.types.html import escape, facts, plain

if TYPE_CHECKING:
    from traceback import FrameSummary

    from hfi.errors import HFIError

__all__ = ["error_html", "error_lines"]

_FRAMES = 3
_RED, _BOLD, _QUIET, _END = "\x1b[31;1m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
_OURS = str(PurePath(__file__).parent.parent)
# A line may name a token; what is printed below it is saved and sent around sooner than the line.
_SECRET = re.compile(r"""\bhf_\w{6,}|(?<=token=)["'][^"']*["']""")
_SHELLS = ("IPython", "ipykernel", "asyncio")


def error_html(error: HFIError) -> str:
    """An error as a value: what happened, what to do next, and what a support ticket needs."""
    hint = f'<div style="font-weight:bold">{escape(error.hint)}</div>' if error.hint else ""
    return (
        '<div style="border-left:4px solid #d32f2f;padding:0.2em 0.9em;max-width:52em">'
        f'<div style="font-weight:bold;color:#d32f2f">{escape(type(error).__name__)}</div>'
        f"{plain(error.message)}{hint}{facts(*_details(error))}</div>"
    )


def error_lines(error: HFIError) -> list[str]:
    """An error as a notebook's traceback, with colours of the terminal.

    Of the frames only the user's own are told, the last few before hfi was called.
    ``traceback.print_exception(error)`` still prints them all.
    """
    lines = [f"{_RED}{type(error).__name__}{_END}: {error.message}"]
    if error.hint:
        lines.append(f"{_BOLD}{error.hint}{_END}")
    lines += getattr(error, "__notes__", [])
    quiet = [" · ".join(_details(error)), *_places(error)]
    return lines + [f"{_QUIET}{line}{_END}" for line in quiet if line]


def _details(error: HFIError) -> list[str]:
    named = {
        "HTTP status": getattr(error, "status_code", None),
        "request": getattr(error, "request_id", None),
        "provider": getattr(error, "provider", None),
        "earlier attempts": len(error.earlier) or None,
    }
    return [f"{name} {value}" for name, value in named.items() if value is not None]


def _places(error: HFIError) -> list[str]:
    """Where the user's own code called."""
    own: list[FrameSummary] = []
    for frame in extract_tb(error.__traceback__):
        if frame.filename.startswith(_OURS):
            break
        if not set(PurePath(frame.filename).parts) & set(_SHELLS):
            own.append(frame)
    return [f"{_place(frame)}: {_SECRET.sub('***', frame.line or '')}" for frame in own[-_FRAMES:]]


def _place(frame: FrameSummary) -> str:
    name = PurePath(frame.filename)
    # A cell is a file that the kernel made up, and that nobody could open.
    if frame.filename.startswith("<") or any(p.startswith("ipykernel_") for p in name.parts):
        return f"Cell line {frame.lineno}"
    return f"{name.name}:{frame.lineno}, in {frame.name}"
