"""The house: arrows between modules point down, the pure part does no I/O, rooms stay small.

Every direct import counts, those inside functions and under ``TYPE_CHECKING`` too. The tests at the
end show on made-up trees that each rule can fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "hfi"

FACES = 4

# The floor of each module or package. "hfi" is its __init__.py: that may import everything, and
# the faces, being users of the public names, may import it.
LAYERS = {
    "hfi.errors": 0,
    "hfi.types": 0,
    "hfi._core": 1,
    "hfi._concurrency": 2,
    "hfi._environment": 2,
    "hfi._network": 2,
    "hfi._pickling": 2,
    "hfi._progress": 2,
    "hfi._render": 2,
    "hfi._telemetry": 2,
    "hfi._tracing": 2,
    "hfi.local": 2,
    "hfi._async": 3,
    "hfi._sync": 3,
    "hfi.cli": FACES,
    "hfi.notebook": FACES,
    "hfi.testing": FACES,
    "hfi.__main__": FACES,
    "hfi": 5,
}
PURE = ("hfi.errors", "hfi.types", "hfi._core")
COLOURS = ("hfi._async", "hfi._sync")
GENERATED = "hfi._sync"

# Arrows that may point up, each a lazy import inside a function: {(module, target): reason}.
DISPLAY = "stream.display() shows itself"
WAITS = "a client in a notebook shows its waits"
ARROWS_ALLOWED: dict[tuple[str, str], str] = {
    ("hfi._async.base", "hfi.notebook.waits"): WAITS,
    ("hfi._async.stream", "hfi.notebook.screen"): DISPLAY,
    ("hfi._sync.base", "hfi.notebook.waits"): WAITS,
    ("hfi._sync.stream", "hfi.notebook.screen"): DISPLAY,
}

IMPURE = {
    *("httpx", "httpcore", "anyio", "asyncio", "trio", "socket", "ssl", "urllib.request"),
    *("http.client", "threading", "multiprocessing", "subprocess", "concurrent", "queue"),
    *("time", "os", "random", "secrets", "logging", "tempfile", "shutil"),
}
# Calls that reach the file system, whatever the module is called that they come from.
FILE_CALLS = {
    *("read_bytes", "read_text", "write_bytes", "write_text", "mkdir", "unlink", "touch"),
    *("iterdir", "rglob", "is_file", "is_dir", "expanduser", "cwd", "home"),
}
# What users hold may write what they ask it to write: {(module, what): reason}.
SAVE = "save(path) writes the file that its user names"
IMPURE_ALLOWED: dict[tuple[str, str], str] = {
    ("hfi.types.medium", "os"): "PathLike, for type checkers only",
    ("hfi.types.medium", "expanduser"): SAVE,
    ("hfi.types.medium", "write_bytes"): SAVE,
    ("hfi.types.medium", "unlink"): SAVE,
}

HTTP = {"httpx", "httpcore"}
HTTP_ROOMS = {"foreign", "pool"}  # within _async and _sync

MODULE_LINES = 400
FUNCTION_LINES = 40


# -- reading ---------------------------------------------------------------------------------------


def modules_under(source: Path) -> dict[str, Path]:
    """Give {dotted name: file} of every module of the package in `source`."""
    found = {}
    for path in sorted(source.rglob("*.py")):
        parts = [source.name, *path.relative_to(source).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, path: Path, modules: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """Give (imported module, line) for each import in one module, wherever it stands."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                known = inner in modules or inner in LAYERS or inner in IMPURE
                yield (inner if known else base), node.lineno
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            spelled = called.id if isinstance(called, ast.Name) else called
            target = node.args[0]
            if (
                spelled in {"import_module", "__import__"}
                and isinstance(target, ast.Constant)
                and isinstance(target.value, str)
            ):
                yield target.value, node.lineno


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def part_of(name: str) -> str | None:
    """Give the entry of `LAYERS` that a module belongs to."""
    if name == "hfi":
        return name
    return next((part for part in LAYERS if part != "hfi" and within(name, part)), None)


# -- rules: each gives its complaints --------------------------------------------------------------


def arrows_up(source: Path, allowed: dict[tuple[str, str], str]) -> list[str]:
    modules = modules_under(source)
    found = []
    used = set()
    for name, path in modules.items():
        part = part_of(name)
        if part is None:
            found.append(f"{name} stands on no floor; add it to LAYERS")
            continue
        for target, line in imports_of(name, path, modules):
            if not within(target, "hfi"):
                continue
            other = part_of(target)
            if other is None:
                found.append(f"{name}:{line} imports {target}, which stands on no floor")
                continue
            crosses = part != other and {part, other} == set(COLOURS)
            down = LAYERS[other] <= LAYERS[part] or (other == "hfi" and LAYERS[part] == FACES)
            if down and not crosses:
                continue
            if (name, target) in allowed:
                used.add((name, target))
                continue
            found.append(f"{name}:{line} imports {target}: {'across' if crosses else 'up'}")
    found += [f"the allowance {pair} is not needed" for pair in allowed if pair not in used]
    return found


