"""Tool calls out of the pieces of a stream."""

from __future__ import annotations

import pytest

from hfi._core.incoming.calls import CallAccumulator
from hfi.types.tool_call import FunctionDelta, ToolCallDelta


def piece(
    index: int | None = None,
    call_id: str | None = None,
    name: str | None = None,
    arguments: str | None = None,
) -> ToolCallDelta:
    function = FunctionDelta(name=name, arguments=arguments)
    return ToolCallDelta(index=index, id=call_id, function=function)


P = piece
ONE = [("a", "f", '{"x":1}')]
TWO = [*ONE, ("b", "g", '{"y":2}')]
TWICE = [*ONE, ("b", "f", '{"x":1}')]
A, B = ("a", "f"), ("b", "g")
NONE = (None, None)


@pytest.mark.parametrize(
    ("chunks", "calls"),
    [
        # By the protocol.
        ([[P(0, "a", "f", "")], [P(0, None, None, '{"x"')], [P(0, None, None, ":1}")]], ONE),
        ([[P(0, *A)], [P(0, *NONE, '{"x":1}')], [P(1, *B)], [P(1, *NONE, '{"y":2}')]], TWO),
        # The pieces of two calls interleaved, the second first.
        ([[P(1, *B, '{"y"')], [P(0, *A, '{"x"')], [P(1, *NONE, ":2}"), P(0, *NONE, ":1}")]], TWO),
        # Whole calls in one delta: Ollama, transformers.
        ([[P(0, "a", "f", '{"x":1}'), P(1, "b", "g", '{"y":2}')]], TWO),
        ([[P(0, "a", "f", '{"x":1}')], [P(1, "b", "g", '{"y":2}')]], TWO),
        # The id and the name repeated, or the id null and new each time.
        ([[P(0, "a", "f", '{"x"')], [P(0, "a", None, ":1}")]], ONE),
        ([[P(0, "a", "f", '{"x"')], [P(0, "a", "f", ":1}")]], ONE),
        ([[P(0, "a", "f", '{"x"')], [P(0, "a2", None, ":1}")]], ONE),
        # No index: the place in the list, or the id, tells the call.
        ([[P(None, "a", "f", '{"x"')], [P(None, None, None, ":1}")]], ONE),
        ([[P(None, "a", "f", '{"x":1}')], [P(None, "b", "g", '{"y":2}')]], TWO),
        ([[P(None, *A, '{"x"')], [P(None, *B, '{"y"')], [P(None, "a", None, ":1}")],
          [P(None, "b", None, ":2}")]], TWO),
        ([[P(None, *A, '{"x"'), P(None, *B, '{"y"')],
          [P(None, *NONE, ":1}"), P(None, *NONE, ":2}")]], TWO),
        ([[P(None, "a", "f", '{"x":1}'), P(None, "b", "f", '{"x":1}')]], TWICE),
        # Every call has the index 0: Gemini.
        ([[P(0, "a", "f", '{"x":1}')], [P(0, "b", "g", '{"y":2}')]], TWO),
        ([[P(0, "a", "f", '{"x":1}')], [P(0, "b", "f", '{"x":1}')]], TWICE),
        # The name in pieces.
        ([[P(0, "a", "get_")], [P(0, None, "weather", "{}")]], [("a", "get_weather", "{}")]),
        # No arguments at all.
        ([[P(0, "a", "f", None)]], [("a", "f", "")]),
    ],
)  # fmt: skip
def test_pieces(chunks: list[list[ToolCallDelta]], calls: list[tuple[str, str, str]]) -> None:
    accumulator = CallAccumulator()
    for chunk in chunks:
        accumulator.add(tuple(chunk))
    assert [(c.id, c.name, c.arguments) for c in accumulator.calls()] == calls
    # Whoever puts the pieces together by index, as OpenAI's examples do, gets the same.
    by_index: dict[int | None, str] = {}
    for delta in (delta for chunk in chunks for delta in chunk):
        by_index[delta.index] = by_index.get(delta.index, "") + (delta.arguments or "")
    assert [by_index[i] for i in range(len(calls))] == [arguments for _, _, arguments in calls]


def test_calls_without_any_id() -> None:
    accumulator = CallAccumulator()
    accumulator.add((P(None, None, "f", '{"x":1}'), P(None, None, "f", '{"x":2}')))
    assert [(c.id, c.arguments) for c in accumulator.calls()] == [
        (None, '{"x":1}'),
        (None, '{"x":2}'),
    ]
    accumulator = CallAccumulator()
    for call in (P(0, "", "f", '{"x":1}'), P(0, "", "f", '{"x":2}'), P(0, "", "g", "{}")):
        accumulator.add((call,))
    assert [(c.name, c.arguments) for c in accumulator.calls()] == [
        ("f", '{"x":1}'),
        ("f", '{"x":2}'),
        ("g", "{}"),
    ]


def test_partial_call() -> None:
    accumulator = CallAccumulator()
    accumulator.add((P(0, "a", "f", '{"x'),))
    (call,) = accumulator.calls()
    assert call.arguments == '{"x'
    assert call.type == "function"
