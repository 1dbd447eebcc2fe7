"""Bodies of text-generation requests, and what is said about them."""

from __future__ import annotations

from typing import Any

import pytest

from hfi._core.generation.bodies import text_body
from hfi._core.generation.dialects import LLAMACPP, OPENAI, TGI, TextDialect
from hfi.errors import ConfigurationError


def body(options: dict[str, Any], dialect: TextDialect, **more: Any) -> Any:
    return text_body("Once", options, dialect, **{"model": "m", "stream": False, **more})


OWN = {"return_full_text": False, "details": True}


@pytest.mark.parametrize(
    ("options", "parameters", "notes"),
    [
        ({}, {}, 0),
        ({"temperature": 0}, {"do_sample": False}, 1),
        ({"top_p": 1.0, "typical_p": 1, "top_k": 0}, {}, 3),
        ({"top_k": -1}, {}, 1),
        ({"details": False}, {"details": False}, 0),
        ({"seed": 2**64 - 1}, {"seed": 2**64 - 1}, 0),
        ({"return_full_text": True}, {}, 0),
    ],
)
def test_what_tgi_is_sent(options: dict[str, Any], parameters: Any, notes: int) -> None:
    made = body(options, TGI)
    assert made.payload == {"inputs": "Once", "parameters": {**OWN, **parameters}}
    assert len(made.notes) == notes
    assert made.warnings == ()


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_server_has_not_cannot_clash(stream: bool) -> None:
    options = {"best_of": 2, "seed": 1, "decoder_input_details": True}
    made = body(options, OPENAI, stream=stream)
    assert made.payload["seed"] == 1
    assert not {"best_of", "decoder_input_details"} & made.payload.keys()
    assert [each.partition(" ")[0] for each in made.warnings] == [
        "best_of",
        "decoder_input_details",
    ]
    with pytest.raises(ConfigurationError):
        body(options, TGI, stream=stream)


def test_the_other_dialects_have_their_own_names() -> None:
    options = {"max_new_tokens": 5, "repetition_penalty": 1.1, "do_sample": False, "seed": 1}
    assert body(options, OPENAI).payload == {
        "prompt": "Once",
        "model": "m",
        "max_tokens": 5,
        "repetition_penalty": 1.1,
        "seed": 1,
        "temperature": 0,
    }
    assert body({**options, "top_n_tokens": 2}, LLAMACPP, stream=True).payload == {
        "prompt": "Once",
        "n_predict": 5,
        "repeat_penalty": 1.1,
        "seed": 1,
        "n_probs": 2,
        "temperature": 0,
        "stream": True,
    }


def test_what_cannot_be_sent_is_said() -> None:
    assert [w.split()[0] for w in body({"watermark": True}, OPENAI).warnings] == ["watermark"]
    assert [w.split()[0] for w in body({"min_p": 0.1}, TGI).warnings] == ["min_p"]
    with pytest.raises(ConfigurationError, match="grammar"):
        body({"grammar": {"type": "json", "value": {}}}, OPENAI)
    with pytest.raises(ConfigurationError, match="regex"):
        body({"grammar": {"type": "regex", "value": "a+"}}, LLAMACPP)
    with pytest.raises(ConfigurationError, match="seed"):
        body({"seed": 2**32}, LLAMACPP)
    with pytest.raises(ConfigurationError, match="prompt"):
        text_body("", {}, TGI, model=None, stream=False)


def test_extra_fields_are_parameters_of_tgi_unless_they_stand_beside_them() -> None:
    extra = {"min_p": 0.1, "options": {"wait_for_model": True}, "parameters": {"top_k": 3}}
    made = body({"top_k": 5}, TGI, extra_body=extra).payload
    assert made == {
        "inputs": "Once",
        "parameters": {**OWN, "top_k": 3, "min_p": 0.1},
        "options": {"wait_for_model": True},
    }
    assert body({}, OPENAI, extra_body={"min_p": 0.1}).payload["min_p"] == 0.1


def test_parameters_that_a_model_refuses_are_left_out() -> None:
    made = body({"top_k": 5}, TGI, without=frozenset({"top_k", "details"}))
    assert made.payload["parameters"] == {"return_full_text": False}
    assert made.own == {"return_full_text"}
