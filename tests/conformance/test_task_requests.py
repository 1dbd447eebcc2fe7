"""Our requests and results beside those that the two official clients were recorded to have.

Each recorded call is made with a client of ours, against the recorded replies. What differs must
stand in the table of ``differences.py``; a row of it that explains nothing any more must go.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

import hfi
from conftest import fixtures_dir
from differences import DIFFERENCES, JS, PY, Delta, explained_by
from hfi._core.tasks.catalogue import all_tasks
from hfi._sync import drive as driver

FOLDER = fixtures_dir() / "requests"
TOKENS: dict[str, str | bool] = {"hf": "hf_" + "a" * 20, "key": "key-" + "a" * 20, "none": False}
WORDS = {"conversational": "chat", "text-generation": "text_generation"}
HEADERS = (
    *("accept", "accept-language", "content-type", "prefer", "x-hf-bill-to"),
    "x-source-channel",
)
METHODS = WORDS | {task.name: task.method for task in all_tasks()}


# -- the recordings --------------------------------------------------------------------------------


def records() -> list[Any]:
    found = []
    for client in (PY, JS):
        for path in sorted((FOLDER / client).glob("*--*.json")):
            document = json.loads(path.read_text(encoding="utf-8"))
            provider, task = document["provider"], document["task"]
            found += [
                pytest.param(client, provider, task, each, id=f"{client}-{path.stem}-{each['id']}")
                for each in document["records"]
            ]
    return found


class Recorded:
    """The servers of one recorded call: the Hub, the provider, and whoever keeps files."""

    def __init__(self, record: Mapping[str, Any], provider: str, task: str) -> None:
        self.seen: list[httpx.Request] = []
        self._record, self._provider, self._task = record, provider, task
        self._left = list(zip(record["requests"], record["responses"], strict=False))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.host == "huggingface.co":
            return self._hub(request.url.path)
        self.seen.append(request)
        for index, (asked, answered) in enumerate(self._left):
            if (asked["method"], asked["url"]) == (request.method, str(request.url)):
                del self._left[: index + 1]
                return _response(answered)
        if self._task in WORDS and request.method == "POST" and self._left:
            return _response(self._left.pop(0)[1])  # the route may be another one
        return httpx.Response(404, json={"error": "this was not recorded"})

    def _hub(self, path: str) -> httpx.Response:
        if path == "/api/tasks":
            for asked, answered in zip(
                self._record["hub_requests"], self._record["hub_responses"], strict=True
            ):
                if asked["url"].endswith(path):
                    return _response(answered)
            return httpx.Response(404)
        call = self._record["call"]
        mapping = call["mapping"] if self._provider == "auto" else {self._provider: call["mapping"]}
        return httpx.Response(
            200,
            json={
                "id": path.removeprefix("/api/models/"),
                "pipeline_tag": self._task,
                "inferenceProviderMapping": mapping,
            },
        )


def _response(answered: Mapping[str, Any]) -> httpx.Response:
    body = answered.get("json")
    if body is None:
        content = base64.b64decode(answered.get("body_base64", ""))
    else:
        content = json.dumps(body).encode()
    return httpx.Response(answered["status"], headers=answered["headers"], content=content)


# -- the same call through hfi ---------------------------------------------------------------------


def given(value: Any, folder: Path, stack: ExitStack) -> Any:
    """A recorded input in the form it had: bytes, a path, a file, a picture, a URL."""
    if not isinstance(value, dict) or "as" not in value:
        return value
    if value["as"] == "url":
        return value["url"]
    data = base64.b64decode(value["base64"])
    if value["as"] == "bytes":
        return data
    if value["as"] == "pil":
        pillow = pytest.importorskip("PIL.Image")
        return pillow.open(io.BytesIO(data))
    path = folder / value["name"]
    path.write_bytes(data)
    if value["as"] == "file":
        return stack.enter_context(path.open("rb"))
    return path if value["as"] == "pathlib" else str(path)


def outcome(
    provider: str, task: str, record: Mapping[str, Any], folder: Path
) -> tuple[Any, hfi.HFIError | None, list[httpx.Request]]:
    """What comes of a recorded call: its value or error, and what was sent."""
    call = record["call"]
    servers = Recorded(record, provider, task)
    where: dict[str, Any] = {"provider": provider, "model": call["model"]}
    if call["base_url"]:
        where = {"base_url": call["base_url"]}
    options = {**call["parameters"], "extra_body": call["extra_body"] or None}
    if call["options"].get("model_in_call"):
        options["model"] = where.pop("model")
    if task in WORDS:
        options["stream"] = call["stream"]
    if "bill_to" in call["options"]:
        where["bill_to"] = call["options"]["bill_to"]
    with ExitStack() as stack:
        inputs = {name: given(value, folder, stack) for name, value in call["inputs"].items()}
        client = stack.enter_context(
            hfi.Client(**where, token=TOKENS[call["auth"]], transport=httpx.MockTransport(servers))
        )
        value, error = None, None
        try:
            value = getattr(client, METHODS[task])(**inputs, **options)
            if call["stream"]:
                value = "".join(str(piece) for piece in value)
        except hfi.HFIError as caught:
            error = caught
    return value, error, servers.seen


# -- comparing -------------------------------------------------------------------------------------


def compared(
    client: str, provider: str, task: str, record: Mapping[str, Any], folder: Path
) -> Iterator[Delta]:
    """Everything in which a recorded call and ours differ."""
    value, error, ours = outcome(provider, task, record, folder)
    for place, mine, other in _differing(provider, task, record, value, error, ours):
        yield Delta(
            client=client,
            provider=provider,
            task=task,
            record=record,
            place=place,
            ours=mine,
            theirs=other,
        )


def _differing(
    provider: str,
    task: str,
    record: Mapping[str, Any],
    value: Any,
    error: hfi.HFIError | None,
    ours: list[httpx.Request],
) -> Iterator[tuple[str, Any, Any]]:
    """(place, ours, theirs) of everything."""
    if provider == "endpoint":
        questions = [each for each in ours if each.method == "GET"]
        ours = [each for each in ours if each.method != "GET"]
        if questions:
            yield "questions", len(questions), None
    theirs, failed = record["requests"], record.get("error")
    if (error is None) != (failed is None):
        yield "error", None if error is None else repr(error), failed
    first = next((each for each in theirs if not _is_file(each["url"])), None)
    mine = next((each for each in ours if not _is_file(str(each.url))), None)
    if first is not None and mine is not None:
        yield from requests_differ(mine, first)
    elif first is not mine:
        yield "requests", len(ours) or None, len(theirs) or None
    yield from _rest_differs(ours, theirs)
    if error is None and failed is None:
        differ = texts_differ if task in WORDS else results_differ
        wrong = differ(value, record["result"]["value"])
        if wrong:
            yield "result", wrong, record["result"]["value"]


def _rest_differs(ours: list[httpx.Request], theirs: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Where the later requests go, and whether the token goes along."""
    sent = [(each.method, str(each.url)) for each in ours]
    asked = [(each["method"], each["url"]) for each in theirs]
    if sent[1:] != asked[1:]:
        yield "follow-ups", sent[1:], asked[1:]
    for request, other in zip(ours, theirs, strict=False):
        with_token = "authorization" in other["headers"]
        same_place = str(request.url) == other["url"]
        if same_place and ("authorization" in request.headers) != with_token:
            yield "token", not with_token, with_token


