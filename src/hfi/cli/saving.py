"""What a model made, as files: where they may go, and what is said of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hfi.cli.failure import warn
from hfi.cli.screen import is_terminal
from hfi.cli.shapes import json_line
from hfi.types.medium import Medium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.cli.screen import Screen

__all__ = ["check_output", "save"]


def check_output(
    output: str, *, count: int = 1, thing: str = "image", as_json: bool = False
) -> None:
    """Finds out before a thing is paid for whether it can be saved.

    Raises:
        UsageError: It cannot.
    """
    a_thing = f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"
    if output == "-":
        if as_json:
            raise click.UsageError("-o - and --json both take standard output.")
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


def save(
    screen: Screen, made: Medium | Sequence[Medium], output: str, *, as_json: bool = False
) -> None:
    """Saves one thing, or several with numbers, and says where; ``-`` is standard output.

    Raises:
        OutputError: Standard output takes no more.
        ClickException: A file cannot be written.
    """
    things = [made] if isinstance(made, Medium) else list(made)
    if output == "-":
        screen.exactly(things[0].bytes)
        return
    paths = [Path(output)] if isinstance(made, Medium) else _numbered(output, len(things))
    told = []
    for thing, path in zip(things, paths, strict=True):
        saved = _saved(thing, path)
        if as_json:
            told.append({"path": saved, **_facts(thing)})
        else:
            screen.line(saved)
            screen.note(_in_words(thing))
        _warn_of_suffix(thing, saved)
    if as_json:
        screen.line(json_line(told[0] if isinstance(made, Medium) else told))


def _numbered(output: str, count: int) -> list[Path]:
    path = Path(output)
    width = len(str(count))
    return [
        path.with_name(f"{path.stem}-{number:0{width}}{path.suffix}")
        for number in range(1, count + 1)
    ]


def _saved(made: Medium, path: Path) -> str:
    try:
        return str(made.save(path))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None


def _warn_of_suffix(made: Medium, saved: str) -> None:
    usual = (".jpg", ".jpeg") if made.suffix == ".jpg" else (made.suffix, f"{made.suffix}f")
    if Path(saved).suffix.lower() not in usual:
        warn(f"{saved} holds {made.content_type}: that is what came.")


def _facts(made: Medium) -> dict[str, Any]:
    """What is known of it by name; what is not known is left out."""
    names = ("content_type", "width", "height", "duration", "seed", "model", "provider")
    facts = {name: getattr(made, name, None) for name in names}
    return {
        **{name: value for name, value in facts.items() if value is not None},
        "bytes": len(made.bytes),
    }


def _in_words(made: Medium) -> str:
    facts = _facts(made)
    size = (
        f"{facts['width']}x{facts['height']}"
        if "height" in facts and "width" in facts
        else made.content_type
    )
    parts = (
        size,
        f"{facts['duration']:.1f} s" if facts.get("duration") else None,
        f"seed {facts['seed']}" if "seed" in facts else None,
        made.model,
        f"by {made.provider}" if made.provider else None,
    )
    return ", ".join(part for part in parts if part)
