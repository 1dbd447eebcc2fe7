"""What every capability of the client stands on: configuration, transport, embedded server."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from hfi._async.lookups import AsyncLookups
from hfi._concurrency import async_to_thread
from hfi._core.failures.retry import RetryPolicy
from hfi._core.routing import LocalEndpoint
from hfi.errors import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from hfi._async.transport import AsyncTransport
    from hfi._core.configuration.config import ClientConfig
    from hfi.types.options import TransportOptions

if sys.version_info >= (3, 11):
    from typing import Self
else:
    from typing_extensions import Self

__all__ = ["AsyncBase"]


class AsyncBase:
    """A configuration and a transport, opened together and closed together."""

    def __init__(
        self,
        config: ClientConfig,
        transport: AsyncTransport,
        line: TransportOptions,
        *,
        owns_transport: bool = True,
    ) -> None:
        self._config = config
        self._transport = transport
        self._line = line
        self._owns_transport = owns_transport
        self._closed = False
        self._warned: set[str] = set()
        self._lookups = AsyncLookups()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"<hfi.{type(self).__name__} {self._config.summary()} {state}>"

    async def aclose(self) -> None:
        """Closes the client's connections; closing twice is fine."""
        self._closed = True
        if self._owns_transport:
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _check_open(self) -> None:
        if self._closed:
            raise ClientClosedError("This client is closed.", hint="Make a new one for this call.")

    def _call_config(self, options: Mapping[str, Any]) -> ClientConfig:
        """The configuration of one call: the client's, with the call's own options over it."""
        self._check_open()
        return self._config.evolve(**options) if options else self._config

    def _warn(self, texts: Iterable[str]) -> None:
        """Tells the caller of a call what it should know, once for each client."""
        for text in texts:
            if text not in self._warned:
                self._warned.add(text)
                warnings.warn(text, stacklevel=3)

    async def _local_endpoint(self, config: ClientConfig) -> LocalEndpoint | None:
        """The embedded model's server, started where the configuration asks for it."""
        if not config.is_local:
            return None
        from hfi.local import shared_server  # noqa: PLC0415 - only who asks for it pays for it

        server = await async_to_thread(shared_server, config.local_model)
        return LocalEndpoint(url=server.url, api_key=server.api_key, model=server.model)


def retry_policy(config: ClientConfig) -> RetryPolicy:
    """What a call may try again, and how long it waits for a cold model."""
    return RetryPolicy(
        max_retries=config.max_retries, max_wait=config.max_wait, on_wait=config.on_wait
    )
