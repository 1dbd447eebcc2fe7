"""What all tasks have in common: the model, whom to ask, media, forms, facts, explanations."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from hfi import AsyncClient, errors
from hfi._core.tasks.catalogue import all_tasks, methods
from servers.images import PNG
from servers.jobs import FILES

TOKEN = "hf_" + "a" * 20
KEY = "own-key-" + "a" * 20
LABELS = [{"label": "good", "score": 0.9}]
PICTURE = "https://files.example.com/in.png"


class Servers:
    """The Hub, with one model that some providers serve; and the providers."""

    def __init__(self, answer: Any = LABELS, task: str = "text-classification") -> None:
        self.seen: list[httpx.Request] = []
        self.tasks: Any = {
            "text-classification": {
                "widgetModels": ["org/widget"],
                "models": [{"id": "org/good"}],
            },
            "fill-mask": {"widgetModels": [], "models": [{"id": "org/good"}]},
            "translation": {"models": [{"description": "no id"}, 3]},
        }
        self.mapping: dict[str, Any] = {
            "hf-inference": {"status": "live", "providerId": "org/model", "task": task}
        }
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.host == "files.example.com":
            return httpx.Response(200, content=PNG)
        if request.url.host != "huggingface.co":
            made = self._answer
            made = made(request) if callable(made) else made
            if isinstance(made, httpx.Response):
                return made
            return httpx.Response(200, json=made)
        if request.url.path == "/api/tasks":
            if isinstance(self.tasks, int):
                return httpx.Response(self.tasks)
            return httpx.Response(200, json=self.tasks)
        name = request.url.path.removeprefix("/api/models/")
        return httpx.Response(200, json={"id": name, "inferenceProviderMapping": self.mapping})

    def asked(self, path: str) -> int:
        return [request.url.path for request in self.seen].count(path)

    @property
    def posted(self) -> list[httpx.Request]:
        return [request for request in self.seen if request.method == "POST"]


def client_of(servers: Servers, model: str | None = None, **options: Any) -> AsyncClient:
    own = {"token": TOKEN, "transport": httpx.MockTransport(servers), "max_retries": 0}
    return AsyncClient(model, **{**own, **options})


# -- the recommended model -------------------------------------------------------------------------


async def test_the_hub_s_recommended_model_is_taken_and_told() -> None:
    servers = Servers()
    async with client_of(servers) as client:
        found = await client.text_classification("fine")
        again = await client.text_classification("fine")
    note = "No model is named; the Hub recommends org/widget for text-classification."
    assert found.model == again.model == "org/widget"
    assert note in found.meta.notes
    assert servers.asked("/api/tasks") == 1  # kept
    assert servers.asked("/api/models/org/widget") == 1
    assert len(servers.posted) == 2


async def test_the_explanation_tells_it_too() -> None:
    servers = Servers()
    async with client_of(servers, provider="hf-inference") as client:
        told = await client.explain("text_classification", "fine")
        found = await client.text_classification("fine")
    assert told.model == "org/widget"
    assert told.url == "https://router.huggingface.co/hf-inference/models/org/widget"
    assert any("the Hub recommends org/widget" in note for note in told.notes)
    assert found.meta.notes == told.notes
    assert len(servers.posted) == 1


async def test_a_named_model_is_not_asked_after() -> None:
    servers = Servers()
    async with client_of(servers, "org/mine", provider="hf-inference") as client:
        mine = await client.text_classification("fine")
        other = await client.text_classification("fine", model="org/other")
    assert mine.model == "org/mine"
    assert (other.model, other.meta.notes) == ("org/other", ())
    assert {request.method for request in servers.seen} == {"POST"}


async def test_without_a_widget_s_model_the_first_of_the_others() -> None:
    reply = [{"sequence": "a b", "score": 0.5, "token": 1, "token_str": "b"}]
    servers = Servers(reply, "fill-mask")
    async with client_of(servers) as client:
        found = await client.fill_mask("a [MASK]")
    assert found.model == "org/good"


@pytest.mark.parametrize("tasks", [500, 404, [], {}, {"translation": 3}])
async def test_where_the_hub_tells_none_there_is_a_default(tasks: Any) -> None:
    servers = Servers([{"translation_text": "gut"}], "translation")
    servers.tasks = tasks
    async with client_of(servers) as client:
        found = await client.translation("good")
    assert found.model == "google-t5/t5-base"
    assert "hfi's own default is google-t5/t5-base" in found.meta.notes[0]


async def test_where_nobody_has_one_a_model_must_be_named() -> None:
    async with client_of(Servers()) as client:
        with pytest.raises(errors.ConfigurationError, match="image_text_to_video needs model="):
            await client.image_text_to_video(PNG, prompt="go")


# -- whom to ask -----------------------------------------------------------------------------------


async def test_a_model_for_a_like_task_does(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers([0.5, 0.25], "feature-extraction")
    async with client_of(servers, "org/m") as client:
        await client.sentence_similarity("a", ["b", "c"])
    (request,) = servers.posted
    assert str(request.url).endswith("/hf-inference/models/org/model/pipeline/sentence-similarity")


async def test_strangers_are_skipped_and_told() -> None:
    servers = Servers()
    entry = servers.mapping["hf-inference"]
    servers.mapping = {"brand-new": entry, "together": entry, "hf-inference": entry}
    async with client_of(servers, "org/m") as client:
        found = await client.text_classification("fine")
    assert found.provider == "hf-inference"
    assert found.meta.notes == (
        "hfi knows no way to text-classification at brand-new.",
        "hfi knows no way to text-classification at together.",
    )


async def test_nobody_serves_it() -> None:
    servers = Servers(task="fill-mask")
    async with client_of(servers, "org/m") as client:
        with pytest.raises(errors.ModelNotSupportedError, match="it is for fill-mask"):
            await client.text_classification("fine")
        with pytest.raises(errors.ConfigurationError, match="There are hf-inference"):
            await client.text_classification("fine", provider="groq")
        with pytest.raises(errors.ModelNotSupportedError, match="embedded model writes text"):
            await client.text_classification("fine", provider="local")


async def test_novita_s_videos_of_images_are_of_one_model() -> None:
    servers = Servers(task="image-text-to-video")
    servers.mapping = {"novita": servers.mapping.pop("hf-inference")}
    async with client_of(servers, "org/m") as client:
        with pytest.raises(errors.ModelNotSupportedError, match="with org/model at novita"):
            await client.image_text_to_video(PNG, prompt="go")


# -- media -----------------------------------------------------------------------------------------


async def test_a_url_is_fetched_for_who_takes_none_without_the_token() -> None:
    servers = Servers(task="image-classification")
    async with client_of(servers, "org/m") as client:
        await client.image_classification(PICTURE)
        await client.image_classification(PICTURE, top_k=2)
    fetched = [request for request in servers.seen if request.url.host == "files.example.com"]
    assert len(fetched) == 2
    assert not any("authorization" in request.headers for request in fetched)
    whole, inside = servers.posted
    assert whole.content == PNG
    assert whole.headers["content-type"] == "image/png"
    assert json.loads(inside.content) == {
        "inputs": base64.b64encode(PNG).decode(),
        "parameters": {"top_k": 2},
    }


async def test_a_url_is_passed_on_to_who_takes_it() -> None:
    def fal(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, content=PNG)
        return httpx.Response(200, json={"images": [{"url": "https://cdn.example.com/x.png"}]})

    servers = Servers(fal, "image-to-image")
    servers.mapping = {"fal-ai": servers.mapping.pop("hf-inference")}
    async with client_of(servers, "org/m") as client:
        image = await client.image_to_image(PICTURE, prompt="blue", target_size=(64, 32))
    assert json.loads(servers.posted[0].content) == {
        "image_url": PICTURE,
        "image_urls": [PICTURE],
        "prompt": "blue",
        "image_size": {"width": 64, "height": 32},
    }
    assert (image.bytes, image.prompt) == (PNG, "blue")
    assert not any(request.url.host == "files.example.com" for request in servers.seen)


async def test_an_explanation_fetches_nothing() -> None:
    servers = Servers(task="image-classification")
    async with client_of(servers, "org/m", provider="hf-inference") as client:
        by_url = await client.explain("image_classification", PICTURE)
        inside = await client.explain("image_classification", PICTURE, top_k=1)
        by_bytes = await client.explain("image_classification", PNG)
    assert servers.seen == []
    assert by_url.payload is None
    assert "What lies at the URL is fetched first, without your token." in by_url.notes
    assert inside.payload == {"inputs": f"<base64 of {PICTURE}>", "parameters": {"top_k": 1}}
    assert by_bytes.payload is None
    assert f"The body is the file itself: {len(PNG)} bytes of image/png." in by_bytes.notes


async def test_what_lies_at_a_url_cannot_be_had() -> None:
    class Gone(Servers):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "files.example.com":
                return httpx.Response(403)
            return super().__call__(request)

    servers = Gone(task="image-classification")
    async with client_of(servers, "org/m") as client:
        with pytest.raises(errors.ConfigurationError, match="image cannot be fetched"):
            await client.image_classification(PICTURE)
    assert servers.posted == []


# -- forms -----------------------------------------------------------------------------------------


def parts(request: httpx.Request) -> dict[str, tuple[str, bytes]]:
    """The head and the body of each part."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    found = {}
    for piece in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = piece[2:-2].partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        found[name] = (head.decode(), body)
    return found


