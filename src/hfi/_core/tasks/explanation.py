"""Turns a planned call of a task into an ``Explanation``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfi._core.explain import shown_headers, shown_limits, shown_retries
from hfi._core.failures.redact import shown_url
from hfi._core.tasks.catalogue import task_of
from hfi.errors import ConfigurationError
from hfi.types.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._core.tasks.plan import TaskPlan

__all__ = ["explain_task", "sorted_arguments"]


def sorted_arguments(
    method: str, first: Any, stream: bool, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of a call to explain, as inputs and options.

    Raises:
        ConfigurationError: There is no such task, or it has no stream.
    """
    task = task_of(method)
    if stream:
        raise ConfigurationError(f"{method} has no stream: its result comes whole.")
    inputs = {name: options[name] for name in task.inputs if name in options}
    if first is not None:
        inputs[task.inputs[0]] = first
    return inputs, {k: v for k, v in options.items() if k not in task.inputs and k != "n"}


def explain_task(plan: TaskPlan) -> Explanation:
    """Says what ``plan`` would send first, why, and who is next."""
    attempt, config = plan.first(), plan.config
    request, route, way = attempt.request, attempt.stop.route, attempt.stop.way
    headers, secret_headers = shown_headers(request)
    later = [stop.route.provider for stop in plan.stops[1:]]
    notes: tuple[str, ...] = ()
    if later:
        notes = (f"After a 400, 401, 402 or 404: {', '.join(map(str, later))}.",)
    if way.queue is not None:
        notes += (f"{route.provider} works in jobs, which are asked after.",)
    if attempt.payload is None and request.content:
        size, kind = len(request.content), headers["content-type"]
        notes += (f"The body is the file itself: {size} bytes of {kind}.",)
    elif not plan.is_ready:
        notes += ("What lies at the URL is fetched first, without your token.",)
    credential = request.credential
    return Explanation(
        task=plan.call.task.method,
        method=request.method,
        url=shown_url(request.url),
        headers=headers,
        secret_headers=secret_headers,
        payload=attempt.payload,
        provider=route.provider,
        provider_reason=route.reason,
        model=route.model,
        token_source=credential.source if credential else "none is sent",
        retries=shown_retries(config.max_retries, config.max_wait),
        limits=shown_limits(config.timeout),
        notes=notes + plan.notes + plan.warnings,
    )
