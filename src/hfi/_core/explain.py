"""Turns a planned call into an ``Explanation``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hfi._core.failures.redact import redact, shown_url
from hfi.types.explanation import Explanation

if TYPE_CHECKING:
    from hfi._core.chat import ChatPlan
    from hfi._core.generation.text import TextPlan
    from hfi._core.request import Request
    from hfi.types.settings import Timeout

__all__ = ["explain_chat", "explain_text", "shown_headers", "shown_limits", "shown_retries"]

# Sources that are themselves names of variables a shell may hold.
_SHELL_VARIABLES = frozenset({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HFI_TOKEN"})
_SECRET_WORDS = ("auth", "cookie", "key", "password", "secret", "token")


def shown_headers(request: Request) -> tuple[dict[str, str], frozenset[str]]:
    """The request's headers with secrets as variables of the shell, and the names of those."""
    headers = dict(request.headers)
    secrets = {
        name
        for name, value in headers.items()
        if any(word in name for word in _SECRET_WORDS) or redact(value) != value
    }
    for name in secrets:
        headers[name] = "$" + name.upper().replace("-", "_")
    credential = request.credential
    if credential is not None and "authorization" not in headers:
        variable = credential.source if credential.source in _SHELL_VARIABLES else "TOKEN"
        headers["authorization"] = f"{credential.scheme} ${variable}"
        secrets.add("authorization")
    return headers, frozenset(secrets)


def shown_limits(timeout: Timeout) -> str:
    """The time limits in one line."""
    names = {
        "connect": timeout.connect,
        "first token": timeout.first_token,
        "between tokens": timeout.between_tokens,
        "total": timeout.total,
    }
    return ", ".join(
        f"{name} {'no limit' if seconds is None else f'{seconds:g} s'}"
        for name, seconds in names.items()
    )


def shown_retries(max_retries: int, max_wait: float | None) -> str:
    """The retry plan in one line."""
    wait = "as long as it takes" if max_wait is None else f"up to {max_wait:g} s"
    if not max_retries:
        return f"none; waits {wait} for a model that is loading"
    times = "once" if max_retries == 1 else f"up to {max_retries} times"
    return f"{times}, before the first piece of the answer; waits {wait} for a loading model"


def explain_chat(plan: ChatPlan) -> Explanation:
    """Says what ``plan`` would send, and why."""
    explanation = _explained("chat", plan)
    return attrs.evolve(
        explanation,
        notes=explanation.notes + _resuming(plan, plan.call.resume),
        protocol=plan.protocol,
        protocol_reason=plan.protocol_reason,
        prompt=plan.prompt,
        template=plan.template,
        repairs=plan.repairs,
        trimmed=plan.call.trimmed,
    )


def explain_text(plan: TextPlan) -> Explanation:
    """Says what ``plan`` would send, and why."""
    explanation = _explained("text_generation", plan)
    refused = tuple(f"{name} is not sent: the model refused it." for name in sorted(plan.refused))
    notes = plan.warnings + refused + _resuming(plan, plan.resume)
    return attrs.evolve(explanation, notes=notes + explanation.notes)


def _resuming(plan: ChatPlan | TextPlan, times: int) -> tuple[str, ...]:
    """What becomes of a stream that breaks off, where it is to be taken up again."""
    if not times:
        return ()
    if plan.resume_obstacle is not None:
        return (f"A broken stream could not be taken up again: {plan.resume_obstacle}",)
    return (f"A broken stream is taken up again, {times} times at most.",)


def _explained(task: str, plan: ChatPlan | TextPlan) -> Explanation:
    request = plan.request
    config = plan.config
    credential = request.credential
    headers, secret_headers = shown_headers(request)
    return Explanation(
        task=task,
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
        notes=plan.notes + plan.route.notes + plan.route.warnings,
    )
