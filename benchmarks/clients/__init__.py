"""The clients that are measured, one module each, all with the same small interface.

``Sync`` and ``Async`` are made with a base URL that ends in ``/v1``; ``call()`` gives the text of
an answer, ``stream()`` reads a whole streamed answer and gives the number of its chunks, ``hold()``
opens a stream, reads its first chunk and gives whatever keeps it open, ``close()`` ends it all.
``IMPORT`` is the line that imports the library, ``MAKE`` the one that makes a client too, and
``FIRST`` what a program for a single call says, ``{url}`` being where to.
A client that cannot do something lacks the method, and is left out of that row.
"""

from __future__ import annotations

from typing import Any

MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "Say something about the weather."}]
BODY = {"model": "m", "messages": MESSAGES}
CONNECTIONS = 4000  # no client's own bound shall be what is measured
