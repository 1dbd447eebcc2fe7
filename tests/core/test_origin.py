"""The spellings of the origin, and what ``run`` makes of a model."""

from __future__ import annotations

from typing import Any

import pytest

from hfi._core.origin import RunCall, image_prompt, kind_of
from hfi.errors import ConfigurationError, ModelNotSupportedError
from hfi.types.models import ModelInfo


def test_the_origins_spellings_become_ours() -> None:
    call = RunCall.of(
        {
            "api_base": "http://localhost:8080",
            "api_key": "k",
            "extra_data": {"min_p": 0.1},
            "proxy": "http://proxy:3128",
            "action": "continue",
            "timeout": None,
            "seed": None,
            "max_tokens": 5,
            "width": 64,
            "prompt": "a cat",
        }
    )
    assert call.relative == {"base_url": "http://localhost:8080", "proxy": "http://proxy:3128"}
    assert call.prompt == "a cat"
    shared = {"token": "k", "extra_body": {"min_p": 0.1}, "timeout": None}
    assert call.text_options() == {**shared, "max_tokens": 5, "continue_final_message": True}
    assert call.image_options() == {**shared, "width": 64}
    assert repr(call) == "RunCall()"
    assert call.changes == {"token": "k", "timeout": None}


@pytest.mark.parametrize(
    "twice",
    [
        {"api_key": "a", "token": "b"},
        {"api_base": "http://a", "base_url": "http://b"},
        {"extra_data": {}, "extra_body": {}},
        {"action": "continue", "continue_final_message": False},
    ],
)
def test_two_spellings_of_one_thing_are_an_error(twice: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Both"):
        RunCall.of(twice)


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="'again'"):
        RunCall.of({"action": "again"})


@pytest.mark.parametrize(
    ("tag", "kind"),
    [("text-generation", "text"), ("image-text-to-text", "text"), ("text-to-image", "image")],
)
def test_the_pipeline_tag_says_what_a_model_is_for(tag: str, kind: str) -> None:
    assert kind_of(ModelInfo(id="org/m", pipeline_tag=tag)) == kind


def test_a_model_for_something_else_is_named_with_what_could_be_done() -> None:
    with pytest.raises(ModelNotSupportedError) as caught:
        kind_of(ModelInfo(id="org/ears", pipeline_tag="automatic-speech-recognition"))
    assert "org/ears" in str(caught.value)
    assert "automatic-speech-recognition" in str(caught.value)
    assert "client.models" in str(caught.value)


USER = {"role": "user", "content": "old"}
ANSWER = {"role": "assistant", "content": "there"}


@pytest.mark.parametrize(
    ("messages", "prompt", "expected"),
    [
        ("a cat", None, "a cat"),
        ("a cat", "a dog", "a dog"),
        (None, "a dog", "a dog"),
        (
            [USER, ANSWER, {"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
            None,
            "a\nb",
        ),
        ([{"role": "user", "content": [{"type": "text", "text": "x"}, "y"]}], None, "x\ny"),
    ],
)
def test_the_prompt_of_an_image(messages: Any, prompt: str | None, expected: str) -> None:
    assert image_prompt(messages, prompt) == expected


@pytest.mark.parametrize("messages", [None, [USER, ANSWER], [{"role": "user", "content": ""}]])
def test_an_image_of_nothing_is_an_error(messages: Any) -> None:
    with pytest.raises(ConfigurationError, match="nothing to make an image of"):
        image_prompt(messages, None)
