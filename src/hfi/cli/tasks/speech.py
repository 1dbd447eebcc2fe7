"""``hfi transcribe`` and ``hfi speak``: sounds to text, and text to sounds."""

from __future__ import annotations

from typing import Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.saving import check_output, save
from hfi.cli.tasks import inputs
from hfi.cli.tasks.calls import opened, perform

__all__ = ["speak", "transcribe"]


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi transcribe talk.mp3 > talk.txt",
        "hfi transcribe --timestamps --json talk.mp3",
        "hfi transcribe *.wav --jsonl",
        "arecord -d 5 -f cd | hfi transcribe",
    ),
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=str))
@click.option("--timestamps", is_flag=True, help="Ask when each part was said, for --json.")
@shared.who_works
@shared.json_form("Write the transcription as one JSON object, or an array for several files.")
@shared.jsonl_form("Write the transcription of each file as one JSON object a line.")
@shared.debug
def transcribe(**given: Any) -> None:
    """Write down what is said in sounds.

    FILE is a path or a URL; without one, standard input is a sound. Of several files a pipe gets
    a line each, the name first, with a tab between.
    """
    files = given["files"] or ("-",)
    sounds = [(path if len(files) > 1 else None, inputs.medium(path)) for path in files]
    options = {"return_timestamps": True} if given["timestamps"] else {}
    perform(given, "automatic_speech_recognition", sounds, options)


@click.command(
    cls=Command,
    epilog=shared.examples(
        'hfi speak "Good morning." -o morning',
        "hfi speak -m hexgrad/Kokoro-82M -o story.wav < story.txt",
        'hfi speak "Hello" -o - | aplay',
    ),
)
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="Where to save it; the suffix is added where there is none. - is standard output.",
)
@shared.who_works
@shared.json_form("Write what was saved as one JSON object.")
@shared.debug
def speak(**given: Any) -> None:
    """Say a text, and save the sound.

    Without TEXT, standard input is said. The path is written to standard output. The bytes are
    saved as they came: a sound is not converted to fit the suffix.
    """
    check_output(given["output"], thing="sound", as_json=given["as_json"])
    text = inputs.text(given["words"])
    doing = "Making the sound"
    with opened(given) as (client, screen):
        screen.status(doing)
        sound = client.text_to_speech(
            text, on_wait=lambda waiting: screen.wait(waiting, thing="sound", after=doing)
        )
        screen.stop_status()
        save(screen, sound, given["output"], as_json=given["as_json"])
