"""``hfi run``, ``embed``, ``transcribe``, ``speak`` and ``classify`` against fake servers."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hfi import Client
from hfi.cli.tasks.inputs import parameters
from hfi.cli.tasks.outputs import plain
from hfi.testing import FakeServer, Reply
from hfi.types.vision import Box, Detection
from page import page_lines
from rawserver import Peer, RawServer
from servers import embedders
from servers.classic import CASES, CLASSES, JPEG, MASK, PICTURE, Case
from servers.media import WAV

if TYPE_CHECKING:
    from click.testing import Result

    from conftest import Run, Web


class Asked:
    """A run against a server that gives one reply to all."""

    def __init__(self, run: Run, reply: Any, *args: str, **options: Any) -> None:
        replies = (
            reply if isinstance(reply, list) and reply and isinstance(reply[0], Reply) else None
        )
        with FakeServer(replies or Reply(body=reply)) as server:
            self.result: Result = run(*args, "--base-url", server.url, **options)
            calls = list(server.calls)
        self.bodies = [call.body for call in calls]
        self.sent = [json.loads(body) for body in self.bodies if body[:1] == b"{"]

    @property
    def out(self) -> str:
        assert self.result.exit_code == 0, self.result.output
        assert self.result.stderr == ""
        return self.result.stdout

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def failure(self) -> str:
        assert self.result.exit_code == 2, self.result.output
        assert self.result.stdout == ""
        assert self.bodies == []  # nothing was sent
        return self.result.stderr


@pytest.fixture(autouse=True)
def a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.png").write_bytes(PICTURE)
    (tmp_path / "talk.wav").write_bytes(WAV)
    return tmp_path


# -- run -------------------------------------------------------------------------------------------


def given_of(case: Case, folder: Path) -> list[str]:
    """A case as a command line."""
    _, *names = signature(getattr(Client, case.method)).parameters
    named = dict(zip(names, case.arguments, strict=False)) | case.options
    first = named.pop(names[0])
    if isinstance(first, bytes):
        (folder / "input.png").write_bytes(first)
        first = "input.png"
    elif not isinstance(first, str):
        first = json.dumps(first)
    params = [f"{name}={json.dumps(value)}" for name, value in named.items()]
    return ["run", case.task, *(part for pair in params for part in ("-p", pair)), "--", first]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_classic_task(run: Run, case: Case, a_folder: Path) -> None:
    *args, dashes, first = given_of(case, a_folder)
    with FakeServer(Reply(body=case.reply)) as server:
        result = run(*args, "--json", "--base-url", server.url, dashes, first)
    assert result.exit_code == 0, result.output
    (call,) = server.calls
    sent = call.body if isinstance(case.sent, bytes) else call.json
    assert sent == case.sent
    value = json.loads(result.stdout)
    assert value["task"] == case.task
    assert value["result"] == json.loads(json.dumps(plain(case.value)))


def test_the_tasks_there_are(run: Run) -> None:
    lines = run("run").stdout.splitlines()
    assert "fill-mask\ttext\tvalues" in lines
    assert "text-to-speech\ttext\taudio" in lines
    assert run("run", "--json").exit_code == 2


def test_a_slip_in_the_name(run: Run) -> None:
    result = run("run", "fill-musk", "x")
    assert result.exit_code == 2
    assert "fill_mask" in result.stderr


def test_a_text_is_written_as_it_is(run: Run) -> None:
    reply = [{"summary_text": "Rain, then sun."}]
    asked = Asked(run, reply, "run", "summarization", input=b"Rain on Monday.\n")
    assert asked.out == "Rain, then sun.\n"
    assert asked.sent[0]["inputs"] == "Rain on Monday."


def test_lists_are_lines_with_tabs(run: Run) -> None:
    reply = [
        {"label": "cat", "score": 0.75, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}},
        {"label": "a\ttab", "score": None, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}},
    ]
    asked = Asked(run, reply, "run", "object-detection", "cat.png")
    assert asked.out == "cat\t0.75\t1,2,3,4\na tab\t\t1,2,3,4\n"
    assert asked.bodies == [PICTURE]


def test_several_files_are_named(run: Run, a_folder: Path) -> None:
    (a_folder / "dog.png").write_bytes(MASK)
    asked = Asked(run, CLASSES, "run", "image-classification", "cat.png", "dog.png")
    assert asked.out.splitlines()[0] == "cat.png\tgood\t0.9"
    assert asked.bodies == [PICTURE, MASK]
    several = Asked(run, CLASSES, "run", "image-classification", "cat.png", "dog.png", "--jsonl")
    lines = [json.loads(line) for line in several.out.splitlines()]
    assert [line["input"] for line in lines] == ["cat.png", "dog.png"]
    assert lines[0]["result"] == CLASSES
    array = Asked(run, CLASSES, "run", "image-classification", "cat.png", "dog.png", "--json")
    assert [entry["input"] for entry in array.json] == ["cat.png", "dog.png"]


def test_a_file_from_standard_input(run: Run) -> None:
    asked = Asked(run, CLASSES, "run", "image-classification", "--json", input=PICTURE)
    assert asked.bodies == [PICTURE]
    assert asked.json["result"] == CLASSES
    assert "input" not in asked.json


def test_each_line_of_its_own(run: Run) -> None:
    reply = [{"translation_text": "Bonjour"}]
    args = ("run", "translation", "-p", "src_lang=en", "-p", "tgt-lang=fr", "--lines")
    asked = Asked(run, reply, *args, input=b"Hello\n\nGood day\n")
    assert asked.out == "Hello\tBonjour\nGood day\tBonjour\n"
    assert [body["inputs"] for body in asked.sent] == ["Hello", "Good day"]
    assert asked.sent[0]["parameters"] == {"src_lang": "en", "tgt_lang": "fr"}


def test_what_came_before_a_failure_was_written(run: Run) -> None:
    replies = [Reply(body=CLASSES), Reply(body={"odd": 1})]
    asked = Asked(
        run, replies, "run", "text-classification", "--lines", "--jsonl", input=b"one\ntwo\n"
    )
    assert asked.result.exit_code == 1
    assert json.loads(asked.result.stdout)["input"] == "one"


def test_files_of_parameters(run: Run, a_folder: Path) -> None:
    (a_folder / "story.txt").write_text("Ann came.\n")
    reply = {"answer": "Ann", "score": 0.9, "start": 0, "end": 3}
    args = ("run", "question-answering", "Who came?", "-p", "context=@story.txt")
    asked = Asked(run, reply, *args)
    assert asked.out == "Ann\n"
    assert asked.sent[0]["inputs"] == {"question": "Who came?", "context": "Ann came."}


def test_parameters(a_folder: Path) -> None:
    (a_folder / "labels.json").write_text('["a", "b"]')
    (a_folder / "text.txt").write_text("[1]\n")
    given = ["a=1", "b-c=x=y", 'd=["e"]', "f=@labels.json", "g=@text.txt", "h=true"]
    assert parameters(given) == {
        "a": 1,
        "b_c": "x=y",
        "d": ["e"],
        "f": ["a", "b"],
        "g": "[1]",
        "h": True,
    }


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["fill-mask", "x", "-p", "7=8"], "name=value"),
        (["fill-mask", "x", "-p", "top_k"], "name=value"),
        (["fill-mask", "x", "-p", "a=@absent.txt"], "absent.txt"),
        (["fill-mask", "x", "-p", "topk=3"], "top_k"),
        (["fill-mask", "x", "-o", "y"], "leave -o out"),
        (["fill-mask", "-p", "text=x"], "is the INPUT"),
        (["zero-shot-classification", "x"], "-p candidate_labels="),
        (["fill-mask"], "no prompt"),
        (["fill-mask", "x", "--json", "--jsonl"], "exclude"),
        (["image-classification", "absent.png"], "no file absent.png"),
        (["translation", "--lines"], "no text"),
        (["text-to-speech", "Hi"], "after -o"),
        (["text-to-speech", "Hi", "-o", "x", "--jsonl"], "make no file"),
        (["text-to-speech", "Hi", "-o", "-", "--json"], "standard output"),
        (["image-to-image", "cat.png", "cat.png", "-o", "x"], "one file"),
        (["text-to-image", "Hi", "-o", "absent/x.png"], "no folder"),
    ],
)
def test_wrong_command_lines(run: Run, args: list[str], words: str) -> None:
    assert words in Asked(run, CLASSES, "run", *args).failure


def test_masks_are_saved(run: Run, a_folder: Path) -> None:
    mask = base64.b64encode(MASK).decode()
    reply = [{"label": "cat", "score": 0.9, "mask": mask}, {"label": "sky", "mask": mask}]
    asked = Asked(run, reply, "run", "image-segmentation", "cat.png", "-o", "mask.png")
    assert asked.out == "mask-1.png\nmask-2.png\n"
    assert (a_folder / "mask-2.png").read_bytes() == MASK
    shown = Asked(run, reply, "run", "image-segmentation", "cat.png")
    assert shown.out == "cat\t0.9\timage/png\nsky\t\timage/png\n"
    whole = Asked(run, reply, "run", "image-segmentation", "cat.png", "--json")
    assert whole.json["result"][0]["mask"] == {"content_type": "image/png", "base64": mask}


def test_values_as_json() -> None:
    found = Detection(label="cat", score=0.5, box=Box(xmin=1, ymin=2, xmax=3, ymax=4))
    box = {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}
    assert plain([found, {"a": (1, None)}]) == [
        {"label": "cat", "score": 0.5, "box": box},
        {"a": [1, None]},
    ]


# -- classify --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "sent"),
    [
        (["Fine."], {"inputs": "Fine."}),
        (["Fine.", "--top", "1"], {"inputs": "Fine.", "parameters": {"top_k": 1}}),
        (
            ["Fine.", "--labels", "good, bad"],
            {"inputs": "Fine.", "parameters": {"candidate_labels": ["good", "bad"]}},
        ),
        (
            ["Fine.", "--labels", "good,bad", "--multi-label"],
            {
                "inputs": "Fine.",
                "parameters": {"candidate_labels": ["good", "bad"], "multi_label": True},
            },
        ),
    ],
)
def test_texts_are_classified(run: Run, args: list[str], sent: Any) -> None:
    asked = Asked(run, CLASSES, "classify", *args)
    assert asked.out == "good\t0.9\nbad\t0.1\n"
    assert asked.sent == [sent]


def test_pictures_and_sounds_are_classified(run: Run) -> None:
    assert Asked(run, CLASSES, "classify", "--image", "cat.png").bodies == [PICTURE]
    assert Asked(run, CLASSES, "classify", "--audio", "talk.wav").bodies == [WAV]
    zero = Asked(run, CLASSES, "classify", "--image", "cat.png", "--labels", "a,b")
    assert zero.sent[0]["parameters"]["candidate_labels"] == ["a", "b"]


def test_lines_are_classified(run: Run) -> None:
    asked = Asked(run, CLASSES, "classify", "--lines", "--jsonl", input=b"one\ntwo\n")
    lines = [json.loads(line) for line in asked.out.splitlines()]
    assert [(line["input"], line["task"]) for line in lines] == [
        ("one", "text-classification"),
        ("two", "text-classification"),
    ]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["x", "--image", "cat.png"], "exclude"),
        (["--image", "cat.png", "--audio", "talk.wav"], "exclude"),
        (["x", "--multi-label"], "--labels"),
        (["x", "--labels", "a,b", "--top", "1"], "exclude"),
        (["--image", "cat.png", "--labels", "a,b", "--multi-label"], "for texts"),
        ([], "no prompt"),
    ],
)
def test_wrong_ways_to_classify(run: Run, args: list[str], words: str) -> None:
    assert words in Asked(run, CLASSES, "classify", *args).failure


# -- speech ----------------------------------------------------------------------------------------


def test_a_transcription(run: Run) -> None:
    asked = Asked(run, {"text": "Hello there."}, "transcribe", "talk.wav")
    assert asked.out == "Hello there.\n"
    assert asked.bodies == [WAV]
    piped = Asked(run, {"text": "Hello."}, "transcribe", input=WAV)
    assert (piped.out, piped.bodies) == ("Hello.\n", [WAV])


def test_transcriptions_with_times(run: Run) -> None:
    reply = {"text": "Hi.", "chunks": [{"text": "Hi.", "timestamp": [0.0, 1.5]}]}
    asked = Asked(run, reply, "transcribe", "--timestamps", "--json", "talk.wav")
    assert asked.json["result"]["chunks"] == [{"text": "Hi.", "start": 0.0, "end": 1.5}]
    assert asked.sent[0]["parameters"] == {"return_timestamps": True}
    several = Asked(run, reply, "transcribe", "talk.wav", "talk.wav")
    assert several.out == "talk.wav\tHi.\n" * 2


def test_speaking(run: Run, a_folder: Path) -> None:
    reply = {"audio": base64.b64encode(WAV).decode()}
    asked = Asked(run, reply, "speak", "Good", "morning.", "-o", "morning")
    assert asked.out == "morning.wav\n"
    assert (a_folder / "morning.wav").read_bytes() == WAV
    assert asked.sent[0]["inputs"] == "Good morning."
    told = Asked(run, reply, "speak", "Hi", "-o", "hi", "--json").json
    assert (told["path"], told["content_type"], told["bytes"]) == (
        "hi.wav",
        "audio/wav",
        len(WAV),
    )
    made = Asked(run, reply, "run", "text-to-speech", "Hi", "-o", "hi", "--json").json
    assert made == told
    piped = Asked(run, reply, "speak", "-o", "-", input=b"Hello\n")
    assert piped.result.stdout_bytes == WAV
    assert piped.sent[0]["inputs"] == "Hello"
    assert "no folder" in Asked(run, reply, "speak", "Hi", "-o", "absent/x").failure


# -- embed -----------------------------------------------------------------------------------------


@pytest.fixture
def embedder(web: Web) -> embedders.FakeServer:
    server = embedders.FakeServer("tei")
    web(server)
    return server


def embedded(run: Run, *args: str, **options: Any) -> Result:
    return run("embed", "--base-url", "http://embedder.example", *args, **options)


def test_texts_become_rows(run: Run, embedder: embedders.FakeServer) -> None:
    result = embedded(run, "one", "three")
    assert result.exit_code == 0, result.output
    rows = [list(map(float, line.split("\t"))) for line in result.stdout.splitlines()]
    assert rows == [embedders.vector("one"), embedders.vector("three")]
    assert embedder.bodies("/embed")[0]["inputs"] == ["one", "three"]


def test_lines_become_rows(run: Run, embedder: embedders.FakeServer) -> None:
    texts = ["one", "two", "three", "four", "five", "six"]  # more than it takes at once
    piped = "\n".join(["", *texts, ""]).encode()
    result = embedded(run, "--jsonl", "--normalize", input=piped)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["text"] for line in lines] == texts
    assert lines[5]["embedding"] == embedders.vector("six")
    assert all(body["normalize"] is True for body in embedder.bodies("/embed"))
    whole = json.loads(embedded(run, "a", "b", "--json").stdout)
    assert whole["embeddings"] == [embedders.vector("a"), embedders.vector("b")]


def test_nothing_to_embed(run: Run, embedder: embedders.FakeServer) -> None:
    result = embedded(run, input=b"\n")
    assert result.exit_code == 2
    assert "no text" in result.stderr


# -- the page --------------------------------------------------------------------------------------

SPOKEN = {"audio": base64.b64encode(WAV).decode()}
SEEN = [{"label": "cat", "score": 0.9, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}}]
ROWS = [{"index": n, "embedding": [0.5, float(n)]} for n in range(2)]
REPLIES = {
    "transcribe": {"text": "Hello."},
    "speak": SPOKEN,
    "classify": CLASSES,
    "embed": None,
    "run question-answering": {"answer": "Ann", "score": 0.9, "start": 0, "end": 3},
    "run object-detection": SEEN,
}


def embeds(peer: Peer) -> None:
    """A server with OpenAI's route of embeddings and nothing else."""
    while peer.read_request():
        known = {"/v1/embeddings": ROWS, "/v1/models": [{"id": "org/embedder"}]}
        if peer.target in known:
            peer.reply(json.dumps({"object": "list", "data": known[peer.target]}).encode())
        else:
            peer.reply(b"{}", "404 Not Found")


