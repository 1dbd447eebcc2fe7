"""Images: whom to ask, what to send, what to make of the reply, and the value itself."""

from __future__ import annotations

import base64
import copy
import io
import json
import pickle
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hfi
from hfi._core.configuration.config import ClientConfig, resolve
from hfi._core.configuration.world import World
from hfi._core.hub.model_reader import read_model
from hfi._core.request import Request, Response
from hfi._core.tasks import media_replies, routing
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import task_of
from hfi._core.tasks.explanation import explain_task
from hfi._core.tasks.images import one_each
from hfi._core.tasks.making import perform
from hfi._core.tasks.media_replies import KINDS, media_type
from hfi._core.tasks.plan import TaskPlan, plan_task
from hfi.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    HFIError,
    LimitExceededError,
    MissingExtraError,
    ModelNotFoundError,
    ModelNotSupportedError,
    OfflineError,
    PaymentRequiredError,
    ResponseError,
    ServerError,
)
from hfi.types.media import Image
from playing import play, reply, requests_of

HF = "hf_" + "a" * 20
KEY = "key-" + "a" * 20
MODEL = "org/painter"
URL = "https://cdn.example.com/out.png"
TASK = task_of("text_to_image")
KIND = KINDS["image"]


def call_of(prompt: Any = "x", **options: Any) -> TaskCall:
    return TaskCall.of(TASK, {"prompt": prompt}, options)


def found_in(response: Response, request: Request) -> Any:
    return media_replies.found_in(response, request, KIND).items


def download(url: str, **where: Any) -> Request | bytes:
    return media_replies.download(url, kind=KIND, **where)


def needs_mapping(config: ClientConfig) -> bool:
    return routing.needs_mapping(TASK, config)


def png(width: int = 2, height: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(3 * width) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = png()
B64 = base64.b64encode(PNG).decode()


def info(*names: str, tag: str = "text-to-image", **changes: Any) -> Any:
    mapping = {
        name: {"status": "live", "providerId": f"{name}/id", "task": "text-to-image", **changes}
        for name in names
    }
    return read_model({"id": MODEL, "pipeline_tag": tag, "inferenceProviderMapping": mapping})


def config(**changes: Any) -> ClientConfig:
    environ = changes.pop("environ", {})
    return resolve(World(environ=environ), **{"model": MODEL, "token": HF, **changes})


def plan(*names: str, adapter: dict[str, Any] | None = None, **call: Any) -> TaskPlan:
    """The plan for a model that these providers serve."""
    settings = {key: call.pop(key) for key in ("provider", "token", "bill_to") if key in call}
    image_call = call_of("a cat", **call)
    return plan_task(image_call, config(**settings), info(*names, **(adapter or {})))


def sent(one: TaskPlan) -> Any:
    return json.loads(one.first().request.content or b"")


def as_json(body: Any, status: int = 200) -> Response:
    return reply(json.dumps(body).encode(), status)


# -- arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_seeds_of_32_bits(seed: int) -> None:
    assert call_of(seed=seed).options == {"seed": seed}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"width": 0}, "width"),
        ({"height": "512"}, "height"),
        ({"num_inference_steps": 0}, "num_inference_steps"),
        ({"guidance_scale": float("nan")}, "guidance_scale"),
        ({"negative_prompt": 3}, "negative_prompt"),
        ({"aspect_ratio": "wide"}, "aspect_ratio"),
        ({"extra_body": []}, "extra_body"),
        ({"steps": 3}, "steps"),
    ],
)
def test_values_that_are_right_for_nobody(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        call_of(**options)


def test_a_prompt_is_a_string() -> None:
    with pytest.raises(ConfigurationError, match="prompt"):
        call_of(3)  # type: ignore[arg-type]


def test_what_is_none_is_not_sent() -> None:
    options = {"seed": None, "width": None, "aspect_ratio": None, "extra_body": None}
    assert call_of(**options).options == {}


def test_several_images_have_seeds_that_follow_one_another() -> None:
    def seeds(n: int, **options: Any) -> list[int | None]:
        plans = one_each(plan("together", **options), n, 7)
        return [each.call.options.get("seed") for each in plans]

    assert seeds(1) == [None]
    assert seeds(1, seed=3) == [3]
    assert seeds(3) == [7, 8, 9]
    assert seeds(3, seed=0) == [0, 1, 2]
    assert seeds(3, seed=2**32 - 2) == [2**32 - 2, 2**32 - 1, 0]


# -- what is sent ----------------------------------------------------------------------------------

ALL = {"seed": 1, "num_inference_steps": 4, "guidance_scale": 3.5, "aspect_ratio": "16:9"}
SIDES = {"width": 1024, "height": 576}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "deepinfra": (
        "/v1/openai/images/generations",
        {"model": "deepinfra/id", "response_format": "b64_json", "size": "1024x576"},
    ),
    "fal-ai": ("/fal-ai/id?_subdomain=queue", {"image_size": SIDES}),
    "nscale": (
        "/v1/images/generations",
        {"model": "nscale/id", "response_format": "b64_json", "size": "1024x576"},
    ),
    "together": (
        "/v1/images/generations",
        {"model": "together/id", "response_format": "base64", "steps": 4, **SIDES},
    ),
    "wavespeed": ("/api/v3/wavespeed/id", SIDES),
    "zai-org": (
        "/api/paas/v4/async/images/generations",
        {"model": "zai-org/id", "size": "1024x576"},
    ),
}


