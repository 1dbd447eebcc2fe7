"""The terminal: ``hfi chat "Hello"`` (extra ``cli``)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hfi.cli.exit_codes import INTERRUPTED, USAGE
from hfi.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line, ``sys.argv`` where ``args`` is None, and gives its exit code."""
    try:
        from hfi.cli.commands import program
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "click":
            raise
        missing = MissingExtraError(
            "The command hfi needs the package click, which is not installed.",
            hint='Install it with `pip install "hfi[cli]"`.',
        )
        print(f"hfi: {missing}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return program.run(args)
