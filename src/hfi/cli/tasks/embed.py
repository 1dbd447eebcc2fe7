"""``hfi embed``: texts as rows of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.shapes import json_line
from hfi.cli.tables import Column, write_table
from hfi.cli.tasks import inputs
from hfi.cli.tasks.calls import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.cli.screen import Screen
    from hfi.types.embeddings import Embeddings

__all__ = ["embed"]

_OPTIONS = ("dimensions", "normalize", "prompt_name")
_COLUMNS = (
    Column(heading="text", least=16),
    Column(heading="numbers", rank=1, right=True),
    Column(heading="beginning", rank=2),
)


@click.command(
    cls=Command,
    epilog=shared.examples(
        'hfi embed "The weather is lovely." "It is sunny."',
        "hfi embed --base-url http://localhost:8080 --jsonl < lines.txt > vectors.jsonl",
        'hfi embed -m intfloat/multilingual-e5-large --prompt-name query "sunny days"',
    ),
)
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--dimensions", type=int, metavar="N", help="Numbers in a row, for models that can.")
@click.option("--normalize/--no-normalize", default=None, help="Give each row the length 1.")
@click.option("--prompt-name", metavar="NAME", help="The model's own prompt before each text.")
@shared.who_works
@shared.json_form("Write one JSON object with all rows.")
@shared.jsonl_form("Write each text and its row as one JSON object a line.")
@shared.debug
def embed(**given: Any) -> None:
    """Turn texts into rows of numbers, in their order.

    Each TEXT has a row of its own; without any, each line of standard input. A pipe gets a line
    for each text, with tabs between the numbers.
    """
    form = shared.form(given)
    texts = inputs.lines(given["words"])
    options = shared.given(given, *_OPTIONS)
    with opened(given) as (client, screen):
        doing = "Waiting for the embeddings"
        screen.status(doing)
        rows: Embeddings = client.feature_extraction(
            texts,
            progress=lambda done, count: screen.status(f"{doing} ({done} of {count})"),
            on_wait=lambda waiting: screen.wait(waiting, thing="result", after=doing),
            **options,
        )
        screen.stop_status()
        _write(screen, texts, rows, form)


def _write(screen: Screen, texts: Sequence[str], rows: Embeddings, form: str) -> None:
    if form == "json":
        facts = {"model": rows.model, "provider": rows.provider}
        screen.line(json_line({**facts, "embeddings": [row.tolist() for row in rows]}))
    elif form == "jsonl":
        for text, row in zip(texts, rows, strict=True):
            screen.line(json_line({"text": text, "embedding": row.tolist()}))
    elif screen.shown:
        cells = [
            [text, str(len(row)), " ".join(f"{number:.3f}" for number in row[:3]) + " ..."]
            for text, row in zip(texts, rows, strict=True)
        ]
        write_table(screen, _COLUMNS, cells)
    else:
        for row in rows:
            screen.line("\t".join(map(repr, row.tolist())))
