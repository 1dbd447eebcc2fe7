"""The lines of the log, but for the requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hfi._core.failures.redact import clean, shown_url
from hfi.errors import APIStatusError, HFIError
from hfi.types.meta import CallMeta

if TYPE_CHECKING:
    from hfi._core.request import Request
    from hfi.types.waiting import Waiting

__all__ = ["asked_for_debug", "failure_line", "reply_line", "wait_line"]

_TRUE = frozenset({"1", "on", "yes", "true"})


def asked_for_debug(environ: Mapping[str, str]) -> bool:
    """Whether ``HF_DEBUG`` is set, as ``huggingface_hub`` reads it."""
    return environ.get("HF_DEBUG", "").strip().lower() in _TRUE


def reply_line(
    request: Request, status_code: int, headers: Mapping[str, str], *, seconds: float, attempt: int
) -> str:
    """What came back: status, seconds until the reply's head, attempt, and the request's id."""
    request_id = CallMeta(headers=headers).request_id
    named = f", request id {clean(request_id, 160)}" if request_id else ""
    return (
        f"{status_code} in {seconds:.3f} s, attempt {attempt}{named}: "
        f"{request.method} {shown_url(request.url)}"
    )


def failure_line(request: Request, error: HFIError) -> str:
    """What a call ended with."""
    attempts = len(error.earlier) + 1
    return (
        f"{_named(error)} after {attempts} {'attempt' if attempts == 1 else 'attempts'}: "
        f"{request.method} {shown_url(request.url)}"
    )


def wait_line(waiting: Waiting, *, attempt: int = 0) -> str:
    """Why a call waits, and how long."""
    so_far = f"waited {waiting.waited:.3g} s"
    if waiting.limit is not None:
        so_far += f" of {waiting.limit:.3g} s"
    if waiting.reason == "loading":
        return f"The model is loading; asking again in {waiting.seconds:.3g} s ({so_far})."
    if waiting.reason == "queue":
        return f"The job is not done; asking again in {waiting.seconds:.3g} s ({so_far})."
    why = f"{_named(waiting.error)}: {clean(waiting.error.message, 300)}" if waiting.error else ""
    return f"Attempt {attempt} failed; trying again in {waiting.seconds:.3g} s. {why}".rstrip()


def _named(error: HFIError) -> str:
    status = error.status_code if isinstance(error, APIStatusError) else None
    return type(error).__name__ + (f" {status}" if status is not None else "")
