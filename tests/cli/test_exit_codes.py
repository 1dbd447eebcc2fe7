"""The exit codes: every error has the one its kind asks for, and the page says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hfi
from hfi import errors
from hfi.cli.exit_codes import EXIT_CODES, exit_code

CODES = {
    2: {"ConfigurationError", "MissingExtraError", "OfflineError"},
    3: {"APIConnectionError", "APITimeoutError", "PoolTimeoutError"},
    4: {
        "AuthenticationError",
        "GatedModelError",
        "PaymentRequiredError",
        "PermissionDeniedError",
    },
    5: {"ModelLoadingError", "QuotaExceededError", "RateLimitError"},
    6: {"GenerationError", "StreamError", "StreamInterruptedError", "StreamStalledError"},
}


@pytest.mark.parametrize("name", errors.__all__)
def test_the_code_of_each_error(name: str) -> None:
    kind = getattr(hfi, name)
    expected = next((code for code, names in CODES.items() if name in names), 1)
    assert exit_code(kind("No.")) == expected


def test_what_is_no_error_of_ours_is_1() -> None:
    assert exit_code(RuntimeError("?")) == 1


def test_the_page_has_the_same_table(project_dir: Path) -> None:
    page = (project_dir / "docs" / "terminal.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(str(row.code), row.meaning) for row in EXIT_CODES]


def test_no_code_stands_twice() -> None:
    codes = [row.code for row in EXIT_CODES]
    assert codes == sorted(set(codes))
