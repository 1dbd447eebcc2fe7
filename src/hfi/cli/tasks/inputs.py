"""What a task is given: words, lines of standard input, files, and parameters by name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hfi.cli.conversation import variable
from hfi.cli.screen import is_terminal
from hfi.cli.words import prompt, read_file, read_input

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["lines", "medium", "parameters", "text"]


def text(words: Sequence[str]) -> str:
    """The words as one text; without any, or for ``-``, standard input.

    Raises:
        UsageError: There is nothing in either.
    """
    if words and tuple(words) != ("-",):
        return prompt(words, None)
    return prompt((), read_input(asked=bool(words)))


def lines(words: Sequence[str]) -> list[str]:
    """Each of the words as a text of its own; without any, or for ``-``, each line of the input.

    Raises:
        UsageError: There is nothing in either.
    """
    if words and tuple(words) != ("-",):
        return list(words)
    found = [line for line in (read_input(asked=bool(words)) or "").splitlines() if line.strip()]
    if not found:
        raise click.UsageError("There is no text. Give some as arguments, or pipe lines in.")
    return found


def medium(path: str) -> Any:
    """A file or URL as the client takes it; ``-`` is standard input's bytes.

    Raises:
        UsageError: It cannot be read.
    """
    if path == "-":
        if sys.stdin is None or is_terminal(sys.stdin):
            raise click.UsageError("A file cannot be typed: pipe it in, or name it.")
        return sys.stdin.buffer.read()
    if "://" not in path and not path.startswith("data:") and not Path(path).expanduser().exists():
        raise click.UsageError(f"There is no file {path}.")
    return path


def parameters(given: Sequence[str]) -> dict[str, Any]:
    """Reads ``name=value`` and ``name=@file``; a value that is JSON is taken as such.

    Raises:
        UsageError: There is no name, or the file cannot be read.
    """
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        name = name.replace("-", "_")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"--param takes name=value, not {pair!r}.")
        if not value.startswith("@"):
            found[name] = variable(f"{name}={value}")[1]
            continue
        content = read_file(value[1:])
        is_json = Path(value).suffix == ".json"
        found[name] = variable(f"{name}={content}")[1] if is_json else content.rstrip("\r\n")
    return found
