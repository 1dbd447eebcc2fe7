"""A conversation as a value, and what its lines mean."""

from __future__ import annotations

import json

import pytest

from hfi.cli.talk.orders import ORDERS, Given, Said, Unknown, read_line
from hfi.cli.talk.turns import ConversationError, Talk, Turn


def said(role: str, content: object) -> dict[str, object]:
    return {"role": role, "content": content}


def test_questions_and_answers_alternate() -> None:
    talk = Talk(system="Be brief.").asked("One?").answered("Yes.").asked("Two?")
    assert talk.open_question
    assert talk.messages() == [
        said("system", "Be brief."),
        said("user", "One?"),
        said("assistant", "Yes."),
        said("user", "Two?"),
    ]
    assert not talk.answered("No.").open_question
    assert not Talk().open_question


def test_pictures_go_with_the_next_question_alone() -> None:
    talk = Talk(images=("a.png", "b.png")).asked("What is this?")
    assert talk.images == ()
    assert talk.messages() == [
        said(
            "user",
            [
                {"type": "image", "image": "a.png"},
                {"type": "image", "image": "b.png"},
                {"type": "text", "text": "What is this?"},
            ],
        )
    ]
    assert talk.last_question() == ("What is this?", ("a.png", "b.png"))
    assert talk.answered("A cat.").asked("Sure?").last_question() == ("Sure?", ())


def test_taking_back() -> None:
    first = Talk(system="S").asked("One?").answered("Yes.")
    talk = first.asked("Two?").answered("No.")
    assert talk.undone() == first
    assert first.undone() == Talk(system="S")
    assert Talk().undone() == Talk()
    assert talk.unanswered() == first.asked("Two?")
    assert Talk().unanswered() == Talk()
    assert Talk().last_question() == ("", ())


def test_a_file_and_back() -> None:
    talk = Talk(system="S").asked("One?").answered("Ye", interrupted=True).asked("Two?")
    value = json.loads(json.dumps(talk.to_object("org/name")))
    assert value["model"] == "org/name"
    assert value["messages"][0] == said("system", "S")
    assert value["interrupted"] == [2]
    assert Talk.of(value) == talk
    assert "model" not in talk.to_object(None)


def test_what_other_programs_wrote() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages = [said("user", "Hi"), call, said("tool", "7")]
    talk = Talk.of(messages)
    assert talk.messages() == messages
    assert talk.open_question
    assert Talk.of({"messages": [said("system", [{"type": "text", "text": "S"}])]}).system == "S"
    assert Talk.of({"messages": [], "interrupted": "?"}) == Talk()
    assert Talk.of([said("user", 7)]).last_question() == ("", ())


@pytest.mark.parametrize("value", [None, 7, "Hi", {}, {"messages": "Hi"}, {"messages": None}])
def test_no_list_of_messages(value: object) -> None:
    with pytest.raises(ConversationError, match="no list of messages"):
        Talk.of(value)


@pytest.mark.parametrize("entry", ["Hi", None, {"content": "Hi"}, said("wizard", "Hi"), ["user"]])
def test_a_message_without_a_role(entry: object) -> None:
    with pytest.raises(ConversationError, match="at place 2"):
        Talk.of([said("user", "Hi"), entry])


def test_a_turn_says_whether_it_was_cut() -> None:
    assert Turn(said("user", "Hi")).role == "user"
    assert [
        turn.interrupted for turn in Talk().asked("a").answered("b", interrupted=True).turns
    ] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("", None),
        ("  \n", None),
        ("Hello", Said("Hello")),
        ("  indented\n  code\n", Said("  indented\n  code")),
        ("/help", Given("help", "")),
        (" /HELP ", Given("help", "")),
        ("/?", Given("help", "")),
        ("/quit", Given("exit", "")),
        ("/system Be brief.\nAnd kind.", Given("system", "Be brief.\nAnd kind.")),
        ("/save  my file.json ", Given("save", "my file.json")),
        ("/hlep", Unknown("hlep", "help")),
        ("/xyzzy", Unknown("xyzzy", None)),
        ("//help", Said("/help")),
        ("/usr/bin/env: what is it?", Said("/usr/bin/env: what is it?")),
        ("/ is the root", Said("/ is the root")),
        ("1/2", Said("1/2")),
    ],
)
def test_what_a_line_means(line: str, meant: object) -> None:
    assert read_line(line) == meant


def test_every_order_has_a_name_of_its_own() -> None:
    names = [order.name for order in ORDERS]
    assert len(set(names)) == len(names)
    promised = {"system", "model", "save", "load", "retry", "undo", "image", "explain", "help"}
    assert promised <= set(names)
