"""Lists of images as a grid."""

from __future__ import annotations

from typing import Any

from hfi.types.media import Image
from hfi.types.rendering import images_html

__all__ = ["hide_grids", "show_grids"]


def show_grids(shell: Any) -> None:
    """Has a shell show a list of images as pictures; other lists stay as they are."""
    shell.display_formatter.formatters["text/html"].for_type(list, _grid)


def hide_grids(shell: Any) -> None:
    """Undoes it."""
    formatter = shell.display_formatter.formatters["text/html"]
    if formatter.type_printers.get(list) is _grid:
        formatter.pop(list)


def _grid(values: list[Any]) -> str | None:
    if not values or not all(isinstance(value, Image) for value in values):
        return None
    return images_html(values)
