"""How a command ends that did not succeed: one line on standard error, and an exit code."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import click

from hfi._core.failures.redact import redact
from hfi.cli.exit_codes import FAILED, INTERRUPTED, READER_GONE, USAGE, exit_code
from hfi.cli.harmless import visible
from hfi.cli.screen import OutputError, discard_output, say
from hfi.errors import HFIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Command", "Group", "Program", "in_options", "report", "warn"]

# Errors speak of arguments in Python; these have an option here.
_ARGUMENT = re.compile(r"\b(model|provider|base_url|timeout|max_wait|system)=(?![\w\"'(.])")
_SPELLINGS = {
    'provider="local"': "--local",
    'protocol="chat-completions"': "--protocol chat-completions",
    'protocol="text-generation"': "--protocol text-generation",
    "repair=False": "--no-repair",
    "client.explain(...)": "hfi explain",
    "Timeout(first_token=...)": "--timeout",
    "Timeout(between_tokens=...)": "--timeout",
}

_SECRETS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HFI_TOKEN")


class _Reporting(click.Command):
    """What runs so that errors become one line; with ``--debug`` the traceback stands above it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            code = INTERRUPTED
        except Exception as error:  # the last one who can tell the user
            code = report(error, debug=bool(ctx.params.get("debug")))
        raise click.exceptions.Exit(code)


class Command(_Reporting):
    """A command whose errors become one line."""


class Group(_Reporting, click.Group):
    """A command with commands below it, which does something by itself too."""


class Program(click.Group):
    """The whole command line. Its ``main`` always ends the process with an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs the command line as ``click.Command.main`` does."""
        extra |= {"standalone_mode": False, "prog_name": "hfi"}
        with _one_interrupt(), _warnings_in_a_line():
            code = _ended(lambda: super(Program, self).main(*args, **extra))
        sys.exit(code)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Reads the arguments, and writes the help or the version where they ask for it."""
        with _writing():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was asked for."""
        with _writing():
            return super().invoke(ctx)

    def run(self, args: Sequence[str] | None) -> int:
        """Runs the command line and gives the exit code."""
        try:
            self.main(args=args)
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else FAILED
        return 0


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Takes a failure of click's own writing (``hfi --help | head -1``) as one of the answer's.

    Commands let no other OSError through. Click would end with a code of its own.
    """
    try:
        yield
    except OSError as error:
        raise OutputError("Standard output takes no more.") from error


def _ended(run: Callable[[], Any]) -> int:
    try:
        code = run()
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "hfi"
        message = _one_line(error.format_message())
        say(f"hfi: {message} Try `{where} --help`.")
        return USAGE
    except click.ClickException as error:
        say(f"hfi: {_one_line(error.format_message())}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OutputError as error:
        return report(error, debug=False)
    return code if isinstance(code, int) else 0


def report(error: Exception, *, debug: bool) -> int:
    """Tells of an error on standard error and gives the exit code for it."""
    if debug:
        say(_traceback(error))
    if isinstance(error, OutputError):
        discard_output()
        if error.reader_gone:
            return READER_GONE
        reason = getattr(error.__cause__, "strerror", None) or error.__cause__
        say(f"hfi: Standard output takes no more: {reason}.")
        return FAILED
    if isinstance(error, HFIError):
        say(f"hfi: {_one_line(in_options(str(error)))}")
        return exit_code(error)
    name = type(error).__name__
    hint = "" if debug else " `--debug` shows where."
    say(f"hfi: {_one_line(f'{name}: {error}.')} This is a fault of hfi itself.{hint}")
    return FAILED


def warn(text: str) -> None:
    """Tells on standard error of what is no failure."""
    say(f"hfi: warning: {_one_line(text)}")


def in_options(text: str) -> str:
    """Spells the arguments that an error's hint names as the options of the command line."""
    for argument, option in _SPELLINGS.items():
        text = text.replace(argument, option)
    return _ARGUMENT.sub(lambda match: f"--{match[1].replace('_', '-')}", text)


def _one_line(text: str) -> str:
    return visible(" ".join(redact(text, _secrets()).split()))


def _traceback(error: Exception) -> str:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return visible(redact("".join(lines), _secrets()))


def _secrets() -> list[str]:
    # Whoever sets a token of a few letters means none; masking it would garble the text.
    found = (os.environ.get(name, "").strip() for name in _SECRETS)
    return [value for value in found if len(value) >= 4]


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Makes the first Ctrl-C an exception and the second one the end, without a traceback."""
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Where SIGINT is ignored, as under nohup, that stays so.
    if not usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        # After a Ctrl-C the process is ending, and another one must not print a traceback.
        if not interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _warnings_in_a_line() -> Iterator[None]:
    """Shows a warning as the errors are shown, without the place in the source."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        warn(str(message))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
