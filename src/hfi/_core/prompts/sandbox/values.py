"""The kinds of values that only templates have."""

from __future__ import annotations

from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.utils import Cycler, Namespace

from hfi._core.prompts.meter import LOOK_INSIDE

MISSING: Any = object()
DICT_NAMES = frozenset(dir(dict))
LOOP_NAMES = frozenset(
    {
        *("index", "index0", "revindex", "revindex0", "first", "last", "length"),
        *("depth", "depth0", "previtem", "nextitem"),
    }
)


class TemplateNamespace(Namespace):
    """``namespace(...)``, which refuses names that begin with an underscore."""

    __slots__ = ("_data",)

    def __init__(*args: Any, **kwargs: Any) -> None:
        self, args = args[0], args[1:]
        data = dict(*args, **kwargs)
        for name in data:
            _check_name(name)
        _set_data(self, data)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return TemplateNamespace
        try:
            return namespace_data(self)[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setitem__(self, name: str, value: Any) -> None:
        _check_name(name)
        namespace_data(self)[name] = value

    def __repr__(self) -> str:
        return f"<Namespace {namespace_data(self)!r}>"


def _check_name(name: object) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise SecurityError(
            f"A chat template cannot store the name {name!r} on a namespace: it begins with an"
            " underscore."
        )


# The slot's own descriptor passes by __getattribute__, which shows the stored names alone.
namespace_data = TemplateNamespace.__dict__["_data"].__get__
_set_data = TemplateNamespace.__dict__["_data"].__set__


class GuardedFunction:
    """A global function of templates; what it runs takes the meter first."""

    __slots__ = ("_name", "_run")  # with an underscore, so that templates cannot see them

    def __init__(self, name: str, run: Any) -> None:
        self._name = name
        self._run = run

    def __call__(self) -> Any:
        # Here so that ``is callable`` holds; compiled templates come in through ``call``.
        raise SecurityError(f"{self._name!r} cannot be called from here")

    def __repr__(self) -> str:
        return f"<function {self._name}>"


class DictFunction(GuardedFunction):
    """``dict(...)``, with ``dict.fromkeys``."""

    __slots__ = ("fromkeys",)

    def __init__(self, run: Any, from_keys: Any) -> None:
        super().__init__("dict", run)
        self.fromkeys = GuardedFunction(
            "fromkeys", lambda m, *args, **kwargs: from_keys(m, {}, *args, **kwargs)
        )


class FormatMethod:
    """``text.format`` or ``text.format_map``, waiting for its values."""

    __slots__ = ("mapping", "template")

    def __init__(self, template: str, mapping: bool) -> None:
        self.template = template
        self.mapping = mapping

    def __repr__(self) -> str:
        return "<format method of str object>"


LOOK_INSIDE[TemplateNamespace] = lambda value: (
    *namespace_data(value).keys(),
    *namespace_data(value).values(),
)
LOOK_INSIDE[Cycler] = lambda value: value.items