@pytest.mark.parametrize("name", list(BODIES))
def test_bodies(name: str) -> None:
    one = plan(name, **ALL)
    path, own = BODIES[name]
    assert one.first().request.url == f"https://router.huggingface.co/{name}{path}"
    steps = {} if name in ("nscale", "together") else {"num_inference_steps": 4}
    assert sent(one) == {"prompt": "a cat", "seed": 1, "guidance_scale": 3.5, **own, **steps}
    assert one.first().payload == sent(one)
    assert one.first().request.headers["accept"] == "application/json"


def test_hugging_face_s_own_body() -> None:
    one = plan("hf-inference", **ALL)
    assert (
        one.first().request.url
        == "https://router.huggingface.co/hf-inference/models/hf-inference/id"
    )
    rest = {"seed": 1, "num_inference_steps": 4, "guidance_scale": 3.5}
    assert sent(one) == {"inputs": "a cat", "parameters": {**rest, **SIDES}}
    assert one.first().request.headers["accept"] == "image/png"
    assert sent(plan("hf-inference")) == {"inputs": "a cat"}
    extra = sent(plan("hf-inference", seed=1, extra_body={"seed": 2, "x": None}))
    assert extra["parameters"] == {"seed": 2, "x": None}


def test_replicate_s_body_and_versions() -> None:
    one = plan("replicate", **ALL, extra_body={"go_fast": True})
    assert one.first().request.url.endswith("/replicate/v1/models/replicate/id/predictions")
    assert sent(one)["input"]["go_fast"] is True
    assert one.first().request.headers["prefer"] == "wait"
    version = plan("replicate", adapter={"providerId": "owner/name:abc"})
    assert version.first().request.url.endswith("/replicate/v1/predictions")
    assert sent(version) == {"version": "abc", "input": {"prompt": "a cat"}}


def test_the_model_stands_first() -> None:
    assert list(sent(plan("together", seed=1)))[:2] == ["model", "prompt"]


def test_extra_body_wins_over_everything() -> None:
    body = sent(plan("together", seed=1, extra_body={"response_format": "url", "seed": 2}))
    assert (body["response_format"], body["seed"]) == ("url", 2)


def test_adapters() -> None:
    lora = {"adapter": "lora", "adapterWeightsPath": "my lora.safetensors"}
    hub = "https://huggingface.co/org/painter"
    loras = [{"path": f"{hub}/resolve/main/my%20lora.safetensors", "scale": 1}]
    assert sent(plan("fal-ai", adapter=lora))["loras"] == loras
    base = sent(plan("fal-ai", adapter={**lora, "providerId": "fal-ai/lora"}))
    assert base["model_name"] == "stabilityai/stable-diffusion-xl-base-1.0"
    assert sent(plan("replicate", adapter=lora))["input"]["lora_weights"] == hub
    assert sent(plan("wavespeed", adapter=lora))["loras"] == [{"path": MODEL, "scale": 1}]
    assert "loras" not in sent(plan("together", adapter=lora))


