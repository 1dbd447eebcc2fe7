"""Where a conversation's lines come from: a terminal, with editing, history and completion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hfi.cli.talk.orders import ORDERS
from hfi.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HISTORY_OFF", "Lines", "history_file"]

HISTORY_OFF = "HFI_NO_HISTORY"
"""Set to 1, it keeps conversations from writing what was typed to a file."""

_LARGEST = 1 << 20  # bytes of history; the older half is dropped beyond it


def history_file(environ: Mapping[str, str], home: str, platform: str) -> Path:
    """The file of lines typed before, in the user's folder for a program's state."""
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or f"{home}/AppData/Local"
    elif platform == "darwin":
        base = f"{home}/Library/Application Support"
    else:
        base = environ.get("XDG_STATE_HOME") or f"{home}/.local/state"
    return Path(base) / "hfi" / "history"


def _ready(path: Path) -> bool:
    """Makes the file, for its owner alone, and keeps it from growing for ever."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_size > _LARGEST:
            newer = path.read_bytes()[-_LARGEST // 2 :]
            # Each entry begins with a line "# TIME".
            path.write_bytes(newer[max(0, newer.find(b"\n# ")) :])
    except OSError:
        return False
    return True


class Lines:
    """Asks for lines. Enter sends; Alt-Enter, or a backslash at the end, begins another line.

    Args:
        history: The file of lines typed before, or None to keep none.

    Raises:
        MissingExtraError: prompt-toolkit is not installed.
    """

    def __init__(self, history: Path | None) -> None:
        try:
            from prompt_toolkit import PromptSession
            from prompt_toolkit.history import FileHistory, InMemoryHistory
        except ImportError as error:
            raise MissingExtraError(
                "A conversation needs the package prompt-toolkit, which is not installed.",
                hint='Install it with `pip install "hfi[cli]"`, or give a prompt.',
            ) from error
        self.kept = history is not None and _ready(history)
        kept: Any = FileHistory(str(history)) if self.kept else InMemoryHistory()
        self._session: PromptSession[str] = PromptSession(
            history=kept,
            multiline=True,
            key_bindings=_keys(),
            completer=_completer(),
            complete_while_typing=True,
            reserve_space_for_menu=4,
            prompt_continuation=lambda width, *_: " " * width,
            enable_open_in_editor=True,
            mouse_support=False,
        )

    def ask(self, default: str = "") -> str:
        """One entry, of one line or more; ``default`` stands there to be edited.

        Raises:
            EOFError: Ctrl-D on an empty line, or the terminal is gone.
            KeyboardInterrupt: Ctrl-C.
        """
        print()
        return self._session.prompt([("bold", "> ")], default=default)


def _keys() -> Any:
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: Any) -> None:
        buffer = event.current_buffer
        if buffer.document.is_cursor_at_the_end and buffer.text.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def _completer() -> Any:
    from prompt_toolkit.completion import Completer, Completion, PathCompleter
    from prompt_toolkit.document import Document

    paths = PathCompleter(expanduser=True)

    class Orders(Completer):
        """The names of orders, and paths behind those that take one."""

        def get_completions(self, document: Any, complete_event: Any) -> Any:
            text = document.text_before_cursor
            name, blank, rest = text[1:].partition(" ")
            if not text.startswith("/") or "\n" in text:
                return
            if blank and name in ("save", "load", "image"):
                yield from paths.get_completions(Document(rest), complete_event)
            elif not blank:
                for order in ORDERS:
                    if order.name.startswith(name):
                        yield Completion(order.name, -len(name), f"/{order.name}", order.help)

    return Orders()
