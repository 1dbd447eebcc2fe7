"""``hfi classify``: texts, pictures or sounds into classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.tasks import inputs
from hfi.cli.tasks.calls import perform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["classify"]


@click.command(
    cls=Command,
    epilog=shared.examples(
        'hfi classify "I love this."',
        'hfi classify --labels urgent,later "The server is down."',
        "hfi classify --image cat.png --image dog.png --top 3",
        "hfi classify --lines --jsonl < reviews.txt",
    ),
)
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--labels", metavar="A,B,...", help="The classes to choose among, with commas.")
@click.option("--multi-label", is_flag=True, help="Each label may fit or not, whatever the others.")
@click.option("--image", "images", multiple=True, metavar="PATH", help="A picture; repeatable.")
@click.option("--audio", "sounds", multiple=True, metavar="PATH", help="A sound; repeatable.")
@click.option("--top", "top_k", type=click.IntRange(min=1), metavar="N", help="The best N alone.")
@click.option("--lines", is_flag=True, help="Take each line, or TEXT, for a text of its own.")
@shared.who_works
@shared.json_form("Write the classes as one JSON object, or an array for several inputs.")
@shared.jsonl_form("Write the classes of each input as one JSON object a line.")
@shared.debug
def classify(**given: Any) -> None:
    """Say what a text, a picture or a sound is: classes, with their scores.

    Without TEXT, standard input is the text. A pipe gets a line for each class: label and score,
    with a tab between, and before them the input, where there are several.
    """
    method, options = _method(given)
    perform(given, method, _inputs(given), options)


def _method(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    kinds = [name for name in ("words", "images", "sounds") if given[name]]
    if len(kinds) > 1:
        raise click.UsageError("Text, --image and --audio exclude each other.")
    labels = [label.strip() for label in (given["labels"] or "").split(",") if label.strip()]
    if not labels:
        if given["multi_label"]:
            raise click.UsageError("--multi-label needs --labels.")
        by_kind = {"images": "image_classification", "sounds": "audio_classification"}
        method = by_kind.get(kinds[0] if kinds else "words", "text_classification")
        return method, shared.given(given, "top_k")
    if given["top_k"] is not None or given["sounds"]:
        raise click.UsageError("--labels and --top, or --audio, exclude each other.")
    options: dict[str, Any] = {"candidate_labels": labels}
    if given["images"]:
        if given["multi_label"]:
            raise click.UsageError("--multi-label is for texts.")
        return "zero_shot_image_classification", options
    if given["multi_label"]:
        options["multi_label"] = True
    return "zero_shot_classification", options


def _inputs(given: Mapping[str, Any]) -> Sequence[tuple[str | None, Any]]:
    files = given["images"] or given["sounds"]
    if files:
        return [(path if len(files) > 1 else None, inputs.medium(path)) for path in files]
    if given["lines"]:
        return [(line, line) for line in inputs.lines(given["words"])]
    return [(None, inputs.text(given["words"]))]
