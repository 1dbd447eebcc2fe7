"""What a line of a conversation means: something to say, or an order that begins with a slash."""

from __future__ import annotations

import re

import attrs

__all__ = ["ORDERS", "Given", "Order", "Said", "Unknown", "read_line"]


@attrs.frozen
class Order:
    """An order there is: its name, what may follow it, and what it does."""

    name: str
    argument: str
    help: str


ORDERS = (
    Order("system", "[TEXT]", "what the model is told before all else; - takes it away"),
    Order("model", "[ID]", "who answers: a model's id, a server's URL, or local"),
    Order("image", "[PATH]", "a picture for the next question, by path or URL; - takes all away"),
    Order("retry", "", "ask the last question again"),
    Order("undo", "", "take the last question and its answer back"),
    Order("new", "", "begin anew; the system text and the model stay"),
    Order("save", "[FILE]", "write the conversation to a file"),
    Order("load", "FILE", "go on with a conversation from a file"),
    Order("explain", "[TEXT]", "what would be sent, and to whom, without sending it"),
    Order("help", "", "this list"),
    Order("exit", "", "end; Ctrl-D does so too"),
)

_OTHER_NAMES = {
    "quit": "exit",
    "q": "exit",
    "bye": "exit",
    "clear": "new",
    "?": "help",
    "h": "help",
}

# A path such as /usr/bin is something to say.
_ORDER = re.compile(r"/([A-Za-z]+|\?)(?:\s+(.*))?", re.DOTALL)


@attrs.frozen
class Said:
    """Something to say to the model."""

    text: str


@attrs.frozen
class Given:
    """An order that was given, and what followed its name."""

    name: str
    rest: str


@attrs.frozen
class Unknown:
    """What looks like an order and is none; ``near`` is the one that may be meant."""

    name: str
    near: str | None


def read_line(line: str) -> Said | Given | Unknown | None:
    """What a line means; None where it is empty.

    Two slashes at its beginning stand for one, and for no order.
    """
    text = line.strip()
    if not text:
        return None
    if text.startswith("//"):
        return Said(text[1:])
    match = _ORDER.fullmatch(text)
    if match is None:
        return Said(line.strip("\r\n"))
    name = match[1].lower()
    name = _OTHER_NAMES.get(name, name)
    if any(order.name == name for order in ORDERS):
        return Given(name, (match[2] or "").strip())
    import difflib

    near = difflib.get_close_matches(name, [order.name for order in ORDERS], n=1, cutoff=0.5)
    return Unknown(match[1], near[0] if near else None)
