"""The client: one configuration, one connection pool, and the methods of every capability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._async.audio import AsyncAudioMethods
from hfi._async.base import connected, notebook_waits
from hfi._async.embeddings import AsyncEmbeddingMethods
from hfi._async.explain import AsyncExplainMethods
from hfi._async.prompt import AsyncPromptMethods
from hfi._async.run import AsyncRunMethods
from hfi._async.servers import AsyncServerMethods
from hfi._async.table_tasks import AsyncTableTaskMethods
from hfi._async.text import AsyncTextMethods
from hfi._async.text_tasks import AsyncTextTaskMethods
from hfi._async.video import AsyncVideoMethods
from hfi._async.vision import AsyncVisionMethods
from hfi._core.configuration.config import resolve
from hfi._core.observe.masking import masked, masked_url
from hfi._environment import read_world
from hfi._telemetry import follow_environment
from hfi.types.settings import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hfi.types.options import TransportOptions
    from hfi.types.settings import Limits, Timeout

__all__ = ["AsyncClient"]


class AsyncClient(
    AsyncRunMethods,
    AsyncTextMethods,
    AsyncPromptMethods,
    AsyncTextTaskMethods,
    AsyncTableTaskMethods,
    AsyncVisionMethods,
    AsyncAudioMethods,
    AsyncVideoMethods,
    AsyncEmbeddingMethods,
    AsyncServerMethods,
    AsyncExplainMethods,
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
        engine: The HTTP engine: ``"default"``, ``"fast"`` (the extra of that name), or ``"auto"``
            for the fast one where it is installed and can do what the client was asked for.
        transport: An ``httpx`` transport to use in place of the connection pool.
        aliases: Short names for models, added to the built-in ones; of several models that one
            stands for, the first is taken.
        event_hooks: Functions to call with each ``"request"`` and each ``"response"``.
        on_wait: Called with a ``Waiting`` before each wait, for a model that is loading, a job or
            a retry, and once more, with ``done``, when the waiting is over. In a
            notebook a bar shows them where none is given.

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
            on_wait=notebook_waits() if on_wait is None else on_wait,
        )
        line: TransportOptions = {
            "proxy": proxy,
            "verify": verify,
            "limits": limits,
            "engine": engine,
            "transport": transport,
            "event_hooks": event_hooks,
        }
        super().__init__(config, connected(line), line)