def _is_file(url: str) -> bool:
    return url.startswith("https://files.example.com/")


def requests_differ(ours: httpx.Request, theirs: Mapping[str, Any]) -> Iterator[Any]:
    """(place, ours, theirs) of everything in which two requests differ."""
    if (ours.method, str(ours.url)) != (theirs["method"], theirs["url"]):
        yield "url", f"{ours.method} {ours.url}", f"{theirs['method']} {theirs['url']}"
    for name in HEADERS:
        mine, other = ours.headers.get(name), theirs["headers"].get(name)
        if name in ("content-type", "content_type"):
            mine, other = _media_type(mine), _media_type(other)
        if mine != other:
            yield f"header {name}", mine, other
    scheme = ours.headers.get("authorization", "").partition(" ")[0]
    if "authorization" in theirs["headers"] and scheme:
        other = theirs["headers"]["authorization"].partition(" ")[0]
        if scheme != other:
            yield "token scheme", scheme, other
    yield from bodies_differ(ours, theirs)


def _media_type(value: str | None) -> str | None:
    return None if value is None else value.partition(";")[0]


def bodies_differ(ours: httpx.Request, theirs: Mapping[str, Any]) -> Iterator[Any]:
    kind = _media_type(ours.headers.get("content-type"))
    if "json" in theirs and kind == "application/json":
        yield from values_differ(json.loads(ours.content), theirs["json"], "body")
    elif "multipart" in theirs and kind == "multipart/form-data":
        mine, other = parts_of(ours), {part["name"]: part for part in theirs["multipart"]}
        for name in sorted(mine.keys() | other.keys()):
            one, two = mine.get(name), other.get(name)
            two = None if two is None else {k: v for k, v in two.items() if k != "name"}
            yield from values_differ(one, two, f"body {name}")
    elif "body_base64" in theirs:
        file = base64.b64decode(theirs["body_base64"])
        if ours.content != file:
            yield "body kind", kind, f"{len(file)} bytes"
    else:
        yield "body kind", kind, next(k for k in theirs if k in ("json", "multipart"))


def values_differ(ours: Any, theirs: Any, place: str) -> Iterator[Any]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            inner = f"{place} {name}" if place == "body" else f"{place}.{name}"
            if name not in ours or name not in theirs:
                yield inner, _shown(ours, name), _shown(theirs, name)
            else:
                yield from values_differ(ours[name], theirs[name], inner)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from values_differ(*pair, f"{place}[{index}]")
    elif ours != theirs:
        yield place, ours, theirs


def _shown(values: Mapping[str, Any], name: str) -> Any:
    """A field, or None where there is none: a null is something."""
    value = values.get(name)
    return "null" if name in values and value is None else value


