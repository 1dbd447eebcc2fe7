"""A call that is made of one provider after another until one answers."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from hfi._network.failures import without_frames
from hfi.errors import HFIError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfi._core.fall_over import Tour

__all__ = ["in_turn"]


async def in_turn(tour: Tour, ask: Callable[[Tour], Any]) -> Any:
    """What the first provider answers that can.

    Args:
        tour: The providers.
        ask: Makes the call of the provider that is its turn; it must have the beginning of a
            stream before it gives one.

    Raises:
        HFIError: What the last one said, or what no other could have cured; ``.earlier`` holds
            what came before.
    """
    began = monotonic()
    while True:
        try:
            return await ask(tour)
        except HFIError as error:
            if not tour.goes_on(error, elapsed=monotonic() - began):
                raise
            without_frames(error)
