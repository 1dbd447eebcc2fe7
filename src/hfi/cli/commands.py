"""The program: its commands, one module each."""

from __future__ import annotations

import click

from hfi import __version__
from hfi.cli.chat import chat
from hfi.cli.completion import completion
from hfi.cli.doctor.command import doctor
from hfi.cli.env import env
from hfi.cli.explain import explain
from hfi.cli.failure import Program
from hfi.cli.image import image
from hfi.cli.local import local
from hfi.cli.model import model
from hfi.cli.models import models
from hfi.cli.prompt import prompt
from hfi.cli.providers import providers
from hfi.cli.tasks.classify import classify
from hfi.cli.tasks.embed import embed
from hfi.cli.tasks.run import run
from hfi.cli.tasks.speech import speak, transcribe

__all__ = ["program"]

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(cls=Program, context_settings=_HELP, invoke_without_command=True)
@click.version_option(__version__, message="hfi %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Hugging Face inference in the terminal."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (
    *(chat, image, transcribe, speak, embed, classify, run),
    *(models, model, providers, prompt, explain),
    *(local, doctor, env, completion),
):
    program.add_command(command)
