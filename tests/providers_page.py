"""What ``docs/providers.md`` says of the data: the matrix of providers and tasks, the differences.

``scripts/providers --write`` puts it there.
"""

from __future__ import annotations

from collections.abc import Mapping

import differences
from hfi._core.providers import all_providers
from hfi._core.providers.way import Provider, Way

__all__ = ["EXAMPLE", "MARKS", "matrix", "put_into"]

MARKS = {
    "matrix": "<!-- the matrix: written by scripts/providers --write -->",
    "differences": "<!-- the differences: written by scripts/providers --write -->",
}
END = "<!-- end -->"
EXAMPLE = "<!-- the example: a provider in twenty lines -->"

# The tasks that several providers have, a column each.
SHARED = (
    "feature-extraction",
    "text-to-image",
    "image-to-image",
    "image-text-to-image",
    "text-to-video",
    "image-to-video",
    "image-text-to-video",
    "automatic-speech-recognition",
    "text-to-speech",
)
HEADS = ("provider", "chat", "text-generation", *SHARED)


def matrix() -> str:
    """A row for each provider; what few have, in a list below."""
    rows = [HEADS, ("---",) * len(HEADS), *map(_row, all_providers())]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    others = [
        f"- **{each.name}**: {', '.join(f'`{task}`' for task in tasks)}"
        for each in all_providers()
        if (tasks := sorted(each.ways.keys() - set(SHARED)))
    ]
    return "\n".join([*lines, "", "Other tasks:", "", *others])


def _row(provider: Provider) -> tuple[str, ...]:
    own = provider.name == "hf-inference"
    chat = "yes" if provider.chat else ""
    text = "yes" if provider.text or own else ""
    shared = (_cell(provider.ways.get(task)) for task in SHARED)
    return (f"`{provider.name}`", chat, text, *shared)


def _cell(way: Way | None) -> str:
    if way is None:
        return ""
    return "yes" if way.queue is None else "job"


def put_into(page: str) -> str:
    """The page with what the data says between its marks."""
    written: Mapping[str, str] = {"matrix": matrix(), "differences": differences.markdown()}
    for name, mark in MARKS.items():
        before, found, rest = page.partition(mark)
        _, end, after = rest.partition(END)
        if not found or not end:
            raise ValueError(f"The page has no place for the {name}.")
        page = f"{before}{mark}\n\n{written[name]}\n\n{END}{after}"
    return page
