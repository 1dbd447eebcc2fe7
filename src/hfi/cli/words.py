"""What is said to the model: the words of the command line, standard input, images."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hfi.cli.screen import is_terminal, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["messages", "prompt", "read_file", "read_input", "said"]

# So long after its start a program that waits for a pipe should say so: it may be one that was
# inherited and that nobody writes to.
_PATIENCE = 3.0


def prompt(words: Sequence[str], piped: str | None) -> str:
    """Joins the words of the command line and the text of standard input.

    Raises:
        UsageError: There is nothing in either, or the words are no text.
    """
    told = "" if tuple(words) == ("-",) else " ".join(words)
    try:
        told.encode()
    except UnicodeEncodeError:
        raise click.UsageError("The prompt is not text in this terminal's encoding.") from None
    parts = [part for part in (told, (piped or "").rstrip("\r\n")) if part.strip()]
    if not parts:
        raise click.UsageError(
            "There is no prompt. Give one as an argument, or pipe text into the command."
        )
    return "\n\n".join(parts)


def messages(text: str, images: Sequence[str]) -> str | list[dict[str, Any]]:
    """Gives the user's turn: the text alone, or the images followed by the text."""
    if not images:
        return text
    parts: list[dict[str, Any]] = [{"type": "image", "image": image} for image in images]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]


def said(words: Sequence[str]) -> str:
    """What was said to a command: its words, with standard input.

    Raises:
        UsageError: As ``prompt`` and ``read_input``.
    """
    return prompt(words, read_input(asked=tuple(words) == ("-",)))


def read_file(path: str) -> str:
    """Reads a file of text to its end; ``-`` is standard input.

    Raises:
        UsageError: It cannot be read, or is not UTF-8.
    """
    if path == "-":
        return read_input(asked=True) or ""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not text in UTF-8.") from None


def read_input(*, asked: bool) -> str | None:
    """Reads standard input to its end; None where it is a terminal and nobody ``asked`` for it.

    Raises:
        UsageError: It cannot be read, or is not UTF-8.
    """
    stdin = sys.stdin
    if stdin is None or stdin.closed or (is_terminal(stdin) and not asked):
        return None
    notice = threading.Timer(
        _PATIENCE, say, ["hfi: reading standard input until its end (give `< /dev/null` for none)"]
    )
    notice.daemon = True
    if not is_terminal(stdin):
        notice.start()
    try:
        return stdin.buffer.read().decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"Standard input cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(
            "Standard input is not text in UTF-8. Convert it; give pictures with --image."
        ) from None
    finally:
        notice.cancel()
