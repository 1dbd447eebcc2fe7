"""Jobs of every provider: slow, failing, stuck, vanishing, and lying about where they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfi._core.failures.line_failure import timeout_error
from hfi._core.flows import Sleep
from hfi._core.providers import all_providers
from hfi._core.request import Credential, Request, Response
from hfi._core.tasks.queues import Ticket, wait_for
from hfi.errors import APIStatusError, APITimeoutError, HFIError, ResponseError, ServerError
from playing import play, reply, requests_of, sleeps_of

KEY = Credential(value="hf_" + "a" * 20, source="argument")
URL = "https://cdn.example.com/out.png"

QUEUES = {
    each.name: way.queue
    for each in all_providers()
    for task, way in each.ways.items()
    if task == "text-to-image" and way.queue is not None
}
BASES = {
    "fal-ai": "https://router.huggingface.co/fal-ai",
    "replicate": "https://router.huggingface.co/replicate",
    "wavespeed": "https://router.huggingface.co/wavespeed",
    "zai-org": "https://router.huggingface.co/zai-org",
}


def body_of(name: str, state: str, **more: Any) -> dict[str, Any]:
    """A provider's word on its job."""
    if name == "fal-ai":
        return {
            "status": state,
            "request_id": "job 1",
            "response_url": "https://queue.fal.run/fal-ai/flux/requests/job-1",
            **more,
        }
    if name == "replicate":
        urls = {"get": "https://api.replicate.com/v1/predictions/job-1"}
        return {"id": "job-1", "status": state, "output": None, "error": None, "urls": urls} | more
    if name == "wavespeed":
        urls = {"get": "https://api.wavespeed.ai/api/v3/predictions/job-1/result"}
        data = {"id": "job-1", "status": state, "outputs": [], "error": "", "urls": urls} | more
        return {"code": 200, "message": "success", "data": data}
    return {"id": "job-1", "task_status": state, "model": "m", **more}


WAITING = {
    "fal-ai": ("IN_QUEUE", "IN_PROGRESS"),
    "replicate": ("starting", "processing"),
    "wavespeed": ("created", "processing"),
    "zai-org": ("PROCESSING", "PROCESSING"),
}
DONE = {"fal-ai": "COMPLETED", "replicate": "succeeded", "wavespeed": "completed"} | {
    "zai-org": "SUCCESS"
}
FAILED = {"fal-ai": "FAILED", "replicate": "failed", "wavespeed": "failed", "zai-org": "FAIL"}
POLLED = {
    "fal-ai": "/fal-ai/flux/requests/job-1/status?_subdomain=queue",
    "replicate": "/v1/predictions/job-1",
    "wavespeed": "/api/v3/predictions/job-1/result",
    "zai-org": "/api/paas/v4/async-result/job-1",
}
NAMES = pytest.mark.parametrize("name", list(QUEUES))


def ticket_of(name: str, **changes: Any) -> Ticket:
    request = Request(
        url=f"{BASES[name]}/start",
        headers={"content-type": "application/json", "prefer": "wait", "x-own": "1"},
        content=b"{}",
        credential=KEY,
        provider=name,
    )
    query = "_subdomain=queue" if name == "fal-ai" else ""
    fields = {"request": request, "base": BASES[name], "query": query}
    return Ticket(**{**fields, "provider_id": "fal-ai/flux/dev", **changes})


def as_reply(body: Any) -> Response:
    return reply(json.dumps(body).encode())


def run(name: str, first: Any, *later: Any, ticket: Ticket | None = None) -> Any:
    """Plays a job's course; gives the last reply's JSON and the steps."""
    left = [each if isinstance(each, (Response, HFIError)) else as_reply(each) for each in later]
    flow = wait_for(QUEUES[name], as_reply(first), ticket or ticket_of(name))
    last, steps = play(flow, lambda _: left.pop(0))
    assert not left
    return json.loads(last.content), steps


@NAMES
def test_a_slow_job(name: str) -> None:
    one, two = WAITING[name]
    result = {"images": [{"url": URL}]}
    later = [body_of(name, two), body_of(name, two), body_of(name, DONE[name])]
    if name == "fal-ai":
        later.append(result)
    last, steps = run(name, body_of(name, one), *later)
    assert last == later[-1]
    asked = requests_of(steps)
    assert asked[0].url == BASES[name] + POLLED[name]
    assert all(each.method == "GET" and each.content is None for each in asked)
    assert all(each.credential is KEY for each in asked)
    assert all(set(each.headers) == {"x-own"} for each in asked)
    waits = sleeps_of(steps)
    assert [wait.progress for wait in waits] == [body_of(name, one)] + [body_of(name, two)] * 2
    assert repr(one) in waits[0].reason
    assert isinstance(steps[0], Sleep)
    assert all(0 < wait.seconds <= QUEUES[name].longest for wait in waits)
    assert waits[-1].seconds >= waits[0].seconds


@NAMES
def test_a_job_that_is_done_at_once(name: str) -> None:
    later = [{"images": [{"url": URL}]}] if name == "fal-ai" else []
    _, steps = run(name, body_of(name, DONE[name]), *later)
    assert not sleeps_of(steps)
    assert len(requests_of(steps)) == len(later)


