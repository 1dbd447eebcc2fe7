"""The page about faults says what the data says, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from faults import table
from hfi.testing import FakeServer, echo, faults

PAGE = "docs/faults.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page(project_dir: Path) -> str:
    return (project_dir / PAGE).read_text(encoding="utf-8")


def test_the_matrix_is_what_the_data_says(page: str) -> None:
    assert table.put_into(page) == page, "run scripts/faults --write"


def test_the_page_names_every_fault(page: str) -> None:
    missing = [name for name in faults.__all__ if name != "Fault" and f"`{name}" not in page]
    assert [name for name in missing if f"{name}(" not in page] == []


def test_the_examples_run(page: str) -> None:
    examples = EXAMPLE.findall(page)
    assert len(examples) == 2
    for example in examples:
        names: dict[str, object] = {}
        exec(compile(example, PAGE, "exec"), names)
        test = names.get("test_a_cut_answer")
        if callable(test):
            with FakeServer(echo) as server:
                test(server)
