"""Checks of option values that no server could accept; ranges of one provider are its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from hfi.errors import ConfigurationError

__all__ = ["checked"]

Check = Callable[[str, Any], Any]


def checked(name: str, value: Any) -> Any:
    """Gives ``value`` in its wire type.

    Raises:
        ConfigurationError: It can be right for no server: NaN, a bool for a number, below zero.
    """
    check = _CHECKS.get(name)
    return value if check is None else check(name, value)


def _wrong(name: str, expected: str, value: Any) -> ConfigurationError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return ConfigurationError(f"{name} must be {expected}, not {shown}.")


def _bounds(noun: str, low: float | None, high: float | None) -> str:
    if low is None:
        return noun
    return f"{noun} of at least {low}" if high is None else f"{noun} from {low} to {high}"


def _whole(name: str, value: Any, *, low: int | None = None) -> int:
    # NumPy's and torch's integers have __index__, and are not JSON.
    if not isinstance(value, bool) and hasattr(value, "__index__"):
        number = int(value.__index__())
        if low is None or number >= low:
            return number
    raise _wrong(name, _bounds("a whole number", low, None), value)


def _number(
    name: str, value: Any, *, low: float | None = None, high: float | None = None
) -> float | int:
    if not isinstance(value, bool) and hasattr(value, "__float__"):
        number = value if isinstance(value, (int, float)) else float(value)
        finite = number - number == 0
        if finite and (low is None or number >= low) and (high is None or number <= high):
            return number
    raise _wrong(name, _bounds("a finite number", low, high), value)


def _above_zero(name: str, value: Any) -> float | int:
    number = _number(name, value)
    if number > 0:
        return number
    raise _wrong(name, "a finite number above 0", value)


def _instance(name: str, value: Any, *, kind: Any, expected: str) -> Any:
    if isinstance(value, kind):
        return value
    raise _wrong(name, expected, value)


def _one_of(name: str, value: Any, *, names: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in names:
        return value
    raise _wrong(name, f"one of {', '.join(map(repr, names))}", value)


def _flag_or(name: str, value: Any, *, names: tuple[str, ...]) -> bool | str:
    if isinstance(value, bool) or (isinstance(value, str) and value in names):
        return value
    raise _wrong(name, f"True, False or {' or '.join(map(repr, names))}", value)


def _texts(name: str, value: Any) -> list[str]:
    # TGI takes a list of stops only; all others take a list as well.
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return list(value)
    raise _wrong(name, "a string or a list of strings", value)


def _logit_bias(name: str, value: Any) -> Any:
    # OpenAI: token id -> bias; TGI types it as a list, and makes no use of it.
    if isinstance(value, Mapping):
        return {str(token): _number(f"{name}[{token!r}]", bias) for token, bias in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_number(f"{name}[{index}]", bias) for index, bias in enumerate(value)]
    raise _wrong(name, "a mapping of token ids to numbers", value)


def _tool_choice(name: str, value: Any) -> Any:
    if isinstance(value, (str, Mapping)) or (callable(value) and hasattr(value, "__name__")):
        return value
    raise _wrong(name, "'auto', 'none', 'required', a tool's name or a mapping", value)


def _truncation(name: str, value: Any) -> bool | str:
    # A flag for questions about tables, a strategy for summaries and translations.
    if isinstance(value, bool) or (isinstance(value, str) and value in _STRATEGIES):
        return value
    raise _wrong(name, f"True, False or one of {', '.join(map(repr, _STRATEGIES))}", value)


def _items(name: str, value: Any) -> list[Any]:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return list(value)
    raise _wrong(name, "a list", value)


_STRATEGIES = ("do_not_truncate", "longest_first", "only_first", "only_second")
_TEXT = partial(_instance, kind=str, expected="a string")
_FLAG = partial(_instance, kind=bool, expected="True or False")
_MAPPING = partial(_instance, kind=Mapping, expected="a mapping")

# The client's own options (timeout, max_retries ...) are checked where they are merged: config.py.
_CHECKS: dict[str, Check] = {
    "max_tokens": partial(_whole, low=0),
    "max_completion_tokens": partial(_whole, low=0),
    "temperature": partial(_number, low=0),
    "top_p": partial(_number, low=0, high=1),
    "top_k": partial(_whole, low=-1),
    "min_p": partial(_number, low=0, high=1),
    "frequency_penalty": _number,
    "presence_penalty": _number,
    "repetition_penalty": _above_zero,
    "seed": _whole,
    "stop": _texts,
    "n": partial(_whole, low=1),
    "logit_bias": _logit_bias,
    "logprobs": _FLAG,
    # vLLM: -1 is the whole vocabulary.
    "top_logprobs": partial(_whole, low=-1),
    "stream_options": _MAPPING,
    "tool_choice": _tool_choice,
    "parallel_tool_calls": _FLAG,
    "tool_prompt": _TEXT,
    "reasoning_effort": _TEXT,
    "chat_template_kwargs": _MAPPING,
    "user": _TEXT,
    "max_new_tokens": partial(_whole, low=1),
    "do_sample": _FLAG,
    "typical_p": partial(_number, low=0, high=1),
    "truncate": partial(_whole, low=1),
    "best_of": partial(_whole, low=1),
    "top_n_tokens": partial(_whole, low=0),
    "details": _FLAG,
    "decoder_input_details": _FLAG,
    "return_full_text": _FLAG,
    "watermark": _FLAG,
    "grammar": _MAPPING,
    "adapter_id": _TEXT,
    "aspect_ratio": _TEXT,
    "width": partial(_whole, low=1),
    "height": partial(_whole, low=1),
    "negative_prompt": _TEXT,
    "num_inference_steps": partial(_whole, low=1),
    "guidance_scale": partial(_number, low=0),
    "scheduler": _TEXT,
    "model": _TEXT,
    "protocol": partial(_one_of, names=("auto", "chat-completions", "text-generation")),
    "continue_final_message": _FLAG,
    "fit": partial(_one_of, names=("error", "trim")),
    "repair": _FLAG,
    "resume": partial(_whole, low=0),
    "extra_body": _MAPPING,
    "extra_headers": _MAPPING,
    "extra_query": _MAPPING,
    "aggregation_strategy": partial(_one_of, names=("none", "simple", "first", "average", "max")),
    "align_to_words": _FLAG,
    "clean_up_tokenization_spaces": _FLAG,
    "doc_stride": partial(_whole, low=0),
    "function_to_apply": partial(_one_of, names=("sigmoid", "softmax", "none")),
    "generate_parameters": _MAPPING,
    "generation_parameters": _MAPPING,
    "handle_impossible_answer": _FLAG,
    "hypothesis_template": _TEXT,
    "ignore_labels": _texts,
    "lang": _TEXT,
    "mask_threshold": _number,
    "max_answer_len": partial(_whole, low=1),
    "max_question_len": partial(_whole, low=1),
    "max_seq_len": partial(_whole, low=1),
    "multi_label": _FLAG,
    "overlap_mask_area_threshold": partial(_number, low=0, high=1),
    "padding": partial(_one_of, names=("do_not_pad", "longest", "max_length")),
    "sequential": _FLAG,
    "src_lang": _TEXT,
    "stride": partial(_whole, low=0),
    "subtask": partial(_one_of, names=("instance", "panoptic", "semantic")),
    "targets": _texts,
    "tgt_lang": _TEXT,
    "threshold": _number,
    "truncation": _truncation,
    "word_boxes": _items,
    "early_stopping": partial(_flag_or, names=("never",)),
    "epsilon_cutoff": partial(_number, low=0, high=1),
    "eta_cutoff": partial(_number, low=0, high=1),
    "max_length": partial(_whole, low=1),
    "min_length": partial(_whole, low=0),
    "min_new_tokens": partial(_whole, low=0),
    "num_beam_groups": partial(_whole, low=1),
    "num_beams": partial(_whole, low=1),
    "num_frames": partial(_number, low=1),
    "penalty_alpha": partial(_number, low=0),
    "prompt": _TEXT,
    "return_timestamps": partial(_flag_or, names=("word", "char")),
    "use_cache": _FLAG,
}
