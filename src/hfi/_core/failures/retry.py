"""Whether to try again, and when: decided without a clock or a random number of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from hfi import errors
from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfi.errors import HFIError

__all__ = ["RetryPolicy", "idempotency_headers", "next_wait"]

ALWAYS = 1_000_000


@attrs.frozen(kw_only=True)
class _Rule:
    """One kind of error that may be tried again.

    Attributes:
        error: Its class.
        statuses: Its status codes; empty is any, None stands for "no status was told".
        words: What ``.kind`` or ``.phase`` of the error must be; empty is any.
        told: What its message must hold.
        unhandled: Whether it must be Starlette's answer to an exception nobody handled.
        times: How often one call tries again after it.
        floor: Seconds waited at least, where the server names none.
        unprocessed: Whether it is certain that the server did nothing for the request.
        needs_hint: Whether only the server's own word to wait makes it worth trying.
    """

    error: type[HFIError]
    statuses: tuple[range | int | None, ...] = ()
    words: tuple[str, ...] = ()
    told: re.Pattern[str] | None = None
    unhandled: bool = False
    times: int = ALWAYS
    floor: float = 0.0
    unprocessed: bool = False
    needs_hint: bool = False

    def fits(self, error: HFIError) -> bool:
        """Whether this rule is about ``error``."""
        if not isinstance(error, self.error):
            return False
        status = getattr(error, "status_code", None)
        if self.statuses and not any(
            status in s if isinstance(s, range) else status == s for s in self.statuses
        ):
            return False
        word = getattr(error, "phase", None) or getattr(error, "kind", None)
        if self.words and str(word).lower() not in self.words:
            return False
        if self.unhandled and not _is_unhandled(error):
            return False
        return self.told is None or self.told.search(error.message) is not None


def _is_unhandled(error: HFIError) -> bool:
    if not isinstance(error, errors.APIStatusError) or error.body != "Internal Server Error":
        return False
    return error.headers.get("server", "").lower() == "uvicorn"


NEVER = _Rule(error=errors.HFIError, times=0)

# Read from the top; the first rule that fits decides. What fits none is never tried again: 400
# to 422, 501, a spent quota, our own refusals. Cold models are not either: next_wait() has them.
_RULES: tuple[_Rule, ...] = (
    # Time. Nothing came for as long as was allowed: twice that is enough.
    _Rule(error=errors.PoolTimeoutError, times=0),
    _Rule(error=errors.APITimeoutError, words=("total",), times=0),
    _Rule(error=errors.APITimeoutError, words=("connect",), unprocessed=True),
    _Rule(error=errors.APITimeoutError, times=1),
    # The line.
    _Rule(error=errors.APIConnectionError, words=("tls",), times=0),
    _Rule(error=errors.APIConnectionError, words=("proxy",), times=1),
    _Rule(error=errors.APIConnectionError, words=("refused", "dns"), unprocessed=True),
    _Rule(error=errors.APIConnectionError),
    _Rule(error=errors.PaymentRequiredError, needs_hint=True, unprocessed=True),
    # A full queue empties in moments; a spent allowance does not, and asking at once prolongs it.
    _Rule(error=errors.RateLimitError, words=("overloaded",), floor=0.5, unprocessed=True),
    _Rule(error=errors.RateLimitError, floor=1.0, unprocessed=True),
    _Rule(error=errors.ConflictError),
    # Servers.
    _Rule(
        error=errors.ServerError,
        told=re.compile(r"not supported|does not support|not_supported", re.IGNORECASE),
        times=0,
    ),
    # "Model loaded but no provider fits": a second look at most.
    _Rule(
        error=errors.ServerError,
        statuses=(503,),
        told=re.compile(r"no (?:\w+ )?(?:provider|endpoint|instance)s?\b", re.IGNORECASE),
        times=1,
    ),
    # transformers serve answers so to what it cannot read (an unknown model, messages that are a
    # string), which the next try will not mend; another server's bug may be gone by then.
    _Rule(error=errors.ServerError, statuses=(500,), unhandled=True, times=1, floor=0.25),
    _Rule(error=errors.ServerError, statuses=(424,), times=2),
    _Rule(error=errors.ServerError, statuses=(500, 502, 503, 504, range(520, 530))),
    # An error inside a 200 reply, without a status: it may be anyone's fault.
    _Rule(error=errors.ServerError, statuses=(None,), times=1),
)


def _rule(error: HFIError) -> _Rule:
    return next((rule for rule in _RULES if rule.fits(error)), NEVER)


def _whole(_: object, attribute: attrs.Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(
            f"{attribute.name} must be a whole number, zero or above, not {value!r}."
        )


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often, and after how many seconds, a call is tried again.

    Attributes:
        max_retries: Tries after the first.
        base: Seconds that the first wait may last; each further one may last twice as long.
        cap: Seconds that no wait of our own exceeds.
        max_hint: The longest wait, in seconds, that a server is obeyed in. Limits of so many
            calls a minute are common, so it is a minute and a half; the Hub's five minutes are
            too long to sit through silently, and the error tells them.
        max_wait: Seconds to wait for a model that is being loaded; None is no limit.
        on_wait: Called with a ``Waiting`` before each wait, and when the waiting is over.
    """

    max_retries: int = attrs.field(default=2, validator=_whole)
    base: float = 0.5
    cap: float = 8.0
    max_hint: float = 90.0
    max_wait: float | None = 0.0
    on_wait: Callable[..., object] | None = attrs.field(default=None, repr=False)

    def next_delay(
        self,
        error: HFIError,
        *,
        attempt: int,
        elapsed: float,
        deadline: float | None = None,
        jitter: float,
        started: bool = False,
        idempotent: bool = True,
    ) -> float | None:
        """Give the seconds to wait before the next try, or None to give up and raise ``error``.

        Args:
            error: What the last attempt ended with; ``.earlier`` holds those before it.
            attempt: Attempts made so far, 1 after the first.
            elapsed: Seconds since the call began.
            deadline: Seconds the whole call may take, from its beginning too; None is no limit.
            jitter: A random number from 0 to 1.
            started: Whether a piece of the answer was handed out; then nothing is repeated.
            idempotent: Whether doing the request twice does no harm. Inference is; else only
                what the server surely did not begin is tried again.
        """
        if started or attempt > self.max_retries:
            return None
        rule, told = _rule(error), _should_retry(error)
        hint = getattr(error, "retry_after", None)
        if told is False or (told is None and not _allowed(rule, error, attempt, hint)):
            return None
        if not idempotent and not rule.unprocessed:
            return None
        delay = self._delay(hint, attempt, jitter, rule.floor)
        if delay is None or (deadline is not None and elapsed + delay >= deadline):
            return None
        return delay

    def _delay(self, hint: float | None, attempt: int, jitter: float, floor: float) -> float | None:
        jitter = min(max(jitter, 0.0), 1.0)
        if hint is not None and hint > self.max_hint:
            return None
        if hint:
            # Later than asked, never sooner, so that not all clients come back at once.
            return hint + jitter * min(self.base, hint / 4)
        # Full jitter: anywhere between the floor and the step's height.
        height = min(self.cap, self.base * 2.0 ** min(max(attempt - 1, 0), 32))
        return floor + jitter * max(height - floor, self.base)


