"""Our image requests beside those that the two official clients were recorded to send.

Each recorded call is made with the recorded replies. Where we differ, we mean it:

- ``accept`` asks JSON providers for JSON, not for ``image/png``;
- nulls in ``extra_body`` are sent, and nothing of it is left out;
- width and height go as the providers document them: JavaScript's client sends them flat;
- a job that is not finished is asked after, where both clients give up on Replicate's.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hfi._core.configuration.config import resolve
from hfi._core.configuration.world import World
from hfi._core.hub.model_reader import read_model
from hfi._core.request import Request, Response
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import task_of
from hfi._core.tasks.making import perform
from hfi._core.tasks.plan import TaskPlan, plan_task
from hfi.errors import APIStatusError, ConfigurationError, HFIError
from hfi.types.media import Image
from playing import play, requests_of, sleeps_of

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"

if not FIXTURES.is_dir():
    pytest.skip("../shared/fixtures is not there", allow_module_level=True)

CLIENTS = ("huggingface_hub", "huggingface.js")
TOKENS = {"hf": "hf_" + "a" * 20, "key": "key-" + "a" * 20, "none": False}


def records(client: str) -> list[Any]:
    found = []
    for path in sorted((FIXTURES / "requests" / client).glob("*--text-to-image.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        provider = document["provider"]
        found += [
            pytest.param(provider, each, id=f"{provider}-{each['id']}")
            for each in document["records"]
        ]
    return found


def plan_of(provider: str, call: dict[str, Any]) -> TaskPlan:
    """The plan of a recorded call, its look-up answered as the record says."""
    mapping = call["mapping"] if provider == "auto" else {provider: call["mapping"]}
    info = read_model(
        {
            "id": call["model"],
            "pipeline_tag": "text-to-image",
            "inferenceProviderMapping": mapping,
        }
    )
    config = resolve(World(), model=call["model"], provider=provider, token=TOKENS[call["auth"]])
    options = {**call["parameters"], "extra_body": call["extra_body"]}
    task_call = TaskCall.of(task_of("text_to_image"), call["inputs"], options)
    return plan_task(task_call, config, info)


def recorded(record: dict[str, Any]) -> Any:
    """An answer for each request: the recorded one to the same method and URL."""
    left = list(zip(record["requests"], record["responses"], strict=False))

    def answer(request: Request) -> Response | HFIError:
        for index, (asked, answered) in enumerate(left):
            if (asked["method"], asked["url"]) == (request.method, request.url):
                del left[: index + 1]
                body = answered.get("json")
                content = (
                    base64.b64decode(answered.get("body_base64", ""))
                    if body is None
                    else json.dumps(body).encode()
                )
                return Response(
                    status_code=answered["status"], headers=answered["headers"], content=content
                )
        raise AssertionError(f"{request.method} {request.url} was not recorded")

    return answer


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return value


def as_documented(provider: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body of JavaScript's with what the other client knows of the provider done to it."""
    if provider in ("nscale", "zai-org") and {"width", "height"} <= body.keys():
        width, height = body.pop("width"), body.pop("height")
        body["size"] = f"{width}x{height}"
    if provider == "nscale":
        body.pop("num_inference_steps", None)
    return body


@pytest.mark.parametrize("client", CLIENTS)
def test_there_are_recordings(client: str) -> None:
    assert len(records(client)) > 30


@pytest.mark.parametrize(("provider", "record"), records("huggingface_hub"))
def test_beside_huggingface_hub(provider: str, record: dict[str, Any]) -> None:
    compare(provider, record, js=False)


@pytest.mark.parametrize(("provider", "record"), records("huggingface.js"))
def test_beside_huggingface_js(provider: str, record: dict[str, Any]) -> None:
    compare(provider, record, js=True)


