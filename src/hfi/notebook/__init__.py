"""hfi in a notebook: answers that grow in place, ``%%chat``, and bars for waits.

``%load_ext hfi`` loads the magics. The rest needs no loading: values show themselves, ``display()``
of a stream shows it while it is made, and a client without ``on_wait`` shows its waits.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Gives a shell ``%%chat``, and lets lists of images show themselves as a grid."""
    from hfi.notebook.grids import show_grids  # noqa: PLC0415 - IPython is optional
    from hfi.notebook.magic import register_chat  # noqa: PLC0415

    register_chat(shell)
    show_grids(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Takes the magics away again, with their conversation."""
    from hfi.notebook.grids import hide_grids  # noqa: PLC0415 - IPython is optional

    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("chat", None)
    hide_grids(shell)
