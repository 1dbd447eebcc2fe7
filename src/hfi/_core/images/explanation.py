"""Turns a planned image call into an ``Explanation``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._core.explain import shown_headers, shown_limits, shown_retries
from hfi._core.failures.redact import shown_url
from hfi.types.explanation import Explanation

if TYPE_CHECKING:
    from hfi._core.images.plan import ImagePlan

__all__ = ["explain_image"]


def explain_image(plan: ImagePlan) -> Explanation:
    """Says what ``plan`` would send first, why, and who is next."""
    request, config = plan.request, plan.config
    headers, secret_headers = shown_headers(request)
    later = [attempt.stop.route.provider for attempt in plan.attempts[1:]]
    notes: tuple[str, ...] = ()
    if later:
        notes = (f"After a 400, 401, 402 or 404: {', '.join(map(str, later))}.",)
    queue = plan.attempts[0].stop.way.queue
    if queue is not None:
        notes += (f"{plan.route.provider} makes images as jobs, which are asked after.",)
    credential = request.credential
    return Explanation(
        task="text_to_image",
        method=request.method,
        url=shown_url(request.url),
        headers=headers,
        secret_headers=secret_headers,
        payload=plan.payload,
        provider=plan.route.provider,
        provider_reason=plan.route.reason,
        model=plan.route.model,
        token_source=credential.source if credential else "none is sent",
        retries=shown_retries(config.max_retries, config.max_wait),
        limits=shown_limits(config.timeout),
        notes=notes + plan.notes + plan.warnings,
    )
