"""One call, or several of the same kind, from a command."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from hfi.cli import options as shared
from hfi.cli.screen import Screen
from hfi.cli.tasks.outputs import Result, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hfi import Client

__all__ = ["opened", "perform"]


@contextmanager
def opened(given: Mapping[str, Any]) -> Iterator[tuple[Client, Screen]]:
    """A client by the options of the command, and the screen for what it says."""
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        yield client, stack.enter_context(Screen())


def perform(
    given: Mapping[str, Any],
    method: str,
    inputs: Sequence[tuple[str | None, Any]],
    options: Mapping[str, Any],
) -> None:
    """Calls a method once for each input and writes what came.

    Args:
        given: The options of the command.
        method: The client's method.
        inputs: The first argument of each call, with its name where there are several.
        options: The other arguments.

    Raises:
        HFIError: As the method; with ``--jsonl`` what came before it was written.
        OutputError: Standard output takes no more.
    """
    form = shared.form(given)
    task = method.replace("_", "-")
    with opened(given) as (client, screen):
        results = []
        for number, (name, first) in enumerate(inputs, 1):
            count = f" ({number} of {len(inputs)})" if len(inputs) > 1 else ""
            doing = f"Waiting for {task}{count}"
            screen.status(doing)
            value = getattr(client, method)(
                first,
                on_wait=lambda waiting, doing=doing: screen.wait(
                    waiting, thing="result", after=doing
                ),
                **options,
            )
            screen.stop_status()
            results.append(Result(task=task, name=name, value=value))
            if form == "jsonl":
                write(screen, results, form)
                results = []
        if form != "jsonl":
            write(screen, results, form)
