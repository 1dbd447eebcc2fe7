"""``hfi chat``: one question, one answer, as it is made."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from hfi import Client, StreamError
from hfi.cli.screen import Screen
from hfi.cli.shapes import completion_object, json_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi.types.chat import ChatChunk, ChatCompletion
    from hfi.types.options import ChatArguments

__all__ = ["answer"]

_WAITING = "Waiting for the model"
_STARTING = "Starting the embedded model"
_LOADING = "Waiting for the model to load"

# What a reader may take for a whole answer.
_NOTES = {
    "length": "cut off at the limit of tokens",
    "content_filter": "cut off by the server's content filter",
}


def answer(
    messages: Any,
    *,
    client_options: Mapping[str, Any],
    options: ChatArguments,
    form: str,
    stream: bool,
) -> None:
    """Asks the model and writes the answer to standard output.

    Args:
        messages: What ``Client.chat`` takes.
        client_options: Arguments of the client that are given.
        options: Options of the call that are given.
        form: "text", "json" (the whole completion) or "jsonl" (every chunk).
        stream: Whether the answer is asked for piece by piece.

    Raises:
        HFIError: As ``Client.chat``.
        OutputError: Standard output takes no more.
    """
    with ExitStack() as stack:
        client = stack.enter_context(Client(**client_options))
        screen = stack.enter_context(Screen())
        local = client_options.get("provider") == "local"
        screen.status(_STARTING if local else _WAITING)
        options["on_wait"] = lambda *_, **__: screen.status(_LOADING)
        if not stream:
            completion = client.chat(messages, **options)
            _write_whole(screen, completion, form)
            return
        chunks = stack.enter_context(client.chat(messages, stream=True, **options))
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
