"""``hfi completion``: a script that lets a shell complete hfi's commands and options."""

from __future__ import annotations

from typing import Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.screen import Screen

__all__ = ["completion"]

_VARIABLE = "_HFI_COMPLETE"  # as click derives it from the program's name


@click.command(
    cls=Command,
    epilog=shared.examples(
        'eval "$(hfi completion bash)"                        # in ~/.bashrc',
        'eval "$(hfi completion zsh)"                         # in ~/.zshrc, after compinit',
        "hfi completion fish > ~/.config/fish/completions/hfi.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@shared.debug
@click.pass_context
def completion(ctx: click.Context, /, **given: Any) -> None:
    """Write a script that lets a shell complete commands, options and names.

    Bash must be 4.4 or later.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(given["shell"])
    assert kind is not None  # noqa: S101 - the choices are those that click knows
    script = kind(ctx.find_root().command, {}, "hfi", _VARIABLE)
    with Screen() as screen:
        # Not .source(): that of bash starts a bash to look at its version.
        screen.line((script.source_template % script.source_vars()).strip())