def impurities(source: Path, allowed: dict[tuple[str, str], str]) -> list[str]:
    modules = modules_under(source)
    found = []
    used = set()
    for name, path in modules.items():
        if not any(within(name, part) for part in PURE):
            continue
        reached = [
            (target, line)
            for target, line in imports_of(name, path, modules)
            if any(within(target, impure) for impure in IMPURE)
        ]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            # A method called `open` may be anything (an image from bytes); the builtin is a file.
            if isinstance(node.func, ast.Name) and node.func.id == "open":
                reached.append(("open", node.lineno))
            elif isinstance(node.func, ast.Attribute) and node.func.attr in FILE_CALLS:
                of_world = isinstance(node.func.value, ast.Name) and node.func.value.id == "world"
                if not of_world:  # `world` is an argument that holds the functions to call
                    reached.append((node.func.attr, node.lineno))
        for what, line in reached:
            if (name, what) in allowed:
                used.add((name, what))
            else:
                found.append(f"{name}:{line} is pure, yet uses {what}")
    found += [f"the allowance {pair} is not needed" for pair in allowed if pair not in used]
    return found


def http_elsewhere(source: Path) -> list[str]:
    modules = modules_under(source)
    return [
        f"{name}:{line} imports {target}; only {' and '.join(sorted(HTTP_ROOMS))} may"
        for name, path in modules.items()
        if any(within(name, colour) for colour in COLOURS)
        and name.rpartition(".")[2] not in HTTP_ROOMS
        for target, line in imports_of(name, path, modules)
        if target.partition(".")[0] in HTTP
    ]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body from its first statement, the docstring left out."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    if not body:
        return 0
    return (function.end_lineno or function.lineno) - body[0].lineno + 1


def large_rooms(source: Path) -> list[str]:
    found = []
    for name, path in modules_under(source).items():
        if within(name, GENERATED):
            continue
        text = path.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > MODULE_LINES:
            found.append(f"{name} has {lines} lines, more than {MODULE_LINES}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = body_lines(node)
                if lines > FUNCTION_LINES:
                    found.append(
                        f"{name}:{node.lineno} {node.name} has {lines} lines, "
                        f"more than {FUNCTION_LINES}"
                    )
    return found


# -- the project -----------------------------------------------------------------------------------


def test_arrows_point_down() -> None:
    assert not arrows_up(SOURCE, ARROWS_ALLOWED)


def test_the_pure_part_does_no_io() -> None:
    assert not impurities(SOURCE, IMPURE_ALLOWED)


def test_only_the_transport_knows_the_http_library() -> None:
    assert not http_elsewhere(SOURCE)


def test_rooms_are_small() -> None:
    assert not large_rooms(SOURCE)


def test_there_is_something_to_read() -> None:
    assert {"hfi", "hfi.errors", "hfi._core"} <= modules_under(SOURCE).keys()


# -- the rules can fail ----------------------------------------------------------------------------


def tree(folder: Path, files: dict[str, str]) -> Path:
    """Write a made-up package and give its folder."""
    source = folder / "hfi"
    for path, text in files.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text, encoding="utf-8")
    return source


SOUND = {
    "__init__.py": "from hfi._async.client import AsyncClient\n",
    "errors.py": "",
    "types/__init__.py": "from hfi.errors import HFIError\n",
    "types/chat.py": "from . import HFIError\nfrom ..errors import HFIError as Other\n",
    "_core/__init__.py": "",
    "_core/sse.py": "import re\nfrom hfi import errors\nfrom hfi._core import __doc__\n",
    "_core/tokens.py": "def find(world):\n    return world.read_text('token')\n",
    "_concurrency.py": "import asyncio\nimport threading\nfrom hfi._core import sse\n",
    "local/__init__.py": "import os\nfrom hfi import _concurrency\n",
    "_async/__init__.py": "",
    "_async/client.py": "from hfi._async import pool\nfrom hfi.local import x\n",
    "_async/pool.py": "import httpx\n",
    "_sync/client.py": "from hfi._sync import pool\n",
    "_sync/pool.py": "import httpx\n",
    "cli/__init__.py": "from hfi import Client\nimport hfi._sync.client\n",
}


