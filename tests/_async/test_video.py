"""Tasks that make videos, from the call to the value, against fake providers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import attrs
import pytest

from hfi import AsyncClient, Image, Timeout, Video, errors
from hfi._async import drive as driver
from hfi._core.tasks import making, media_replies
from servers.media import CDN, FILES, MP4, PNG, ROUTER, WAV, MediaProviders

TOKEN = "hf_" + "a" * 20
FILM = {"video": {"url": f"{CDN}/out.mp4"}, "seed": 77}
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def client_of(fake: MediaProviders, **options: Any) -> AsyncClient:
    return AsyncClient("org/m", **{"token": TOKEN, "transport": fake.transport, **options})


def filming(task: str = "text-to-video", **replies: Any) -> MediaProviders:
    return MediaProviders(task, **replies)


def fal(*states: str) -> list[Any]:
    url = "https://queue.fal.run/fal-ai-id/requests/1"
    return [*({"status": s, "request_id": "1", "response_url": url} for s in states), FILM]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        assert seconds > 0

    monkeypatch.setattr(driver, "async_sleep", at_once)


async def test_a_job_from_look_up_to_download(tmp_path: Path) -> None:
    fake = filming(fal_ai=fal("IN_QUEUE", "IN_PROGRESS", "COMPLETED"))
    waits: list[Any] = []
    async with client_of(fake, on_wait=waits.append) as client:
        video = await client.text_to_video("a cat", seed=3, num_frames=16)
    assert isinstance(video, Video)
    assert (video.bytes, video.content_type, video.url) == (MP4, "video/mp4", f"{CDN}/out.mp4")
    assert (video.model, video.provider, video.seed) == ("org/m", "fal-ai", 77)
    assert (video.prompt, video.meta.attempts) == ("a cat", 5)
    assert fake.bodies() == [{"prompt": "a cat", "seed": 3, "num_frames": 16}]
    told = [wait.told["status"] for wait in waits if not wait.done]
    assert told == ["IN_QUEUE", "IN_PROGRESS"]
    (download,) = fake.asked("cdn.example.com")
    assert "authorization" not in download.headers
    assert video.save(tmp_path / "cat").read_bytes() == MP4


async def test_each_provider_s_job() -> None:
    address = "https://api.wavespeed.ai/api/v3/predictions/1/result"
    job = {"id": "1", "urls": {"get": address}, "outputs": []}
    done = {"data": {**job, "status": "completed", "outputs": [f"{CDN}/out.mp4"]}}
    replies: dict[str, list[Any]] = {
        "wavespeed": [{"data": {**job, "status": "created"}}, done],
        "together": [
            {"id": "v1", "status": "queued"},
            {"id": "v1", "status": "completed", "outputs": {"video_url": f"{CDN}/out.mp4"}},
        ],
        "replicate": [
            {"id": "1", "status": "processing", "urls": {"get": "https://x/v1/predictions/1"}},
            {"id": "1", "status": "succeeded", "output": [f"{CDN}/out.mp4"]},
        ],
    }
    for provider, answers in replies.items():
        fake = filming(**{provider: answers})
        async with client_of(fake) as client:
            video = await client.text_to_video("a cat")
        assert (video.bytes, video.provider) == (MP4, provider)


@pytest.mark.parametrize(
    "reply",
    [
        {"video": {"url": f"{CDN}/out.mp4"}},
        {"video": f"{CDN}/out.mp4"},
        {"video": base64.b64encode(MP4).decode()},
        {"videos": [{"video_url": f"{CDN}/out.mp4"}]},
        {"output": [f"{CDN}/out.mp4"]},
    ],
)
@pytest.mark.parametrize("task", ["text-to-video", "image-to-video"])
async def test_every_form_of_reply(reply: Any, task: str) -> None:
    fake = filming(task, replicate=[reply], wavespeed=[reply])
    provider = "replicate" if task == "text-to-video" else "wavespeed"
    async with client_of(fake, provider=provider) as client:
        if task == "text-to-video":
            video = await client.text_to_video("a cat")
        else:
            video = await client.image_to_video(PNG)
    assert video.bytes == MP4


@pytest.mark.parametrize(("provider", "field"), [("fal-ai", "image_url"), ("wavespeed", "image")])
@pytest.mark.parametrize("form", ["bytes", "path", "value", "url"])
async def test_an_image_that_moves(provider: str, field: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    source: Any = {
        "bytes": PNG,
        "path": tmp_path / "cat.png",
        "value": Image(bytes=PNG, content_type="image/png"),
        "url": f"{FILES}/in.png",
    }[form]
    fake = filming("image-to-video", **{provider: [FILM]})
    if provider == "fal-ai":
        fake = filming("image-to-video", fal_ai=fal("COMPLETED"))
    async with client_of(fake) as client:
        video = await client.image_to_video(source, prompt="it runs", target_size=(64, 48))
    assert video.bytes == MP4
    (body,) = fake.bodies()
    assert body[field] == (f"{FILES}/in.png" if form == "url" else DATA_URL)
    assert body["prompt"] == "it runs"
    assert video.prompt == "it runs"
    assert not fake.asked("files.example.com")


async def test_an_image_for_together() -> None:
    done = {"id": "v1", "status": "completed", "outputs": {"video_url": f"{CDN}/out.mp4"}}
    fake = filming("image-to-video", together=[done])
    async with client_of(fake) as client:
        await client.image_to_video(PNG, prompt="it runs", target_size=(64, 48))
    (body,) = fake.bodies()
    assert body["frame_images"] == [{"input_image": DATA_URL, "frame": "first"}]
    assert (body["width"], body["height"]) == (64, 48)


@pytest.mark.parametrize(("image", "prompt"), [(PNG, "runs"), (PNG, None), (None, "runs")])
async def test_image_and_text(image: Any, prompt: str | None) -> None:
    fake = filming("image-text-to-video", fal_ai=fal("COMPLETED"))
    async with client_of(fake) as client:
        video = await client.image_text_to_video(image, prompt=prompt)
    assert video.bytes == MP4
    (body,) = fake.bodies()
    assert body == {
        **({} if prompt is None else {"prompt": prompt}),
        **({} if image is None else {"image_url": DATA_URL}),
    }


async def test_an_explanation_holds_the_picture_and_shows_its_beginning() -> None:
    fake = filming("image-to-video", wavespeed=[FILM])
    picture = PNG + bytes(100_000)
    async with client_of(fake) as client:
        told = await client.explain("image_to_video", picture, prompt="it runs")
    assert not fake.asked(ROUTER)
    assert len(told.payload["image"]) > 100_000
    assert len(str(told)) < 2000
    assert "data:image/png;base64,iVBOR" in str(told)
    assert "characters)" in str(told)
    assert len(told._repr_html_()) < 10_000


async def test_a_stuck_job_ends_with_the_call_s_time() -> None:
    fake = filming(fal_ai=fal(*["IN_QUEUE"] * 1000))
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=1.0)
    async with client_of(fake, timeout=limit) as client:
        with pytest.raises(errors.APITimeoutError) as caught:
            await client.text_to_video("a cat")
    assert caught.value.phase == "total"
    assert len(fake.asked(ROUTER)) < 10


async def test_a_job_that_fails() -> None:
    fake = filming(wavespeed=[{"data": {"id": "1", "status": "failed", "error": "nsfw"}}])
    async with client_of(fake) as client:
        with pytest.raises(errors.APIStatusError, match="nsfw"):
            await client.text_to_video("a cat")


@pytest.mark.parametrize("name", ["out.html", "out.wav", "out.png", "missing"])
async def test_what_lies_at_the_url_is_no_video(name: str) -> None:
    fake = filming(replicate=[{"id": "1", "status": "succeeded", "output": f"{CDN}/{name}"}])
    async with client_of(fake) as client:
        with pytest.raises(errors.ResponseError, match=r"Where a video was due|cannot be fetched"):
            await client.text_to_video("a cat")


async def test_a_download_has_a_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {**media_replies.KINDS, "video": attrs.evolve(media_replies.KINDS["video"], largest=9)}
    monkeypatch.setattr(making, "KINDS", small)
    fake = filming(replicate=[{"id": "1", "status": "succeeded", "output": f"{CDN}/out.mp4"}])
    async with client_of(fake) as client:
        with pytest.raises(errors.LimitExceededError):
            await client.text_to_video("a cat")


async def test_what_cannot_be_sent_is_refused_before_anything_is() -> None:
    fake = filming("image-to-video", fal_ai=fal("COMPLETED"))
    wrong: list[tuple[Any, dict[str, Any], str]] = [
        (WAV, {}, "image: these bytes are audio/wav, not an image"),
        (None, {}, "image_to_video needs image"),
        (PNG, {"target_size": 64}, "target_size must be"),
        (PNG, {"target_size": (64, 0)}, "height must be"),
        (PNG, {"seed": -1}, "seed must be"),
        (PNG, {"num_frames": 0}, "num_frames must be"),
        (PNG, {"negative_prompt": 3}, "negative_prompt must be"),
        (PNG, {"prompt": b"x"}, "prompt must be a string"),
        (PNG, {"frames": 3}, "no option 'frames'"),
    ]
    async with client_of(fake) as client:
        for image, options, words in wrong:
            with pytest.raises(errors.ConfigurationError, match=words):
                await client.image_to_video(image, **options)
        with pytest.raises(errors.ConfigurationError, match="needs image or prompt"):
            await client.image_text_to_video(extra_body={"fps": 8})
        with pytest.raises(errors.ConfigurationError, match="prompt must be a string"):
            await client.text_to_video(3)  # type: ignore[arg-type]
    assert not fake.asked(ROUTER)
