"""The two numbers in the ways servers say that a prompt is too long."""

from __future__ import annotations

import re

__all__ = ["token_numbers"]

_N = r"(\d[\d,_]{0,14})"


def _patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text.replace("N", _N), re.IGNORECASE) for text in texts)


# N is the number. TGI and TEI: "`inputs` tokens + `max_new_tokens` must be <= N. Given: N `inputs`
# tokens ...", "`inputs` must have less than N tokens. Given: N". llama.cpp: "request (N tokens)
# exceeds the available context size (N tokens)". vLLM and OpenAI: "maximum context length is N
# tokens. However, your prompt contains at least N input tokens | you requested N tokens (N in the
# messages | your messages resulted in N tokens". Anthropic: "prompt is too long: N tokens > N".
_MOST = _patterns(
    r"must be <= N",
    r"must have less than N tokens",
    r"context (?:length|size|window) (?:is |of )?(?:only |limited to )?\(?N",
    r"maximum model length of N",
    r"model with N maximum context",
    r"tokens > N",
    r"(?:limit|maximum) (?:is |of )N tokens",
)
_PROMPT = _patterns(
    r"Given: N",
    r"request \(N tokens\)",
    r"\(N in the messages",
    r"messages resulted in N tokens",
    r"request has N input tokens",
    r"prompt contains (?:at least )?N (?:input )?tokens",
    r"prompt \((?:total )?length N\)",
    r"too long: N tokens",
    r"passed N input tokens",
    r"you requested N tokens",
)


def token_numbers(words: str) -> tuple[int | None, int | None]:
    """Give (tokens of the prompt, tokens allowed) where the text names them."""
    return _number(_PROMPT, words), _number(_MOST, words)


def _number(patterns: tuple[re.Pattern[str], ...], words: str) -> int | None:
    for pattern in patterns:
        match = pattern.search(words)
        if match:
            return int(re.sub(r"[,_]", "", match[1]))
    return None