def test_what_a_provider_does_not_take_is_told() -> None:
    assert plan("nscale", num_inference_steps=4).warnings == (
        "nscale takes no num_inference_steps; it is not sent.",
    )
    assert plan("together", num_inference_steps=4).warnings == ()


def test_headers_of_the_user_go_to_the_provider() -> None:
    one = plan_task(
        call_of(extra_headers={"X-Trace": "1"}),
        config(headers={"X-Own": "2"}),
        info("zai-org"),
    )
    assert one.first().request.headers["x-trace"] == "1"
    assert one.first().request.headers["x-own"] == "2"
    assert one.first().request.headers["x-source-channel"] == "hugging_face"


# -- whom to ask -----------------------------------------------------------------------------------


def asked(one: TaskPlan) -> list[str | None]:
    return [stop.route.provider for stop in one.stops]


def test_the_hub_s_order_is_kept_and_strangers_are_skipped() -> None:
    one = plan("fal-ai", "black-forest-labs", "someone-new", "together")
    assert asked(one) == ["fal-ai", "together"]
    assert [note for note in one.notes if "someone-new" in note]


def test_only_live_ones_unless_named() -> None:
    staged = info("together", status="staging")
    with pytest.raises(ModelNotSupportedError, match="No inference provider"):
        plan_task(call_of("x"), config(), staged)
    named = plan_task(call_of("x"), config(provider="together"), staged)
    assert "'staging'" in named.warnings[0]


def test_named_providers_in_the_user_s_order() -> None:
    names = ("fal-ai", "replicate", "together")
    assert asked(plan(*names, provider="together")) == ["together"]
    assert asked(plan(*names, provider=["together", "fal-ai"])) == ["together", "fal-ai"]
    assert asked(plan(*names, provider=["together", "auto"])) == ["together", "fal-ai", "replicate"]
    assert asked(plan(*names, provider=["nscale", "local", "fal-ai"][::2])) == ["fal-ai"]
    assert asked(plan(*names, provider=["fal-ai", "local"])) == ["fal-ai"]


def test_a_suffix_names_a_provider() -> None:
    served = info("fal-ai", "together")
    for suffix, first in (("together", "together"), ("fastest", "fal-ai")):
        one = plan_task(call_of("x"), config(model=f"{MODEL}:{suffix}"), served)
        assert one.stops[0].route.provider == first
        assert one.stops[0].route.model == MODEL


def test_a_provider_that_cannot() -> None:
    with pytest.raises(ModelNotSupportedError, match="nscale does not serve org/painter"):
        plan("fal-ai", provider="nscale")
    with pytest.raises(ConfigurationError, match="Did you mean 'together'"):
        plan("fal-ai", provider="togethr")
    with pytest.raises(ConfigurationError, match="no way to text-to-image at provider 'groq'"):
        plan("fal-ai", provider="groq")
    with pytest.raises(ModelNotSupportedError, match="writes text and chats"):
        plan_task(call_of("x"), resolve(World(), provider="local"), None)


def test_a_model_of_another_task_says_so() -> None:
    with pytest.raises(ModelNotSupportedError, match="it is for text-generation"):
        plan_task(call_of("x"), config(), info(tag="text-generation"))


def test_without_a_token_only_hugging_face_s_own_provider_is_asked() -> None:
    assert asked(plan("fal-ai", "hf-inference", token=False)) == ["hf-inference"]
    with pytest.raises(ConfigurationError, match="needs a Hugging Face token"):
        plan("fal-ai", token=False)


def test_a_provider_s_own_key_goes_to_it_alone() -> None:
    fal = plan("fal-ai", provider="fal-ai", token=KEY)
    assert fal.first().request.url == "https://queue.fal.run/fal-ai/id"
    assert fal.first().request.credential is not None
    assert fal.first().request.credential.scheme == "Key"
    together = plan("together", provider="together", token=KEY, bill_to="acme")
    assert together.first().request.url == "https://api.together.xyz/v1/images/generations"
    assert "x-hf-bill-to" not in together.first().request.headers
    assert any("bill_to" in warning for warning in together.warnings)
    with pytest.raises(ConfigurationError, match="no provider is named"):
        plan("fal-ai", token=KEY)


