"""What is said to the model: the words of the command line, standard input, images."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from hfi.cli.screen import is_terminal, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["messages", "prompt", "read_input"]

# So long after its start a program that waits for a pipe should say so: it may be one that was
# inherited and that nobody writes to.
_PATIENCE = 3.0


def prompt(words: Sequence[str], piped: str | None) -> str:
    """Joins the words of the command line and the text of standard input.

    Raises:
        UsageError: There is nothing in either, or the words are no text.
    """
    said = "" if tuple(words) == ("-",) else " ".join(words)
    try:
        said.encode()
    except UnicodeEncodeError:
        raise click.UsageError("The prompt is not text in this terminal's encoding.") from None
    parts = [part for part in (said, (piped or "").rstrip("\r\n")) if part.strip()]
    if not parts:
        raise click.UsageError(
            'There is no prompt. Give one, as in `hfi chat "Hello"`, or pipe text into it.'
        )
    return "\n\n".join(parts)


def messages(text: str, images: Sequence[str]) -> str | list[dict[str, Any]]:
    """Gives the user's turn: the text alone, or the images followed by the text."""
    if not images:
        return text
    parts: list[dict[str, Any]] = [{"type": "image", "image": image} for image in images]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]


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
