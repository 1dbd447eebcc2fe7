"""``%%chat``: a conversation from cell to cell."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError

from hfi.types.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi import ChatCompletion, ChatStream, Client

__all__ = ["register_chat"]

_HELP = """
Chat with a model: the cell below %%chat is the prompt, and the answer grows below that.

The conversation goes on from cell to cell. Where it is held, and with which system prompt and
sampling, stays as it was last said; --new forgets what was said, the system prompt included. An
answer that was interrupted stays in the conversation as far as it came.

The answer is the value of the cell: _ holds the ChatCompletion. %chat asks in one line (which must
not end with a question mark: IPython takes that for itself), or, with nothing to ask, tells how the
conversation stands.
"""
_PLACE = ("model", "provider", "base_url", "client")
_SAMPLING = ("temperature", "top_p", "max_tokens", "seed")


def register_chat(shell: Any) -> None:
    """Gives a shell ``%chat`` and ``%%chat``, with a conversation of their own."""
    parser, conversation = _parser(), _Conversation(shell.user_ns)

    def chat(line: str, cell: str | None = None) -> ChatCompletion | None:
        try:
            chosen = parser.parse_args(shlex.split(line))
        except ValueError as error:  # a quote without its end
            raise UsageError(f"{error}; put the prompt in the cell below %%chat.") from None
        if chosen.help:
            parser.print_help()
            return None
        conversation.take(chosen)
        words = " ".join(chosen.prompt)
        prompt = "\n".join(part for part in (words, (cell or "").strip("\r\n")) if part.strip())
        if prompt:
            return conversation.answer(prompt)
        print(conversation)  # noqa: T201 - what a line magic is for
        return None

    chat.__doc__ = parser.format_help()
    shell.register_magic_function(chat, magic_kind="line_cell", magic_name="chat")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Has the shell say it, instead of ending the kernel."""
        raise UsageError(f"%chat: {message}. %chat --help tells the options.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="%%chat",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-m", "--model", help="the model's id, short name or URL")
    add("-s", "--system", help="the system prompt, in quotes")
    add("-l", "--local", action="store_true", help="the embedded model, which needs no account")
    add("-n", "--new", action="store_true", help="begin a new conversation")
    add("--provider", help="who is to answer, such as groq")
    add("--base-url", help="a server of your own")
    add("--client", help="the name of a variable that holds the hfi.Client to use")
    add("-t", "--temperature", type=float, help="how freely to choose words; 0 for the likeliest")
    add("--top-p", type=float, help="choose from this share of the likeliest tokens")
    add("--max-tokens", type=int, help="the most tokens of an answer")
    add("--seed", type=int, help="the same seed gives the same answer, where the server can")
    add("-h", "--help", action="store_true", help="tell this")
    add("prompt", nargs="*", help="the prompt, or its beginning")
    return parser


class _Conversation:
    """What was said, and where the conversation is held."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._said: list[Message] = []
        self._system: str | None = None
        self._place: dict[str, Any] = {}
        self._sampling: dict[str, Any] = {}
        self._client: Client | None = None

    def take(self, chosen: argparse.Namespace) -> None:
        """Goes on as the options of a cell say."""
        if chosen.new:
            self._said, self._system = [], None
        if chosen.system is not None:
            self._system = chosen.system
        place = {name: value for name in _PLACE if (value := getattr(chosen, name)) is not None}
        if chosen.local:
            place["provider"] = "local"
        if place:
            self._move(place)
        for name in _SAMPLING:
            if (value := getattr(chosen, name)) is not None:
                self._sampling[name] = value

    def answer(self, prompt: str) -> ChatCompletion:
        """Asks, and shows the answer while it is made."""
        turn = Message("user", prompt)
        system = [] if self._system is None else [Message("system", self._system)]
        said = [*system, *self._said, turn]
        stream: ChatStream = self._the_client().chat(said, stream=True, **self._sampling)
        try:
            answer = stream.display()
        except BaseException:
            self._keep(turn, stream.partial)
            raise
        self._keep(turn, answer)
        return answer

    def __str__(self) -> str:
        turns = len(self._said) // 2
        place = ", ".join(f"{name} {value}" for name, value in self._place.items())
        return (
            f"{turns} turn{'s'[: turns != 1]} so far, with {place or 'the default model'}. "
            "The cell below %%chat is the prompt; %chat --help tells the options."
        )

    def _move(self, place: dict[str, Any]) -> None:
        """Goes on elsewhere: another model of the same place, or another place altogether."""
        if place.keys() != {"model"} or self._place.get("provider") == "local":
            self._place = {}
        self._place |= place
        self._client = None

    def _keep(self, turn: Message, answer: ChatCompletion) -> None:
        if answer.text:  # a turn without an answer would stand there twice, once it is asked again
            self._said += [turn, Message("assistant", answer.text)]

    def _the_client(self) -> Client:
        from hfi import Client  # noqa: PLC0415 - until somebody chats it need not be there

        if self._client is None:
            place = dict(self._place)
            name = place.pop("client", None)
            if name is None:
                self._client = Client(**place)
                return self._client
            given = self._variables.get(name)
            if not isinstance(given, Client):
                what = f"a {type(given).__name__}" if name in self._variables else "no variable"
                raise UsageError(f"%chat: --client names an hfi.Client, but {name!r} is {what}.")
            self._client = given.with_options(**place) if place else given
        return self._client
