"""A broken stream taken up again: the further replies of one answer."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING

import attrs

from hfi._async.base import retry_policy
from hfi._concurrency import async_pause
from hfi._network.failures import without_frames
from hfi.errors import HFIError

if TYPE_CHECKING:
    from hfi._async.reply import AsyncReply
    from hfi._async.transport import AsyncTransport
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.line.closing import Closing
    from hfi._core.resuming.resumption import Resumption

if sys.version_info >= (3, 11):
    from typing import Self
else:
    from typing_extensions import Self

__all__ = ["AsyncResuming"]

# Between two tries to take an answer up again: a server that was restarted needs a while.
PAUSE = 0.5


class AsyncResuming:
    """Asks for the rest of an answer whose stream broke off."""

    def __init__(
        self, transport: AsyncTransport, config: ClientConfig, resumption: Resumption
    ) -> None:
        self._transport = transport
        self._config = config
        self._resumption = resumption
        self._began = monotonic()
        self._before: float | None = None

    @classmethod
    def of(
        cls, transport: AsyncTransport, config: ClientConfig, resumption: Resumption | None
    ) -> Self | None:
        """The same, or None where an answer is not to be taken up again."""
        return None if resumption is None else cls(transport, config, resumption)

    async def go_on(
        self, reply: AsyncReply, error: HFIError, closing: Closing
    ) -> AsyncReply | None:
        """The reply with the rest, or None where there is none; ``error`` then says why.

        Args:
            reply: The one that broke off.
            error: How.
            closing: The stream's: whether somebody still waits for it.
        """
        if self._before is None:
            self._before = reply.before
        if reply.watch is not None:
            reply.watch.failed(error)
        await reply.aclose()
        while True:
            elapsed = monotonic() - self._began
            request = self._resumption.next(error, elapsed=elapsed) if not closing.asked() else None
            if request is None:
                error.earlier = (*reply.facts.earlier, *self._resumption.earlier)
                return None
            try:
                other = await self._transport.open(
                    request,
                    timeout=self._resumption.timeout(elapsed),
                    retry=retry_policy(self._config),
                    closing=closing,
                )
            except HFIError as fault:
                if not self._resumption.failed(error, fault):
                    error.earlier = (*reply.facts.earlier, *self._resumption.earlier)
                    return None
                without_frames(fault)
            else:
                break
            await async_pause(PAUSE, closing.asked)
        without_frames(error)
        before = attrs.evolve(reply.facts, first_token=reply.meta.first_token)
        other.facts = self._resumption.begin(error, before, other.facts)
        other.before = self._before + elapsed
        return other
