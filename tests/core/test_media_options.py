"""The options of tasks about sounds and videos: named, documented, checked, and sent."""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path
from typing import Any

import pytest

from hfi import AsyncClient, Client
from hfi._core.outgoing.media_input import media_input
from hfi._core.providers.hf_inference import PROVIDER
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import FAMILIES, find_task
from hfi._core.tasks.payloads import body_of
from hfi.errors import ConfigurationError
from hfi.types.media_options import OPTION_DOCS
from hfi.types.task_options import TaskShape

METHODS = (*FAMILIES["audio"], *FAMILIES["video"])
ON_HF_INFERENCE = [  # and with a schema
    method
    for method in METHODS
    if method.replace("_", "-") in PROVIDER.ways and method != "audio_to_audio"
]
WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
# Some values that servers take, and one that can be right for none.
VALUES: dict[str, tuple[list[Any], Any]] = {
    "do_sample": ([True, False], 1),
    "early_stopping": ([True, "never"], "always"),
    "epsilon_cutoff": ([0, 0.1], 2),
    "eta_cutoff": ([0.1], -1),
    "function_to_apply": (["sigmoid", "softmax", "none"], "relu"),
    "generation_parameters": ([{"do_sample": False}], "greedy"),
    "guidance_scale": ([6.0, 0], -1),
    "max_length": ([100], 0),
    "max_new_tokens": ([50], 0),
    "min_length": ([0, 1], -1),
    "min_new_tokens": ([0, 1], 1.5),
    "negative_prompt": (["blurry", ["blurry", "dark"]], [3]),
    "num_beam_groups": ([1], 0),
    "num_beams": ([2], True),
    "num_frames": ([16, 16.0], 0),
    "num_inference_steps": ([10], 0),
    "penalty_alpha": ([0.3], -0.1),
    "prompt": (["it runs"], b"it runs"),
    "return_timestamps": ([True, False, "word"], "sometimes"),
    "seed": ([0, 2**32 - 1], -1),
    "target_size": ([(64, 48), {"width": 64, "height": 48}], (64,)),
    "temperature": ([0.7], math.nan),
    "top_k": ([5], 1.5),
    "top_p": ([0.9], 1.1),
    "typical_p": ([0.8], 2),
    "use_cache": ([True], "yes"),
}


def schema_of(method: str, fixtures_dir: Path) -> Any:
    name = method.replace("_", "-")
    return json.loads((fixtures_dir / "schemas" / "tasks" / f"{name}--input.json").read_text())


def common(fixtures_dir: Path) -> Any:
    return json.loads((fixtures_dir / "schemas" / "tasks" / "common-definitions.json").read_text())


def own_names(method: str) -> set[str]:
    task = find_task(method)
    assert task is not None
    return set(task.arguments.__annotations__) - set(TaskShape.__annotations__)


def call_of(method: str, options: dict[str, Any]) -> TaskCall:
    task = find_task(method)
    assert task is not None
    held = {"audio": (WAV, "audio"), "image": (PNG, "image")}
    inputs = {
        name: media_input(*held[name], name, {}) if name in held else "Hello."
        for name in task.inputs
    }
    return TaskCall.of(task, inputs, options)


@pytest.mark.parametrize("method", METHODS)
def test_every_parameter_of_the_schema_is_an_option(method: str, fixtures_dir: Path) -> None:
    if method == "audio_to_audio":  # there is no schema of it
        assert own_names(method) == set()
        return
    schema = schema_of(method, fixtures_dir)
    (parameters,) = (value["properties"] for value in schema["$defs"].values())
    more = set()
    if ("speech" in method and "text" in method) or method == "text_to_audio":
        # The official Python client has these side by side as well.
        more = set(common(fixtures_dir)["definitions"]["GenerationParameters"]["properties"])
    assert own_names(method) == set(parameters) | more


def test_every_option_is_tried_and_told() -> None:
    names = set().union(*map(own_names, METHODS))
    assert set(VALUES) == names
    assert set(OPTION_DOCS) <= names
    assert all(len(line) < 100 and line.endswith(".") for line in OPTION_DOCS.values())


@pytest.mark.parametrize("method", METHODS)
def test_values(method: str) -> None:
    for name in own_names(method):
        right, wrong = VALUES[name]
        for value in right:
            sent = call_of(method, {name: value}).options[name]
            assert sent == ({"width": 64, "height": 48} if name == "target_size" else value)
            assert json.dumps(sent)
        with pytest.raises(ConfigurationError, match=name if name != "target_size" else "size"):
            call_of(method, {name: wrong})
        assert name not in call_of(method, {name: None}).options


@pytest.mark.parametrize("method", ON_HF_INFERENCE)
@pytest.mark.parametrize("is_full", [False, True])
def test_requests_are_what_the_schema_says(method: str, is_full: bool, fixtures_dir: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    options = {name: VALUES[name][0][0] for name in own_names(method)} if is_full else {}
    way = PROVIDER.ways[method.replace("_", "-")]
    body = body_of(call_of(method, options), way, provider_id=None, adapter={})
    if not is_full and way.media == "raw":
        assert (body.content, body.content_type) == (WAV, "audio/wav")
        return
    definitions = common(fixtures_dir)
    registry = referencing.Registry().with_resource(
        "/inference/schemas/common-definitions.json",
        referencing.Resource(definitions, referencing.jsonschema.DRAFT6),
    )
    schema = schema_of(method, fixtures_dir)
    jsonschema.Draft6Validator(schema, registry=registry).validate(json.loads(body.content))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_help_lists_them(method: str, client: type) -> None:
    task = find_task(method)
    assert task is not None
    function = getattr(client, method)
    names = list(inspect.signature(function).parameters)
    assert names[1] == task.inputs[0]
    assert set(names[2:]) == set(task.arguments.__annotations__)
    for name in own_names(method) & OPTION_DOCS.keys():
        assert f"{name}: {OPTION_DOCS[name]}" in (function.__doc__ or "")
