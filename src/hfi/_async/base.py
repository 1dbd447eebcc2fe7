"""What every capability of the client stands on: configuration, transport, embedded server."""

from __future__ import annotations

import sys
import warnings
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from hfi._async.lookups import AsyncLookups
from hfi._async.transport import AsyncTransport
from hfi._concurrency import async_to_thread
from hfi._core.observe.masking import masked_options
from hfi._core.outgoing.options import check_names
from hfi._environment import read_world, user_agent
from hfi._telemetry import follow_environment
from hfi.errors import ClientClosedError
from hfi.types.options import ClientOptions, TransportOptions
from hfi.types.settings import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.failures.retry import RetryPolicy
    from hfi._core.routing import LocalEndpoint

if sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    from typing_extensions import Self, Unpack

__all__ = ["AsyncBase", "connected", "notebook_waits", "notebook_work", "retry_policy"]


_rooms: dict[str, Any] = {}

# What a client makes for itself, and does not take along to another process.
_MADE_ANEW = frozenset({"_lookups", "_owns_transport", "_relatives", "_transport", "_warned"})


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
        self._relatives: dict[tuple[tuple[str, Any], ...], Self] = {}

    def with_options(self, **changes: Unpack[ClientOptions]) -> Self:
        """A client that differs in some options, sharing this one's connections where it can.

        Changing ``proxy``, ``verify``, ``limits``, ``engine``, ``transport`` or ``event_hooks``
        needs connections of its own. Closing the new client leaves this one open; closing this
        one closes what they share.

        Raises:
            ConfigurationError: An unknown option, or options that do not fit together.
        """
        masked_options(changes)
        check_names(changes, ClientOptions)
        line = cast(TransportOptions, {**self._line, **_only(changes, TransportOptions)})
        rest = {name: value for name, value in changes.items() if name not in line}
        shares = line == self._line
        other = type(self).__new__(type(self))
        AsyncBase.__init__(
            other,
            self._config.evolve(**rest),
            self._transport if shares else connected(line),
            line,
            owns_transport=not shares,
        )
        if shares:
            other._lookups = self._lookups
        return other

    def __copy__(self) -> Self:
        return self.with_options()

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Self:
        other = type(self).__new__(type(self))
        AsyncBase.__init__(other, self._config, connected(self._line), self._line)
        other._closed = self._closed
        return other

    def __getstate__(self) -> dict[str, Any]:
        from hfi._pickling import check_pickles

        line, token = self._line, self._config.token
        check_pickles(
            {
                "token": None if isinstance(token, bool) or token is None else token.value,
                "on_wait": self._config.on_wait,
                **{name: line.get(name) for name in ("event_hooks", "transport", "verify")},
            }
        )
        return {name: value for name, value in vars(self).items() if name not in _MADE_ANEW}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
        world = read_world()
        follow_environment(world.environ)
        closed, config = self._closed, self._config.rebase(world)
        AsyncBase.__init__(self, config, connected(self._line), self._line)
        self._closed = closed

    def __repr__(self) -> str:
        if "_config" not in vars(self):  # it is just being made; a traceback may ask all the same
            return f"<hfi.{type(self).__name__}>"
        state = "closed" if self._closed else "open"
        return f"<hfi.{type(self).__name__} {self._config.summary()} {state}>"

    async def aclose(self) -> None:
        """Closes the client's connections; closing twice is fine."""
        self._closed = True
        for relative in self._relatives.values():
            await relative.aclose()
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

    async def _room(self, name: str) -> Any:
        """The module of this package that does a method's work, imported when it is first needed.

        Away from the event loop, which an import would hold up for some 50 ms.
        """
        room = _rooms.get(name)
        if room is None:  # not sys.modules: what stands there may still be half imported
            room = await async_to_thread(import_module, f"{__package__}.{name}")
            _rooms[name] = room
        return room

    async def _local_endpoint(self, config: ClientConfig) -> LocalEndpoint | None:
        """The embedded model's server, started where the configuration asks for it."""
        if not config.is_local:
            return None
        from hfi._core.routing import LocalEndpoint
        from hfi.local import shared_server

        server = await async_to_thread(shared_server, config.local_model)
        return LocalEndpoint(url=server.url, api_key=server.api_key, model=server.model)


def _only(options: Mapping[str, Any], names: type) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in names.__annotations__}


def connected(line: TransportOptions) -> AsyncTransport:
    """The transport for these options."""
    return AsyncTransport(
        limits=line.get("limits") or DEFAULT_LIMITS,
        proxy=line.get("proxy"),
        verify=line.get("verify", True),
        user_agent=user_agent(),
        engine=line.get("engine", "auto"),
        transport=line.get("transport"),
        event_hooks=line.get("event_hooks"),
    )


def retry_policy(config: ClientConfig) -> RetryPolicy:
    """What a call may try again, and how long it waits for a cold model."""
    from hfi._core.failures.retry import RetryPolicy

    return RetryPolicy(
        max_retries=config.max_retries, max_wait=config.max_wait, on_wait=config.on_wait
    )


def notebook_waits() -> Callable[..., object] | None:
    """What shows waits in a notebook, for clients that nobody told whom to tell; elsewhere None."""
    if "ipykernel" not in sys.modules:
        return None
    from hfi.notebook.waits import show_wait

    return show_wait


def notebook_work(on_wait: object, thing: str | None) -> AbstractContextManager[object]:
    """What shows in a notebook that something is being made; elsewhere nothing."""
    if thing is None or "ipykernel" not in sys.modules:
        return nullcontext()
    from hfi.notebook.waits import working

    return working(on_wait, thing)
