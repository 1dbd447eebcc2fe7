"""Jobs of every provider over a real line: slow, failing, stuck, vanishing, on a bad line.

Each ends in truth: in its result, or in an error that says what happened, within its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from hfi import AsyncClient, Timeout, errors
from hfi._core.providers.way import Queue, Way
from hfi._core.tasks.catalogue import all_tasks
from hfi.testing.faults import Body, Break, Fault, Hangup, Slow, Status
from hfi.testing.requests import ReceivedRequest
from servers.images import PNG
from servers.jobs import FILES, JOBS, JobServer, known_to

KEY = "own-key-" + "a" * 20
TASKS = {task.name: task for task in all_tasks()}
EVERY = pytest.mark.parametrize(
    ("provider", "task"), [pytest.param(*job[:2], id=f"{job[0]}-{job[1]}") for job in JOBS]
)
# One of each queue is enough where the queue decides.
QUEUES = pytest.mark.parametrize(
    ("provider", "task"),
    list({job[2].queue: pytest.param(*job[:2], id=f"{job[0]}-{job[1]}") for job in JOBS}.values()),
)
GIVEN = {
    "prompt": "a cat",
    "text": "hello",
    "image": PNG,
    "audio": FILES["audio"],
}


async def run(
    provider: str, task: str, server: JobServer, patch: pytest.MonkeyPatch, **options: Any
) -> Any:
    """A call of the task's method at the server; the model is named as the provider names it."""
    row = TASKS[task]
    inputs = {name: GIVEN[name] for name in row.inputs}
    if row.media and task != "image-segmentation" and "prompt" in row.arguments.__annotations__:
        inputs["prompt"] = "a cat"
    model = "MiniMax-H3" if (provider, task) == ("novita", "image-text-to-video") else "a/b/c"
    queue = options.pop("queue", {})
    with known_to(provider, server, patch, **queue):
        async with AsyncClient(model, provider=provider, token=KEY, max_retries=2) as client:
            return await getattr(client, row.method)(**inputs, **options)


def made_of(value: Any) -> bytes:
    """The file that came, whatever the task gives."""
    first = value[0] if hasattr(value, "items") or isinstance(value, list) else value
    for name in ("mask", "audio"):
        first = getattr(first, name, first)
    data: bytes = first.bytes
    return data


@EVERY
async def test_a_slow_job(provider: str, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Any] = []
    with JobServer(provider, task) as server:
        value = await run(provider, task, server, monkeypatch, on_wait=waits.append)
    if task == "automatic-speech-recognition":
        assert str(value) == "hello"
    else:
        kind = TASKS[task].gives or ("image" if task == "image-segmentation" else "audio")
        assert made_of(value) == FILES[kind]
    assert [(wait.reason, wait.done) for wait in waits] == [
        ("queue", False),
        ("queue", False),
        ("queue", True),
    ]
    assert all(wait.told for wait in waits if not wait.done)
    assert len(server.asked) == (3 if server.queue.result else 2)
    for request in server.asked:
        assert KEY in request.headers["authorization"]
        assert "content-type" not in request.headers
        assert request.body == b""
    for request in server.downloads:
        assert "authorization" not in request.headers


