"""``hfi providers``: who serves a model, and on what terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from hfi.cli import options as shared
from hfi.cli.failure import Command, warn
from hfi.cli.shapes import json_line
from hfi.cli.tables import Column, tabbed, write_table
from hfi.cli.tasks.calls import opened

if TYPE_CHECKING:
    from hfi.types.providers import ModelProvider

__all__ = ["providers"]

_COLUMNS = (
    Column(heading="provider"),
    Column(heading="task", rank=2),
    Column(heading="status", rank=1, tints={"live": "green", "error": "red"}),
    Column(heading="$/M in", rank=3, right=True),
    Column(heading="$/M out", rank=4, right=True),
    Column(heading="tokens/s", rank=5, right=True),
    Column(heading="context", rank=6, right=True),
    Column(heading="its id", rank=7, least=16),
)


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi providers openai/gpt-oss-120b",
        "hfi providers llama-3.3-70b | cut -f 1",
        "hfi providers openai/gpt-oss-120b --jsonl | jq .input_price",
    ),
)
@click.argument("name", metavar="MODEL")
@shared.json_form("Write one JSON array.")
@shared.jsonl_form("Write each provider as one JSON object a line.")
@shared.timeout
@shared.debug
def providers(**given: Any) -> None:
    """Show who serves a MODEL: for which task, at what price, how fast.

    A terminal gets a table with the columns that it has room for. A pipe gets a line for each
    provider, with tabs between: provider, task, status, price in and out (US dollars for a
    million tokens), tokens a second, context, and its own id of the model.
    """
    form = shared.form(given)
    with opened({**given, "model": None}) as (client, screen):
        screen.status("Asking the Hub")
        found = client.providers(given["name"])
        screen.stop_status()
        if found.reason:
            warn(found.reason)
        if form == "json":
            screen.line(json_line([attrs.asdict(each) for each in found]))
        elif form == "jsonl":
            for each in found:
                screen.line(json_line(attrs.asdict(each)))
        elif not screen.shown:
            for each in found:
                screen.line(tabbed(_fields(each)))
        elif found:
            rows = [
                [None if cell is None else str(cell) for cell in _fields(each)] for each in found
            ]
            kept = [n for n in range(len(_COLUMNS)) if any(row[n] for row in rows)]
            columns = [_COLUMNS[n] for n in kept]
            write_table(screen, columns, [[row[n] for n in kept] for row in rows])
        else:
            screen.note(f"nobody serves {found.model}")


def _fields(each: ModelProvider) -> list[Any]:
    return [
        each.provider,
        each.task,
        each.status,
        each.input_price,
        each.output_price,
        each.throughput,
        each.context_length,
        each.provider_id,
    ]
