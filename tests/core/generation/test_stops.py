"""Stop sequences, in texts cut anywhere."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hfi._core.generation.stops import StopCutter


def cut_in_pieces(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    cutter = StopCutter(stops)
    text = "".join(cutter.feed(piece) for piece in pieces)
    return text + cutter.flush(), cutter.cut


letters = st.text(alphabet="ab", max_size=6)


@settings(deadline=None, max_examples=200)
@given(st.lists(letters, max_size=8), st.lists(letters.filter(bool), max_size=3))
def test_the_text_ends_before_the_first_stop_sequence_however_it_is_cut(
    pieces: list[str], stops: list[str]
) -> None:
    whole = "".join(pieces)
    places = [place for stop in stops if (place := whole.find(stop)) >= 0]
    text, cut = cut_in_pieces(pieces, stops)
    one, _ = cut_in_pieces([whole], stops)
    assert cut == bool(places)
    assert one == (whole[: min(places)] if places else whole)
    # A sequence that begins later may end, and so be known, earlier than one that holds it.
    assert one.startswith(text) or text.startswith(one)
    if len({len(stop) for stop in stops}) <= 1:
        assert text == one


def test_what_may_become_a_stop_sequence_is_held() -> None:
    cutter = StopCutter(["\n\nUser"])
    assert cutter.feed("one\n") == "one"
    assert cutter.feed("\nUs") == ""
    assert cutter.feed("e it") == "\n\nUse it"
    assert cutter.feed("\n\nUser: two") == ""
    assert cutter.cut
    assert cutter.feed("three") == ""


def test_without_stop_sequences_nothing_is_held() -> None:
    cutter = StopCutter([""])
    assert cutter.feed("a") == "a"
    assert not cutter.cut
