"""How servers want a request for text: data, one row a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["LLAMACPP", "OPENAI", "TGI", "TextDialect", "text_dialect"]


@attrs.frozen(kw_only=True)
class TextDialect:
    """The form of one kind of server's requests.

    Attributes:
        name: Its name.
        prompt: The field of the prompt.
        names: The server's name of each option; one that is missing it has no name for.
        nested: The field that holds the options, or None where they stand beside the prompt.
        fixed: Options that are always sent, unless the caller gives them.
        off: Values that mean "off" and are refused all the same.
        greedy: What temperature 0 is sent as.
        max_seed: The largest seed.
        names_model: Whether the body names the model.
        stream_usage: Whether ``stream_options`` asks for the usage of a stream.
    """

    name: str
    prompt: str
    names: Mapping[str, str]
    nested: str | None = None
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    off: Mapping[str, Any] = attrs.field(factory=dict)
    greedy: Mapping[str, Any] = attrs.field(factory=lambda: {"temperature": 0})
    max_seed: int = 2**63 - 1
    names_model: bool = False
    stream_usage: bool = False


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_SAMPLING = _same(
    "temperature", "top_k", "top_p", "frequency_penalty", "seed", "stop", "repetition_penalty"
)

# TGI: router/src/validation.rs refuses top_p and typical_p of 1, top_k of 0 and temperature 0,
# which all mean "off" or "greedy" elsewhere. POST / puts the prompt before the text unless told
# not to. Whole replies and streams tell why they ended only with "details".
TGI = TextDialect(
    name="tgi",
    prompt="inputs",
    nested="parameters",
    names=_SAMPLING
    | _same(
        "max_new_tokens",
        "do_sample",
        "typical_p",
        "truncate",
        "best_of",
        "top_n_tokens",
        "details",
        "decoder_input_details",
        "watermark",
        "grammar",
        "adapter_id",
    ),
    fixed={"return_full_text": False, "details": True},
    off={"top_p": 1, "typical_p": 1, "top_k": 0},
    greedy={"do_sample": False},
    max_seed=2**64 - 1,
)

# /v1/completions. The sampling options beyond OpenAI's own are vLLM's and most providers'.
OPENAI = TextDialect(
    name="openai",
    prompt="prompt",
    names=_SAMPLING
    | _same("min_p", "presence_penalty", "logit_bias")
    | {"max_new_tokens": "max_tokens", "top_n_tokens": "logprobs"},
    off={"top_k": 0},
    names_model=True,
    stream_usage=True,
)

# llama.cpp's own /completion; a seed of 2**32 - 1 asks for a random one.
LLAMACPP = TextDialect(
    name="llama.cpp",
    prompt="prompt",
    names=_SAMPLING
    | _same("typical_p", "min_p", "presence_penalty", "logit_bias")
    | {
        "max_new_tokens": "n_predict",
        "repetition_penalty": "repeat_penalty",
        "top_n_tokens": "n_probs",
    },
    max_seed=2**32 - 2,
)

_DIALECTS = {row.name: row for row in (TGI, OPENAI, LLAMACPP)}


def text_dialect(name: str) -> TextDialect:
    """Gives a dialect by its name."""
    return _DIALECTS[name]