@pytest.mark.parametrize("provider", ["deepinfra", "together"])
async def test_a_form(provider: str) -> None:
    servers = Servers({"text": "hello", "segments": []}, "automatic-speech-recognition")
    servers.mapping = {provider: servers.mapping.pop("hf-inference")}
    extra = {"language": "en", "temperature": 0.5, "word": True, "kinds": ["a"], "none": None}
    async with client_of(servers, "org/m") as client:
        heard = await client.automatic_speech_recognition(FILES["audio"], extra_body=extra)
    assert str(heard) == "hello"
    (request,) = servers.posted
    found = parts(request)
    head, body = found.pop("file")
    assert body == FILES["audio"]
    assert 'filename="audio.wav"' in head
    assert "Content-Type: audio/wav" in head
    assert {name: body.decode() for name, (_, body) in found.items()} == {
        "model": "org/model",
        "language": "en",
        "temperature": "0.5",
        "word": "true",
        "kinds": '["a"]',
    }


@pytest.mark.parametrize("provider", ["deepinfra", "together"])
async def test_a_form_with_a_url(provider: str) -> None:
    class Sounds(Servers):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "files.example.com":
                return httpx.Response(200, content=FILES["audio"])
            return super().__call__(request)

    servers = Sounds({"text": "hello"}, "automatic-speech-recognition")
    servers.mapping = {provider: servers.mapping.pop("hf-inference")}
    async with client_of(servers, "org/m") as client:
        await client.automatic_speech_recognition("https://files.example.com/in.wav")
    _, body = parts(servers.posted[0])["file"]
    passed_on = provider == "together"
    assert body == (b"https://files.example.com/in.wav" if passed_on else FILES["audio"])


