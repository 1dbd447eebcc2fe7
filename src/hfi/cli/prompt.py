"""``hfi prompt``: the text that a model would be sent for a conversation."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.conversation import read_conversation, read_tools, variable
from hfi.cli.failure import Command, warn
from hfi.cli.screen import Screen, is_terminal
from hfi.cli.words import read_file

if TYPE_CHECKING:
    from hfi.cli.conversation import Conversation

__all__ = ["prompt"]

# What has an option, or a place in the file.
_TAKEN = frozenset(
    {"messages", "model", "system", "tools", "documents", "repair"}
    | {"add_generation_prompt", "continue_final_message"}
)


@click.command(
    cls=Command,
    epilog=shared.examples(
        'echo "Hello" | hfi prompt --model Qwen/Qwen2.5-7B-Instruct',
        "hfi prompt -m Qwen/Qwen3-8B --var enable_thinking=false conversation.json",
        "hfi prompt --template template.jinja --var 'bos_token=<s>' conversation.json",
    ),
)
@click.argument("file", default="-")
@shared.who_answers
@click.option("--template", metavar="FILE", help="A chat template to use; nobody is asked then.")
@click.option("-s", "--system", help="What the model is told before the conversation.")
@click.option("--tools", metavar="FILE", help="A JSON file with the tools.")
@click.option("--continue", "continued", is_flag=True, help="Leave the last message open.")
@click.option("--no-generation-prompt", is_flag=True, help="Open no answer at the end.")
@click.option("--no-repair", is_flag=True, help="Give the template the messages as they are.")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A variable for the template, JSON or text; repeatable.",
)
@shared.debug
def prompt(**given: Any) -> None:
    """Show the prompt that a conversation becomes.

    FILE, or standard input, holds JSON: a list of messages, or an object with messages, tools and
    documents. Any other text is one user turn. The prompt is written exactly as it would be sent;
    only a terminal gets a line break after it.
    """
    if given["template"] is not None and shared.client_options(given):
        raise click.UsageError("--template and the options that name a model exclude each other.")
    if given["template"] == "-" == given["file"]:
        raise click.UsageError("The template and the conversation cannot both be standard input.")
    if given["file"] == "-" and is_terminal(sys.stdin):
        raise click.UsageError("There is no conversation. Name a file, or pipe one in.")
    variables = dict(variable(text) for text in given["variables"])
    if taken := sorted(_TAKEN & set(variables)):
        raise click.UsageError(f"{taken[0]} is no variable of a template.")
    conversation = _conversation(given)
    arguments = {
        "tools": conversation.tools,
        "documents": conversation.documents,
        "add_generation_prompt": False if given["no_generation_prompt"] else None,
        "continue_final_message": given["continued"],
        "repair": not given["no_repair"],
    }
    with Screen() as screen:
        if given["template"] is not None:
            text = _by_template(given, conversation.messages, arguments, variables)
        else:
            text = _by_model(screen, given, conversation.messages, {**arguments, **variables})
        if screen.shown:
            screen.answer(text)
        else:
            screen.exactly(text.encode("utf-8", "replace"))


def _conversation(given: dict[str, Any]) -> Conversation:
    conversation = read_conversation(given["file"])
    if conversation.unused:
        warn(f"Not used in a prompt: {', '.join(conversation.unused)}.")
    if given["tools"] is None:
        return conversation
    if conversation.tools is not None:
        raise click.UsageError("Both --tools and the conversation's file hold tools.")
    import attrs

    return attrs.evolve(conversation, tools=read_tools(given["tools"]))


def _by_model(
    screen: Screen, given: dict[str, Any], messages: Any, arguments: dict[str, Any]
) -> str:
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        screen.status("Asking for the template")
        return client.format_prompt(messages, system=given["system"], **arguments)


def _by_template(
    given: dict[str, Any], messages: Any, arguments: dict[str, Any], variables: dict[str, Any]
) -> str:
    from hfi._core.generation.prompt import write_prompt
    from hfi._core.outgoing.messages import raw_messages, wire_messages
    from hfi.types.models import PromptFacts

    path = given["template"]
    facts = PromptFacts(model=path, templates={"default": read_file(path)})
    turns = wire_messages if arguments["repair"] else raw_messages
    written = write_prompt(
        turns(messages, system=given["system"]),
        facts,
        now=datetime.now(),
        variables=variables,
        **arguments,
    )
    return written.text
