"""The benchmarks: the table tells what was measured, and the page what the numbers say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import measure, server, table

ROW = measure.Row("burst-sync", "chunk", "us", "burst-sync", 20, 1)


def results(**cells: float) -> dict[str, Any]:
    """Results of one row, by client."""
    return {"burst-sync": {client: {"median": value} for client, value in cells.items()}}


def test_every_target_is_about_a_row_and_a_client_that_there_is() -> None:
    rows = {row.name for row in measure.ROWS}
    for target in table.TARGETS:
        assert {target.row, target.other[0] if target.other else target.row} <= rows
        assert {target.client, target.other[1] if target.other else target.client} <= {*table.NAMES}


def test_a_target_is_a_ratio_that_is_hit_or_missed() -> None:
    target = table.Target("chunk", "burst-sync", 1.35, ("burst-sync", "raw_httpx"))
    assert target.value(results(hfi_client=13.5, raw_httpx=10)) == pytest.approx(1.35)
    assert target.value(results(hfi_client=13.5)) is None
    judged = table.judged(results(hfi_client=20, raw_httpx=10))
    assert [(one.text, value, hit) for one, value, hit in judged] == [
        ("chunk in bursts, sync, of the floor", 2.0, False)
    ]


def test_a_target_may_be_a_difference() -> None:
    target = table.Target("more", "burst-sync", 4.0, ("burst-sync", "raw_httpx"), plus=4.0)
    assert target.value(results(hfi_client=13.5, raw_httpx=10)) == 3.5


def test_the_table_has_a_column_for_each_client_that_was_measured() -> None:
    text = table.costs(results(hfi_client=1234.5, hub=0.5))
    assert text.splitlines()[0].split() == ["|", "|", "hfi", "|", "huggingface_hub", "|"]
    assert "1,234" in text
    assert "0.5" in text


def test_a_stream_of_the_server_is_whole() -> None:
    reply = server.burst(3)
    assert reply.count(b"data: {") == 3
    assert reply.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
    assert b'"finish_reason":"stop"' in reply


@pytest.mark.parametrize("name", ["raw_httpx", "hfi_client", "hub", "openai_client"])
def test_what_a_client_imports_is_read_without_importing_it(name: str) -> None:
    source = Path(measure.__file__).parent.joinpath("clients", f"{name}.py").read_text()
    for constant in ("IMPORT", "MAKE", "FIRST"):
        line = measure.constant(source, constant)
        assert line is not None
        compile(line.format(url="http://here", body={}), name, "exec")


def test_measuring_takes_a_child_and_a_server() -> None:
    with measure.serving() as port:
        assert 0 < (measure.once(ROW, "hfi_client", port, quick=True) or 0) < 100_000
        assert measure.once(ROW, "raw_aiohttp", port, quick=True) is None  # has no such colour


def test_the_page_is_what_the_numbers_say() -> None:
    measured = json.loads(bench.NUMBERS.read_text(encoding="utf-8"))
    assert bench.PAGE.read_text(encoding="utf-8") == bench.page(measured)
    assert all(bench.PICTURES.joinpath(f"benchmarks.{kind}").is_file() for kind in ("png", "svg"))
