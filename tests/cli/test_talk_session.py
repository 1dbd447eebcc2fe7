"""A conversation against servers that answer as they are told to, with lines from a list."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calls import answers
from hfi import Client
from hfi.cli.talk import lines as lines_module
from hfi.cli.talk import session
from hfi.cli.talk.lines import Lines, history_file
from hfi.cli.talk.session import Session
from hfi.cli.talk.turns import Talk
from hfi.errors import MissingExtraError
from rawserver import Peer, RawServer

if TYPE_CHECKING:
    from conftest import Serve


class Typed:
    """Lines that were typed beforehand; an exception is raised in its turn, then comes Ctrl-D."""

    def __init__(self, lines: Sequence[Any]) -> None:
        self._lines = list(lines)
        self.drafts: list[str] = []

    def ask(self, default: str = "") -> str:
        self.drafts.append(default)
        if not self._lines:
            raise EOFError
        line = self._lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return str(line)


class Held:
    """A conversation that was held: what it became, what was noted, and what was drafted."""

    def __init__(self, server: RawServer, *lines: Any, **options: Any) -> None:
        self.notes: list[str] = []
        typed = Typed(lines)
        with pytest.MonkeyPatch.context() as patch, Client(base_url=server.url) as client:
            patch.setattr(session, "_note", self.notes.append)
            talk = options.pop("talk", Talk())
            held = Session(client, typed, options, talk=talk, markdown=False)  # type: ignore[arg-type]
            held.run()
        self.talk = held.talk
        self.drafts = typed.drafts
        self.sent = [json.loads(body) for _, _, _, body in server.seen if body]

    @property
    def texts(self) -> list[str]:
        return [str(turn.message["content"]) for turn in self.talk.turns]


@pytest.fixture
def friendly(serve: Serve) -> RawServer:
    return serve(answers("Well", "."))


@pytest.fixture(autouse=True)
def a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_question_comes_with_what_was_said(
    friendly: RawServer, capsys: pytest.CaptureFixture[str]
) -> None:
    held = Held(friendly, "One?", "", "Two?", max_tokens=9)
    assert held.texts == ["One?", "Well.", "Two?", "Well."]
    first, second = held.sent
    assert first["messages"] == [{"role": "user", "content": "One?"}]
    assert [turn["content"] for turn in second["messages"]] == ["One?", "Well.", "Two?"]
    assert second["max_tokens"] == 9
    assert capsys.readouterr().out == "Well.\nWell.\n"
    assert "/help" in held.notes[0]


def test_the_system_text(friendly: RawServer) -> None:
    held = Held(friendly, "/system", "/system Be brief.", "Hi", "/system -", talk=Talk(system="S"))
    assert held.notes[1:3] == ["system: S", "system: Be brief."]
    assert held.notes[-1] == "there is no system text"
    assert held.sent[0]["messages"][0] == {"role": "system", "content": "Be brief."}


def test_the_model(friendly: RawServer) -> None:
    held = Held(friendly, "/model org/other", "Hi", "/model")
    assert held.sent[0]["model"] == "org/other"
    assert held.notes[-1] == f"org/other at {friendly.url}"


def test_a_model_that_cannot_be(friendly: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    held = Held(friendly, "/model ftp://x/y", "Hi")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hfi: ")
    assert held.texts == ["Hi", "Well."]


def test_from_the_embedded_model_to_another_and_back() -> None:
    with Client(provider="local") as client:
        held = Session(client, Typed([]), {}, talk=Talk(), markdown=False)  # type: ignore[arg-type]
        said: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(session, "_note", said.append)
            for line in ("/model", "/model org/name:groq", "/model local", "/model org/name"):
                held.obey(line)
    assert said[0] == said[2] == "The embedded model"
    assert said[1].startswith("org/name")
    assert said[3] == "org/name"


def test_again(friendly: RawServer) -> None:
    held = Held(friendly, "One?", "/retry")
    assert held.texts == ["One?", "Well."]
    assert held.sent[0]["messages"] == held.sent[1]["messages"]


def test_back(friendly: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    held = Held(friendly, "One?", "Two?", "/undo", "/undo", "/undo", "/retry")
    assert held.texts == []
    assert held.notes[-2:] == ["taken back: Two?", "taken back: One?"]
    nothing, no_question = capsys.readouterr().err.splitlines()
    assert "nothing to take back" in nothing
    assert "no question" in no_question


def test_anew(friendly: RawServer) -> None:
    held = Held(friendly, "One?", "/new", "Two?", talk=Talk(system="S"))
    assert held.texts == ["Two?", "Well."]
    assert held.talk.system == "S"


def test_a_picture_goes_with_the_next_question(
    friendly: RawServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    held = Held(friendly, "/image dot.png", "What?", "And?", "/image", "/image absent.png")
    parts = held.sent[0]["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "text"]
    assert held.sent[1]["messages"][-1]["content"] == "And?"
    assert held.notes[-1] == "no picture for the next question"
    assert "no file absent.png" in capsys.readouterr().err
    again = Held(friendly, "/image https://example.org/a.png", "/image -")
    assert again.talk.images == ()


def test_a_file_and_back(
    friendly: RawServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = Held(friendly, "/save", "One?", "/save", "/save talk.json", "Two?", "/save")
    saved = json.loads((tmp_path / "talk.json").read_text())
    assert saved["messages"] == held.talk.messages()
    nothing, no_name = capsys.readouterr().err.splitlines()
    assert "nothing to save" in nothing
    assert "/save FILE" in no_name
    other = Held(friendly, "x", "/save talk.json", "/load talk.json", "/save")
    assert other.talk == held.talk
    assert "is there already" in capsys.readouterr().err
    assert other.notes[-2] == "4 messages from talk.json"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello", "is no JSON"),
        ('{"a": 1}', "holds no list"),
        ('[{"role": "wizard"}]', "at place 1"),
        ("[" * 100_000, "is no JSON"),
        (None, "cannot be read"),
    ],
)
def test_files_that_are_no_conversation(
    text: str | None, words: str, friendly: RawServer, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        Path("talk.json").write_text(text)
    held = Held(friendly, "One?", "/load talk.json", "/load")
    wrong, no_name = capsys.readouterr().err.splitlines()
    assert words in wrong
    assert "/load FILE" in no_name
    assert held.texts == ["One?", "Well."]


def test_an_open_question_from_a_file(friendly: RawServer) -> None:
    Path("talk.json").write_text('[{"role": "user", "content": "One?"}]')
    held = Held(friendly, "/load talk.json", "/retry")
    assert held.notes[1] == "1 message from talk.json; /retry asks for the answer"
    assert held.texts == ["One?", "Well."]


def test_what_would_be_sent(friendly: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    held = Held(friendly, "One?", "/explain Two?", "/explain")
    out = capsys.readouterr().out
    assert "Two?" in out
    assert len(held.sent) == 1
    assert held.texts == ["One?", "Well."]


def test_help_and_a_slip(friendly: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    held = Held(friendly, "/help", "/hlep", "//hlep", "/exit", "not asked")
    out, err = capsys.readouterr()
    assert "/system [TEXT]" in out
    assert "Did you mean /help?" in err
    assert held.texts == ["/hlep", "Well."]


def test_a_refusal_gives_the_question_back(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(peer: Peer) -> None:
        while peer.read_request():
            peer.reply(b'{"error": "No."}', "403 Forbidden")

    held = Held(serve(refuses), "/image https://example.org/a.png", "One?", "")
    assert held.texts == []
    assert held.drafts == ["", "", "One?", ""]
    assert held.talk.images == ("https://example.org/a.png",)
    assert held.notes[-1] == "no answer"
    assert capsys.readouterr().err.startswith("hfi: ")


def test_a_failed_second_try_keeps_the_first_answer(serve: Serve) -> None:
    def once(peer: Peer) -> None:
        while peer.read_request():
            if len(peer.server.seen) > 1:
                peer.reply(b'{"error": "No."}', "403 Forbidden")
                continue
            peer.start_stream()
            peer.word("Well.", "stop")
            peer.end_stream()

    held = Held(serve(once), "One?", "/retry", "")
    assert held.texts == ["One?", "Well."]
    assert held.drafts[-1] == ""


def test_a_broken_answer_is_kept_as_such(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(peer: Peer) -> None:
        peer.read_request()
        peer.start_stream()
        peer.word("Wel")

    held = Held(serve(breaks), "One?")
    assert [turn.interrupted for turn in held.talk.turns] == [False, True]
    assert held.texts == ["One?", "Wel"]
    assert held.notes[-1] == "interrupted; what came is kept"
    assert "hfi: " in capsys.readouterr().err


def test_ctrl_c_at_the_prompt_goes_on(friendly: RawServer) -> None:
    held = Held(friendly, KeyboardInterrupt(), "One?")
    assert held.texts == ["One?", "Well."]
    assert "Ctrl-D" in held.notes[1]


def test_where_the_history_is() -> None:
    def place(platform: str, **environ: str) -> str:
        return history_file(environ, "/home/me", platform).as_posix()

    assert place("linux") == "/home/me/.local/state/hfi/history"
    assert place("linux", XDG_STATE_HOME="/s") == "/s/hfi/history"
    assert place("darwin") == "/home/me/Library/Application Support/hfi/history"
    assert place("win32", LOCALAPPDATA="C:/L") == "C:/L/hfi/history"
    assert place("win32") == "/home/me/AppData/Local/hfi/history"


def test_the_history_is_its_owners_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "state" / "hfi" / "history"
    assert Lines(path).kept
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
    entry = b"\n# 2026-01-01 00:00:00.000000\n+" + b"x" * 100 + b"\n"
    path.write_bytes(entry * (lines_module._LARGEST // len(entry) + 1))
    assert Lines(path).kept
    assert path.stat().st_size <= lines_module._LARGEST // 2
    assert path.read_bytes().startswith(b"\n# 2026")


def test_a_history_that_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not Lines(tmp_path / "file" / "history").kept
    assert not Lines(None).kept


def test_without_prompt_toolkit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    with pytest.raises(MissingExtraError, match=r"hfi\[cli\]"):
        Lines(None)
