"""``hfi image``: a picture, or several, as files."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.saving import check_output, save
from hfi.cli.screen import Screen
from hfi.cli.words import said

if TYPE_CHECKING:
    from hfi.types.media import Image

__all__ = ["IMAGE_OPTIONS", "image"]

IMAGE_OPTIONS = (
    *("aspect_ratio", "width", "height", "seed", "negative_prompt"),
    *("num_inference_steps", "guidance_scale", "n"),
)


_MAKING = "Making the image"


@click.command(
    cls=Command,
    epilog=shared.examples(
        'hfi image "A beautiful landscape." -o landscape.png --aspect-ratio 16:9',
        'hfi image -m flux-schnell -n 4 --seed 7 "A red fox in snow" -o fox.png',
        'hfi image "A cat" -o - | display',
    ),
)
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="Where to save it; the suffix is added where there is none. - is standard output.",
)
@shared.who_works
@shared.picture
@shared.json_form("Write what was saved as one JSON object, or an array with -n.")
@shared.debug
def image(**given: Any) -> None:
    """Make an image of a prompt and save it.

    The paths are written to standard output. With -n the files are numbered: out-1.png,
    out-2.png. A file that is there already is overwritten. The bytes are saved as they came: an
    image is not converted to fit the suffix.
    """
    output, options = given["output"], shared.given(given, *IMAGE_OPTIONS)
    check_output(output, count=options.get("n") or 1, as_json=given["as_json"])
    text = said(given["words"])
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        screen = stack.enter_context(Screen())
        screen.status(_MAKING)
        options["on_wait"] = lambda waiting: screen.wait(waiting, thing="image", after=_MAKING)
        made: Image | list[Image] = client.text_to_image(text, **options)
        screen.stop_status()
        save(screen, made, output, as_json=given["as_json"])
