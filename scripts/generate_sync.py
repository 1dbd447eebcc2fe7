"""Make the synchronous twin: ``src/hfi/_async`` -> ``_sync``, ``tests/_async`` -> ``tests/_sync``.

    python scripts/generate_sync.py            write the twin
    python scripts/generate_sync.py --check    write nothing; exit 1 unless the twin is up to date

unasync turns the tokens. The rest is here: names that it does not know, prose, paths, formatting,
and the refusal of whatever would come out wrong. CONTRIBUTING.md tells how to write for it.

The script cannot be called ``unasync.py``: its folder is the first entry of ``sys.path``, and it
would be imported in place of the package.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import tokenize_rt  # type: ignore[import-untyped]
import unasync  # type: ignore[import-untyped]

TREES = {"src/hfi/_async": "src/hfi/_sync", "tests/_async": "tests/_sync"}

# To add a name, add a line: what the async half says, then what the twin says. `AsyncX` needs none,
# every one that is seen becomes `X`; where that is not the twin's name, an entry here wins. One
# with dots is for a module whose name alone would be too common a word.
# An entry that no source uses is an error, so that the table never holds more than is needed.
NAMES: dict[str, str] = {
    # httpx, httpcore
    "AsyncByteStream": "SyncByteStream",
    "aclose": "close",
    "handle_async_request": "handle_request",
    # hfi._concurrency, hfi._network
    "_network.tasks": "_network.threads",
    "async_home": "home",
    "async_home_is_gone": "home_is_gone",
    "async_map": "map_",
    "async_shield": "shield",
    "async_pause": "pause",
    "async_sleep": "sleep",
    "async_to_thread": "to_thread",
}

# What needs no entry. unasync knows some of these, but not in prose.
DERIVED = re.compile(
    r"\b(?:\w*Async[A-Z]\w*|__a(?:enter|exit|iter|next)__|asynccontextmanager|_async)\b"
)

# What has no meaning in the twin, or another one: without `await`, `asyncio.sleep(1)` is no error
# but a retry that does not wait. `Sync...` is what unasync makes of names that nobody mapped.
LEFT_OVER = re.compile(
    r"\b(?:await(?:ed|ing|s)?|async|asyncio|asynchronous(?:ly)?|anyio|trio|pytest_asyncio"
    r"|Awaitable|Coroutine|anext|aiter|Sync[A-Z]\w*|__a(?:enter|exit|iter|next)__)\b"
    r"|\w*Async[A-Z]\w*"
)

# In prose `await` goes only where it stands before a call; as an English word it is left over.
KEYWORD = re.compile(r"\bawait\s+(?=[\w.]*\w\()|\basync\s+(?=(?:with|for|def)\b)")
# "an AsyncClient" is "a Client" in the twin, "an ``async with`` block" is "a ``with`` block".
ARTICLE = re.compile(r"\b([Aa])n(?=\s+[`*:~]*(?:Async(?![AEIOU])[A-Z]|async\s|await\s+[^aeiou\W]))")
FSTRING = {"FSTRING_START": 1, "TSTRING_START": 1, "FSTRING_END": -1, "TSTRING_END": -1}


class RefusedError(Exception):
    """One source cannot be converted; `problems` say where and why."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def sync_name(name: str) -> str:
    """Give the twin's spelling of a name that `DERIVED` matches."""
    if name == "_async":
        return "_sync"
    if name.startswith("__a"):
        return "__" + name[3:]
    return name[len("async") :] if name.startswith("async") else name.replace("Async", "", 1)


def names_of(text: str) -> dict[str, str]:
    """Give the replacements for one source: the table, and every ``Async`` name in it."""
    return {name: sync_name(name) for name in DERIVED.findall(text)} | NAMES


def as_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(name)}\b")


def whole_strings(tokens: list[tokenize_rt.Token]) -> list[tokenize_rt.Token]:
    """Join the pieces of each f-string.

    Python 3.12 and later tokenise what is inside them, earlier ones do not; so the output would
    depend on the version that ran the script.
    """
    joined: list[tokenize_rt.Token] = []
    depth = 0
    for token in tokens:
        inside = depth > 0
        depth += FSTRING.get(token.name, 0)
        if inside:
            joined[-1] = joined[-1]._replace(src=joined[-1].src + token.src)
        elif depth:
            joined.append(token._replace(name="STRING"))
        else:
            joined.append(token)
    return joined


def is_prose(token: tokenize_rt.Token) -> bool:
    """Tell comments and triple-quoted strings from code and data."""
    return token.name == "COMMENT" or (
        token.name == "STRING" and token.src.endswith(('"""', "'''")) and len(token.src) > 5
    )


def convert(text: str, names: dict[str, str]) -> str:
    """Turn one async source into its twin, not formatted yet."""

    def speak(token: tokenize_rt.Token) -> tokenize_rt.Token:
        if token.name not in {"COMMENT", "STRING"}:
            return token
        src = token.src
        if is_prose(token):
            src = KEYWORD.sub("", ARTICLE.sub(r"\1", src))
        return token._replace(src=re.sub(r"\w+", lambda word: names.get(word[0], word[0]), src))

    for name, twin in names.items():
        if "." in name:
            text = as_word(name).sub(twin, text)
    tokens = [speak(token) for token in whole_strings(tokenize_rt.src_to_tokens(text))]
    # unasync's public function maps paths as well, and overwrites its own source when they are
    # relative. So only this private method is used; the version of unasync is pinned.
    rule = unasync.Rule("", "", additional_replacements=names)
    result: str = tokenize_rt.tokens_to_src(rule._unasync_tokens(tokens))
    return result


