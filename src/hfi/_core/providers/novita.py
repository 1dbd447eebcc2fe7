"""Novita: data."""

from __future__ import annotations

from hfi._core.providers.way import Provider, Queue, Way

__all__ = ["PROVIDER"]

PROVIDER = Provider(
    name="novita",
    base="https://api.novita.ai",
    chat="/v3/openai/chat/completions",
    text="/v3/openai/completions",
    ways={
        # Its documented way, in jobs: a video outlives the patience of gateways.
        "text-to-video": Way(
            path="/v3/async/{id}",
            renamed={"num_inference_steps": "steps"},
            queue=Queue(
                status=("task", "status"),
                done=frozenset({"task_status_succeed"}),
                failed=frozenset({"task_status_failed"}),
                error=("task", "reason"),
                id=("task_id",),
                path="/v3/async/task-result?task_id={id}",
            ),
        ),
    },
)
