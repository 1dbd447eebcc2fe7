"""The reading of the world: real variables and real files, broken ones among them."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import hfi
from hfi import _environment
from hfi._core.configuration.config import resolve
from hfi._core.routing import chat_route
from hfi._environment import read_files, read_text, read_world, user_agent
from hfi.errors import ConfigurationError

SECRET = "hf_of_the_file"


@pytest.fixture(autouse=True)
def ask_again() -> Iterator[None]:
    _environment._colab_secret.cache_clear()
    yield
    _environment._colab_secret.cache_clear()


def found() -> tuple[str, str] | None:
    token = resolve(read_world()).found.token
    return None if token is None else (token.value, token.source)


def test_nothing_is_there() -> None:
    assert found() is None


def test_variables_are_read_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_1")
    before = read_world()
    monkeypatch.setenv("HF_TOKEN", "hf_2")
    assert before.environ["HF_TOKEN"] == "hf_1"
    assert found() == ("hf_2", "HF_TOKEN")


@pytest.mark.parametrize(
    "data",
    [
        SECRET.encode(),
        f"{SECRET}\r\n".encode(),
        f"\ufeff{SECRET}\n".encode(),
        SECRET.encode("utf-16"),
        f"{SECRET}\r\n".encode("utf-16"),
        b"\xfe\xff" + f"{SECRET}\n".encode("utf-16-be"),
    ],
)
def test_token_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    (tmp_path / "token").write_bytes(data)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert found() == (SECRET, "token file")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "elsewhere"))
    assert found() is None
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    assert found() == (SECRET, "token file")


def test_home_and_variables_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text(SECRET)
    for home in ("~/hf", "$HOME/hf", "${HOME}/hf"):
        monkeypatch.setenv("HF_HOME", home)
        assert found() == (SECRET, "token file")
    monkeypatch.delenv("HF_HOME")
    assert found() is None
    (tmp_path / ".cache" / "huggingface").mkdir(parents=True)
    (tmp_path / ".cache" / "huggingface" / "token").write_text(SECRET)
    assert found() == (SECRET, "token file")


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\x00\x80")
    (tmp_path / "odd").write_bytes(b"\xff\xfea")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    for name in ("folder", "binary", "odd", "large", "absent", "nul\0byte"):
        path = str(tmp_path / name)
        assert read_text(path) is None
        if "\0" not in name:
            monkeypatch.setenv("HF_TOKEN_PATH", path)
            assert found() is None


def test_a_file_with_more_than_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n{SECRET}\n")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"\(token file\) holds") as caught:
        chat_route(resolve(read_world()))
    assert SECRET not in str(caught.value)


def colab(monkeypatch: pytest.MonkeyPatch, get: object) -> None:
    modules = {name: types.ModuleType(name) for name in ("google", "google.colab")}
    userdata = types.ModuleType("google.colab.userdata")
    userdata.get = get  # type: ignore[attr-defined]  # a made-up module
    for name, module in {**modules, "google.colab.userdata": userdata}.items():
        monkeypatch.setitem(sys.modules, name, module)


def test_a_colab_secret_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(name: str) -> str:
        asked.append(name)
        return "hf_colab"

    colab(monkeypatch, get)
    assert found() == found() == ("hf_colab", "Colab secret HF_TOKEN")
    assert asked == ["HF_TOKEN"]


def test_a_colab_secret_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(name: str) -> str:
        raise TimeoutError(name)

    colab(monkeypatch, get)
    assert found() is None
    _environment._colab_secret.cache_clear()
    monkeypatch.setenv("VERTEX_PRODUCT", "COLAB_ENTERPRISE")
    colab(monkeypatch, lambda _: "hf_colab")
    assert found() is None


def test_google_colab_is_never_imported() -> None:
    read_world().secrets()
    assert "google.colab" not in sys.modules


def test_files_of_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat.png").write_bytes(b"png")
    path = str(tmp_path / "cat.png")
    assert read_files([path]) == {path: b"png"}
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert read_files(["~/cat.png"]) == {"~/cat.png": b"png"}
    assert read_files([]) == {}
    for bad in (str(tmp_path / "absent.png"), str(tmp_path), "nul\0byte"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            read_files([bad])


def test_user_agent() -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    assert user_agent() == f"hfi/{hfi.__version__} python/{version}"