def refusals(text: str, label: str) -> list[str]:
    """Find what converts into code that nobody would write, such as ``(await x).y``."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [f"{label}:{error.lineno}: {error.msg}"]
    found = []
    for node in ast.walk(tree):
        inner = node.func if isinstance(node, ast.Call) else getattr(node, "value", None)
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)) and isinstance(
            inner, ast.Await
        ):
            found.append(
                f"{label}:{node.lineno}: `(await x).y` leaves parentheses; write it in two lines"
            )
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"\bawait\(", line):
            found.append(f"{label}:{number}: `await(` loses its parenthesis; put a space after it")
    return found


def left_over(text: str, label: str) -> list[str]:
    """Find words of the async world in a converted text."""
    allowed = set(NAMES.values())
    return [
        f"{label}:{number}: {match[0]!r} is left over in the twin; "
        "say it without colour, or give it a name in NAMES"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in LEFT_OVER.finditer(line)
        if match[0] not in allowed
    ]


def twin_of(text: str, label: str) -> str:
    """Convert one source and look at the result; `label` is its path in the project."""
    problems = refusals(text, label)
    if problems:
        raise RefusedError(*problems)
    converted = convert(text, names_of(text))
    problems = left_over(converted, label)
    if problems:
        raise RefusedError(*problems)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(converted, label, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise RefusedError(
            f"{label}:{error.lineno}: the twin does not compile: {error.msg}"
        ) from error
    header = f"# Generated by scripts/generate_sync.py from {label}; edit that file instead.\n"
    return header + converted


def files_under(folder: Path) -> dict[str, bytes]:
    """Read a tree as {relative path: bytes}, leaving out what Python itself puts there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def tidy(folder: Path) -> list[str]:
    """Sort imports and format, with the project's own configuration (copied into `folder`).

    Returns complaints about what conversion alone can break: two names that became one, in a class
    (F811), or in a function that assigns to the very name it calls (F823).
    """
    # The project's lint leaves the twin alone, and per-file rules win over --select.
    every_file = ["--config", "lint.per-file-ignores = {}"]
    for command in (
        ["check", "--select", "I", "--fix", *every_file],
        ["format"],
        ["check", "--select", "F811,F823", "--output-format", "concise", *every_file],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode > 1 or (done.returncode and "concise" not in command):
            raise SystemExit(f"ruff {command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def generate(root: Path) -> tuple[dict[str, bytes], list[str], set[str]]:
    """Make the whole twin in a temporary folder.

    Returns its files by path in the project, the problems, and the paths that have none because
    their source was refused.
    """
    problems: list[str] = []
    refused: set[str] = set()
    unused = set(NAMES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(root / "pyproject.toml", folder)
        for source, target in TREES.items():
            for path, data in files_under(root / source).items():
                out = folder / target / path
                out.parent.mkdir(parents=True, exist_ok=True)
                if not path.endswith(".py"):
                    out.write_bytes(data)
                    continue
                text = data.decode("utf-8").replace("\r\n", "\n")
                unused -= {entry for entry in unused if as_word(entry).search(text)}
                try:
                    twin = twin_of(text, f"{source}/{path}")
                    out.write_bytes(twin.encode("utf-8"))
                except RefusedError as error:
                    problems += error.problems
                    refused.add(f"{target}/{path}")
        if any(folder.rglob("*.py")) or refused:
            problems += [
                f"scripts/generate_sync.py: no source uses the replacement {entry!r}; remove it"
                for entry in NAMES
                if entry in unused
            ]
            problems += tidy(folder)
        made = {
            f"{target}/{path}": data
            for target in TREES.values()
            for path, data in files_under(folder / target).items()
        }
    return made, problems, refused


def differences(made: dict[str, bytes], standing: dict[str, bytes]) -> dict[str, str]:
    """Compare the trees as sets of files: {path: what is wrong with it}."""
    found = {}
    for path in sorted(made.keys() | standing.keys()):
        if path not in standing:
            found[path] = "missing"
        elif path not in made:
            found[path] = "orphan: no source makes it"
        elif made[path] != standing[path]:
            found[path] = "differs from what its source makes"
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 means that the twin is (now) what its source makes."""
    parser = argparse.ArgumentParser(description="Make the synchronous twin of the async trees.")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args(arguments)
    root: Path = options.root.resolve()

    made, problems, refused = generate(root)
    standing = {
        f"{target}/{path}": data
        for target in TREES.values()
        for path, data in files_under(root / target).items()
        if f"{target}/{path}" not in refused  # a refused source keeps the twin that it had
    }
    found = differences(made, standing)
    for problem in problems:
        print(problem)
    for path, what in found.items():
        if options.check:
            print(f"{path}: {what}")
        elif path in made:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(made[path])
            print(f"wrote {path}")
        else:
            (root / path).unlink()
            print(f"removed {path}")
    if options.check and found:
        print("Run scripts/lint (or scripts/generate_sync.py), then commit both trees.")
    return 1 if problems or (options.check and found) else 0


if __name__ == "__main__":
    sys.exit(main())
