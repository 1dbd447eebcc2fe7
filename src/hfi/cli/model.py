"""``hfi model``: what the Hub knows of one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from hfi.cli import options as shared
from hfi.cli.failure import Command
from hfi.cli.screen import Screen
from hfi.cli.shapes import json_line, model_object
from hfi.cli.tables import Column, short_number, tabbed, write_facts, write_table

if TYPE_CHECKING:
    from hfi.types.models import ModelInfo

__all__ = ["model"]

_MOST_TAGS = 12

_PROVIDERS = (
    Column(heading="provider"),
    Column(heading="task", rank=2),
    Column(heading="status", rank=1),
    Column(heading="its id", rank=3, least=16),
)
_TEMPLATES = (Column(heading="template", least=16), Column(heading="characters", right=True))


@click.command(
    cls=Command,
    epilog=shared.examples(
        "hfi model Qwen/Qwen2.5-7B-Instruct",
        "hfi model flux",
        "hfi model llama-3.3-70b --json | jq -r .chat_templates.default",
    ),
)
@click.argument("name", metavar="ID")
@click.option("--revision", metavar="NAME", help="A branch, a tag or a commit.")
@shared.json_form("Write all that is known as one JSON object.")
@shared.timeout
@shared.debug
def model(**given: Any) -> None:
    """Show what the Hub knows of a model.

    ID is a model's id, or one of hfi's short names. A pipe gets a line for each fact, its name
    and its values with tabs between.
    """
    from hfi import Client

    with ExitStack() as stack:
        client = stack.enter_context(Client(**shared.client_options(given)))
        screen = stack.enter_context(Screen())
        screen.status("Asking the Hub")
        info = client.model_info(given["name"], revision=given["revision"])
        screen.stop_status()
        if given["as_json"]:
            screen.line(json_line(model_object(info)))
        elif screen.shown:
            _draw(screen, info)
        else:
            _write_lines(screen, info)


def _facts(info: ModelInfo) -> list[tuple[str, object]]:
    """Names and values of what is known, plain numbers and all tags among them."""
    facts: list[tuple[str, object]] = [
        ("model", info.id),
        ("task", info.pipeline_tag),
        ("library", info.library_name),
        ("licence", info.license),
        ("gated", info.gated or "no"),
        ("context", info.context_length),
        ("parameters", info.parameters),
        ("downloads", info.downloads),
        ("likes", info.likes),
        ("changed", info.last_modified.date() if info.last_modified else None),
        ("made from", ", ".join(info.base_models) or None),
        ("tags", ", ".join(info.tags) or None),
    ]
    return [(name, value) for name, value in facts if value is not None]


def _shown(info: ModelInfo, name: str, value: object) -> str:
    """A fact as a terminal shows it."""
    if name in ("parameters", "downloads", "likes") and isinstance(value, int):
        return short_number(value) or ""
    if name == "context":
        return f"{value} tokens"
    if name == "gated" and info.gated:
        granted = "at once" if info.gated == "auto" else "by the author"
        return f"yes, access is granted {granted}"
    if name == "tags":
        # The prefixed ones say again what stands above.
        tags = [tag for tag in info.tags if ":" not in tag]
        more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
        return ", ".join(tags[:_MOST_TAGS]) + more
    return str(value)


def _draw(screen: Screen, info: ModelInfo) -> None:
    facts = [(name, _shown(info, name, value)) for name, value in _facts(info)]
    if not info.providers:
        facts.append(("providers", "none"))
    if not info.chat_templates:
        facts.append(("template", "none"))
    write_facts(screen, [(name, value) for name, value in facts if value])
    if info.providers:
        screen.line("")
        rows = [
            [entry.provider, entry.task, entry.status, entry.provider_id]
            for entry in info.providers
        ]
        write_table(screen, _PROVIDERS, rows)
    if info.chat_templates:
        screen.line("")
        sizes = [[name, str(len(text))] for name, text in info.chat_templates.items()]
        write_table(screen, _TEMPLATES, sizes)


def _write_lines(screen: Screen, info: ModelInfo) -> None:
    for name, value in _facts(info):
        screen.line(tabbed([name, value]))
    for entry in info.providers:
        values = ["provider", entry.provider, entry.task, entry.status, entry.provider_id]
        screen.line(tabbed(values))
    for name, text in info.chat_templates.items():
        screen.line(tabbed(["template", name, len(text)]))
