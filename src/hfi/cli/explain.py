"""``hfi explain``: what a call would do, without doing it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.chat import chat_options
from hfi.cli.failure import Command
from hfi.cli.image import IMAGE_OPTIONS
from hfi.cli.screen import Screen
from hfi.cli.shapes import json_line
from hfi.cli.words import messages, said

if TYPE_CHECKING:
    from hfi.types.explanation import Explanation

__all__ = ["explain"]

_words = click.argument("words", nargs=-1, metavar="[PROMPT]...")
_no_stream = click.option(
    "--no-stream", is_flag=True, help="Explain a request for the answer in one piece."
)
_curl = click.option(
    "--curl", is_flag=True, help="Write a curl command; the token is a variable of the shell."
)
_json = shared.json_form("Write the explanation as one JSON object.")


@click.group(invoke_without_command=True)
@click.pass_context
def explain(ctx: click.Context) -> None:
    """Say what a call would do, without making it.

    It tells who would be asked and why, where the token comes from, the request, and the rendered
    prompt where hfi renders it. The Hub, or the server, may be asked what must be known for that.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@explain.command(
    cls=Command,
    epilog=shared.examples(
        'hfi explain chat -m openai/gpt-oss-120b "Hello"',
        'hfi explain chat --local --protocol text-generation "Hello"',
        'hfi explain chat -m openai/gpt-oss-120b --curl "Hello" > request.sh',
    ),
)
@_words
@shared.who_answers
@shared.turns
@shared.sampling
@_no_stream
@_curl
@_json
@shared.debug
def chat(**given: Any) -> None:
    """Explain hfi chat, with its options."""
    client = shared.client_options(given)
    conversation = messages(said(given["words"]), given["images"])
    options = chat_options(given, client)
    _explain("chat", conversation, given, stream=not given["no_stream"], **options)


@explain.command(
    cls=Command,
    epilog=shared.examples('hfi explain text --local --max-tokens 20 "The capital of France is"'),
)
@_words
@shared.who_answers
@shared.sampling
@_no_stream
@_curl
@_json
@shared.debug
def text(**given: Any) -> None:
    """Explain a text that goes on from a prompt, as Client.text_generation makes it."""
    options = shared.given(given, "temperature", "seed")
    if given["max_tokens"] is not None:
        options["max_new_tokens"] = given["max_tokens"]
    stream = not given["no_stream"]
    _explain("text_generation", said(given["words"]), given, stream=stream, **options)


@explain.command(
    cls=Command,
    epilog=shared.examples(
        'hfi explain image -m flux --aspect-ratio 16:9 "A beautiful landscape."',
        'hfi explain image --provider hf-inference --curl "A cat"',
    ),
)
@_words
@shared.who_works
@shared.picture
@_curl
@_json
@shared.debug
def image(**given: Any) -> None:
    """Explain hfi image, with its options."""
    options = shared.given(given, *IMAGE_OPTIONS)
    _explain("text_to_image", said(given["words"]), given, **options)


def _explain(task: str, subject: Any, given: dict[str, Any], **options: Any) -> None:
    if given["curl"] and given["as_json"]:
        raise click.UsageError("--curl and --json exclude each other.")
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        screen = stack.enter_context(Screen())
        screen.status("Looking up what must be known")
        explanation: Explanation = client.explain(task, subject, **options)
        if given["curl"]:
            screen.line(explanation.as_curl())
        elif given["as_json"]:
            screen.line(json_line(explanation.to_dict()))
        else:
            screen.line(str(explanation))