def test_with_its_own_key_a_model_may_have_the_provider_s_own_name() -> None:
    own = config(model="fal-ai/flux/dev", provider="fal-ai", token=KEY)
    assert not needs_mapping(own)
    one = plan_task(call_of("x"), own, None)
    assert one.first().request.url == "https://queue.fal.run/fal-ai/flux/dev"
    assert needs_mapping(config(provider="fal-ai", token=KEY))
    assert needs_mapping(config())
    assert not needs_mapping(config(provider="hf-inference"))
    assert not needs_mapping(config(base_url="http://localhost:1"))


def test_who_pays_is_told_to_the_router() -> None:
    assert plan("fal-ai", bill_to="acme").first().request.headers["x-hf-bill-to"] == "acme"


def test_offline() -> None:
    with pytest.raises(OfflineError):
        plan_task(
            call_of("x"),
            config(provider="hf-inference", environ={"HF_HUB_OFFLINE": "1"}),
            None,
        )


@pytest.mark.parametrize(
    ("base", "url", "field"),
    [
        ("http://localhost:8080", "http://localhost:8080", "inputs"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1/images/generations", "prompt"),
        (
            "http://localhost:1/v1/images/generations",
            "http://localhost:1/v1/images/generations",
            "prompt",
        ),
    ],
)
def test_a_server_of_one_s_own(base: str, url: str, field: str) -> None:
    own = resolve(World(environ={"HF_TOKEN": HF}), base_url=base)
    one = plan_task(call_of("a cat"), own, None)
    assert one.first().request.url == url
    assert sent(one)[field] == "a cat"
    assert one.first().request.credential is None  # a token that was found stays at Hugging Face
    assert "model" not in sent(one)


def test_the_default_model_and_the_built_in_aliases() -> None:
    plain = resolve(World(), token=HF, provider="hf-inference")
    assert plan_task(call_of("x"), plain, None).stops[0].route.model == (
        "black-forest-labs/FLUX.1-dev"
    )
    short = plain.evolve(model="flux-schnell")
    assert plan_task(call_of("x"), short, None).stops[0].route.model == (
        "black-forest-labs/FLUX.1-schnell"
    )


# -- falling over ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 402, 404, 410, 422])
def test_the_next_provider_is_asked(status: int) -> None:
    answers = {"nscale": as_json({"error": "no"}, status), "together": as_json({"data": [B64]})}
    image, steps = play(
        perform(plan("nscale", "together", seed=5)),
        lambda request: answers[request.provider or ""],
    )
    assert image.provider == "together"
    assert image.seed == 5
    assert [each.provider for each in requests_of(steps)] == ["nscale", "together"]


@pytest.mark.parametrize(("status", "kind"), [(403, APIStatusError), (500, ServerError)])
def test_other_refusals_end_the_call(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        play(perform(plan("nscale", "together")), lambda _: as_json({"error": "no"}, status))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, PaymentRequiredError),
        (404, ModelNotFoundError),
    ],
)
def test_the_last_one_s_refusal_counts(status: int, kind: type[APIStatusError]) -> None:
    answers = [as_json({"error": "first"}, 404), as_json({"error": "last"}, status)]
    with pytest.raises(kind, match="last"):
        play(perform(plan("nscale", "together")), lambda _: answers.pop(0))


def test_a_job_that_was_taken_on_is_not_given_to_another() -> None:
    answers = [
        as_json({"status": "IN_QUEUE", "request_id": "1"}),
        as_json({"status": "COMPLETED", "request_id": "1"}),
        as_json({"detail": "bad prompt"}, 422),
    ]
    with pytest.raises(BadRequestError, match="bad prompt"):
        play(perform(plan("fal-ai", "together")), lambda _: answers.pop(0))


# -- replies ---------------------------------------------------------------------------------------

GET = Request(url="https://api.example.com/x", provider="together")


