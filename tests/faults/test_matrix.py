"""The matrix of faults: what each must come to, in every kind of call of both colours."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from faults.cases import GROUPS
from faults.outcome import Case
from faults.run import no_waiting, run

pytestmark = pytest.mark.usefixtures("each_engine")

CASES = [case for group in GROUPS.values() for case in group]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


def test_names_are_told_apart() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


# Where the line is reset before its handshake, wrap_socket() of Python 3.10 and 3.11 raises and
# leaves its half-made socket to the collector, out of our reach.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case) -> None:
    wrong = {str(cell): found for cell, found in run(case).items() if found}
    if "TLS" in case.name:
        gc.collect()  # here, and not in a test that knows nothing of it
    assert not wrong, "\n".join(f"{cell}: {text}" for cell, all_ in wrong.items() for text in all_)
