"""Falling over from one provider to the next: on which errors, as data, and in what order."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

from hfi import errors
from hfi._core.configuration.urls import parse_url
from hfi.errors import HFIError
from hfi.types.changing import changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfi._core.configuration.config import ClientConfig
    from hfi._core.routing import Route
    from hfi.types.meta import CallMeta
    from hfi.types.waiting import Waiting

__all__ = ["CHAT_TASKS", "OTHER_TASKS", "Cure", "Tour", "cure"]


class Cure(Enum):
    """Who may do better after an error."""

    NOBODY = "nobody"
    ELSEWHERE = "another provider, behind another host"
    ANYBODY = "another provider"


CHAT_TASKS = "chat, text-generation"
OTHER_TASKS = "other tasks"


@attrs.frozen(kw_only=True)
class _Rule:
    """One kind of error.

    Attributes:
        error: Its class.
        cure: Who may do better.
        words: What its ``.phase``, ``.kind`` or ``.code`` must be; empty is any.
        told: What its message must hold.
    """

    error: type[HFIError]
    cure: Cure = Cure.ANYBODY
    words: tuple[str, ...] = ()
    told: str = ""

    def fits(self, error: HFIError) -> bool:
        """Whether this rule is about ``error``."""
        if not isinstance(error, self.error) or self.told not in error.message.lower():
            return False
        found = {getattr(error, name, None) for name in ("phase", "kind", "code")}
        return not self.words or not found.isdisjoint(self.words)


# Read from the top; the first rule that fits decides. What fits none is nobody's to cure: a request
# that is wrong (400, 413, 422), a prompt that is too long, and what a filter refused stay so
# everywhere; all providers behind the router get the same token, so that 401 and 403 are as good as
# theirs too, and a wrong token is a mistake to hear of rather than to hide.
_CHAT_RULES: tuple[_Rule, ...] = (
    # The limits of the whole call and of the client leave nothing for others.
    _Rule(error=errors.PoolTimeoutError, cure=Cure.NOBODY),
    _Rule(error=errors.APITimeoutError, words=("total",), cure=Cure.NOBODY),
    # Providers behind the router share its host; one that cannot be reached is as far for all.
    _Rule(error=errors.APITimeoutError, words=("connect",), cure=Cure.ELSEWHERE),
    _Rule(
        error=errors.APIConnectionError,
        words=("refused", "dns", "tls", "proxy"),
        cure=Cure.ELSEWHERE,
    ),
    _Rule(error=errors.APIConnectionError),
    # The provider does not have the model, which some tell with a 400.
    _Rule(error=errors.ModelNotFoundError),
    _Rule(error=errors.ModelNotSupportedError),
    _Rule(error=errors.BadRequestError, words=("model_not_supported",)),
    _Rule(error=errors.BadRequestError, told="not supported by"),
    _Rule(error=errors.PaymentRequiredError),
    _Rule(error=errors.RateLimitError),
    _Rule(error=errors.QuotaExceededError),
    _Rule(error=errors.ConflictError),
    _Rule(error=errors.ModelLoadingError),
    _Rule(error=errors.ServerError),
    # A page, or half an answer.
    _Rule(error=errors.LimitExceededError, cure=Cure.NOBODY),
    _Rule(error=errors.ResponseError),
)
# Other tasks: each provider takes other sizes and options, and has an account of its own with
# Hugging Face, so that 400 and 401 may be its own affair. An image that a provider may have begun
# is paid for: what failed on the way, or at the server, is not given to another as well.
_OTHER_RULES: tuple[_Rule, ...] = (
    _Rule(error=errors.ModelNotFoundError),
    _Rule(error=errors.BadRequestError),
    _Rule(error=errors.AuthenticationError),
    _Rule(error=errors.PaymentRequiredError),
)
_RULES = {CHAT_TASKS: _CHAT_RULES, OTHER_TASKS: _OTHER_RULES}

# What keeps a provider from being asked at all: no token, no route, HF_HUB_OFFLINE.
_UNASKED = (errors.ConfigurationError, errors.OfflineError, errors.ModelNotSupportedError)


def cure(error: HFIError, tasks: str = CHAT_TASKS) -> Cure:
    """Gives who may do better after ``error``, of which nothing was handed out yet."""
    return next((rule.cure for rule in _RULES[tasks] if rule.fits(error)), Cure.NOBODY)


@attrs.frozen
class _Stop:
    name: str
    config: ClientConfig
    host: str | None


class Tour:
    """One call's way along the providers of its configuration.

    Attributes:
        config: The configuration to call with now: that of one provider.
        earlier: What came of the providers before it, with their retries, oldest first.
        notes: In what order providers are asked, and why some are not, a sentence each.
        spent: Seconds that they took.
    """

    def __init__(self, config: ClientConfig, route: Callable[[ClientConfig], Route]) -> None:
        """Begins with the first provider that can be asked.

        Args:
            config: The configuration of the call.
            route: Gives where a call with a configuration goes, or raises where it cannot go; it
                is not asked about the embedded server.

        Raises:
            HFIError: None of them can be asked; this is why the first cannot.
        """
        self.earlier: tuple[HFIError, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.spent = 0.0
        self._requests = 0
        self._loading = 0.0
        self._limits = config
        if len(config.providers) == 1:
            self.config, self._stops = config, [_Stop(config.providers[0], config, None)]
            return
        self._stops, refused = _passable(config, route)
        if not self._stops:
            refused[0][1].earlier = tuple(error for _, error in refused[1:])
            raise refused[0][1]
        self.earlier = tuple(error for _, error in refused)
        self.notes = _notes(self._stops, refused)
        self._enter()

    @property
    def is_last(self) -> bool:
        """Whether no other provider is left to ask."""
        return len(self._stops) == 1

    def goes_on(self, error: HFIError, *, elapsed: float) -> bool:
        """Goes on to the next provider, where one may do better; else makes the error ready.

        Args:
            error: What came of the provider, before any of the answer was handed out.
            elapsed: Seconds since the call began.
        """
        here, *others = self._stops
        who = cure(error)
        if who is Cure.ELSEWHERE:
            others = [stop for stop in others if stop.host != here.host]
        total = self._limits.timeout.total
        in_time = total is None or elapsed - self._loading < total
        # A stream's error may know the earlier ones already.
        new = tuple(each for each in error.earlier if all(each is not e for e in self.earlier))
        if who is Cure.NOBODY or not others or not in_time:
            error.earlier = self.earlier + new
            return False
        self.earlier += (*new, error)
        if not isinstance(error, _UNASKED):
            self._requests += len(new) + 1
        self._stops, self.spent = others, elapsed
        self._enter()
        return True

    def facts(self, meta: CallMeta) -> CallMeta:
        """The facts of the call, with those of the providers before."""
        if not self.earlier:
            return meta
        return changed(
            meta,
            attempts=meta.attempts + self._requests,
            earlier=self.earlier + meta.earlier,
            first_token=_later(meta.first_token, self.spent),
            total=_later(meta.total, self.spent),
        )

    def _enter(self) -> None:
        """Takes up the next provider, with what is left of the call's time."""
        config = self._stops[0].config
        timeout, wait = config.timeout, config.max_wait
        if timeout.total is not None:
            left = timeout.total - (self.spent - self._loading)
            timeout = attrs.evolve(timeout, total=max(left, 0.001))
        if wait is not None:
            wait = max(wait - self._loading, 0.0)
        self.config = attrs.evolve(config, timeout=timeout, max_wait=wait, on_wait=self._on_wait)

    def _on_wait(self, waiting: Waiting) -> None:
        # Waiting for a cold model counts in max_wait, not in the time of the call.
        if waiting.reason == "loading":
            self._loading += waiting.seconds
        if self._limits.on_wait is not None:
            self._limits.on_wait(waiting)