def _allowed(rule: _Rule, error: HFIError, attempt: int, hint: float | None) -> bool:
    if rule.needs_hint and hint is None:
        return False
    # Where nobody kept the earlier errors, every attempt before counts as one of this kind.
    earlier = error.earlier
    before = sum(_rule(each) is rule for each in earlier) if earlier else attempt - 1
    return before < rule.times


def _should_retry(error: HFIError) -> bool | None:
    """Give the server's own decision (OpenAI's header), which overrides the table."""
    if not isinstance(error, errors.APIStatusError):
        return None
    told = error.headers.get("x-should-retry", "").strip().lower()
    return {"true": True, "false": False}.get(told)


# Re-asking a cold model: seconds at least and at most, where the server tells no time or one
# that cannot be trusted (20 was told for hours, and 1809 for a minute). Widest last.
_LLAMACPP_LOADING = (1.0, 5.0)
_LOADING = (5.0, 20.0)


def next_wait(
    error: HFIError, *, waited: float, max_wait: float | None, jitter: float
) -> float | None:
    """Give the seconds until a model that is loading is asked again, or None to give up.

    Args:
        error: What the last attempt ended with.
        waited: Seconds waited for this model so far.
        max_wait: Seconds to wait in all; None waits for ever.
        jitter: A random number from 0 to 1.
    """
    if not isinstance(error, errors.ModelLoadingError) or _should_retry(error) is False:
        return None
    left = float("inf") if max_wait is None else max_wait - waited
    if not left > 0:
        return None
    low, high = _LLAMACPP_LOADING if error.kind == "unavailable_error" else _LOADING
    hint = error.retry_after if error.retry_after is not None else error.estimated_time
    jitter = min(max(jitter, 0.0), 1.0)
    if hint is None:
        delay = low + jitter * (high - low)
    else:
        delay = min(max(hint, 1.0) + jitter * min(low / 4, 1.0), high)
    # The last question is asked when the time is over, not given up before.
    return min(delay, left)


def idempotency_headers(key: str) -> dict[str, str]:
    """Give the headers that name a request, the same over all its tries."""
    return {"idempotency-key": key}
