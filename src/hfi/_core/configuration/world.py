"""What configuration reads of the world outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

__all__ = ["World"]


def _no_secret() -> str | None:
    return None


@attrs.frozen(kw_only=True)
class World:
    """What configuration reads of the world outside; made by ``hfi._environment.read_world``.

    Attributes:
        environ: The environment's variables.
        read_text: Gives a file's text, or None where it is absent or unreadable.
        home: The user's home directory.
        secrets: Gives the notebook's secret ``HF_TOKEN``, or None; it may ask the user.
    """

    environ: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    read_text: Callable[[str], str | None] = attrs.field(default=lambda _: None, repr=False)
    home: str = "~"
    secrets: Callable[[], str | None] = attrs.field(default=_no_secret, repr=False)
