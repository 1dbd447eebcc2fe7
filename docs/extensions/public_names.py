"""The reference: a directive that lists public names by themselves, so that none is forgotten.

``{public} errors`` (or ``streams``, ``values``, ``testing``, ``local``) documents every public name
of that kind.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import hfi
from hfi import errors
from hfi.types.raw import WireValue

CLIENTS = ("Client", "AsyncClient")


def kind_of(name: str) -> str:
    """Give the page of the reference on which a public name of ``hfi`` stands."""
    if name in errors.__all__:
        return "errors"
    if name in CLIENTS:
        return "clients"
    if name.endswith("Stream"):
        return "streams"
    return "values" if inspect.isclass(getattr(hfi, name)) else "functions"


def names_of(kind: str) -> list[str]:
    """Give the full names of one kind, in the order of ``__all__``; errors as their tree stands."""
    if kind == "errors":
        listed = [name for name in vars(errors) if name in errors.__all__]
    elif kind in ("testing", "local", "testing.faults"):
        module = importlib.import_module(f"hfi.{kind}")
        own = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
        return [f"hfi.{kind}.{name}" for name in own]
    else:
        listed = [name for name in hfi.__all__ if kind_of(name) == kind]
        listed.sort(key=lambda name: name.startswith("Async"))
    return [f"hfi.{name}" for name in listed]


def foreign_bases(value: type) -> list[str]:
    """Give the names of a class's bases that are not hfi's: what comes from them is not told."""
    bases = value.__mro__[1:]
    return [base.__name__ for base in bases if not base.__module__.startswith("hfi")]


class PublicNames(SphinxDirective):
    """``{public} kind``: the documentation of all public names of a kind."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = ["````{eval-rst}"]
        for name in names_of(self.arguments[0]):
            home, _, last = name.rpartition(".")
            value = getattr(importlib.import_module(home), last)
            if inspect.isclass(value):
                lines += [f".. autoclass:: {name}", "   :members:"]
                if self.arguments[0] == "errors":
                    lines.append("   :show-inheritance:")
                if self.arguments[0] in ("clients", "streams", "values"):
                    lines.append(f"   :inherited-members: {', '.join(foreign_bases(value))}")
                lines.append("")
            else:
                lines += [f".. autofunction:: {name}", ""]
        lines.append("````")
        node = nodes.container()
        self.state.nested_parse(StringList(lines, source=""), self.content_offset, node)
        return list(node.children)


def options_of(value: Any) -> dict[str, str]:
    """Give the options that ``lists_options`` put into a method's signature, with their types."""
    if not hasattr(value, "__signature__"):
        return {}
    written = inspect.signature(value).parameters
    code = value.__code__
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {name: str(each.annotation) for name, each in written.items() if name not in own}


def short_signature(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, text: str | None, gives: str
) -> tuple[str, str] | None:
    """Leave ``**options`` in a signature as it is: a list of them with their meaning follows."""
    if what == "class" and issubclass(value, WireValue):
        return "", ""  # made by hfi, not by its users
    listed = options_of(value) if what == "method" else {}
    if not listed or text is None:
        return None
    signature = inspect.signature(value)
    kept = [each for name, each in signature.parameters.items() if name not in listed]
    shown = [str(each).replace("'", "") for each in kept if each.name != "self"]
    star = [n for n, each in enumerate(kept) if each.kind is each.KEYWORD_ONLY][:1]
    if star:
        shown.insert(star[0] - 1, "*")
    return f"({', '.join([*shown, '**options'])})", gives


def typed_options(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, lines: list[str]
) -> None:
    """Put the type behind each option of the list in a docstring."""
    types = options_of(value) if what == "method" else {}
    if not types or "Options:" not in lines:
        return
    for place in range(lines.index("Options:") + 1, len(lines)):
        name, colon, meaning = lines[place].strip().partition(": ")
        if colon and name in types:
            lines[place] = f"    {name} ({types[name]}): {meaning}"


def inherited_attributes(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, lines: list[str]
) -> None:
    """Add to a value's attributes those that its bases tell of."""
    if what != "class" or not hasattr(value, "__attrs_attrs__"):
        return
    known = set(re.findall(r"^    (\w+):", "\n".join(lines), re.MULTILINE))
    for base in value.__mro__[1:]:
        if not base.__module__.startswith("hfi") or not base.__doc__:
            continue
        section = inspect.cleandoc(base.__doc__).partition("Attributes:\n")[2]
        for name, text in re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
            if name in known:
                continue
            if "Attributes:" not in lines:
                lines += ["", "Attributes:"]
            known.add(name)
            while not lines[-1].strip():
                lines.pop()
            lines += [*f"    {name}: {text}".splitlines(), ""]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and what shortens signatures, with Sphinx."""
    app.add_directive("public", PublicNames)
    app.connect("autodoc-process-signature", short_signature)
    app.connect("autodoc-process-docstring", typed_options, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", inherited_attributes, priority=400)
    return {"parallel_read_safe": True}