@pytest.mark.parametrize(
    "body",
    [
        {"images": [{"url": URL}]},
        {"images": [URL]},
        {"data": [{"url": URL}]},
        {"output": URL},
        {"output": [URL]},
        {"data": {"outputs": [URL], "status": "completed"}},
        {"image_result": [{"url": URL}]},
        {"image": {"url": URL}},
        {"image": {"image_url": URL}},
        {"images": [], "output": [URL]},
        {"data": [{"b64_json": None, "url": URL}]},
    ],
)
def test_urls_wherever_they_stand(body: Any) -> None:
    assert found_in(as_json(body), GET) == [URL]


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"b64_json": B64}]},
        {"data": [{"b64_json": B64, "url": None, "index": 0}]},
        {"images": [B64]},
        {"images": [{"base64": B64}]},
        {"output": B64},
    ],
)
def test_bytes_wherever_they_stand(body: Any) -> None:
    assert found_in(as_json(body), GET) == [PNG]


def test_a_body_that_is_an_image() -> None:
    assert found_in(reply(PNG, content_type="application/json"), GET) == [PNG]
    svg = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'
    assert media_type(svg, KIND) == "image/svg+xml"
    assert found_in(reply(svg), GET) == [svg]


@pytest.mark.parametrize(
    "content", [b"", b"<html>busy</html>", b"[]", b"{}", b'{"data": []}', b'{"images": [{"x": 1}]}']
)
def test_a_reply_without_an_image(content: bytes) -> None:
    with pytest.raises(ResponseError):
        found_in(reply(content), GET)


def test_an_error_under_a_success_status() -> None:
    with pytest.raises(APIStatusError, match="out of memory"):
        found_in(as_json({"error": "CUDA out of memory"}), GET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(URL),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["images", "data", "output", "url", "b64_json", "error", "status"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(body=JSON)
@settings(deadline=None, max_examples=150)
def test_any_json_gives_images_or_an_error_of_ours(body: Any) -> None:
    try:
        found = found_in(as_json(body), GET)
    except HFIError:
        return
    assert found
    for each in found:
        if isinstance(each, str):
            try:
                download(each, api_url=GET.url, provider=None)
            except HFIError:
                continue


@given(content=st.binary(max_size=300))
@settings(deadline=None, max_examples=150)
def test_any_bytes_give_an_image_or_an_error_of_ours(content: bytes) -> None:
    for read in (lambda: found_in(reply(content), GET), lambda: media_type(content, KIND)):
        try:
            read()
        except HFIError:
            continue


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_url_inside_an_object(kind: str) -> None:
    assert media_replies.media_of({f"{kind}_url": {"url": URL}}, KINDS[kind]) == [URL]
    assert media_replies.media_of({f"{kind}_url": URL}, KINDS[kind]) == [URL]


def test_nesting_has_a_bound() -> None:
    body: Any = [URL]
    for _ in range(50):
        body = {"data": body}
    assert media_replies.media_of(body) == []


def test_downloads_carry_nothing_of_the_user() -> None:
    image, steps = play(
        perform(plan("together", extra_headers={"x-own": "1"})),
        lambda request: (
            reply(PNG) if request.method == "GET" else as_json({"data": [{"url": URL}]})
        ),
    )
    fetched = requests_of(steps)[1]
    assert fetched.credential is None
    assert set(fetched.headers) == {"accept"}
    assert fetched.limit == KIND.largest
    assert (image.url, image.bytes) == (URL, PNG)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://cdn.example.com/a.png?sig=1#x", "https://cdn.example.com/a.png?sig=1"),
        ("/files/a.png", "https://api.example.com/files/a.png"),
        ("//cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("https://x.example/a b/\u00e4.png?q=%20", "https://x.example/a%20b/%C3%A4.png?q=%20"),
        ("https://x.example/\ud800.png", "https://x.example/%ED%A0%80.png"),
    ],
)
def test_urls_that_are_fetched(url: str, target: str) -> None:
    wanted = download(url, api_url="https://api.example.com/v1/x", provider=None)
    assert isinstance(wanted, Request)
    assert wanted.url == target


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://x/a.png", "javascript:1", "https://", "http://["),
        *("http://x:99999/", "http://\u00e4.example/a.png", "data:image/png;base64,@@@"),
    ],
)
def test_urls_that_are_not_fetched(url: str) -> None:
    with pytest.raises(ResponseError):
        download(url, api_url="https://api.example.com/v1/x", provider=None)