def _passable(
    config: ClientConfig, route: Callable[[ClientConfig], Route]
) -> tuple[list[_Stop], list[tuple[str, HFIError]]]:
    """The providers that can be asked, and why the others cannot, by their names."""
    stops: list[_Stop] = []
    refused: list[tuple[str, HFIError]] = []
    for name in config.providers:
        one = _only(config, name)
        host = None
        if name != "local":
            try:
                host = parse_url(route(one).url, name="url").host
            except _UNASKED as error:
                refused.append((name, error))
                continue
        stops.append(_Stop(name, one, host))
    return stops, refused


def _notes(stops: list[_Stop], refused: list[tuple[str, HFIError]]) -> tuple[str, ...]:
    notes = [f"{name} is not asked: {error.message}" for name, error in refused]
    if len(stops) > 1:
        names = ", then ".join(stop.name for stop in stops)
        notes.insert(0, f"Asks {names}: the next one on an error that another provider can cure.")
    return tuple(notes)


def _only(config: ClientConfig, name: str) -> ClientConfig:
    """The configuration of one of several providers."""
    # The embedded model is another model; for the others all choices have been made.
    if name == "local":
        return config.evolve(provider=name)
    return attrs.evolve(config, providers=(name,))


def _later(seconds: float | None, spent: float) -> float | None:
    return None if seconds is None else seconds + spent