@QUEUES
async def test_a_failing_job(provider: str, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = sorted(queue_of(provider, task).failed)[0]
    told = {".".join(server_error(provider, task)): "the picture is not allowed"}
    with (
        JobServer(provider, task, ("starting", failed), told) as server,
        pytest.raises(errors.APIStatusError, match="the picture is not allowed") as caught,
    ):
        await run(provider, task, server, monkeypatch)
    assert caught.value.provider == provider
    assert len([each for each in server.requests if each.method == "POST"]) == 1


def queue_of(provider: str, task: str) -> Queue:
    way: Way = next(job for job in JOBS if job[:2] == (provider, task))[2]
    assert way.queue is not None
    return way.queue


def server_error(provider: str, task: str) -> tuple[str, ...]:
    path: tuple[str, ...] = queue_of(provider, task).error
    return path


@QUEUES
async def test_a_stuck_job(provider: str, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=0.5)
    began = monotonic()
    with (
        JobServer(provider, task, ("starting",)) as server,
        pytest.raises(errors.APITimeoutError) as caught,
    ):
        await run(provider, task, server, monkeypatch, timeout=limit)
    assert caught.value.phase == "total"
    assert monotonic() - began < 3
    assert len(server.asked) > 3


@QUEUES
async def test_a_job_whose_wait_is_longer_than_the_time_left(
    provider: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=1)
    began = monotonic()
    queue = {"interval": 30.0, "longest": 30.0}
    with JobServer(provider, task, ("starting",)) as server, pytest.raises(errors.APITimeoutError):
        await run(provider, task, server, monkeypatch, timeout=limit, queue=queue)
    assert monotonic() - began < 0.9  # not waited for in vain


@QUEUES
async def test_a_vanishing_job(provider: str, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        JobServer(provider, task, faults=on_questions(Status(404))) as server,
        pytest.raises(errors.ResponseError, match="no longer knows the job"),
    ):
        await run(provider, task, server, monkeypatch)
    assert len(server.asked) == 1


def on_questions(*faults: Fault | None) -> Any:
    """Faults of the questions after a job, one after the other, then none."""
    left = list(faults)

    def choose(request: ReceivedRequest) -> Fault | None:
        if request.method == "POST" or request.path.startswith("/file."):
            return None
        return left.pop(0) if left else None

    return choose


def on_downloads(*faults: Fault | None) -> Any:
    """Faults of the download, one after the other, then none."""
    left = list(faults)

    def choose(request: ReceivedRequest) -> Fault | None:
        return left.pop(0) if request.path.startswith("/file.") and left else None

    return choose


@QUEUES
@pytest.mark.parametrize(
    "fault",
    [Status(503), Status(500), Hangup(how="reset"), Hangup(how="close"), Break(after=5)],
    ids=["503", "500", "reset", "closed", "half"],
)
async def test_a_question_that_fails_is_asked_again(
    provider: str, task: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JobServer(provider, task, faults=on_questions(fault)) as server:
        await run(provider, task, server, monkeypatch)
    assert len([each for each in server.requests if each.method == "POST"]) == 1
    # The first question got no answer, the second did.
    assert len(server.asked) == (3 if server.queue.result else 2)


@QUEUES
@pytest.mark.parametrize("data", [b"<html>busy</html>", b"[]", b""], ids=["page", "list", "empty"])
async def test_an_answer_that_is_no_word_on_the_job(
    provider: str, task: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        JobServer(provider, task, faults=on_questions(Body(data))) as server,
        pytest.raises(errors.ResponseError, match="no JSON object"),
    ):
        await run(provider, task, server, monkeypatch)


@QUEUES
async def test_an_answer_that_never_comes(
    provider: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=0.6)
    began = monotonic()
    with (
        JobServer(provider, task, faults=on_questions(*[Hangup(how="stall")] * 9)) as server,
        pytest.raises(errors.APITimeoutError),
    ):
        await run(provider, task, server, monkeypatch, timeout=limit)
    assert monotonic() - began < 3


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (Status(403, body={"error": "expired"}), errors.ResponseError, "cannot be fetched"),
        (Status(404), errors.ResponseError, "cannot be fetched"),
        (Body(b"<html>expired</html>"), errors.ResponseError, "Where an image was due"),
        (Body(b""), errors.ResponseError, "Where an image was due"),
    ],
    ids=["403", "404", "page", "empty"],
)
async def test_what_was_made_is_gone(
    fault: Fault, error: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        JobServer("fal-ai", "text-to-image", faults=on_downloads(fault)) as server,
        pytest.raises(error, match=told),
    ):
        await run("fal-ai", "text-to-image", server, monkeypatch)


async def test_a_download_that_breaks_off_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = on_downloads(Break(after=20), Hangup(how="reset"))
    with JobServer("fal-ai", "text-to-image", faults=faults) as server:
        image = await run("fal-ai", "text-to-image", server, monkeypatch)
    assert image.bytes == PNG
    assert len(server.downloads) == 3


async def test_a_slow_line_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Timeout(connect=5, first_token=5, between_tokens=5, total=0.5)
    faults = on_questions(*[Slow(seconds=0.2)] * 9)
    with (
        JobServer("replicate", "text-to-image", ("starting",), faults=faults) as server,
        pytest.raises(errors.APITimeoutError) as caught,
    ):
        await run("replicate", "text-to-image", server, monkeypatch, timeout=limit)
    assert caught.value.phase == "total"


async def test_a_job_that_is_refused_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: ReceivedRequest) -> Fault | None:
        return Status(422, body={"detail": "the prompt is too long"})

    with (
        JobServer("fal-ai", "text-to-image", faults=refuse) as server,
        pytest.raises(errors.BadRequestError, match="too long"),
    ):
        await run("fal-ai", "text-to-image", server, monkeypatch)
    assert len(server.requests) == 1


def bodies(server: JobServer) -> Iterator[Any]:
    return (json.loads(each.body) for each in server.requests if each.method == "POST")


async def test_each_of_several_images_is_a_job_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with JobServer("fal-ai", "text-to-image", ("starting", None, None, None)) as server:
        images = await run("fal-ai", "text-to-image", server, monkeypatch, n=3, seed=1)
    assert [image.seed for image in images] == [1, 2, 3]
    assert sorted(body["seed"] for body in bodies(server)) == [1, 2, 3]
