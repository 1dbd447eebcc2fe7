"""Next steps that more than one error tells."""

from __future__ import annotations

__all__ = ["NO_API"]

NO_API = "The server, or a proxy before it, is at fault: check that base_url leads to an API."
"""The next step where a reply is larger, deeper or other than any API's."""
