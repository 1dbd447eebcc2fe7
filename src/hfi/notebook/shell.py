"""The shell of a notebook, if this is one."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["notebook_shell"]


def notebook_shell() -> Any:
    """IPython's shell where it stands behind a notebook, else None; imports nothing to find out."""
    ipython = sys.modules.get("IPython")
    if ipython is None:
        return None
    shell = ipython.get_ipython()
    # A shell in a terminal has no kernel, and could not change what it printed.
    return shell if getattr(shell, "kernel", None) is not None else None
