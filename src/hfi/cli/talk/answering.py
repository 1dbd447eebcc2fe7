"""One answer of a conversation: asked for, shown while it is made, and kept however it ends."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import attrs

from hfi.cli.screen import Screen
from hfi.cli.talk.live import LiveAnswer, unechoed
from hfi.errors import HFIError, StreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hfi import ChatStream, Client
    from hfi.types.chat import ChatCompletion

__all__ = ["Answer", "answer", "facts", "interruptible"]

_WAITING = "Waiting for the model"


@attrs.frozen(kw_only=True)
class Answer:
    """How a question was answered.

    Attributes:
        text: The answer, or what had arrived of it.
        completion: The whole answer, where it is whole.
        interrupted: Whether Ctrl-C ended it.
        error: What broke it off, or kept it from beginning.
    """

    text: str
    completion: ChatCompletion | None = None
    interrupted: bool = False
    error: HFIError | None = None


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Makes each Ctrl-C an exception: in a conversation the second one means what the first did."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def answer(
    client: Client, messages: Any, options: Mapping[str, Any], *, markdown: bool, waiting: str
) -> Answer:
    """Asks for an answer and shows it; what had arrived when it was cut is kept.

    Args:
        client: Whom to ask.
        messages: The conversation.
        options: Further options of ``Client.chat``.
        markdown: Whether to draw Markdown, rather than write the text as it comes.
        waiting: What is waited for before the answer begins.
    """
    pieces: list[str] = []
    stop = _Stop()
    try:
        with ExitStack() as stack:
            stack.enter_context(unechoed())
            screen = stack.enter_context(Screen())
            screen.status(waiting)
            stack.enter_context(stop)
            chunks = stack.enter_context(
                client.chat(
                    messages,
                    stream=True,
                    on_wait=lambda wait: screen.wait(wait, after=_WAITING),
                    **options,
                )
            )
            stop.stream = chunks
            screen.status(_WAITING)
            shown: Screen | LiveAnswer = screen
            for chunk in chunks:
                if markdown and shown is screen and (chunk.text or chunk.reasoning):
                    screen.stop_status()
                    shown = stack.enter_context(_live())
                shown.reasoning(chunk.reasoning or "")
                if chunk.text:
                    pieces.append(chunk.text)
                    shown.answer(chunk.text)
            return Answer(text="".join(pieces), completion=chunks.completion)
    except KeyboardInterrupt:
        return Answer(text="".join(pieces), interrupted=True)
    except StreamError as error:
        text = "".join(pieces)
        return Answer(text=text, interrupted=stop.asked, error=None if stop.asked else error)
    except HFIError as error:
        return Answer(text="", interrupted=stop.asked, error=None if stop.asked else error)


class _Stop:
    """Makes Ctrl-C end the stream, which then says itself what had arrived.

    An exception at any place could come between taking a piece and showing it. Before there is a
    stream, and when it is pressed again, it is one all the same.
    """

    def __init__(self) -> None:
        self.stream: ChatStream | None = None
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, *_: object) -> None:
        if self.stream is None or self.asked:
            raise KeyboardInterrupt
        self.asked = True
        # In a thread of its own: the one that was interrupted may hold a lock of the stream's.
        _thread.start_new_thread(self.stream.abort, ())


def _live() -> LiveAnswer:
    from rich.console import Console

    return LiveAnswer(Console(highlight=False))


def facts(completion: ChatCompletion) -> str:
    """A quiet line about an answer: who gave it, how many tokens it has, and how fast it came."""
    usage, meta = completion.usage, completion.meta
    tokens = usage.completion_tokens if usage is not None else None
    words = [(completion.model or "").rpartition("/")[2]]
    if completion.provider == "local":
        words.append("embedded")
    elif completion.provider:
        words.append(f"by {completion.provider}" if completion.model else completion.provider)
    parts = [" ".join(word for word in words if word)]
    if tokens:
        parts.append(f"{tokens} token{'s' * (tokens != 1)}")
    if meta.total is not None:
        parts.append(f"{meta.total:.1f} s")
        spent = meta.total - (meta.first_token or 0.0)
        if tokens and tokens > 1 and spent > 0:
            parts.append(f"{(tokens - 1) / spent:.0f} tokens/s")
    return ", ".join(part for part in parts if part)
