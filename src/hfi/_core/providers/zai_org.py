"""Z.ai: data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hfi._core.providers.way import HERE, Provider, Queue, Way

__all__ = ["PROVIDER"]


def _page(body: Any) -> Any:
    text = body.get("md_results") if isinstance(body, Mapping) else None
    return {"generated_text": text} if isinstance(text, str) else body


PROVIDER = Provider(
    name="zai-org",
    base="https://api.z.ai",
    chat="/api/paas/v4/chat/completions",
    headers={"accept-language": "en-US,en", "x-source-channel": "hugging_face"},
    ways={
        # The layout of a document as Markdown.
        "image-to-text": Way(
            path="/api/paas/v4/layout_parsing",
            names="model",
            takes={"image": {"file": HERE}},
            reply=_page,
        ),
        "text-to-image": Way(
            path="/api/paas/v4/async/images/generations",
            names="model",
            size="size",
            # Its documentation asks for five seconds between two questions.
            queue=Queue(
                status=("task_status",),
                done=frozenset({"success"}),
                failed=frozenset({"fail", "failed"}),
                path="/api/paas/v4/async-result/{id}",
                interval=5.0,
                longest=5.0,
            ),
        ),
    },
)
