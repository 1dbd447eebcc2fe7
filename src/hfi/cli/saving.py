"""What a model made, as files: where they may go, and what is said of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hfi.cli.failure import warn
from hfi.cli.screen import is_terminal
from hfi.types.medium import Medium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.cli.screen import Screen

__all__ = ["check_output", "save"]


def check_output(output: str, *, count: int = 1, thing: str = "image") -> None:
    """Finds out before a thing is paid for whether it can be saved.

    Raises:
        UsageError: It cannot.
    """
    a_thing = f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"
    if output == "-":
        if count > 1:
            raise click.UsageError(f"Standard output takes one {thing}: leave -n out.")
        if is_terminal(sys.stdout):
            raise click.UsageError(f"A terminal cannot show {a_thing}. Name a file after -o.")
        return
    target = Path(output).expanduser()
    folder = target.parent
    if target.is_dir() or not target.name:
        raise click.UsageError(f"{output} is a folder. Name a file after -o.")
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder}.")
    if not os.access(folder, os.W_OK):
        raise click.UsageError(f"Nothing may be written in the folder {folder}.")


def save(screen: Screen, made: Medium | Sequence[Medium], output: str) -> list[str]:
    """Saves one thing, or several with numbers, and gives where; ``-`` is standard output.

    Raises:
        OutputError: Standard output takes no more.
        ClickException: A file cannot be written.
    """
    things = [made] if isinstance(made, Medium) else list(made)
    if output == "-":
        screen.exactly(things[0].bytes)
        return []
    paths = [Path(output)] if isinstance(made, Medium) else _numbered(output, len(things))
    return [_saved(screen, thing, path) for thing, path in zip(things, paths, strict=True)]


def _numbered(output: str, count: int) -> list[Path]:
    path = Path(output)
    width = len(str(count))
    return [
        path.with_name(f"{path.stem}-{number:0{width}}{path.suffix}")
        for number in range(1, count + 1)
    ]


def _saved(screen: Screen, made: Medium, path: Path) -> str:
    try:
        saved = made.save(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
    screen.line(str(saved))
    screen.note(_facts(made))
    if saved.suffix.lower() not in _suffixes(made):
        warn(f"{saved} holds {made.content_type}: that is what came.")
    return str(saved)


def _suffixes(made: Medium) -> tuple[str, ...]:
    return (".jpg", ".jpeg") if made.suffix == ".jpg" else (made.suffix, f"{made.suffix}f")


def _facts(made: Medium) -> str:
    width, height = getattr(made, "width", None), getattr(made, "height", None)
    size = f"{width}x{height}" if width and height else made.content_type
    duration, seed = getattr(made, "duration", None), getattr(made, "seed", None)
    facts = (
        size,
        f"{duration:.1f} s" if duration else None,
        f"seed {seed}" if seed is not None else None,
        made.model,
        f"by {made.provider}" if made.provider else None,
    )
    return ", ".join(fact for fact in facts if fact)
