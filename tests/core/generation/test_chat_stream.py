"""A text's reply as that of a chat, and when a chat goes that way by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi import errors
from hfi._core.generation.chat_stream import ChatTextParser
from hfi._core.generation.evidence import mapping_evidence, refusal_evidence, server_evidence
from hfi._core.generation.servers import KINDS, Server
from hfi._core.generation.stream import TextStreamParser
from hfi.types.chat import ChatCompletion
from hfi.types.models import ModelInfo, ProviderMapping


def events(*texts: str, whole: bool = True) -> bytes:
    body = b""
    for number, text in enumerate(texts, 1):
        last = whole and number == len(texts)
        event = {
            "index": number,
            "token": {"id": number, "text": text, "logprob": -1.0, "special": False},
            "generated_text": "".join(texts) if last else None,
            "details": {"finish_reason": "eos_token", "generated_tokens": number} if last else None,
        }
        body += b"data: " + json.dumps(event).encode() + b"\n\n"
    return body


def chat(body: bytes, **options: Any) -> tuple[list[Any], ChatTextParser]:
    text = TextStreamParser(headers={"content-type": "text/event-stream"})
    parser = ChatTextParser(text, **{"thinking": False, "trim": True, **options})
    return parser.feed(body) + parser.close(), parser


def test_white_space_before_the_answer_is_the_tokenizers() -> None:
    chunks, parser = chat(events(" ", " Paris", " it is."))
    assert "".join(map(str, chunks)) == parser.completion().text == "Paris it is."
    assert parser.completion().finish_reason == "stop"
    assert chat(events(" Paris"), trim=False)[1].completion().text == " Paris"


@pytest.mark.parametrize("thinking", [False, True])
def test_reasoning_is_told_from_the_answer(thinking: bool) -> None:
    opening = "" if thinking else "<think>"
    _, parser = chat(events(f"{opening}\nHm", ".\n</thi", "nk>\n\nParis"), thinking=thinking)
    assert parser.completion().reasoning == "Hm."
    assert parser.completion().text == "Paris"


def test_what_breaks_off_leaves_a_chat_behind() -> None:
    _, parser = chat(events("Par", "is", whole=False))
    assert isinstance(parser.error, errors.StreamInterruptedError)
    assert isinstance(parser.error.partial, ChatCompletion)
    assert parser.error.partial.text == "Paris"


def test_probabilities_come_where_they_were_asked_for() -> None:
    chunks, parser = chat(events("a", "b"), logprobs=True)
    assert [c.logprobs.content[0].token for c in chunks] == ["a", "b"]
    assert parser.completion().logprobs is not None
    assert chat(events("a"))[1].completion().logprobs is None


def test_a_refusal_may_say_what_is_supported() -> None:
    told = "Model x is not supported for task conversational. Supported task: text-generation."
    assert refusal_evidence(errors.BadRequestError(told)) is not None
    assert refusal_evidence(errors.BadRequestError("Template error: template not found"))
    assert refusal_evidence(errors.BadRequestError("text-generation is broken today")) is None


def test_a_server_is_evidence_only_where_it_generates_text() -> None:
    error = errors.ModelNotFoundError("no", status_code=404)
    for name, evident in (("tgi", True), ("llama.cpp", True), ("openai", False), ("tei", False)):
        server = Server(kind=KINDS[name], root="http://h")
        assert (server_evidence(error, server) is not None) is evident


def test_a_mapping_is_evidence_where_nobody_chats_with_the_model() -> None:
    def entry(task: str, status: str = "live") -> ProviderMapping:
        return ProviderMapping(provider="p", provider_id="x", task=task, status=status)

    def evident(*entries: ProviderMapping) -> bool:
        return mapping_evidence(ModelInfo(id="m", providers=entries)) is not None

    assert evident(entry("text-generation"))
    assert not evident(entry("text-generation"), entry("conversational"))
    assert not evident(entry("text-generation", "error"))
    assert not evident()