def test_a_sound_tree_passes(tmp_path: Path) -> None:
    source = tree(tmp_path, SOUND)
    assert arrows_up(source, {}) == []
    assert impurities(source, {}) == []
    assert http_elsewhere(source) == []
    assert large_rooms(source) == []


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("errors.py", "import hfi._core.sse\n", "hfi.errors:1 imports hfi._core.sse: up"),
        ("_core/sse.py", "from hfi import local\n", "hfi._core.sse:1 imports hfi.local: up"),
        ("_core/sse.py", "from .. import _concurrency\n", "imports hfi._concurrency: up"),
        ("types/chat.py", "from .._core.sse import x\n", "hfi.types.chat:1 imports hfi._core.sse"),
        ("types/__init__.py", "from .._core.sse import x\n", "hfi.types:1 imports hfi._core.sse"),
        ("_core/sse.py", "def f():\n    import hfi._async.client\n", "hfi._core.sse:2 imports"),
        (
            "_core/sse.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from hfi.cli import x\n",
            "hfi._core.sse:3 imports hfi.cli: up",
        ),
        (
            "_core/sse.py",
            "import importlib\nimportlib.import_module('hfi._async.client')\n",
            "hfi._core.sse:2 imports hfi._async.client: up",
        ),
        ("_async/client.py", "from hfi import Client\n", "hfi._async.client:1 imports hfi: up"),
        ("_async/client.py", "from hfi._sync import client\n", "hfi._sync.client: across"),
        ("_sync/client.py", "from hfi._async.client import x\n", "hfi._async.client: across"),
        ("local/__init__.py", "import hfi.cli\n", "hfi.local:1 imports hfi.cli: up"),
        ("attic.py", "", "hfi.attic stands on no floor"),
    ],
)
def test_an_arrow_that_points_up_is_found(
    tmp_path: Path, path: str, text: str, complaint: str
) -> None:
    found = arrows_up(tree(tmp_path, SOUND | {path: text}), {})
    assert len(found) == 1
    assert complaint in found[0]


def test_an_allowed_arrow_passes_and_an_unneeded_allowance_does_not(tmp_path: Path) -> None:
    source = tree(tmp_path, SOUND | {"types/chat.py": "def f():\n    import hfi.notebook\n"})
    assert arrows_up(source, {("hfi.types.chat", "hfi.notebook"): "a reason"}) == []
    found = arrows_up(source, {("hfi.types.chat", "hfi.notebook"): "", ("hfi.errors", "hfi"): ""})
    assert found == ["the allowance ('hfi.errors', 'hfi') is not needed"]


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("_core/sse.py", "import httpx\n", "httpx"),
        ("_core/sse.py", "def f():\n    from time import monotonic\n", "time"),
        ("_core/sse.py", "import os.path\n", "os.path"),
        ("_core/sse.py", "from urllib import request\n", "urllib.request"),
        ("_core/sse.py", "import urllib.request\n", "urllib.request"),
        ("types/chat.py", "import logging\n", "logging"),
        ("types/chat.py", "from pathlib import Path\nPath('x').read_bytes()\n", "read_bytes"),
        ("errors.py", "open('x')\n", "open"),
    ],
)
def test_an_impure_module_is_found(tmp_path: Path, path: str, text: str, what: str) -> None:
    source = tree(tmp_path, SOUND | {path: text})
    found = impurities(source, {})
    assert len(found) == 1
    assert found[0].endswith(f"is pure, yet uses {what}")
    name = found[0].partition(":")[0]
    assert impurities(source, {(name, what): "a reason"}) == []
    assert impurities(source, {(name, what): "", ("hfi.errors", "no"): ""}) != []


@pytest.mark.parametrize("library", ["httpx", "httpcore._models"])
def test_http_outside_the_transport_is_found(tmp_path: Path, library: str) -> None:
    text = f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {library}\n"
    found = http_elsewhere(tree(tmp_path, SOUND | {"_async/client.py": text}))
    assert found == [f"hfi._async.client:3 imports {library}; only foreign and pool may"]


def test_large_rooms_are_found(tmp_path: Path) -> None:
    long = "def f():\n    '''Doc.\n\n    More.'''\n" + "    x = 1\n" * FUNCTION_LINES
    files = {
        "_core/fits.py": long + "\n" * (MODULE_LINES - long.count("\n")),
        "_core/function.py": long + "    y = 2\n",
        "_core/module.py": "x = 1\n" * (MODULE_LINES + 1),
        "_sync/made.py": "x = 1\n" * (MODULE_LINES + 1),
    }
    assert large_rooms(tree(tmp_path, files)) == [
        "hfi._core.function:1 f has 41 lines, more than 40",
        "hfi._core.module has 401 lines, more than 400",
    ]
