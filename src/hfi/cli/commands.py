"""The commands and their options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from hfi import __version__
from hfi.cli.failure import Command, Program
from hfi.cli.prompt import messages, prompt, read_input

if TYPE_CHECKING:
    from hfi.types.options import ChatArguments

__all__ = ["program"]

_CLIENT_OPTIONS = ("model", "provider", "base_url", "timeout", "max_wait")
_CALL_OPTIONS = ("system", "max_tokens", "temperature", "seed")
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(cls=Program, context_settings=_HELP, invoke_without_command=True)
@click.version_option(__version__, message="hfi %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Hugging Face inference in the terminal."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@program.command(cls=Command)
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
@click.option("--local", is_flag=True, help="Ask the embedded model: no account, no network.")
@click.option("-m", "--model", help="A model's id, such as org/name or org/name:groq, or a URL.")
@click.option("-s", "--system", help="What the model is told before the prompt.")
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="PATH",
    help="A picture, by path or URL; repeatable.",
)
@click.option("--max-tokens", type=int, metavar="N", help="The most tokens the answer may have.")
@click.option("--temperature", type=float, metavar="T", help="Randomness; 0 is the likeliest text.")
@click.option("--seed", type=int, metavar="N", help="The same seed makes the same answer.")
@click.option("--provider", metavar="NAME", help="Who answers, such as groq, fastest or local.")
@click.option("--base-url", metavar="URL", help="A server of your own.")
@click.option("--timeout", type=float, metavar="SECONDS", help="The longest silence allowed.")
@click.option("--max-wait", type=float, metavar="SECONDS", help="The longest wait for loading.")
@click.option("--no-stream", is_flag=True, help="Ask for the answer in one piece.")
@click.option("--json", "as_json", is_flag=True, help="Write the completion as one JSON object.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Write each chunk as the server sent it.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def chat(**given: Any) -> None:
    """Ask a model and write its answer as it is made.

    Text on standard input is the prompt, or follows the PROMPT given here. A PROMPT of - is
    standard input.
    """
    if given["as_json"] and given["as_jsonl"]:
        raise click.UsageError("--json and --jsonl exclude each other.")
    if given["local"]:
        if given["provider"] not in (None, "local"):
            raise click.UsageError("--local and --provider exclude each other.")
        given["provider"] = "local"
    words = given["words"]
    text = prompt(words, read_input(asked=words == ("-",)))
    # The client costs 0.2 s of imports, which --help and a wrong option need not wait for.
    from hfi.cli.chat import answer  # noqa: PLC0415

    answer(
        messages(text, given["images"]),
        client_options=_given(given, *_CLIENT_OPTIONS),
        options=cast("ChatArguments", _given(given, *_CALL_OPTIONS)),
        form="json" if given["as_json"] else "jsonl" if given["as_jsonl"] else "text",
        stream=not given["no_stream"],
    )


def _given(options: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if options[name] is not None}
