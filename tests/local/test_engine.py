"""What is said where xllamacpp is not installed, or cannot be."""

from __future__ import annotations

import importlib.util
import platform
import sys
from typing import Any

import pytest

from hfi.errors import ConfigurationError, MissingExtraError
from hfi.local.engine import require_engine, why_no_wheel


@pytest.fixture
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> Any:
        return None if name == "xllamacpp" else find_spec(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)


@pytest.mark.parametrize(
    ("system", "machine"),
    [
        ("Linux", "x86_64"),
        ("Linux", "aarch64"),
        ("Darwin", "arm64"),
        ("Darwin", "x86_64"),
        ("Windows", "AMD64"),
    ],
)
def test_platforms_with_a_wheel(system: str, machine: str) -> None:
    facts = {"host": "x86_64-pc-linux-gnu", "macos": "14.2"}
    assert why_no_wheel(system=system, machine=machine, implementation="cpython", **facts) is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"system": "Linux", "host": "x86_64-alpine-linux-musl"}, "Alpine"),
        ({"system": "Linux", "machine": "riscv64"}, "Linux on riscv64"),
        ({"system": "Windows", "machine": "ARM64"}, "Windows on arm64"),
        ({"system": "Darwin", "macos": "12.7.1"}, "macOS before 13"),
        ({"system": "FreeBSD"}, "FreeBSD on x86_64"),
        ({"implementation": "pypy"}, "CPython only"),
        ({"free_threaded": True}, "free-threaded"),
    ],
)
def test_platforms_without_a_wheel(facts: dict[str, Any], said: str) -> None:
    usual: dict[str, Any] = {"system": "Linux", "machine": "x86_64", "implementation": "cpython"}
    reason = why_no_wheel(**{**usual, **facts})
    assert reason is not None
    assert said in reason


def test_the_missing_extra_is_named_with_its_command(
    without_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hfi.local.engine.why_no_wheel", lambda **facts: None)
    with pytest.raises(MissingExtraError, match=r'pip install "hfi\[local\]"') as caught:
        require_engine()
    assert isinstance(caught.value, (ConfigurationError, ImportError))


def test_where_no_wheel_exists_the_way_round_is_named(
    without_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(platform, "machine", lambda: "ARM64")
    with pytest.raises(MissingExtraError, match="no wheel for Windows on arm64") as caught:
        require_engine()
    assert "llama-server" in str(caught.value)


def test_a_stand_in_module_without_a_spec_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtraError):
        require_engine()
