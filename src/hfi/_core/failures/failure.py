"""Errors made from what came back: one pure function for replies, one for events, two for the line.

Which class an error gets stands in ``error_table``, its next step in ``hints``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.failures.context_numbers import token_numbers
from hfi._core.failures.error_facts import ErrorFacts, decode_body, find_error, read_facts
from hfi._core.failures.error_table import ROWS, Row
from hfi._core.failures.error_words import KIND_STATUS, TGI_TEXTS
from hfi._core.failures.hints import Target, hint_for, target_of
from hfi._core.failures.line_failure import connection_error, timeout_error
from hfi._core.failures.redact import clean, redact_headers, redact_json, secrets_of
from hfi._core.failures.wait_hints import wait_hint
from hfi.errors import ContextLengthError, ModelLoadingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.request import Request
    from hfi.errors import APIStatusError

__all__ = [
    "connection_error",
    "error_from_body",
    "error_from_response",
    "find_error",
    "timeout_error",
]

# What is shown of a server's words, and what is searched for marks, numbers and waits.
MAX_WORDS = 500
_MAX_SEARCHED = 4096
_REQUEST_IDS = ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id")
_HUB_REPO = re.compile(r"/api/(?:models|datasets|spaces)/[^/]|/resolve/")


def error_from_response(
    status_code: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    request: Request | None = None,
    now: float | None = None,
) -> APIStatusError:
    """Make the error that a reply stands for; it never raises, whatever the reply holds.

    ``now`` is in seconds since the epoch, for a ``Retry-After`` that is a date.
    """
    status = None if 200 <= status_code < 300 else status_code
    return _make(status, headers, decode_body(body), request, now)


def error_from_body(
    body: object,
    *,
    status_code: int | None,
    headers: Mapping[str, str] | None = None,
    request: Request | None = None,
) -> APIStatusError:
    """Make the error that a decoded body stands for: an event of a stream, or a whole 200 reply.

    A ``status_code`` below 400 is that of the reply around it; the body is then asked for its own.
    """
    status = None if status_code is None or status_code < 400 else status_code
    return _make(status, headers or {}, body, request, None)


def _make(
    status: int | None,
    headers: Mapping[str, str],
    body: object,
    request: Request | None,
    now: float | None,
) -> APIStatusError:
    secrets = secrets_of(request)
    headers = redact_headers(headers, secrets)
    target = target_of(request)
    facts = read_facts(body, page="html" in headers.get("content-type", "").lower())
    facts = _completed(facts, headers, secrets)
    if status is None:
        status, kind = _told_status(facts)
        facts = attrs.evolve(facts, kind=kind)
    row = _row(status, _told(facts, headers), target)
    provider = headers.get("x-inference-provider") or target.provider or facts.provider
    shown = attrs.evolve(
        target,
        model=clean(target.model, 120, secrets) if target.model else None,
        provider=clean(provider, 60, secrets) if provider else None,
    )
    request_id = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    request_id = clean(request_id, 160) if request_id else None
    return row.error(
        _message(row, _shown_words(facts, body), status, shown, request_id),
        hint=hint_for(row.hint, shown),
        status_code=status,
        body=redact_json(body, secrets),
        headers=headers,
        request_id=request_id,
        provider=shown.provider,
        model=shown.model,
        retry_after=wait_hint(headers, body, status_code=status, words=facts.words, now=now),
        kind=facts.kind,
        code=facts.code,
        param=facts.param,
        **_numbers(row, facts),
    )


def _completed(
    facts: ErrorFacts, headers: Mapping[str, str], secrets: tuple[str, ...]
) -> ErrorFacts:
    """Add what the headers say, and make every text fit to be shown."""
    words = clean(facts.words, _MAX_SEARCHED, secrets)
    told = clean(headers.get("x-error-message", ""), MAX_WORDS, secrets)
    if told and told not in words:
        words = f"{words}; {told}" if words and not facts.page else told
    code = facts.code
    if code is None or code == "":
        code = clean(headers.get("x-error-code", ""), 100) or None
    return attrs.evolve(
        facts,
        words=words,
        page=facts.page and not told,
        kind=clean(facts.kind, 100, secrets) if facts.kind else None,
        code=clean(code, 100, secrets) if isinstance(code, str) else code,
        param=clean(facts.param, 100, secrets) if facts.param else None,
    )


def _told_status(facts: ErrorFacts) -> tuple[int | None, str | None]:
    """Give the status and the kind of an error inside a 200 reply."""
    if facts.status in (None, 422):
        for text, status, kind in TGI_TEXTS:
            if facts.words.startswith(text):
                return status, facts.kind or kind
    if facts.status is not None:
        return facts.status, facts.kind
    words = (facts.kind, facts.code)
    known = (KIND_STATUS.get(word.lower()) for word in words if isinstance(word, str))
    return next(filter(None, known), None), facts.kind


def _told(facts: ErrorFacts, headers: Mapping[str, str]) -> str:
    """Put together all that the table's marks are looked for in."""
    told = [
        facts.words,
        f"kind:{facts.kind}",
        f"code:{facts.code}",
        f"param:{facts.param}",
        headers.get("x-error-code", "")[:100],
    ]
    if facts.estimated_time is not None:
        told.append("estimated_time")
    if facts.page:
        told.append("page:html")
    return "\n".join(told)


def _row(status: int | None, told: str, target: Target) -> Row:
    hub_repo = target.kind != "router" and _HUB_REPO.search(target.path) is not None
    fitting = (row for row in ROWS if row.fits(status, told, target.kind, hub_repo))
    return next(fitting, ROWS[-1])


def _shown_words(facts: ErrorFacts, body: object) -> str:
    if facts.words:
        words = clean(facts.words, MAX_WORDS)
        return words if words.endswith("...") else words.rstrip(". ")
    return "the reply has no body" if body in (None, "") else "the reply does not say why"


def _message(
    row: Row, words: str, status: int | None, target: Target, request_id: str | None
) -> str:
    known = {
        "status": status,
        "": target.host,
        "model": target.model,
        "provider": target.provider,
        "request id": request_id,
    }
    facts = ", ".join(
        f"{name} {value}".strip() for name, value in known.items() if value is not None
    )
    return f"{row.lead}: {words} ({facts})." if facts else f"{row.lead}: {words}."


def _numbers(row: Row, facts: ErrorFacts) -> dict[str, Any]:
    if issubclass(row.error, ContextLengthError):
        prompt, most = token_numbers(facts.words)
        return {
            "prompt_tokens": prompt if facts.prompt_tokens is None else facts.prompt_tokens,
            "max_tokens": most if facts.max_tokens is None else facts.max_tokens,
        }
    if issubclass(row.error, ModelLoadingError):
        return {"estimated_time": facts.estimated_time}
    return {}
