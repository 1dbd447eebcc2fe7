"""``hfi chat``: one question, one answer, as it is made."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.screen import Screen, is_terminal
from hfi.cli.shapes import completion_object, json_line
from hfi.cli.words import messages, said
from hfi.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi.types.chat import ChatChunk, ChatCompletion
    from hfi.types.options import ChatArguments

__all__ = ["LOCAL_MAX_TOKENS", "chat", "chat_options"]

# So small a model often repeats itself until its context is full.
LOCAL_MAX_TOKENS = 512

_WAITING = "Waiting for the model"
_STARTING = "Starting the embedded model"

# What a reader may take for a whole answer.
_NOTES = {
    "length": "cut off at the limit of tokens",
    "content_filter": "cut off by the server's content filter",
}


@click.command(
    cls=Command,
    epilog=shared.examples(
        'hfi chat --local "What is the capital of France?"',
        'hfi chat -m openai/gpt-oss-120b:groq -s "Be brief." "Why is the sky blue?"',
        'cat notes.txt | hfi chat "Summarise this."',
        "hfi chat --local                       # a conversation; /help lists its orders",
    ),
)
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
@shared.who_answers
@shared.turns
@shared.sampling
@click.option("--no-stream", is_flag=True, help="Ask for the answer in one piece.")
@shared.json_form("Write the completion as one JSON object.")
@shared.jsonl_form("Write each chunk as the server sent it.")
@click.option("--plain", is_flag=True, help="In a conversation, draw no Markdown.")
@click.option("--no-history", is_flag=True, help="In a conversation, keep no file of your lines.")
@shared.debug
def chat(**given: Any) -> None:
    """Ask a model and write its answer as it is made.

    Text on standard input is the prompt, or follows the PROMPT given here. A PROMPT of - is
    standard input. Without any, a terminal gets a conversation. The embedded model makes 512
    tokens at most, unless --max-tokens is given.
    """
    form = shared.form(given)
    client = shared.client_options(given)
    if _converses(given, form):
        _converse(given, client)
        return
    text = said(given["words"])
    _answer(
        messages(text, given["images"]),
        client_options=client,
        options=chat_options(given, client),
        form=form,
        stream=not given["no_stream"],
    )


def _converses(given: Mapping[str, Any], form: str) -> bool:
    if given["words"] or given["no_stream"] or form != "text":
        return False
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def _converse(given: Mapping[str, Any], client_options: Mapping[str, Any]) -> None:
    from hfi import Client
    from hfi.cli.talk.lines import HISTORY_OFF, Lines, history_file
    from hfi.cli.talk.session import Session
    from hfi.cli.talk.turns import Talk

    options = chat_options(given, client_options)
    talk = Talk(system=options.pop("system", None), images=tuple(given["images"]))
    kept = not given["no_history"] and os.environ.get(HISTORY_OFF, "") in ("", "0")
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    lines = Lines(history_file(os.environ, home, sys.platform) if kept else None)
    smart = os.environ.get("TERM", "") not in ("dumb", "unknown")
    with Client(**client_options) as client:
        Session(
            client,
            lines,
            options,
            talk=talk,
            markdown=smart and not given["plain"],
            debug=given["debug"],
        ).run()


def chat_options(given: Mapping[str, Any], client: Mapping[str, Any]) -> ChatArguments:
    """The options of a chat, with a bound for the embedded model where none was given.

    Raises:
        ConfigurationError: The client's arguments do not fit together.
    """
    options = cast("ChatArguments", shared.given(given, *shared.CALL))
    if "max_tokens" not in options and _is_embedded(client):
        options["max_tokens"] = LOCAL_MAX_TOKENS
    return options


def _is_embedded(client: Mapping[str, Any]) -> bool:
    # The client costs 0.2 s of imports, which --help and a wrong option need not wait for.
    from hfi._core import embedded
    from hfi._core.configuration.config import resolve
    from hfi._environment import read_world

    config = resolve(read_world(), **client)
    weights = config.local_model
    return config.is_local and (weights is None or embedded.is_default_model(weights))


def _answer(
    conversation: Any,
    *,
    client_options: Mapping[str, Any],
    options: ChatArguments,
    form: str,
    stream: bool,
) -> None:
    """Asks the model and writes the answer to standard output.

    Args:
        conversation: What ``Client.chat`` takes.
        client_options: Arguments of the client that are given.
        options: Options of the call that are given.
        form: "text", "json" (the whole completion) or "jsonl" (every chunk).
        stream: Whether the answer is asked for piece by piece.

    Raises:
        HFIError: As ``Client.chat``.
        OutputError: Standard output takes no more.
    """
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**client_options))
        screen = stack.enter_context(Screen())
        local = client_options.get("provider") == "local"
        screen.status(_STARTING if local else _WAITING)
        options["on_wait"] = lambda waiting: screen.wait(waiting, after=_WAITING)
        if not stream:
            completion = client.chat(conversation, **options)
            _write_whole(screen, completion, form)
            return
        chunks = stack.enter_context(client.chat(conversation, stream=True, **options))
        screen.status(_WAITING)
        try:
            for chunk in chunks:
                _write_chunk(screen, chunk, form)
        except StreamError as error:
            if form == "json" and error.partial is not None:
                screen.line(json_line(completion_object(error.partial)))
            raise
        if chunks.completion is not None:
            _write_end(screen, chunks.completion, form)


def _write_chunk(screen: Screen, chunk: ChatChunk, form: str) -> None:
    if form == "jsonl" and chunk.raw is not None:
        screen.line(json_line(chunk.raw))
    elif form == "text":
        screen.reasoning(chunk.reasoning or "")
        screen.answer(chunk.text)


def _write_whole(screen: Screen, completion: ChatCompletion, form: str) -> None:
    if form == "jsonl" and completion.raw is not None:
        screen.line(json_line(completion.raw))
    elif form == "text":
        screen.reasoning(completion.reasoning or "")
        screen.answer(completion.text)
    _write_end(screen, completion, form)


def _write_end(screen: Screen, completion: ChatCompletion, form: str) -> None:
    if form == "json":
        screen.line(json_line(completion_object(completion)))
    if form != "text":
        return
    if completion.refusal:
        screen.note(f"the model refused: {' '.join(completion.refusal.split())}")
    elif note := _NOTES.get(completion.finish_reason or ""):
        screen.note(note)
    elif not completion.text:
        screen.note("the answer is empty")
