"""Plans of tasks: who may be asked, with which token, and what is sent; without a network."""

from __future__ import annotations

import base64
import json
from typing import Any

import attrs
import pytest

from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.hub.model_reader import read_model
from hfi._core.outgoing.media_input import MediaInput
from hfi._core.providers import find_provider
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import find_task, task_of
from hfi._core.tasks.making import perform, with_meta
from hfi._core.tasks.media_replies import KINDS, media_type
from hfi._core.tasks.multipart import FilePart, form
from hfi._core.tasks.payloads import lora_fields
from hfi._core.tasks.plan import TaskPlan, plan_task
from hfi._core.tasks.stop import server_stop
from hfi.errors import ConfigurationError, OfflineError, ResponseError
from hfi.types.meta import CallMeta
from hfi.types.models import ProviderMapping
from playing import play, reply, requests_of

HF = "hf_" + "a" * 20
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
)
PICTURE = MediaInput(kind="image", where="image", data=PNG, content_type="image/png")
SOUND = MediaInput(kind="audio", where="audio", data=b"RIFF....WAVE", content_type="audio/wav")


def config(environ: dict[str, str] | None = None, **options: Any) -> ClientConfig:
    return resolve(World(environ=environ or {}), **{"model": "org/m", "token": HF, **options})


def served(task: str, *names: str, provider_id: str = "their/id", **more: Any) -> Any:
    entry = {"status": "live", "providerId": provider_id, "task": task, **more}
    return read_model({"id": "org/m", "inferenceProviderMapping": dict.fromkeys(names, entry)})


def plan(method: str, *names: str, where: ClientConfig | None = None, **given: Any) -> TaskPlan:
    task = task_of(method)
    entry = {key: given.pop(key) for key in ("provider_id", "adapter") if key in given}
    inputs = {name: given.pop(name) for name in task.inputs if name in given}
    call = TaskCall.of(task, inputs, given)
    return plan_task(call, where or config(), served(task.name, *names, **entry))


def sent(one: TaskPlan) -> Any:
    return json.loads(one.first().request.content or b"")


# -- inputs ----------------------------------------------------------------------------------------


def test_what_is_no_input() -> None:
    assert find_task("dance") is None
    with pytest.raises(ConfigurationError, match="text_classification needs text"):
        plan("text_classification", "hf-inference")
    with pytest.raises(ConfigurationError, match="media that were read"):
        plan("image_classification", "hf-inference", image=PNG)


# -- servers of one's own --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["text_to_video", "image_to_video", "image_text_to_video"])
def test_an_endpoint_for_a_task_that_hf_inference_does_not_have(method: str) -> None:
    own = config(base_url="http://h:1", model=None, token=None)
    media = method != "text_to_video"
    given = {"image": PICTURE} if media else {"prompt": "go"}
    one = plan(method, where=own, **given, seed=1)
    assert one.first().request.url == "http://h:1"
    inputs = base64.b64encode(PNG).decode() if media else "go"
    assert sent(one) == {"inputs": inputs, "parameters": {"seed": 1}}
    assert one.first().request.headers["accept"] == "*/*"


def test_a_server_of_hugging_face_s_is_not_called_offline() -> None:
    environ = {"HF_HUB_OFFLINE": "1", "HFI_BASE_URL": "https://huggingface.co/api/x"}
    with pytest.raises(OfflineError):
        plan("text_classification", where=config(environ, model=None), text="x")


def test_a_way_of_its_own_for_a_server() -> None:
    way = find_provider("scaleway")
    assert way is not None
    embeddings = way.ways["feature-extraction"]
    task = task_of("feature_extraction")
    stop = server_stop(task, config(base_url="http://h:1/a"), "http://h:1/a", embeddings)
    assert stop.route.url == "http://h:1/a/v1/embeddings"


# -- tokens and hosts ------------------------------------------------------------------------------


def test_no_host_is_called_offline() -> None:
    offline = {"HF_HUB_OFFLINE": "1"}
    for options in ({}, {"token": "own-key", "provider": "together"}):
        with pytest.raises(OfflineError):
            plan("text_to_image", "together", where=config(offline, **options), prompt="x")


def test_true_means_that_a_token_must_be_found() -> None:
    for names in (("together",), ("hf-inference",)):
        where = config(token=True, provider=names[0])
        with pytest.raises(ConfigurationError, match="token"):
            plan("text_to_image", *names, where=where, prompt="x")


def test_weights_make_no_pictures() -> None:
    where = config(model="model.gguf", provider="hf-inference")
    with pytest.raises(ConfigurationError, match="embedded server"):
        plan("text_to_image", "hf-inference", where=where, prompt="x")


# -- the shapes of providers -----------------------------------------------------------------------


def test_a_document_s_layout_is_a_text() -> None:
    one = plan("image_to_text", "zai-org", image=PICTURE)
    assert one.first().request.url.endswith("/zai-org/api/paas/v4/layout_parsing")
    text, _ = play(perform(one), lambda _: reply(b'{"md_results": "# Title"}'))
    assert str(text) == "# Title"
    with pytest.raises(ResponseError):
        play(perform(one), lambda _: reply(b'{"md_results": 3}'))


