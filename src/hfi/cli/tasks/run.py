"""``hfi run``: any task, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.saving import check_output, save
from hfi.cli.screen import Screen
from hfi.cli.tables import Column, tabbed, write_table
from hfi.cli.tasks import inputs
from hfi.cli.tasks.calls import opened, perform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi._core.tasks.task import Task

__all__ = ["run"]

# Tasks that give a list, each item of which holds a file.
_PARTS = {"audio_to_audio": "audio", "image_segmentation": "mask"}
_TASKS = (Column(heading="task"), Column(heading="takes", least=12), Column(heading="gives"))


def _names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from hfi._core.tasks.catalogue import methods

    names = (method.replace("_", "-") for method in methods())
    return sorted(name for name in names if name.startswith(incomplete))


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi run                               # the tasks there are",
        'hfi run fill-mask "The capital of France is [MASK]."',
        'hfi run question-answering "Who came?" -p context=@story.txt',
        "hfi run object-detection street.jpg garden.jpg --jsonl",
        "hfi run translation -p src_lang=en -p tgt_lang=fr --lines < lines.txt",
    ),
)
@click.argument("task", required=False, shell_complete=_names)
@click.argument("words", nargs=-1, metavar="[INPUT]...", type=click.Path(path_type=str))
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A further input or option of the task, JSON or text; @FILE reads it; repeatable.",
)
@click.option(
    "-o", "--output", metavar="FILE", help="Where to save what it makes; several are numbered."
)
@click.option("--lines", is_flag=True, help="Take each line, or INPUT, for a text of its own.")
@shared.who_works
@shared.json_form("Write the result as one JSON object, or an array for several inputs.")
@shared.jsonl_form("Write the result of each input as one JSON object a line.")
@shared.debug
def run(**given: Any) -> None:
    """Do a TASK of the Hub, such as summarization or image-classification.

    INPUT is text, or, for tasks about pictures, sounds and films, files or URLs; without it
    standard input is read. A pipe gets a text as it is, and a list as lines with tabs between
    their fields. Without a TASK all are listed.
    """
    if given["task"] is None:
        _list(given)
        return
    from hfi._core.tasks.catalogue import task_of

    task = task_of(given["task"].replace("-", "_"))
    options = inputs.parameters(given["params"])
    _check_complete(task, options)
    if task.gives is not None or (given["output"] is not None and task.method in _PARTS):
        _make(task, given, options)
    elif given["output"] is not None:
        raise click.UsageError(f"{task.name} makes no file; leave -o out.")
    else:
        perform(given, task.method, _inputs(task, given), options)


def _check_complete(task: Task, options: Mapping[str, Any]) -> None:
    """Finds out whether all inputs but the first, which is no parameter, are given."""
    from inspect import Parameter, signature

    from hfi import Client

    _, first, *others = signature(getattr(Client, task.method)).parameters.values()
    if first.name in options:
        raise click.UsageError(f"{first.name} is the INPUT: give it without -p.")
    for other in others:
        needed = other.default is Parameter.empty and other.kind is not Parameter.VAR_KEYWORD
        if needed and other.kind is not Parameter.KEYWORD_ONLY and other.name not in options:
            raise click.UsageError(f"{task.name} needs {other.name}: give -p {other.name}=...")


def _inputs(task: Task, given: Mapping[str, Any]) -> Sequence[tuple[str | None, Any]]:
    """The first argument of each call, with its name where there are several."""
    words: Sequence[str] = given["words"]
    if task.inputs[0] in task.media:
        paths = words or ("-",)
        return [(path if len(paths) > 1 else None, inputs.medium(path)) for path in paths]
    if given["lines"]:
        return [(line, line) for line in inputs.lines(words)]
    text = inputs.text(words)
    if "table" in task.inputs[0]:
        text = inputs.parameters([f"table={text}"])["table"]
    return [(None, text)]


def _make(task: Task, given: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Does a task that makes a file."""
    if given["output"] is None:
        raise click.UsageError(f"{task.name} makes a file. Name it after -o; - is standard output.")
    if given["as_jsonl"] or given["lines"]:
        raise click.UsageError("--jsonl and --lines are for tasks that make no file.")
    part = _PARTS.get(task.method)
    thing = task.gives or str(part)
    check_output(given["output"], thing=thing, as_json=given["as_json"])
    ((_, first), *more) = _inputs(task, given)
    if more:
        raise click.UsageError(f"{task.name} takes one file.")
    doing = f"Making the {thing}"
    with opened(given) as (client, screen):
        screen.status(doing)
        made = getattr(client, task.method)(
            first,
            on_wait=lambda waiting: screen.wait(waiting, thing=thing, after=doing),
            **options,
        )
        screen.stop_status()
        if part is None or made or given["as_json"]:
            files = made if part is None else [getattr(each, part) for each in made]
            save(screen, files, given["output"], as_json=given["as_json"])
        else:
            screen.note("nothing was found")


def _list(given: Mapping[str, Any]) -> None:
    from hfi._core.tasks.catalogue import all_tasks

    if given["as_json"] or given["as_jsonl"]:
        raise click.UsageError("Name a TASK.")
    rows = [[task.name, ", ".join(task.inputs), task.gives or "values"] for task in all_tasks()]
    with Screen() as screen:
        if screen.shown:
            write_table(screen, _TASKS, rows)
        else:
            for row in rows:
                screen.line(tabbed(row))
