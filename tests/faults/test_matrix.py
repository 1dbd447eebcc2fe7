"""The matrix of faults: what each must come to, in every kind of call of both colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.cases import GROUPS
from faults.outcome import Case
from faults.run import no_waiting, run

CASES = [case for group in GROUPS.values() for case in group]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


def test_names_are_told_apart() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case) -> None:
    wrong = {str(cell): found for cell, found in run(case).items() if found}
    assert not wrong, "\n".join(f"{cell}: {text}" for cell, all_ in wrong.items() for text in all_)
