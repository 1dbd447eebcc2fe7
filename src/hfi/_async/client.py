"""The client: one configuration, one connection pool, and the methods of every capability."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from hfi._async.base import AsyncBase
from hfi._async.chat import AsyncChatMethods
from hfi._async.explain import AsyncExplainMethods
from hfi._async.hub import AsyncHubMethods
from hfi._async.images import AsyncImageMethods
from hfi._async.text import AsyncTextMethods
from hfi._async.transport import AsyncTransport
from hfi._core.configuration.config import resolve
from hfi._core.observe.masking import masked, masked_options, masked_url
from hfi._core.outgoing.options import check_names
from hfi._environment import read_world, user_agent
from hfi._pickling import check_pickles
from hfi._telemetry import follow_environment
from hfi.errors import ConfigurationError
from hfi.types.options import ClientOptions, TransportOptions
from hfi.types.settings import DEFAULT_LIMITS, DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hfi.types.settings import Limits, Timeout

if sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    from typing_extensions import Self, Unpack

__all__ = ["AsyncClient"]

# What a client makes for itself, and does not take along to another process.
_MADE_ANEW = frozenset({"_lookups", "_owns_transport", "_transport", "_warned"})


class AsyncClient(
    AsyncChatMethods,
    AsyncTextMethods,
    AsyncImageMethods,
    AsyncHubMethods,
    AsyncExplainMethods,
    AsyncBase,
):
    """A client of Hugging Face inference and of any OpenAI-compatible server.

    Making one reads the environment once and opens no connection. It is a context manager; closing
    it closes its connections. One client serves any number of calls at once.

    It can be pickled: its configuration goes along, with a token that was given; a token that was
    found is looked for again where it arrives, and connections are made anew.

    Args:
        model: The model of calls that name none: an id such as ``"org/name"``, optionally with a
            policy or provider suffix (``":fastest"``, ``":groq"``), or the URL of a server.
        token: None finds one in the environment and sends it to Hugging Face alone; a string or a
            callable is sent wherever the client points; True sends the found one there; False
            sends none.
        provider: ``"auto"``, ``"local"`` for the embedded model, a provider's name, or a sequence
            of names to fall over along.
        base_url: A server of your own, such as ``"http://localhost:8080"``.
        bill_to: The organisation that pays for routed calls.
        timeout: A ``Timeout``, or a number of seconds of silence allowed, or None for no limits.
        max_retries: Further attempts after one that failed for a passing reason.
        max_wait: Seconds to wait for a model that is still loading.
        proxy: The URL of a proxy; None follows the environment.
        verify: Whether to verify certificates, or the path of a CA bundle, or an SSL context.
        headers: Headers for every request.
        limits: Bounds of the connection pool.
        engine: The HTTP engine: ``"auto"`` or ``"default"``.
        transport: An ``httpx`` transport to use in place of the connection pool.
        aliases: Short names for models, added to the built-in ones; of several models that one
            stands for, the first is taken.
        event_hooks: Functions to call with each ``"request"`` and each ``"response"``.
        on_wait: Called before each wait for a model that is loading.

    Raises:
        ConfigurationError: The arguments do not fit together.
    """

    __module__ = "hfi"

    def __init__(  # noqa: PLR0913 - the public contract: one keyword per decision
        self,
        model: str | None = None,
        *,
        token: str | Callable[[], str] | bool | None = None,
        provider: str | Sequence[str] = "auto",
        base_url: str | None = None,
        bill_to: str | None = None,
        timeout: float | Timeout | None = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        max_wait: float | None = 120.0,
        proxy: str | None = None,
        verify: Any = True,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        engine: str = "auto",
        transport: Any = None,
        aliases: Mapping[str, str | Sequence[str]] | None = None,
        event_hooks: Mapping[str, Sequence[Callable[..., Any]]] | None = None,
        on_wait: Callable[..., Any] | None = None,
    ) -> None:
        # Tools that print tracebacks print variables too, and some arguments cannot be right.
        token, proxy, headers = masked(token), masked(proxy), masked(headers)
        model, base_url = masked_url(model), masked_url(base_url)
        world = read_world()
        follow_environment(world.environ)
        config = resolve(
            world,
            model=model,
            token=token,
            provider=provider,
            base_url=base_url,
            bill_to=bill_to,
            timeout=timeout,
            max_retries=max_retries,
            max_wait=max_wait,
            headers=headers,
            aliases=aliases,
            on_wait=on_wait,
        )
        line: TransportOptions = {
            "proxy": proxy,
            "verify": verify,
            "limits": limits,
            "engine": engine,
            "transport": transport,
            "event_hooks": event_hooks,
        }
        super().__init__(config, _connected(line), line)

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
            self._transport if shares else _connected(line),
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
        AsyncBase.__init__(other, self._config, _connected(self._line), self._line)
        other._closed = self._closed
        return other

    def __getstate__(self) -> dict[str, Any]:
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
        AsyncBase.__init__(self, config, _connected(self._line), self._line)
        self._closed = closed


def _only(options: Mapping[str, Any], names: type) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in names.__annotations__}


def _connected(line: TransportOptions) -> AsyncTransport:
    """The transport for these options."""
    engine = line.get("engine", "auto")
    if engine not in ("auto", "default"):
        raise ConfigurationError(
            f"There is no engine {engine!r}.", hint="It is 'auto' or 'default'."
        )
    return AsyncTransport(
        limits=line.get("limits") or DEFAULT_LIMITS,
        proxy=line.get("proxy"),
        verify=line.get("verify", True),
        user_agent=user_agent(),
        transport=line.get("transport"),
        event_hooks=line.get("event_hooks"),
    )