def compare(provider: str, record: dict[str, Any], *, js: bool) -> None:
    call = record["call"]
    if call["auth"] == "none" and provider != "hf-inference":
        with pytest.raises(ConfigurationError, match="token"):
            plan_of(provider, call)
        return
    if provider == "auto" and call["auth"] == "key":
        # They send the key to whichever provider comes first.
        with pytest.raises(ConfigurationError, match="no provider is named"):
            plan_of(provider, call)
        return
    theirs = record["requests"]
    if not theirs:
        return  # JavaScript's "url" output, refused before any request
    output = call["options"].get("outputType")
    if output == "url" and provider == "together":
        call = {**call, "extra_body": {"response_format": "url"}}  # how one gets that from us
    plan = plan_of(provider, call)
    compare_first(provider, plan, theirs[0], call, js=js)
    if record["id"] in ("not-finished", "job-failed") or output in ("json", "url"):
        return  # the first two are below; the others leave the image where it is
    image, steps = play(perform(plan), recorded(record))
    compare_rest(requests_of(steps), theirs)
    assert isinstance(image, Image)
    assert (image.content_type, image.width, image.height) == ("image/png", 1, 1)
    assert image.provider == plan.stops[0].route.provider
    assert image.seed == call["parameters"].get("seed")


def compare_first(
    provider: str, plan: TaskPlan, theirs: dict[str, Any], call: dict[str, Any], *, js: bool
) -> None:
    request = plan.first().request
    assert (request.method, request.url) == (theirs["method"], theirs["url"])
    assert request.credential is not None
    scheme, _, token = theirs["headers"]["authorization"].partition(" ")
    assert (request.credential.scheme, token) == (scheme, "TOKEN")
    for name in ("content-type", "prefer", "accept-language", "x-source-channel"):
        assert request.headers.get(name) == theirs["headers"].get(name)
    ours, body = json.loads(request.content or b""), dict(theirs["json"])
    if js:
        body = as_documented(provider, body)
    for name, value in call["extra_body"].items():
        place = ours.get("input", ours)
        assert place[name] == value  # nothing of the user's own is lost
    if record_drops(call):
        ours, body = without_nulls(ours), without_nulls(body)
        ours.pop("cfg_scale", None)
        body.pop("cfg_scale", None)
    if provider == "zai-org" and not js:
        ours.pop("width", None)  # a lone side: Python's client leaves it out, JavaScript's does not
    assert ours == body


def record_drops(call: dict[str, Any]) -> bool:
    return any(name == "cfg_scale" or value is None for name, value in call["extra_body"].items())


def compare_rest(ours: list[Request], theirs: list[dict[str, Any]]) -> None:
    assert [(each.method, each.url) for each in ours] == [
        (each["method"], each["url"]) for each in theirs
    ]
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        assert (mine.credential is not None) == ("authorization" in other["headers"])
        assert mine.content is None
        assert "content-type" not in mine.headers
        assert "prefer" not in mine.headers


def only(client: str, provider: str, name: str) -> dict[str, Any]:
    path = FIXTURES / "requests" / client / f"{provider}--text-to-image.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return next(each for each in document["records"] if each["id"] == name)  # type: ignore[no-any-return]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_prediction_that_is_not_finished_is_asked_after(client: str) -> None:
    record = only(client, "replicate", "not-finished")
    finished = only(client, "replicate", "minimal")
    poll = "https://router.huggingface.co/replicate/v1/predictions/pred-1"
    record["requests"] += [{"method": "GET", "url": poll}, finished["requests"][1]]
    record["responses"] += finished["responses"]
    image, steps = play(perform(plan_of("replicate", record["call"])), recorded(record))
    assert image.url == "https://cdn.example.com/out.png"
    assert [each.url for each in requests_of(steps)][1] == poll
    assert len(sleeps_of(steps)) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_a_job_that_failed_is_an_error(client: str) -> None:
    record = only(client, "zai-org", "job-failed")
    with pytest.raises(APIStatusError) as caught:
        play(perform(plan_of("zai-org", record["call"])), recorded(record))
    assert caught.value.provider == "zai-org"
    assert "FAIL" in str(caught.value)
