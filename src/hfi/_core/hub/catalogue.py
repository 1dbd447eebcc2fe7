"""Short names for models, and the lists that stand in when the Hub is out of reach: data.

The names are those that gpt4free's Hugging Face provider had.
"""

from __future__ import annotations

from collections.abc import Mapping

from hfi.types.models import ModelInfo

__all__ = [
    "ALIASES",
    "CHAT_ALIASES",
    "IMAGE_ALIASES",
    "IMAGE_MODELS",
    "TEXT_MODELS",
    "VISION_MODELS",
    "built_in_models",
    "full_name",
]

CHAT_ALIASES: Mapping[str, str] = {
    "command-r-plus": "CohereForAI/c4ai-command-r-plus-08-2024",
    "deepseek-r1": "deepseek-ai/DeepSeek-R1",
    "gemma-2-27b": "google/gemma-2-27b-it",
    "llama-3": "meta-llama/Llama-3.3-70B-Instruct",
    "llama-3.2-11b": "meta-llama/Llama-3.2-11B-Vision-Instruct",
    "llama-3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
    "mistral-nemo": "mistralai/Mistral-Nemo-Instruct-2407",
    # A repository of its own; the alias leads to the version that providers serve.
    "moonshotai/Kimi-K2-Instruct": "moonshotai/Kimi-K2-Instruct-0905",
    "nemotron-70b": "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF",
    "phi-3.5-mini": "microsoft/Phi-3.5-mini-instruct",
    "qvq-72b": "Qwen/QVQ-72B-Preview",
    "qwen-2-72b": "Qwen/Qwen2-72B-Instruct",
    "qwen-2-vl-7b": "Qwen/Qwen2-VL-7B-Instruct",
    # Not the 72B: the one that was served under this name.
    "qwen-2.5-72b": "Qwen/Qwen2.5-Coder-32B-Instruct",
    "qwen-2.5-coder-32b": "Qwen/Qwen2.5-Coder-32B-Instruct",
    "qwq-32b": "Qwen/QwQ-32B",
}

IMAGE_ALIASES: Mapping[str, str] = {
    "flux": "black-forest-labs/FLUX.1-dev",
    "flux-dev": "black-forest-labs/FLUX.1-dev",
    "flux-schnell": "black-forest-labs/FLUX.1-schnell",
    "sd-3.5-large": "stabilityai/stable-diffusion-3.5-large",
    "sdxl-1.0": "stabilityai/stable-diffusion-xl-base-1.0",
    "sdxl-turbo": "stabilityai/sdxl-turbo",
    "stable-diffusion-3.5-large": "stabilityai/stable-diffusion-3.5-large",
}

ALIASES: Mapping[str, str] = {**CHAT_ALIASES, **IMAGE_ALIASES}

TEXT_MODELS = (
    "openai/gpt-oss-120b",
    "meta-llama/Llama-3.3-70B-Instruct",
    "CohereForAI/c4ai-command-r-plus-08-2024",
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
    "Qwen/QwQ-32B",
    "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF",
    "Qwen/Qwen2.5-Coder-32B-Instruct",
    "meta-llama/Llama-3.2-11B-Vision-Instruct",
    "mistralai/Mistral-Nemo-Instruct-2407",
    "microsoft/Phi-3.5-mini-instruct",
)
VISION_MODELS = ("meta-llama/Llama-3.2-11B-Vision-Instruct", "Qwen/Qwen2-VL-7B-Instruct")
IMAGE_MODELS = ("black-forest-labs/FLUX.1-dev", "black-forest-labs/FLUX.1-schnell")

_BY_TASK: Mapping[str | None, tuple[str, ...]] = {
    None: (*TEXT_MODELS, *VISION_MODELS, *IMAGE_MODELS),
    "conversational": (*TEXT_MODELS, *VISION_MODELS),
    "text-generation": TEXT_MODELS,
    "image-text-to-text": VISION_MODELS,
    "text-to-image": IMAGE_MODELS,
}


def full_name(model: str, aliases: Mapping[str, str]) -> str:
    """The id that a name stands for on Hugging Face; a name that is no alias is its own.

    The user's aliases come first, and what one of them stands for is taken as it is. A suffix such
    as ``":fastest"`` stays.

    Args:
        model: The name, perhaps with a suffix.
        aliases: The user's aliases.
    """
    if model in aliases.values():
        return model
    for table in (aliases, ALIASES):
        if model in table:
            return table[model]
        name, colon, suffix = model.rpartition(":")
        if colon and "/" not in suffix and name in table:
            return f"{table[name]}:{suffix}"
    return model


def built_in_models(
    *, task: str | None = None, search: tuple[str, ...] = (), author: str | None = None
) -> tuple[ModelInfo, ...]:
    """The models hfi knows without the Hub, as far as names and tasks tell them apart.

    Args:
        task: A pipeline tag, or ``"conversational"`` for all that one can chat with.
        search: Parts that the id must have.
        author: Whose models.
    """
    return tuple(
        _built_in(model)
        for model in dict.fromkeys(_BY_TASK.get(task, ()))
        if all(part.lower() in model.lower() for part in search)
        and author in (None, model.partition("/")[0])
    )


def _built_in(model: str) -> ModelInfo:
    author = model.partition("/")[0]
    if model in IMAGE_MODELS:
        return ModelInfo(id=model, author=author, pipeline_tag="text-to-image")
    tag = "image-text-to-text" if model in VISION_MODELS else "text-generation"
    return ModelInfo(id=model, author=author, pipeline_tag=tag, tags=("conversational",))
