"""Tasks about texts, tables and pictures, from the call to the value."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage

from hfi import AsyncClient, Image, errors
from hfi._async import drive as driver
from hfi.testing import FakeServer, Reply, faults
from hfi.types.answers import Answer
from hfi.types.results import Results
from servers.classic import CASES, JPEG, PICTURE, Case

TOKEN = "hf_" + "a" * 20
CLASSES = [{"label": "good", "score": 0.9}]

jsonschema = pytest.importorskip("jsonschema")
referencing = pytest.importorskip("referencing")


def by_name(case: Case) -> str:
    return case.name


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        assert seconds > 0

    monkeypatch.setattr(driver, "async_sleep", at_once)


async def call(client: AsyncClient, case: Case) -> Any:
    method = getattr(client, case.method)
    return await method(*case.arguments, **case.options)


@pytest.mark.parametrize("case", CASES, ids=by_name)
async def test_at_an_endpoint(case: Case) -> None:
    with FakeServer(Reply(body=case.reply)) as server:
        async with AsyncClient(base_url=server.url) as client:
            value = await call(client, case)
    (request,) = server.calls
    assert (request.method, request.path) == ("POST", "/")
    if isinstance(case.sent, bytes):
        assert request.body == case.sent
        assert request.headers["content-type"] == "image/png"
    else:
        assert request.json == case.sent
        assert request.headers["content-type"] == "application/json"
    assert value == case.value
    assert type(value) is (Results if isinstance(case.value, list) else type(case.value))
    assert getattr(value, "inputs", None) == case.inputs
    assert value.raw == case.reply or value.raw in case.reply
    assert (value.provider, value.meta.attempts, value.meta.status_code) == (None, 1, 200)


@pytest.mark.parametrize("case", CASES, ids=by_name)
async def test_through_the_router(case: Case) -> None:
    seen: list[httpx.Request] = []

    def router(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "huggingface.co":
            mapping = {"status": "live", "providerId": "org/model", "task": case.task}
            return httpx.Response(
                200, json={"id": "org/m", "inferenceProviderMapping": {"hf-inference": mapping}}
            )
        return httpx.Response(200, json=case.reply)

    transport = httpx.MockTransport(router)
    async with AsyncClient("org/m", token=TOKEN, transport=transport) as client:
        value = await call(client, case)
    asked, sent = seen
    assert asked.url.path == "/api/models/org/m"
    assert str(sent.url) == "https://router.huggingface.co/hf-inference/models/org/model"
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    raw = isinstance(case.sent, bytes)
    assert (sent.content if raw else json.loads(sent.content)) == case.sent
    assert value == case.value
    assert (value.model, value.provider) == ("org/m", "hf-inference")


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_what_is_sent_is_what_the_schema_says(case: Case, fixtures_dir: Path) -> None:
    folder = fixtures_dir / "schemas" / "tasks"
    file = folder / f"{case.task}--input.json"
    if isinstance(case.sent, bytes) or case.task.startswith("tabular"):
        # The schemas are of JSON, and there is none of tables' classes and numbers.
        assert isinstance(case.sent, bytes) or not file.exists()
        return
    shared = json.loads((folder / "common-definitions.json").read_text())
    registry = referencing.Registry().with_resource(
        shared["$id"], referencing.Resource.from_contents(shared)
    )
    schema = json.loads(file.read_text())
    jsonschema.Draft6Validator(schema, registry=registry).validate(case.sent)


@pytest.mark.parametrize("case", CASES, ids=by_name)
async def test_the_explanation_tells_what_is_sent(case: Case) -> None:
    first, *others = case.arguments
    named = {"question_answering": ["context"], "table_question_answering": ["query"]}
    rest = named.get(case.method) or (
        ["candidate_labels"] if case.method.startswith("zero") else ["question"]
    )
    given = dict(zip(rest, others, strict=False))
    async with AsyncClient(base_url="http://127.0.0.1:9") as client:
        told = await client.explain(case.method, first, **given, **case.options)
    assert told.task == case.method
    if not isinstance(case.sent, bytes):
        assert told.payload == case.sent


async def test_one_answer_or_a_list_of_them() -> None:
    found = {"answer": "Ann", "score": 0.9, "start": 0, "end": 3}
    with FakeServer(Reply(body=[found])) as server:
        async with AsyncClient(base_url=server.url) as client:
            one = await client.question_answering("Who?", "Ann.")
            several = await client.question_answering("Who?", "Ann.", top_k=1)
    assert isinstance(one, Answer)
    assert isinstance(several, Results)
    assert several == [one]
    assert one.meta.status_code == several.meta.status_code == 200
    assert "parameters" not in server.calls[0].json


async def test_no_answer_at_all_is_an_error() -> None:
    with FakeServer(Reply(body=[])) as server:
        async with AsyncClient(base_url=server.url) as client:
            with pytest.raises(errors.ResponseError, match="no answer"):
                await client.question_answering("Who?", "Ann.")


async def test_what_only_a_server_knows() -> None:
    with FakeServer(Reply(body=CLASSES)) as server:
        async with AsyncClient(base_url=server.url) as client:
            await client.text_classification(
                "fine",
                top_k=1,
                extra_body={"top_k": 3, "own": None},
                extra_headers={"x-own": "1"},
                extra_query={"debug": "yes"},
            )
    (request,) = server.calls
    assert request.json == {"inputs": "fine", "parameters": {"top_k": 3, "own": None}}
    assert request.headers["x-own"] == "1"
    assert request.target == "/?debug=yes"


async def test_a_model_that_is_still_loading() -> None:
    waits: list[Any] = []
    loading = faults.Status(503, body={"error": "Model is loading", "estimated_time": 2.0})
    with FakeServer(Reply(body=CLASSES), faults=[loading, loading]) as server:
        async with AsyncClient(base_url=server.url, on_wait=waits.append) as client:
            found = await client.text_classification("fine")
    assert found.meta.attempts == 3
    assert {wait.reason for wait in waits} == {"loading"}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"error": "The model crashed"}, errors.APIStatusError),
        ({"error": "Model is overloaded", "error_type": "overloaded"}, errors.APIStatusError),
        ([{"generated_text": "no classes"}], errors.ResponseError),
        ("no classes", errors.ResponseError),
        (17, errors.ResponseError),
    ],
)
async def test_replies_that_are_something_else(reply: Any, kind: type[Exception]) -> None:
    with FakeServer(Reply(body=reply)) as server:
        async with AsyncClient(base_url=server.url, max_retries=0) as client:
            with pytest.raises(kind) as caught:
                await client.text_classification("fine")
    assert isinstance(caught.value, errors.HFIError)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.Status(400, body={"error": "inputs: too long"}), errors.BadRequestError),
        (faults.Status(404), errors.ModelNotFoundError),
        (faults.Status(429), errors.RateLimitError),
        (faults.Status(500), errors.ServerError),
    ],
)
async def test_refusals(fault: faults.Status, kind: type[Exception]) -> None:
    with FakeServer(Reply(body=CLASSES), faults=fault) as server:
        async with AsyncClient(base_url=server.url, max_retries=0) as client:
            with pytest.raises(kind):
                await client.text_classification("fine")


async def test_pictures_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    path.write_bytes(PICTURE)
    image = Image(bytes=PICTURE, content_type="image/png")
    with FakeServer(Reply(body=CLASSES)) as server:
        async with AsyncClient(base_url=server.url) as client:
            for source in (path, str(path), io.BytesIO(PICTURE), image, bytearray(PICTURE)):
                found = await client.image_classification(source)
                assert found.inputs.bytes == PICTURE
            await client.image_classification(PillowImage.new("L", (4, 3)))
            jpeg = await client.image_classification(JPEG)
    assert {request.headers["content-type"] for request in server.calls[:6]} == {"image/png"}
    assert server.calls[-1].headers["content-type"] == "image/jpeg"
    assert (jpeg.inputs.width, jpeg.inputs.height) == (20, 10)


async def test_a_picture_at_a_url_is_fetched_without_the_token() -> None:
    seen: list[httpx.Request] = []

    def web(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "pictures.example.com":
            return httpx.Response(200, content=PICTURE)
        return httpx.Response(200, json=CLASSES)

    options: Any = {"token": TOKEN, "provider": "hf-inference"}
    async with AsyncClient("org/m", transport=httpx.MockTransport(web), **options) as client:
        found = await client.image_classification("https://pictures.example.com/grey.png")
    fetched, sent = seen
    assert "authorization" not in fetched.headers
    assert sent.content == PICTURE
    assert found.inputs.bytes == PICTURE


@pytest.mark.parametrize("labels", [[], "good", None, ["good", 3], {"good": 1}, 7])
async def test_labels_that_cannot_be_right(labels: Any) -> None:
    async with AsyncClient(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(errors.ConfigurationError, match="candidate_labels"):
            await client.zero_shot_classification("fine", labels)
        with pytest.raises(errors.ConfigurationError, match="candidate_labels"):
            await client.zero_shot_image_classification(PICTURE, labels)


async def test_arguments_that_cannot_be_right() -> None:
    wrong: Any = None
    async with AsyncClient(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(errors.ConfigurationError, match="text"):
            await client.summarization(wrong)
        with pytest.raises(errors.ConfigurationError, match="text must be a string, not int"):
            await client.translation(3)  # type: ignore[arg-type]  # that is what is tested
        with pytest.raises(errors.ConfigurationError, match="context"):
            await client.question_answering("Who?", wrong)
        with pytest.raises(errors.ConfigurationError, match="different lengths"):
            await client.tabular_regression({"a": [1], "b": []})
        with pytest.raises(errors.ConfigurationError, match="True or False"):
            await client.table_question_answering({"a": ["1"]}, "?", truncation="only_first")  # type: ignore[arg-type]  # that is what is tested
        with pytest.raises(errors.ConfigurationError, match="image"):
            await client.object_detection(b"no picture")
        with pytest.raises(errors.ConfigurationError, match="threshold"):
            await client.object_detection(PICTURE, treshold=0.5)  # type: ignore[call-arg]  # that is what is tested


async def test_a_model_for_another_task() -> None:
    def hub(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "huggingface.co"
        mapping = {"status": "live", "providerId": "org/m", "task": "conversational"}
        body = {
            "id": "org/m",
            "pipeline_tag": "text-generation",
            "inferenceProviderMapping": {"groq": mapping},
        }
        return httpx.Response(200, json=body)

    transport = httpx.MockTransport(hub)
    async with AsyncClient("org/m", token=TOKEN, transport=transport) as client:
        with pytest.raises(errors.ModelNotSupportedError, match="conversational"):
            await client.summarization("A long text.")