def test_data_urls() -> None:
    found = f"data:image/png;base64,{B64}"
    image, steps = play(perform(plan("together")), lambda _: as_json({"data": [{"url": found}]}))
    assert (image.bytes, image.url, len(steps)) == (PNG, None, 1)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"<html></html>", b"OggS" + bytes(60), b"\x1aE\xdf\xa3webm"]
)
def test_bytes_that_are_no_image(data: bytes) -> None:
    with pytest.raises(ResponseError, match="Where an image was due"):
        media_type(data, KIND)


def test_an_image_has_a_size_limit() -> None:
    with pytest.raises(LimitExceededError):
        media_type(PNG, attrs.evolve(KIND, largest=10))


def test_an_image_that_cannot_be_fetched() -> None:
    answers = [as_json({"data": [{"url": URL}]}), reply(b"expired", 403)]
    with pytest.raises(ResponseError, match="was made, but cannot be fetched"):
        play(perform(plan("together")), lambda _: answers.pop(0))


def test_the_provider_s_word_on_the_seed_counts() -> None:
    body = {"images": [B64], "seed": 99}
    image, _ = play(perform(plan("together", seed=1)), lambda _: as_json(body))
    assert image.seed == 99


# -- the value -------------------------------------------------------------------------------------


def image(data: bytes = PNG, kind: str = "image/png", **changes: Any) -> Image:
    return Image(bytes=data, content_type=kind, width=2, height=1, **changes)


def test_an_image_is_public_frozen_and_short_to_print() -> None:
    one = image(model=MODEL, provider="together", seed=3)
    assert hfi.Image is Image
    assert repr(one) == (
        f"<Image 2x1 image/png, {len(PNG)} bytes, model='org/painter', provider='together', seed=3>"
    )
    assert one == image(model=MODEL, provider="together", seed=3)
    with pytest.raises(AttributeError):
        one.seed = 4  # type: ignore[misc]


def test_saving(tmp_path: Path) -> None:
    assert image().save(tmp_path / "cat") == tmp_path / "cat.png"
    assert image(kind="image/jpeg").save(str(tmp_path / "cat")) == tmp_path / "cat.jpg"
    assert image(b"2").save(tmp_path / "cat.png").read_bytes() == b"2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.jpg", "cat.png"]


def test_saving_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert image().save("~/cat") == tmp_path / "cat.png"


def test_a_save_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = image(b"old").save(tmp_path / "cat.png")

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        image().save(target)
    assert [path.name for path in tmp_path.iterdir()] == ["cat.png"]
    assert target.read_bytes() == b"old"
    with pytest.raises(OSError):
        image().save(tmp_path / "no folder" / "cat.png")


def test_pillow_s_image() -> None:
    pytest.importorskip("PIL")
    assert image().pil().size == (2, 1)
    with pytest.raises(ResponseError, match="Pillow cannot read"):
        image(PNG[:40]).pil()


def test_pillow_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtraError, match=r"hfi\[images\]"):
        image().pil()


def test_a_notebook_shows_it() -> None:
    one = image()
    assert one._repr_png_() == PNG
    assert one._repr_jpeg_() is None
    assert one._repr_mimebundle_() == {"text/plain": repr(one), "image/png": B64}
    assert one._repr_mimebundle_(include=["image/png"]) == {"image/png": B64}
    assert one._repr_mimebundle_(exclude=["image/png"]) == {"text/plain": repr(one)}
    webp = image(b"RIFFxxxxWEBP", "image/webp")
    assert webp._repr_mimebundle_()["text/html"].startswith('<img src="data:image/webp;base64,')
    assert image(kind="image/jpeg")._repr_jpeg_() == PNG


def test_pickling() -> None:
    one = image(model=MODEL, seed=1)
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    assert io.BytesIO(one.bytes).read(4) == b"\x89PNG"


# -- the explanation -------------------------------------------------------------------------------


def test_the_explanation_is_the_plan() -> None:
    one = plan("fal-ai", "together", "black-forest-labs", seed=3)
    told = explain_task(one)
    assert told.task == "text_to_image"
    assert told.url == one.first().request.url
    assert told.payload == sent(one)
    assert told.provider == "fal-ai"
    assert "After a 400, 401, 402 or 404: together." in told.notes
    assert HF not in str(told)
    assert HF not in told.as_curl()
