"""The conversation itself: a line is read, and said to the model or obeyed."""

from __future__ import annotations

import json
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from hfi.cli.failure import report
from hfi.cli.harmless import visible
from hfi.cli.screen import Screen, say
from hfi.cli.tables import Column, write_table
from hfi.cli.talk import answering
from hfi.cli.talk.orders import ORDERS, Given, Said, Unknown, read_line
from hfi.cli.talk.turns import ConversationError, Talk
from hfi.cli.words import read_file
from hfi.errors import HFIError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hfi import Client
    from hfi.cli.talk.lines import Lines

__all__ = ["Session"]

_ORDERS = (Column(heading="order"), Column(heading="what it does", least=20))
_STARTING = "Starting the embedded model"
_WAITING = "Waiting for the model"
_GREETING = "Enter sends, Alt-Enter begins a line, /help lists orders, Ctrl-D ends."


class Session:
    """A conversation on a terminal.

    Args:
        client: Whom to ask.
        lines: Where lines come from.
        options: Options of ``Client.chat``, but for the messages.
        talk: What was said before.
        markdown: Whether answers are drawn as Markdown.
        debug: Whether errors show their traceback.
    """

    def __init__(
        self,
        client: Client,
        lines: Lines,
        options: Mapping[str, Any],
        *,
        talk: Talk,
        markdown: bool,
        debug: bool = False,
    ) -> None:
        self._client = client
        self._lines = lines
        self._options = dict(options)
        self._talk = talk
        self._markdown = markdown
        self._debug = debug
        self._file: Path | None = None  # that was written or read last
        self._draft = ""  # what stands in the next prompt to be edited
        self._ended = False
        self._obeyed: dict[str, Callable[[str], None]] = {
            order.name: getattr(self, f"_{order.name}") for order in ORDERS
        }

    @property
    def talk(self) -> Talk:
        """What was said so far."""
        return self._talk

    def run(self) -> None:
        """Talks until the user ends it."""
        _note(f"{self._who()}. {_GREETING}")
        with answering.interruptible():
            while not self._ended:
                self._turn()

    def _turn(self) -> None:
        draft, self._draft = self._draft, ""
        try:
            line = self._lines.ask(draft)
        except EOFError:
            self._ended = True
            return
        except KeyboardInterrupt:
            _note("Ctrl-D ends the conversation")
            return
        try:
            self.obey(line)
        except KeyboardInterrupt:
            _note("interrupted")
        except (HFIError, OSError) as error:
            report(error, debug=self._debug)
        except click.ClickException as error:
            say(f"hfi: {visible(error.format_message())}")

    def obey(self, line: str) -> None:
        """Does what a line asks for.

        Raises:
            HFIError: It failed.
            ClickException: A file cannot be read or written, or it makes no sense.
        """
        meant = read_line(line)
        if isinstance(meant, Said):
            if not self._ask(self._talk.asked(meant.text)):
                self._draft = meant.text  # to be put again, or otherwise; the pictures wait too
        elif isinstance(meant, Given):
            self._obeyed[meant.name](meant.rest)
        elif isinstance(meant, Unknown):
            near = f" Did you mean /{meant.near}?" if meant.near else " /help lists them."
            raise click.UsageError(
                f"There is no order /{meant.name}.{near} Two slashes say it to the model."
            )

    def _who(self) -> str:
        from hfi._core.configuration.defaults import CHAT
        from hfi._core.configuration.urls import safe_url
        from hfi._core.routing import model_for

        config = self._client._config
        model = model_for(config, CHAT)
        if config.base_url is not None:
            where = safe_url(config.base_url).strip("'")
            return f"{model} at {where}" if model else where
        if config.is_local:
            return "The embedded model" if model is None else f"{model}, embedded"
        by = ", ".join(config.providers)
        return str(model) if by == "auto" else f"{model} by {by}"

    def _ask(self, talk: Talk) -> bool:
        """Asks the open question of ``talk``, which becomes the conversation if it is answered."""
        given = answering.answer(
            self._client,
            talk.messages(),
            self._options,
            markdown=self._markdown,
            waiting=_STARTING if self._client._config.is_local else _WAITING,
        )
        cut = given.completion is None
        if given.text:
            self._talk = talk.answered(given.text, interrupted=cut)
        if given.error is not None:
            report(given.error, debug=self._debug)
        if cut:
            _note("interrupted; what came is kept" if given.text else "no answer")
        elif given.completion is not None:
            _note(_ending(given.completion))
        return bool(given.text)

    # -- orders ------------------------------------------------------------------------------------

    def _system(self, rest: str) -> None:
        if rest:
            self._talk = attrs.evolve(self._talk, system=None if rest == "-" else rest)
        text = self._talk.system
        _note(f"system: {text}" if text else "there is no system text")

    def _model(self, rest: str) -> None:
        if rest:
            from hfi._core.configuration.choices import is_weights

            changes: dict[str, Any] = {"model": rest}
            if rest == "local":
                changes = {"model": None, "provider": "local", "base_url": None}
            elif self._client._config.is_local and not is_weights(rest):
                changes["provider"] = "auto"
            self._client = self._client.with_options(**changes)
        _note(self._who())

    def _image(self, rest: str) -> None:
        images = self._talk.images
        if rest == "-":
            images = ()
        elif rest:
            images = (*images, _picture(rest))
        self._talk = attrs.evolve(self._talk, images=images)
        shown = ", ".join(images)
        _note(f"with the next question: {shown}" if images else "no picture for the next question")

    def _retry(self, _: str) -> None:
        talk = self._talk.unanswered()
        if not talk.open_question:
            raise click.UsageError("There is no question to ask again.")
        self._ask(talk)

    def _undo(self, _: str) -> None:
        question, _images = self._talk.last_question()
        if not self._talk.turns:
            raise click.UsageError("There is nothing to take back.")
        self._talk = self._talk.undone()
        _note(f"taken back: {_short(question)}")

    def _new(self, _: str) -> None:
        self._talk = Talk(system=self._talk.system)
        _note("a new conversation")

    def _save(self, rest: str) -> None:
        if not self._talk.turns:
            raise click.UsageError("There is nothing to save yet.")
        path = Path(rest).expanduser() if rest else self._file
        if path is None:
            raise click.UsageError("Name a file: /save FILE.")
        if path.exists() and path != self._file:
            raise click.UsageError(f"{path} is there already. Name another file.")
        value = self._talk.to_object(self._client._config.model)
        text = json.dumps(value, ensure_ascii=False, indent=2)
        try:
            path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
        self._file = path
        _note(f"saved to {path}")

    def _load(self, rest: str) -> None:
        if not rest:
            raise click.UsageError("Name a file: /load FILE.")
        path = Path(rest).expanduser()
        try:
            self._talk = Talk.of(json.loads(read_file(str(path))))
        except ConversationError as error:
            raise click.UsageError(f"{path} {error}.") from None
        except (ValueError, RecursionError):
            raise click.UsageError(f"{path} is no JSON, as /save writes it.") from None
        self._file = path
        count = len(self._talk.turns)
        more = "; /retry asks for the answer" if self._talk.open_question else ""
        _note(f"{count} message{'s' * (count != 1)} from {path}{more}")

    def _explain(self, rest: str) -> None:
        talk = self._talk.asked(rest) if rest else self._talk.unanswered()
        if not talk.open_question:
            talk = talk.asked("Hello")
        with Screen() as screen:
            screen.status("Looking up what must be known")
            explanation = self._client.explain(
                "chat", talk.messages(), stream=True, **self._options
            )
            screen.line(str(explanation))

    def _help(self, _: str) -> None:
        rows = [[f"/{order.name} {order.argument}".rstrip(), order.help] for order in ORDERS]
        with Screen() as screen:
            write_table(screen, _ORDERS, rows)
        _note(
            "Ctrl-C stops an answer and keeps what came. A backslash at the end of a line, or"
            " Alt-Enter, begins another. Two slashes at the beginning say one to the model."
        )

    def _exit(self, _: str) -> None:
        self._ended = True


_NOTES = {
    "length": "cut off at the limit of tokens",
    "content_filter": "cut off by the server's content filter",
}


def _ending(completion: Any) -> str:
    told = "the answer is empty" if not completion.text else None
    told = _NOTES.get(completion.finish_reason or "", told)
    if completion.refusal:
        told = f"the model refused: {completion.refusal}"
    return "; ".join(part for part in (told, answering.facts(completion)) if part)


def _note(text: str) -> None:
    columns = shutil.get_terminal_size().columns
    lines = textwrap.wrap(visible(" ".join(text.split())), max(10, columns - 2))
    with Screen() as screen:
        screen.note("\n".join(lines))


def _picture(given: str) -> str:
    """A picture's URL, or its whole path, which another folder cannot change."""
    if given.startswith(("http://", "https://", "data:")):
        return given
    path = Path(given).expanduser()
    if not path.is_file():
        raise click.UsageError(f"There is no file {given}.")
    return str(path.absolute())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