# -- replies ---------------------------------------------------------------------------------------


async def test_an_error_under_a_success_status() -> None:
    async with client_of(Servers({"error": "CUDA out of memory"}), "org/m") as client:
        with pytest.raises(errors.APIStatusError, match="CUDA out of memory"):
            await client.text_classification("fine")


@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", PNG])
async def test_a_reply_that_is_no_json(content: bytes) -> None:
    servers = Servers(lambda _: httpx.Response(200, content=content))
    async with client_of(servers, "org/m") as client:
        with pytest.raises(errors.ResponseError, match="no JSON"):
            await client.text_classification("fine")


async def test_falling_over_takes_the_media_along() -> None:
    def provider(request: httpx.Request) -> httpx.Response:
        if "fal-ai" in request.url.path:
            return httpx.Response(402, json={"error": "no credits"})
        return httpx.Response(200, content=PNG)

    servers = Servers(provider, "image-to-image")
    servers.mapping = {"fal-ai": servers.mapping["hf-inference"], **servers.mapping}
    async with client_of(servers, "org/m") as client:
        image = await client.image_to_image(PICTURE)
    assert image.provider == "hf-inference"
    assert [type(error) for error in image.meta.earlier] == [errors.PaymentRequiredError]
    first, second = servers.posted
    assert json.loads(first.content)["image_url"] == PICTURE
    assert second.content == PNG  # fetched for this one