def test_the_lines_of_the_page(project_dir: Path, a_folder: Path) -> None:
    lines = page_lines(project_dir, "transcribe", "speak", "classify", "embed", "run")
    assert len(lines) == 7
    (a_folder / "hfi").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hfi "$@"\n')
    (a_folder / "hfi").chmod(0o755)
    (a_folder / "talk.mp3").write_bytes(WAV)
    (a_folder / "lines.txt").write_text("one\ntwo\n")
    (a_folder / "story.txt").write_text("Ann came.\n")
    for name in ("street.jpg", "garden.jpg"):
        (a_folder / name).write_bytes(JPEG)
    for line in lines:
        body = next(reply for words, reply in REPLIES.items() if line.startswith(f"hfi {words}"))
        with RawServer(embeds) if "embed" in line else FakeServer(Reply(body=body)) as server:
            done = shell(line, a_folder, server.url)
        assert (done.returncode, done.stderr) == (0, ""), line
        assert done.stdout or ">" in line, line
    assert (a_folder / "talk.txt").read_text() == "Hello.\n"
    assert (a_folder / "morning.wav").read_bytes() == WAV
    assert len((a_folder / "vectors.jsonl").read_text().splitlines()) == 2


def shell(line: str, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(__file__).resolve().parents[2] / "src")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": source, "HFI_BASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
