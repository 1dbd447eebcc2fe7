"""Every public name says in one sentence what it is, and then what its signature cannot say."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import hfi

ROOMS = ("hfi", "hfi.testing", "hfi.testing.faults", "hfi.local")
# What closes or copies raises nothing of its own; the rest of a client's methods do.
RAISE_NOTHING = {"close", "aclose"}
# What these take and mean is Python's, not ours.
PROTOCOLS = {"__init__", "__enter__", "__exit__", "__aenter__", "__aexit__"}


def public_names() -> Iterator[tuple[str, Any]]:
    """Give every public name, and the public members of the classes among them."""
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in module.__all__:
            value = getattr(module, name)
            yield f"{room}.{name}", value
            if inspect.isclass(value):
                yield from members(f"{room}.{name}", value)


def members(full: str, cls: type) -> Iterator[tuple[str, Any]]:
    """Give a class's methods and properties that are ours, inherited ones too."""
    for base in cls.__mro__:
        if not base.__module__.startswith("hfi"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_"):
                continue
            found = getattr(member, "__func__", member)  # of a static or class method
            if inspect.isfunction(found) or isinstance(found, property):
                yield f"{full}.{name}", found


NAMES = dict(public_names())


def lacks(value: Any) -> str | None:
    """Say what a docstring lacks: itself, or a first line that is a sentence."""
    doc = inspect.getdoc(value) if not inspect.isclass(value) else value.__doc__
    if not doc or not doc.strip():
        return "has no docstring"
    # The summary may be followed by more of its paragraph, as long as it is a sentence.
    first = inspect.cleandoc(doc).splitlines()[0]
    if not first[0].isupper() and not first.startswith(("`", "429", "4", "5")):
        return f"begins in the middle: {first!r}"
    if "TODO" in doc or "FIXME" in doc:
        return "is not done"
    if not first.rstrip().endswith((".", "::", ":")):
        return f"has no sentence on its first line: {first!r}"
    return None


@pytest.mark.parametrize("name", sorted(NAMES))
def test_it_says_what_it_is(name: str) -> None:
    complaint = lacks(NAMES[name])
    assert complaint is None, f"{name} {complaint}"


@pytest.mark.parametrize(
    "name", sorted(name for name in NAMES if name.startswith(("hfi.Client.", "hfi.AsyncClient.")))
)
def test_a_method_of_the_client_says_what_it_takes_and_raises(name: str) -> None:
    value = NAMES[name]
    doc = inspect.getdoc(value) or ""
    takes = [each for each in inspect.signature(value).parameters if each != "self"]
    if takes and takes != ["changes"] and "options" not in takes:
        listed = doc.partition("Args:")[2] + doc.partition("Options:")[2]
        missing = [each for each in takes if f"{each}:" not in listed]
        assert not missing, f"{name} does not say what {missing} are"
    if name.rpartition(".")[2] not in RAISE_NOTHING:
        assert "Raises:" in doc, f"{name} does not say what it raises"


@pytest.mark.parametrize(
    "name", sorted(n for n, v in NAMES.items() if inspect.isclass(v) and n.count(".") == 1)
)
def test_a_value_says_what_its_fields_are(name: str) -> None:
    cls = NAMES[name]
    fields = [field for field in getattr(cls, "__attrs_attrs__", ()) if field.init]
    own = [field.alias or field.name for field in fields if not field.name.startswith("_")]
    docs = "\n".join(base.__doc__ or "" for base in cls.__mro__ if base.__module__[:3] == "hfi")
    missing = [each for each in own if f"{each}:" not in docs and f"``{each}``" not in docs]
    assert not missing, f"{name} does not say what {missing} are"


class Undocumented:
    def method(self) -> None: ...

    def other(self) -> None:
        """does something"""


def test_what_lacks_a_docstring_is_found() -> None:
    assert lacks(Undocumented) == "has no docstring"
    assert lacks(Undocumented.method) == "has no docstring"
    assert lacks(Undocumented.other) == "begins in the middle: 'does something'"


def test_there_is_much_to_read() -> None:
    assert len(NAMES) > 300
    assert hfi.Client.chat in NAMES.values()