def parts_of(request: httpx.Request) -> dict[str, Any]:
    """The parts of a form, as the recordings tell them."""
    boundary = request.headers["content-type"].rpartition("boundary=")[2].encode()
    found = {}
    for piece in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = piece.strip(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(
            line.lower().split(": ", 1) for line in head.decode().split("\r\n") if ": " in line
        )
        words = dict(
            word.split("=", 1) for word in fields["content-disposition"].split("; ") if "=" in word
        )
        name = words["name"].strip('"')
        if "filename" in words:
            found[name] = {
                "filename": words["filename"].strip('"'),
                "content_type": fields["content-type"],
                "base64": base64.b64encode(body).decode(),
            }
        else:
            found[name] = {"value": body.decode()}
    return found


# -- results ---------------------------------------------------------------------------------------


def results_differ(ours: Any, theirs: Any) -> str | None:
    """In what a value of ours is not theirs, or None."""
    if isinstance(theirs, dict):
        for form, read in FORMS.items():
            if theirs.keys() == {form}:
                return read(ours, theirs[form])
        return next(filter(None, (_field(ours, *each) for each in theirs.items())), None)
    if isinstance(theirs, list):
        if not hasattr(ours, "__len__") or len(ours) != len(theirs):
            return f"not {len(theirs)} items: {ours!r:.80}"
        pairs = zip(ours, theirs, strict=True)
        return next(filter(None, (results_differ(*pair) for pair in pairs)), None)
    if isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
        close = isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-6)
        return None if close else f"not {theirs}: {ours!r:.80}"
    return None if str(ours) == str(theirs) else f"not {theirs!r:.80}: {ours!r:.80}"


def texts_differ(ours: Any, theirs: Any) -> str | None:
    """In what the text of an answer is not theirs, or None."""
    pieces = theirs if isinstance(theirs, list) else [theirs]
    whole = "".join(map(_text, pieces))
    return None if str(ours) == whole else f"not {whole!r:.80}: {str(ours)!r:.80}"


def _text(piece: Any) -> str:
    """The text of a reply, or of an event of a stream."""
    if isinstance(piece, str):
        return piece
    for name in ("generated_text", "token", "text", "message", "delta", "content"):
        if (
            name in piece
            and piece[name] is not None
            and (name != "generated_text" or "token" not in piece)
        ):
            return _text(piece[name])
    return _text(piece["choices"][0]) if piece.get("choices") else ""


def _field(ours: Any, name: str, theirs: Any) -> str | None:
    if theirs is None:
        return None
    if name == "timestamp":
        return results_differ([ours.start, ours.end], theirs)
    if name == "generatedText":
        name = "generated_text"  # JavaScript's client gives both
    if name == "blob" and isinstance(theirs, dict):
        return results_differ(ours.audio, theirs)
    if name in ("blob", "mask") and isinstance(theirs, str):
        held = ours.mask if name == "mask" else ours.audio
        return None if held.bytes == base64.b64decode(theirs) else f"another {name}"
    if name in ("content-type", "content_type"):
        return results_differ(ours.audio.content_type, theirs)
    if hasattr(ours, name):
        return results_differ(getattr(ours, name), theirs)
    raw = getattr(ours, "raw", None)
    if isinstance(raw, dict) and name in raw:
        return results_differ(raw[name], theirs)
    return f"no {name} in {ours!r:.80}"


def _file(ours: Any, theirs: Any) -> str | None:
    if ours.bytes != base64.b64decode(theirs["base64"]):
        return "other bytes"
    return results_differ(ours.content_type, theirs.get("type", ours.content_type))


def _picture(ours: Any, theirs: Any) -> str | None:
    return results_differ([ours.width, ours.height], theirs["size"])


def _array(ours: Any, theirs: Any) -> str | None:
    return results_differ(ours.numpy().tolist(), theirs["values"])


FORMS = {"blob": _file, "bytes": _file, "image": _picture, "ndarray": _array}


# What a provider does not take is left out with a warning.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* takes no .*; it is not sent:UserWarning"),
    pytest.mark.filterwarnings("ignore:bill_to is ignored:UserWarning"),
]


# -- tests -----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "sleep", lambda _: None)


def test_every_recording_is_compared() -> None:
    compared_here = {param.values[2] for param in records()}
    assert compared_here <= METHODS.keys()
    assert len(records()) > 400


@pytest.mark.parametrize(("client", "provider", "task", "record"), records())
def test_beside_an_official_client(
    client: str, provider: str, task: str, record: dict[str, Any], tmp_path: Path
) -> None:
    deltas = list(compared(client, provider, task, record, tmp_path))
    unexplained = [delta for delta in deltas if explained_by(delta) is None]
    assert not unexplained, "\n".join(
        f"{each.place}: ours {each.ours!r:.200} / theirs {each.theirs!r:.200}"
        for each in unexplained
    )


def test_every_row_explains_something(tmp_path: Path) -> None:
    used = set()
    for param in records():
        client, provider, task, record = param.values
        for delta in compared(client, provider, task, record, tmp_path):
            used.add(explained_by(delta))
    idle = [row.what for row in DIFFERENCES if row.recorded and row not in used]
    assert not idle
