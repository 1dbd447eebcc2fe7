"""``hfi image``: a picture, or several, as files."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command, warn
from hfi.cli.screen import Screen, is_terminal
from hfi.cli.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

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
@shared.who_paints
@shared.picture
@shared.debug
def image(**given: Any) -> None:
    """Make an image of a prompt and save it.

    The paths are written to standard output. With -n the files are numbered: out-1.png,
    out-2.png. A file that is there already is overwritten. The bytes are saved as they came: an
    image is not converted to fit the suffix.
    """
    output, options = given["output"], shared.given(given, *IMAGE_OPTIONS)
    _check_output(output, options.get("n"))
    text = said(given["words"])
    from hfi import Client  # noqa: PLC0415 - 0.2 s of imports

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        screen = stack.enter_context(Screen())
        screen.status(_MAKING)
        options["on_wait"] = lambda waiting: screen.wait(waiting, thing="image", after=_MAKING)
        made: Image | list[Image] = client.text_to_image(text, **options)
        screen.stop_status()
        if output == "-":
            first = made[0] if isinstance(made, list) else made
            screen.exactly(first.bytes)
        elif isinstance(made, list):
            _save(screen, made, _numbered(output, len(made)))
        else:
            _save(screen, [made], [Path(output)])


def _check_output(output: str, n: int | None) -> None:
    """Finds out before the image is paid for whether it can be saved."""
    if output == "-":
        if (n or 1) > 1:
            raise click.UsageError("Standard output takes one image: leave -n out.")
        if is_terminal(sys.stdout):
            raise click.UsageError("A terminal cannot show an image. Name a file after -o.")
        return
    target = Path(output).expanduser()
    folder = target.parent
    if target.is_dir() or not target.name:
        raise click.UsageError(f"{output} is a folder. Name a file after -o.")
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder}.")
    if not os.access(folder, os.W_OK):
        raise click.UsageError(f"Nothing may be written in the folder {folder}.")


def _numbered(output: str, count: int) -> list[Path]:
    path = Path(output)
    width = len(str(count))
    return [
        path.with_name(f"{path.stem}-{number:0{width}}{path.suffix}")
        for number in range(1, count + 1)
    ]


def _save(screen: Screen, images: Sequence[Image], paths: Sequence[Path]) -> None:
    for made, path in zip(images, paths, strict=True):
        try:
            saved = made.save(path)
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
        screen.line(str(saved))
        screen.note(_facts(made))
        if saved.suffix.lower() not in _suffixes(made):
            warn(f"{saved} holds {made.content_type}: that is what came.")


def _suffixes(made: Image) -> tuple[str, ...]:
    return (".jpg", ".jpeg") if made.suffix == ".jpg" else (made.suffix, f"{made.suffix}f")


def _facts(made: Image) -> str:
    size = f"{made.width}x{made.height}" if made.width and made.height else made.content_type
    seed = f"seed {made.seed}" if made.seed is not None else None
    by = f"by {made.provider}" if made.provider else None
    return ", ".join(fact for fact in (size, seed, made.model, by) if fact)