@NAMES
def test_a_job_that_fails(name: str) -> None:
    told = {"fal-ai": {}, "zai-org": {}}.get(name, {"error": "NSFW content was detected"})
    with pytest.raises(APIStatusError) as caught:
        run(name, body_of(name, WAITING[name][0]), body_of(name, FAILED[name], **told))
    assert (told.get("error") or FAILED[name]) in str(caught.value)
    assert caught.value.provider == name


@NAMES
def test_a_job_that_vanishes(name: str) -> None:
    gone = reply(b'{"error": "not found"}', 404)
    with pytest.raises(ResponseError, match="no longer knows the job"):
        run(name, body_of(name, WAITING[name][0]), gone)


@NAMES
def test_a_stuck_job_ends_when_the_driver_says_so(name: str) -> None:
    flow = wait_for(QUEUES[name], as_reply(body_of(name, WAITING[name][0])), ticket_of(name))
    assert isinstance(next(flow), Sleep)
    with pytest.raises(APITimeoutError):
        flow.throw(timeout_error("total", 1.0, None))


@NAMES
def test_a_server_error_while_asking(name: str) -> None:
    with pytest.raises(ServerError):
        run(name, body_of(name, WAITING[name][0]), reply(b"oops", 500))


@NAMES
def test_a_reply_that_is_no_json(name: str) -> None:
    with pytest.raises(ResponseError, match="no JSON"):
        run(name, body_of(name, WAITING[name][0]), reply(b"<html>busy</html>"))
    with pytest.raises(ResponseError, match="no JSON"):
        play(wait_for(QUEUES[name], reply(b"[]"), ticket_of(name)), lambda _: reply(b""))


@NAMES
def test_a_reply_that_is_the_answer_or_an_error_is_handed_on(name: str) -> None:
    refusal = {"detail": "no", "status": 422, "title": "Invalid"}
    for body in ({"images": [{"url": URL}]}, {"error": "no"}, {}, refusal):
        last, steps = run(name, body)
        assert (last, steps) == (body, [])


@NAMES
@pytest.mark.parametrize(
    "told", [{"detail": "no such job"}, {"code": 400, "message": "no such job", "data": None}]
)
def test_an_error_in_place_of_a_state_ends_the_wait(name: str, told: dict[str, Any]) -> None:
    with pytest.raises(APIStatusError, match="no such job"):
        run(name, body_of(name, WAITING[name][0]), told)


@NAMES
def test_an_unknown_word_is_waited_for(name: str) -> None:
    later = [body_of(name, DONE[name])] + ([{"images": [URL]}] if name == "fal-ai" else [])
    _, steps = run(name, body_of(name, "WARMING_UP"), *later)
    assert len(sleeps_of(steps)) == 1


def test_only_the_path_of_an_address_is_used() -> None:
    body = body_of("fal-ai", "IN_QUEUE", response_url="https://evil.example/fal-ai/x/requests/1")
    later = [body_of("fal-ai", "COMPLETED"), {"images": []}]
    _, steps = run("fal-ai", body, *later)
    base = BASES["fal-ai"]
    assert [each.url for each in requests_of(steps)] == [
        f"{base}/fal-ai/x/requests/1/status?_subdomain=queue",
        f"{base}/fal-ai/x/requests/1?_subdomain=queue",
    ]


def test_an_address_on_the_router_itself_is_taken_as_it_is() -> None:
    told = "https://router.huggingface.co/fal-ai/fal-ai/flux/requests/1"
    body = body_of("fal-ai", "COMPLETED", response_url=told)
    _, steps = run("fal-ai", body, {"images": []})
    assert requests_of(steps)[0].url == f"{told}?_subdomain=queue"


@pytest.mark.parametrize(
    "told", ["https://x/../../api/whoami", "no path", "https://[", "https://x/a b"]
)
def test_an_address_that_leads_elsewhere_is_refused(told: str) -> None:
    with pytest.raises(ResponseError, match="no address"):
        run("fal-ai", body_of("fal-ai", "IN_QUEUE", response_url=told))


def test_without_an_address_the_job_s_id_makes_one() -> None:
    body = body_of("fal-ai", "COMPLETED", response_url=None)
    _, steps = run("fal-ai", body, {"images": []})
    assert requests_of(steps)[0].url == (
        f"{BASES['fal-ai']}/fal-ai/flux/requests/job%201?_subdomain=queue"
    )
    with pytest.raises(ResponseError, match="neither a job"):
        run("replicate", {"status": "starting"})


def test_with_a_key_of_its_own_a_provider_is_asked_directly() -> None:
    ticket = ticket_of("fal-ai", base="https://queue.fal.run", query="")
    later = [body_of("fal-ai", "COMPLETED"), {"images": []}]
    _, steps = run("fal-ai", body_of("fal-ai", "IN_QUEUE"), *later, ticket=ticket)
    assert requests_of(steps)[0].url == "https://queue.fal.run/fal-ai/flux/requests/job-1/status"
