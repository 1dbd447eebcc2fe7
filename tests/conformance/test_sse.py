"""Every recorded case of server-sent events, under every way of cutting its bytes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.sse import SSEDecoder

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "sse"

if not FOLDER.is_dir():
    pytest.skip("../shared/fixtures is not there", allow_module_level=True)

CASES: list[dict[str, Any]] = [
    case
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))["cases"]
]


def decode(pieces: list[bytes]) -> tuple[list[dict[str, Any]], str, int | None]:
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.close()
    dicts = [
        {"event": event.event, "data": event.data, "id": event.id, "retry": event.retry}
        for event in events
    ]
    return dicts, decoder.last_event_id, decoder.retry


def chunks(case: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(chunk) for chunk in case["chunks_hex"]]


def expected(case: dict[str, Any]) -> tuple[list[dict[str, Any]], str, int | None]:
    return case["expected_events"], case["final_last_event_id"], case["final_retry_ms"]


def test_cases_are_there() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    pieces = chunks(case)
    whole = b"".join(pieces)
    assert decode(pieces) == expected(case)
    assert decode([whole]) == expected(case)
    assert decode([whole[i : i + 1] for i in range(len(whole))]) == expected(case)
    # A case of a thousand events has tens of thousands of cuts: every cut up to 2,000 bytes,
    # then every 97th, which is prime to the lengths of the lines.
    cuts = range(len(whole) + 1)
    for cut in cuts if len(whole) <= 2000 else cuts[::97]:
        assert decode([whole[:cut], whole[cut:]]) == expected(case), cut


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_case_under_random_splits(case: dict[str, Any], data: st.DataObject) -> None:
    whole = b"".join(chunks(case))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    edges = [0, *cuts, len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(edges)]
    assert decode(pieces) == expected(case)