# -- a server of one's own -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h:1", "http://h:1"),
        ("http://h:1/", "http://h:1/"),
        ("http://h:1/predict", "http://h:1/predict"),
        ("http://h:1/v1", "http://h:1/"),
        ("http://h:1/a/v1/", "http://h:1/a"),
    ],
)
async def test_where_a_server_takes_tasks(base: str, url: str) -> None:
    servers = Servers()
    async with client_of(servers, base_url=base, token=False) as client:
        found = await client.text_classification("fine")
        told = await client.explain("text_classification", "fine")
    (request,) = servers.posted
    assert str(request.url).rstrip("/") == url.rstrip("/")
    assert told.url.rstrip("/") == url.rstrip("/")
    assert json.loads(request.content) == {"inputs": "fine"}
    assert (found.provider, found.model) == (None, None)


# -- explanations ----------------------------------------------------------------------------------


GIVEN: dict[str, Any] = {
    "audio": FILES["audio"],
    "context": "Paris is big.",
    "image": PNG,
    "other_sentences": ["b"],
    "prompt": "a cat",
    "query": "how many?",
    "question": "what?",
    "sentence": "a",
    "table": {"a": ["1"]},
    "text": "hello",
}
NEEDED: dict[str, dict[str, Any]] = {
    "zero_shot_classification": {"candidate_labels": ["a", "b"]},
    "zero_shot_image_classification": {"candidate_labels": ["a", "b"]},
}


@pytest.mark.parametrize("task", [task for task in all_tasks() if task.method in methods()])
async def test_every_task_can_be_explained(task: Any) -> None:
    """What the explanation tells is what is sent."""

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(418, json={"error": "enough was seen"})

    served = "fal-ai" if "video" in task.name or task.name.startswith("image-text") else "together"
    servers = Servers(refuse, task.name)
    entry = servers.mapping["hf-inference"]
    servers.mapping = {served: entry, "hf-inference": entry}
    if task.name == "image-text-to-video":
        servers.mapping = {"fal-ai": entry}
    first, *others = task.inputs
    rest = {name: GIVEN[name] for name in others}
    rest |= NEEDED.get(task.method, {})
    async with client_of(servers, "org/m") as client:
        told = await client.explain(task.method, GIVEN[first], **rest)
        by_name = await client.explain(task.method, **{first: GIVEN[first]}, **rest)
        assert servers.posted == []
        with pytest.raises(errors.HFIError):
            await getattr(client, task.method)(GIVEN[first], **rest)
        with pytest.raises(errors.ConfigurationError, match="no stream"):
            await client.explain(task.method, GIVEN[first], stream=True, **rest)
    assert told == by_name
    request = servers.posted[0]
    assert told.task == task.method
    assert told.url == str(request.url)
    assert told.headers["accept"] == request.headers["accept"]
    if request.headers["content-type"] == "application/json":
        assert told.payload == json.loads(request.content)
    assert TOKEN not in str(told)


async def test_what_is_no_task_is_told() -> None:
    async with client_of(Servers()) as client:
        with pytest.raises(errors.ConfigurationError, match="no task 'dance'") as caught:
            await client.explain("dance", "x")
    assert "text_to_speech" in str(caught.value)


async def test_what_is_missing_is_told() -> None:
    async with client_of(Servers(), "org/m") as client:
        with pytest.raises(errors.ConfigurationError, match="question_answering needs context"):
            await client.explain("question_answering", question="what?")
        with pytest.raises(errors.ConfigurationError, match="Did you mean 'top_k'"):
            await client.explain("text_classification", "fine", topk=1)


async def test_the_user_s_own_headers_query_and_fields() -> None:
    servers = Servers()
    async with client_of(servers, "org/m", headers={"X-Own": "1"}, bill_to="acme") as client:
        await client.text_classification(
            "fine", extra_headers={"X-Trace": "2"}, extra_query={"a": "b"}, extra_body={"z": None}
        )
    (request,) = servers.posted
    assert (request.headers["x-own"], request.headers["x-trace"]) == ("1", "2")
    assert request.headers["x-hf-bill-to"] == "acme"
    assert request.url.params["a"] == "b"
    assert json.loads(request.content) == {"inputs": "fine", "parameters": {"z": None}}
