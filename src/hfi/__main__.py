"""``python -m hfi`` is the command ``hfi``."""

from __future__ import annotations

import sys

from hfi.cli import main

if __name__ == "__main__":
    sys.exit(main())
