"""``hfi models``: what the Hub has."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command, warn
from hfi.cli.screen import Screen
from hfi.cli.shapes import json_line, model_object
from hfi.cli.tables import Column, short_number, tabbed, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi import Client
    from hfi.types.models import ModelInfo

__all__ = ["models"]

_SORTS = ("downloads", "likes", "trending", "created_at", "last_modified")
_FILTERS = ("task", "sort", "limit")

_COLUMNS = (
    Column(heading="model", least=34),  # an id that is broken cannot be copied
    Column(heading="task", rank=3),
    Column(heading="downloads", rank=1, right=True),
    Column(heading="likes", rank=4, right=True),
    Column(heading="gated", rank=5),
    Column(heading="providers", rank=2, least=15),
)
_TASK = 1


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi models --task text-to-image --warm --sort trending",
        "hfi models --search qwen3 --provider groq --provider cerebras",
        "hfi models --task conversational --warm --limit 1000 | cut -f 1",
    ),
)
@click.option("--task", metavar="TASK", help="Such as text-to-image; conversational is chat.")
@click.option("--search", multiple=True, metavar="TEXT", help="A part of the id; repeatable.")
@click.option(
    "--provider", multiple=True, metavar="NAME", help="Served by it, or all for any; repeatable."
)
@click.option("--warm", is_flag=True, help="Only models that are served now.")
@click.option("--sort", type=click.Choice(_SORTS), help="By what, the highest first.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="The most models.",
)
@shared.json_form("Write one JSON array.")
@shared.jsonl_form("Write each model as one JSON object a line.")
@shared.timeout
@shared.debug
def models(**given: Any) -> None:
    """List models of the Hub.

    A terminal gets a table with the columns that it has room for. A pipe gets a line for each
    model, with tabs between: id, task, downloads, likes, gated, warm, providers.
    """
    form = shared.form(given)
    filters = {
        **shared.given(given, *_FILTERS),
        "search": given["search"] or None,
        "provider": given["provider"] or None,
        "warm": given["warm"] or None,
    }
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options({**given, "provider": None})))
        screen = stack.enter_context(Screen())
        screen.status("Asking the Hub")
        if form == "jsonl" or (form == "text" and not screen.shown):
            _write_lines(screen, client, filters, form)
            return
        found = client.models(**filters)
        screen.stop_status()
        if found.reason:
            warn(found.reason)
        if form == "json":
            entries = [model_object(info, looked_up=False) for info in found]
            screen.line(json_line(entries))
        elif found:
            _write_table(screen, found, asked=given["task"])
        else:
            screen.note("no model is like that")


def _write_lines(screen: Screen, client: Client, filters: dict[str, Any], form: str) -> None:
    """Writes models as they come, page by page."""
    found = client.iter_models(**filters)
    told = False
    for info in found:
        if found.reason and not told:
            told = True
            warn(found.reason)
        if form == "jsonl":
            screen.line(json_line(model_object(info, looked_up=False)))
        else:
            screen.line(tabbed(_fields(info)))


def _write_table(screen: Screen, found: Sequence[ModelInfo], *, asked: str | None) -> None:
    rows = [_row(info) for info in found]
    # A column of nothing, or of the task that was asked for, takes the place of another.
    dull = {index for index in range(len(_COLUMNS)) if not any(row[index] for row in rows)}
    if all(info.pipeline_tag == asked for info in found):
        dull.add(_TASK)
    kept = [index for index in range(len(_COLUMNS)) if index not in dull]
    cells = [[row[index] for index in kept] for row in rows]
    write_table(screen, [_COLUMNS[index] for index in kept], cells)


def _serving(info: ModelInfo) -> list[str]:
    return list(dict.fromkeys(entry.provider for entry in info.live_providers()))


def _fields(info: ModelInfo) -> list[Any]:
    return [
        info.id,
        info.pipeline_tag,
        info.downloads,
        info.likes,
        info.gated or None,
        "warm" if info.warm else None,
        ",".join(_serving(info)),
    ]


def _row(info: ModelInfo) -> list[str | None]:
    return [
        info.id,
        info.pipeline_tag,
        short_number(info.downloads),
        short_number(info.likes),
        info.gated or None,
        ", ".join(_serving(info)),
    ]