@pytest.mark.parametrize(
    ("method", "kind", "body"),
    [
        ("audio_to_audio", "audio", b'{"audio": "none"}'),
        ("audio_to_audio", "audio", b'{"image": {}}'),
        ("image_segmentation", "image", b'{"image": {}}'),
        ("image_segmentation", "image", b'{"audio": "none"}'),
    ],
)
def test_what_fal_answers_without_a_file(method: str, kind: str, body: bytes) -> None:
    given: dict[str, Any] = {kind: SOUND if kind == "audio" else PICTURE}
    one = plan(method, "fal-ai", **given)
    answers = [reply(b'{"status": "COMPLETED", "request_id": "r"}'), reply(body)]
    with pytest.raises(ResponseError):
        play(perform(one), lambda _: answers.pop(0))


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ('"hello"', "hello"),
        ('["hello", "x"]', "hello"),
        ('{"transcription": "hello"}', "hello"),
        ('{"translation": "hello"}', "hello"),
        ('{"segments": [{"text": "hello", "start": 0, "end": 1}]}', "hello"),
        ('{"txt_file": "https://cdn.example.com/a.txt"}', "hello"),
    ],
)
def test_replicate_s_words(output: str, text: str) -> None:
    one = plan("automatic_speech_recognition", "replicate", audio=SOUND)
    body = f'{{"id": "j", "status": "succeeded", "output": {output}}}'.encode()
    answers = [reply(body), reply(b"hello")]
    heard, steps = play(perform(one), lambda _: answers.pop(0))
    assert str(heard) == text
    for request in requests_of(steps)[1:]:
        assert request.credential is None


def test_minimax_wants_words() -> None:
    with pytest.raises(ConfigurationError, match="needs a prompt"):
        plan("image_text_to_video", "novita", provider_id="MiniMax-H3", image=PICTURE).first()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ("768P", 4, "16:9")),
        ({"target_size": (1440, 2560), "num_frames": 240}, ("2K", 10, "9:16")),
        ({"target_size": (768, 768), "num_frames": 10_000}, ("768P", 15, "1:1")),
    ],
)
def test_minimax_s_shapes(options: Any, told: tuple[str, int, str]) -> None:
    one = plan("image_text_to_video", "novita", provider_id="MiniMax-H3", prompt="go", **options)
    body = sent(one)
    assert (body["resolution"], body["duration"], body["ratio"]) == told


def test_an_adapter_whose_file_is_not_told() -> None:
    fal = find_provider("fal-ai")
    assert fal is not None
    mapping = ProviderMapping(provider="fal-ai", provider_id="x/y", adapter="lora")
    assert lora_fields(fal.ways["text-to-video"], "org/m", mapping) == {}


def test_only_models_for_images_take_adapters_at_replicate() -> None:
    found = find_provider("replicate")
    assert found is not None
    mapping = ProviderMapping(provider="replicate", provider_id="x/y", adapter="lora")
    named = {task for task, way in found.ways.items() if lora_fields(way, "org/m", mapping)}
    assert named == {"text-to-image", "image-to-image"}


def test_a_voice_that_is_given_wins() -> None:
    plain = plan("text_to_speech", "together", text="hi", provider_id="hexgrad/Kokoro-82M")
    assert sent(plain)["voice"] == "af_alloy"
    extra = {"voice": "af_heart"}
    own = plan("text_to_speech", "together", text="hi", provider_id="a/kokoro", extra_body=extra)
    assert sent(own)["voice"] == "af_heart"


# -- forms -----------------------------------------------------------------------------------------


def test_a_form_s_boundary_is_in_none_of_its_parts() -> None:
    content, kind = form({"a": "--hfi-form-0", "b": "--hfi-form-1\r\n"})
    assert kind == "multipart/form-data; boundary=hfi-form-2"
    assert content.count(b"--hfi-form-2") == 3


def test_names_in_a_form_are_escaped() -> None:
    part = FilePart(data=b"x", name='a"b\r\n.wav', content_type="audio/wav")
    content, _ = form({'f"\n': part})
    assert b'name="f%22%0A"; filename="a%22b%0D%0A.wav"' in content


# -- replies ---------------------------------------------------------------------------------------


def test_what_was_told_of_bytes_counts_where_they_do_not_say() -> None:
    assert media_type(b"raw samples", KINDS["audio"], "audio/l16") == "audio/l16"
    for kind, told in (("image", "image/png"), ("audio", "text/html"), ("video", "")):
        with pytest.raises(ResponseError, match="Where"):
            media_type(b"<html></html>", KINDS[kind], told)


def test_values_without_a_place_for_facts_are_left_as_they_are() -> None:
    @attrs.frozen
    class Bare:
        x: int

    assert with_meta([0.5], CallMeta()) == [0.5]
    assert with_meta(Bare(1), CallMeta()) == Bare(1)
