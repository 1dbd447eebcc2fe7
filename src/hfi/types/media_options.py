"""The options of tasks about sounds and videos, for ``**options: Unpack[...]``.

The options are sent under these names, which are Hugging Face's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hfi.types.task_options import TaskShape

__all__ = [
    "OPTION_DOCS",
    "AudioClassificationArguments",
    "AudioToAudioArguments",
    "AutomaticSpeechRecognitionArguments",
    "ImageToVideoArguments",
    "SpeechArguments",
    "TextToVideoArguments",
]


class AutomaticSpeechRecognitionArguments(TaskShape, total=False):
    """All that ``automatic_speech_recognition`` takes by keyword."""

    return_timestamps: bool | Literal["word"] | None
    generation_parameters: Mapping[str, Any] | None


class AudioClassificationArguments(TaskShape, total=False):
    """All that ``audio_classification`` takes by keyword."""

    function_to_apply: Literal["sigmoid", "softmax", "none"] | None
    top_k: int | None


class AudioToAudioArguments(TaskShape, total=False):
    """All that ``audio_to_audio`` takes by keyword."""


class SpeechArguments(TaskShape, total=False):
    """All that ``text_to_speech`` and ``text_to_audio`` take by keyword."""

    do_sample: bool | None
    early_stopping: bool | Literal["never"] | None
    epsilon_cutoff: float | None
    eta_cutoff: float | None
    max_length: int | None
    max_new_tokens: int | None
    min_length: int | None
    min_new_tokens: int | None
    num_beam_groups: int | None
    num_beams: int | None
    penalty_alpha: float | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    typical_p: float | None
    use_cache: bool | None
    generation_parameters: Mapping[str, Any] | None


class TextToVideoArguments(TaskShape, total=False):
    """All that ``text_to_video`` takes by keyword."""

    num_frames: float | None
    guidance_scale: float | None
    negative_prompt: str | Sequence[str] | None
    num_inference_steps: int | None
    seed: int | None


class ImageToVideoArguments(TextToVideoArguments, total=False):
    """All that ``image_to_video`` and ``image_text_to_video`` take by keyword."""

    prompt: str | None
    target_size: tuple[int, int] | Mapping[str, int] | None


# One line each, for help(); the words here win over those of hfi.types.options.
OPTION_DOCS: Mapping[str, str] = {
    "do_sample": "Whether to sample; without it the sound is the same each time.",
    "early_stopping": "When a beam search ends: True, False or 'never'.",
    "epsilon_cutoff": "Drop tokens below this probability, 0 to 1.",
    "eta_cutoff": "Drop tokens by a mix of typical and epsilon sampling, 0 to 1.",
    "function_to_apply": "What makes scores of numbers: 'softmax', 'sigmoid' or 'none'.",
    "generation_parameters": "The same as an object, for servers that read it there.",
    "guidance_scale": "How closely to follow the prompt, 0 or more. Models differ.",
    "max_length": "The most tokens, those of the text included.",
    "max_new_tokens": "The most tokens to make; it wins over max_length.",
    "min_length": "The fewest tokens, those of the text included.",
    "min_new_tokens": "The fewest tokens to make; it wins over min_length.",
    "negative_prompt": "What the video should not show. Models differ.",
    "num_beam_groups": "Groups that num_beams is divided into, for different beams.",
    "num_beams": "Beams to search with; 1 is no search.",
    "num_frames": "How many pictures the video has.",
    "penalty_alpha": "Against repeating in contrastive search, 0 or more.",
    "prompt": "What is to happen in the video.",
    "return_timestamps": "Whether to tell when each piece was said; 'word' tells it of each word.",
    "target_size": "(width, height) of the video, in pixels. Providers differ.",
    "temperature": "Randomness, above 0.",
    "top_k": "How many to keep: of the classes, or of the likeliest tokens.",
    "use_cache": "Whether to keep what was computed for earlier tokens.",
}
