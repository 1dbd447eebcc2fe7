"""The public face: what `hfi` exports, where that says it comes from, what importing it costs."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hfi


def run_python(code: str, project_dir: Path) -> str:
    """Run code in a fresh interpreter that finds the source, and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(project_dir / "src")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def order(name: str) -> tuple[int, str]:
    """Sort constants first, then classes, then the rest, as ruff does."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_all_is_sorted_and_has_no_doubles() -> None:
    assert list(hfi.__all__) == sorted(set(hfi.__all__), key=order)


def test_dir_shows_every_export() -> None:
    assert set(hfi.__all__) <= set(dir(hfi))


@pytest.mark.parametrize("name", hfi.__all__)
def test_every_export_exists(name: str) -> None:
    assert getattr(hfi, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = hfi.no_such_name


def test_classes_and_functions_name_a_public_module() -> None:
    # Users see the module in a repr and in a traceback, and pickle imports from it.
    # A constant or a module has no home to name.
    exported = {name: getattr(hfi, name) for name in hfi.__all__}
    homes = {
        name: value.__module__
        for name, value in exported.items()
        if inspect.isclass(value) or inspect.isfunction(value)
    }
    assert homes["HFIError"] == "hfi.errors"
    assert {n: home for n, home in homes.items() if "._" in home} == {}
    for name, home in homes.items():
        assert getattr(importlib.import_module(home), name) is exported[name]


def test_errors_are_exported_whole() -> None:
    errors = importlib.import_module("hfi.errors")
    assert set(errors.__all__) <= set(hfi.__all__)


def test_importing_hfi_loads_no_heavy_library(project_dir: Path) -> None:
    heavy = ["httpx", "httpcore", "anyio", "asyncio", "jinja2", "ssl", "click", "rich", "trio"]
    code = f"import json, sys, hfi; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    assert json.loads(run_python(code, project_dir)) == []


def test_each_colour_is_loaded_alone(project_dir: Path) -> None:
    code = (
        "import sys, hfi; hfi.{}; "
        "print(any(m.startswith('hfi._async') for m in sys.modules),"
        " any(m.startswith('hfi._sync') for m in sys.modules))"
    )
    assert run_python(code.format("Client"), project_dir).split() == ["False", "True"]
    assert run_python(code.format("AsyncClient"), project_dir).split() == ["True", "False"]
