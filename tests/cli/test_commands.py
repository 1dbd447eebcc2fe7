"""What all commands have in common: options on the page, examples, exit codes."""

from __future__ import annotations

import contextlib
import itertools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from hfi.cli.commands import program
from hfi.cli.failure import Command, Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Run


def commands(group: click.Group = program, *above: str) -> Iterator[tuple[str, click.Command]]:
    """Every command there is, with its words."""
    for name, command in group.commands.items():
        words = " ".join((*above, name))
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        if not isinstance(command, click.Group) or command.epilog:
            yield words, command


def test_the_page_has_every_option(project_dir: Path) -> None:
    page = (project_dir / "docs" / "terminal.md").read_text(encoding="utf-8")
    found = [parameter for _, command in commands() for parameter in command.params]
    options = [parameter for parameter in found if isinstance(parameter, click.Option)]
    assert len(options) > 60
    missing = {max(option.opts, key=len) for option in options}
    missing = {name for name in missing if f"`{name}`" not in page}
    assert not missing


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_command_has_examples(run: Run, words: str) -> None:
    shown = run(*words.split(), "--help").stdout.partition("Examples:\n")[2].splitlines()
    assert shown
    assert all(f"hfi {words}" in line for line in shown)


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_example_is_a_good_command_line(words: str) -> None:
    """Options and choices are right; nothing is run."""
    command = dict(commands())[words]
    for line in (command.epilog or "").splitlines()[2:]:
        before, _, after = line.partition(f"hfi {words}")
        if before.endswith("$("):
            after = after.partition(")")[0]
        tokens = shlex.shlex(after, posix=True, punctuation_chars=True)
        tokens.whitespace_split = True
        rest = list(itertools.takewhile(lambda token: token not in ("|", "<", ">"), tokens))
        with contextlib.suppress(click.exceptions.Exit):
            command.make_context(words, rest)


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_command_ends_with_the_exit_codes(words: str) -> None:
    assert isinstance(dict(commands())[words], (Command, Group))
