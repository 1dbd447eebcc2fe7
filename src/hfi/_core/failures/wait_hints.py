"""How long a server asks to wait, in every way servers say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["MAX_HINT_SECONDS", "body_hint", "header_hint", "seconds_of", "text_hint", "wait_hint"]

# Above a day the exact number tells nobody anything; `Retry-After: 99999999` is read as a day.
MAX_HINT_SECONDS = 86_400.0

_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_UNIT = (
    r"(?:(ms|millis(?:econds?)?|milliseconds?)|(s|secs?|seconds?)|(m|mins?|minutes?)"
    r"|(h|hrs?|hours?)|(d|days?))(?![a-z])"
)
# "1m30s", "7.66s", "20 seconds", "1 minute and 5 seconds": up to four numbers with their units.
_PART = re.compile(rf"\s{{0,3}}(?:and\s)?([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)\s{{0,3}}{_UNIT}", re.I)
_ASKED = re.compile(
    r"(?:try\s(?:it\s|your\srequest\s)?again|retry|retry[-_ ]after|wait|available|resets?)"
    r"(?:\s(?:your\srequest|again))?[:\s]\s{0,3}(?:in|after|for|at\sleast|about)?"
    r"\s{0,3}(?:about\s|at\sleast\s|approximately\s)?(?=[0-9])",
    re.I,
)
_RATE_LIMIT = re.compile(r"(?:^|;)\s{0,4}([rt])\s{0,4}=\s{0,4}([0-9]{1,12})\s{0,4}(?=;|$)")

_SECONDS_KEYS = ("retry_after_seconds", "retry_after", "retryafter", "retrydelay", "estimated_time")
_MILLISECONDS_KEYS = ("retry_after_ms", "retryafterms")
_MAX_NODES = 64


def seconds_of(value: object) -> float | None:
    """Read seconds, given as a number or as its text; None for anything else or below zero."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if not isinstance(value, (int, float)) or not value >= 0:
        return None
    # min() first: float() of an endless whole number overflows.
    number = float(min(value, MAX_HINT_SECONDS))
    return number if math.isfinite(number) else None


def wait_hint(
    headers: Mapping[str, str],
    body: object = None,
    *,
    status_code: int | None = None,
    words: str = "",
    now: float | None = None,
) -> float | None:
    """Give the seconds to wait, by the best hint there is, or None.

    ``body`` is decoded, ``words`` the error's text, ``now`` seconds since the epoch; dates are
    measured against the reply's own ``Date`` where ``now`` is None.
    """
    for hint in (header_hint(headers, status_code=status_code, now=now), body_hint(body)):
        if hint is not None:
            return hint
    return text_hint(words)


def header_hint(
    headers: Mapping[str, str], *, status_code: int | None = None, now: float | None = None
) -> float | None:
    """Give the wait that headers ask for; their names are matched whatever their case."""
    lower = {name.lower(): value for name, value in headers.items()}
    milliseconds = seconds_of(lower.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    hint = _retry_after(lower, now)
    if hint is None and status_code == 429:
        # The Hub sends these headers with every reply; only r=0 means that they are the reason.
        hint = _rate_limit(lower.get("ratelimit", ""))
    return hint


def _retry_after(headers: Mapping[str, str], now: float | None) -> float | None:
    value = headers.get("retry-after", "")[:128].strip()
    seconds = seconds_of(value)
    if seconds is None:
        # A header sent twice arrives as "5, 5".
        seconds = seconds_of(value.partition(",")[0])
    if seconds is not None or not value:
        return seconds
    moment = _epoch(value)
    if now is None:
        now = _epoch(headers.get("date", "")[:128])
    if moment is None or now is None:
        return None
    wait = moment - now
    return min(wait, MAX_HINT_SECONDS) if wait > 0 else 0.0


def _epoch(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        # Python 3.10 raises TypeError and AttributeError too for what is no date.
        return None


def _rate_limit(value: str) -> float | None:
    """Read ``"api";r=0;t=55`` (IETF draft 9); of several policies the longest wait counts."""
    waits = []
    for policy in value[:1024].split(","):
        fields = dict(_RATE_LIMIT.findall(policy))
        if fields.get("r", "").strip("0") == "" and "r" in fields and "t" in fields:
            # One second more: the window's end is given in whole seconds.
            waits.append(min(float(fields["t"]) + 1.0, MAX_HINT_SECONDS))
    return max(waits, default=None)


def body_hint(body: object) -> float | None:
    """Give the wait that a decoded body names in a field of its own."""
    nodes: list[Any] = [body]
    for seen in range(_MAX_NODES):
        if seen >= len(nodes):
            break
        node = nodes[seen]
        if isinstance(node, Mapping):
            hint = _field_hint(node)
            if hint is not None:
                return hint
            nodes.extend(item for item in list(node.values())[:32] if not isinstance(item, str))
        elif isinstance(node, (list, tuple)):
            nodes.extend(node[:8])
    return None


def _field_hint(node: Mapping[Any, Any]) -> float | None:
    fields = {key.lower(): value for key, value in node.items() if isinstance(key, str)}
    for key in _MILLISECONDS_KEYS:
        milliseconds = seconds_of(fields.get(key))
        if milliseconds is not None:
            return milliseconds / 1000
    for key in _SECONDS_KEYS:
        value = fields.get(key)
        seconds = seconds_of(value)
        if seconds is None and isinstance(value, str):
            seconds = _duration(value[:64], 0)  # Google: "retryDelay": "20s"
        if seconds is not None:
            return seconds
    return None


def text_hint(words: str) -> float | None:
    """Give the wait that a text names: "Please try again in 7.66s", "retry after 1m30s"."""
    words = words[:4096]
    for match in _ASKED.finditer(words):
        seconds = _duration(words, match.end())
        if seconds is not None:
            return seconds
    return None


def _duration(text: str, start: int) -> float | None:
    total, position, parts = 0.0, start, 0
    while parts < 4 and (match := _PART.match(text, position)):
        unit = next(u for u, found in zip(_UNITS, match.groups()[1:], strict=True) if found)
        total += float(match[1]) * _UNITS[unit]
        position, parts = match.end(), parts + 1
    return min(total, MAX_HINT_SECONDS) if parts else None
