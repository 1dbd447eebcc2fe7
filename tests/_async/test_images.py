"""``text_to_image`` from the call to the image, against fake providers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from hfi import AsyncClient, Image, Timeout, errors
from hfi._async import drive as driver
from hfi._core.tasks.media_replies import KINDS
from rawserver import Peer, RawServer
from servers.images import CDN, PNG, ROUTER, FakeProviders

TOKEN = "hf_" + "a" * 20
MODEL = "org/painter"


def client_of(fake: FakeProviders, **options: Any) -> AsyncClient:
    return AsyncClient(MODEL, **{"token": TOKEN, "transport": fake.transport, **options})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        assert seconds > 0

    monkeypatch.setattr(driver, "async_sleep", at_once)


async def test_a_job_from_look_up_to_download() -> None:
    fake = FakeProviders("fal-ai")
    waits: list[Any] = []
    async with client_of(fake, on_wait=waits.append) as client:
        image = await client.text_to_image("a cat", aspect_ratio="16:9", seed=3)
    assert isinstance(image, Image)
    assert (image.bytes, image.content_type) == (PNG, "image/png")
    assert (image.width, image.height) == (1, 1)
    assert (image.model, image.provider, image.seed) == (MODEL, "fal-ai", 77)
    assert (image.url, image.prompt) == (f"{CDN}/out.png", "a cat")
    assert fake.bodies() == [
        {"prompt": "a cat", "seed": 3, "image_size": {"width": 1024, "height": 576}}
    ]
    assert [wait.told["status"] for wait in waits] == ["IN_QUEUE", "IN_PROGRESS", "IN_PROGRESS"]
    assert [wait.done for wait in waits] == [False, False, True]
    assert {wait.reason for wait in waits} == {"queue"}
    # The job, two questions, the result, the download.
    assert image.meta.attempts == 5
    for request in fake.asked(ROUTER):
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
    (download,) = fake.asked("cdn.example.com")
    assert "authorization" not in download.headers


async def test_several_at_once() -> None:
    fake = FakeProviders("together")
    async with client_of(fake) as client:
        images = await client.text_to_image("a cat", n=10, seed=5)
        assert isinstance(images, list)
        assert [image.seed for image in images] == list(range(5, 15))
        assert sorted(body["seed"] for body in fake.bodies()) == list(range(5, 15))
        assert len(await client.text_to_image("a cat", n=1)) == 1
        await client.text_to_image("a cat", n=3)
    drawn = [body["seed"] for body in fake.bodies()[-3:]]
    assert len(set(drawn)) == 3
    assert all(0 <= seed < 2**32 for seed in drawn)
    assert len(fake.asked("huggingface.co")) == 1  # looked up once


async def test_one_of_several_fails() -> None:
    fake = FakeProviders("together", refusals={"together": (402, {"error": "no credits"})})
    async with client_of(fake) as client:
        with pytest.raises(errors.PaymentRequiredError) as caught:
            await client.text_to_image("a cat", n=4)
    assert caught.value.partial == ()


async def test_finished_images_are_not_lost_when_one_fails() -> None:
    fake = FakeProviders("together", refused_seeds={7: (500, {"error": "out of memory"})})
    async with client_of(fake, max_retries=0) as client:
        with pytest.raises(errors.ServerError, match="of 40 images were made") as caught:
            await client.text_to_image("a cat", n=40, seed=5, max_retries=0)
    made = caught.value.partial
    assert made
    seeds = [image.seed for image in made]
    assert seeds == sorted(seeds)
    assert 7 not in seeds
    assert all(image.bytes == PNG for image in made)
    assert len(fake.bodies()) < 40  # none was begun after the failure


async def test_falling_over() -> None:
    refusals = {"nscale": (404, {"error": "not here"}), "replicate": (402, {"error": "credits"})}
    fake = FakeProviders("nscale", "someone-new", "replicate", "together", refusals=refusals)
    async with client_of(fake) as client:
        image = await client.text_to_image("a cat")
    assert image.provider == "together"
    assert [type(each) for each in image.meta.earlier] == [
        errors.ModelNotFoundError,
        errors.PaymentRequiredError,
    ]


async def test_the_last_error_holds_the_earlier_ones() -> None:
    refusals = {"nscale": (404, {"error": "one"}), "together": (400, {"error": "two"})}
    fake = FakeProviders("nscale", "together", refusals=refusals)
    async with client_of(fake) as client:
        with pytest.raises(errors.BadRequestError, match="two") as caught:
            await client.text_to_image("a cat")
    assert [type(each) for each in caught.value.earlier] == [errors.ModelNotFoundError]


async def test_a_stuck_job_ends_with_the_call_s_time() -> None:
    fake = FakeProviders("fal-ai", states=["IN_QUEUE"])
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=1.0)
    async with client_of(fake, timeout=limit) as client:
        # Waits take no time here, so that only their own length can end the call.
        with pytest.raises(errors.APITimeoutError) as caught:
            await client.text_to_image("a cat")
    assert caught.value.phase == "total"
    assert len(fake.asked(ROUTER)) < 10


@pytest.mark.parametrize(
    ("state", "kind"), [("FAILED", errors.APIStatusError), ("GONE", errors.ResponseError)]
)
async def test_a_job_that_comes_to_nothing(state: str, kind: type[Exception]) -> None:
    fake = FakeProviders("fal-ai", "together", states=["IN_QUEUE", state])
    async with client_of(fake) as client:
        with pytest.raises(kind):
            await client.text_to_image("a cat")
    assert not any("together" in request.url.path for request in fake.seen)


async def test_what_lies_at_the_url_is_no_image() -> None:
    fake = FakeProviders("fal-ai", states=["COMPLETED"], stored=b"<html>expired</html>")
    async with client_of(fake) as client:
        with pytest.raises(errors.ResponseError, match="Where an image was due"):
            await client.text_to_image("a cat")


async def test_a_download_has_a_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    small = attrs.evolve(KINDS["image"], largest=1000)
    monkeypatch.setitem(KINDS, "image", small)  # type: ignore[arg-type]  # a dict, in truth
    fake = FakeProviders("fal-ai", states=["COMPLETED"], stored=PNG + bytes(1000))
    async with client_of(fake) as client:
        with pytest.raises(errors.LimitExceededError):
            await client.text_to_image("a cat")


async def test_hugging_face_s_own_provider_needs_neither_token_nor_look_up(
    tmp_path: Path,
) -> None:
    fake = FakeProviders()
    async with client_of(fake, token=False, provider="hf-inference") as client:
        image = await client.text_to_image("a cat")
    assert image.save(tmp_path / "cat") == tmp_path / "cat.png"
    assert (tmp_path / "cat.png").read_bytes() == PNG
    (request,) = fake.seen
    assert request.url.path == f"/hf-inference/models/{MODEL}"
    assert "authorization" not in request.headers
    assert json.loads(request.content) == {"inputs": "a cat"}


async def test_a_provider_s_own_key_never_goes_to_hugging_face() -> None:
    fake = FakeProviders("together")
    key = "key-" + "b" * 20
    async with client_of(fake, token=key, provider="together") as client:
        await client.text_to_image("a cat")
    assert not any(key in str(each.headers) for each in fake.asked("huggingface.co"))
    (request,) = fake.asked("api.together.xyz")
    assert request.headers["authorization"] == f"Bearer {key}"
    assert not fake.asked(ROUTER)


async def test_a_server_of_one_s_own_over_a_real_line() -> None:
    def endpoint(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(PNG, headers={"Content-Type": "image/png"})

    with RawServer(endpoint) as server:
        async with AsyncClient(base_url=server.url) as client:
            image = await client.text_to_image("a cat", width=64, height=64)
        assert (image.bytes, image.provider, image.model) == (PNG, None, None)
        method, target, headers, body = server.seen[0]
        assert (method, target) == ("POST", "/")
        assert "authorization" not in headers
        assert json.loads(body) == {"inputs": "a cat", "parameters": {"width": 64, "height": 64}}


async def test_the_explanation_shows_what_is_sent() -> None:
    fake = FakeProviders("together", "fal-ai")
    async with client_of(fake) as client:
        told = await client.explain("text_to_image", "a cat", aspect_ratio="4:3", seed=1)
        assert not fake.asked(ROUTER)
        await client.text_to_image("a cat", aspect_ratio="4:3", seed=1)
        with pytest.raises(errors.ConfigurationError, match="no stream"):
            await client.explain("text_to_image", "a cat", stream=True)
    (request,) = fake.asked(ROUTER)
    assert told.url == str(request.url)
    assert told.payload == json.loads(request.content)
    assert told.headers["authorization"] == "Bearer $TOKEN"


async def test_a_closed_client_makes_nothing() -> None:
    fake = FakeProviders("together")
    client = client_of(fake)
    await client.aclose()
    with pytest.raises(errors.ClientClosedError):
        await client.text_to_image("a cat")
