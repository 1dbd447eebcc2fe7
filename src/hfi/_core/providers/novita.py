"""Novita: data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hfi._core.providers.way import Provider, Queue, Way
from hfi.errors import ConfigurationError

__all__ = ["PROVIDER"]

# What MiniMax H3 makes: 4 to 15 seconds of 24 frames each, in two sizes of the shorter side and
# these shapes.
_RATE = 24
_SECONDS = (4, 15)
_SIZES = {"768P": 768, "2K": 1440}
_SHAPES = {"21:9": 21 / 9, "16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}


def _minimax(inputs: Mapping[str, Any], options: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The body for MiniMax H3, which has an API of its own."""
    prompt, image = options.get("prompt"), inputs.get("image")
    if not prompt:
        raise ConfigurationError(f"{model} at novita needs a prompt, with an image too.")
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    if image is not None:
        frame = {"type": "image_url", "image_url": {"url": image}, "role": "first_frame"}
        content.append(frame)
    least, most = _SECONDS
    size = options.get("target_size") or {"width": 16, "height": 9}
    shape, side = size["width"] / size["height"], min(size.values())
    return {
        "model": model,
        "content": content,
        "resolution": min(_SIZES, key=lambda name: abs(side - _SIZES[name])),
        "duration": min(most, max(least, round(options.get("num_frames", 0) / _RATE))),
        # An image decides the shape by itself.
        "ratio": "adaptive"
        if image is not None
        else min(_SHAPES, key=lambda name: abs(shape - _SHAPES[name])),
    }


PROVIDER = Provider(
    name="novita",
    base="https://api.novita.ai",
    chat="/v3/openai/chat/completions",
    text="/v3/openai/completions",
    ways={
        "image-text-to-video": Way(
            path="/v3/minimax/v2/video_generation",
            build=_minimax,
            ignored=frozenset({"guidance_scale", "negative_prompt", "num_inference_steps", "seed"}),
            only="^MiniMax-H3$",
            queue=Queue(
                status=("task", "status"),
                done=frozenset({"succeeded"}),
                failed=frozenset({"failed", "cancelled"}),
                error=("task", "error"),
                id=("task_id",),
                path="/v3/minimax/v2/query/video_generation/{id}",
                interval=2.0,
                longest=5.0,
            ),
        ),
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
