"""The operators of a template, as the compiled code calls them: each with its bound.

The compiler (``codegen.py``) writes these calls in place of Python's own operators wherever an
operand could be large. ``m`` is always the :class:`~hfi._core.prompts.meter.Meter` of the render.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2.runtime import LoopContext, Undefined
from markupsafe import Markup

from hfi._core.prompts.meter import MAX_INT_BITS, MAX_WIDTH, BoundExceededError, Meter

from .values import DICT_NAMES, LOOP_NAMES, MISSING, TemplateNamespace, namespace_data

_NUMBERS = frozenset({int, float, bool})
_PRINTF = re.compile(r"[#0\- +]*(\*|\d*)(?:\.(\*|\d*))?[hlL]?(.?)", re.DOTALL)
_PARENTHESIS = re.compile(r"[()]")
_SIZED = frozenset({list, tuple, dict, str, type({}.keys()), type({}.values()), type({}.items())})
_BLOCK = 64
_ESCAPED = 6  # characters that escaping may make of one ("&#34;" and a spare)


def add(m: Meter, left: Any, right: Any) -> Any:
    """``left + right``."""
    if type(left) is str and type(right) is str:
        length = len(left) + len(right)
        m.room -= length
        if m.room >= 0:
            return left + right
        m.room += length
        m.fits(length)
        return m.made(left + right)
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return m.integer(left + right)
    return _add_other(m, left, right)


def _add_other(m: Meter, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):  # Markup: escapes the other side
        length = _ESCAPED * (len(left) + len(right))
        m.fits(length)
        m.step(length >> 6)
        return m.made(left + right)
    if isinstance(left, (list, tuple, bytes)) and isinstance(right, (list, tuple, bytes)):
        m.fits(len(left) + len(right))
        return m.listed(left + right)  # type: ignore[operator]
    return left + right


def subtract(m: Meter, left: Any, right: Any) -> Any:
    """``left - right``; sets come from the views of mappings."""
    if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
        m.step((m.measure(left) + m.measure(right)) >> 4)
        return left - right
    return m.integer(left - right)


def multiply(m: Meter, left: Any, right: Any) -> Any:
    """``left * right``; a text or list times a number repeats it."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        m.integer(left)
        m.integer(right)
        return m.integer(left * right)
    if isinstance(left, int):
        left, right = right, left
    if isinstance(right, int) and isinstance(left, (str, bytes, list, tuple)):
        m.fits(len(left) * right)
        value = left * right
        return m.listed(value) if isinstance(value, (list, tuple)) else m.made(value)
    return left * right


def power(m: Meter, left: Any, right: Any) -> Any:
    """``left ** right``."""
    if isinstance(left, int) and isinstance(right, int):
        m.integer(left)
        m.integer(right)
        if abs(left) > 1 and left.bit_length() * abs(right) > MAX_INT_BITS:
            raise BoundExceededError("it computes a giant number")
    return m.integer(left**right)


def divide(m: Meter, left: Any, right: Any) -> Any:
    """``left / right``."""
    return m.integer(left) / m.integer(right)


def floor_divide(m: Meter, left: Any, right: Any) -> Any:
    """``left // right``."""
    return m.integer(left) // m.integer(right)


def modulo(m: Meter, left: Any, right: Any) -> Any:
    """``left % right``, which formats where the left is a text."""
    if isinstance(left, (str, bytes)):
        _check_printf(m, left, right)
        return m.made(left % right)
    return m.integer(left) % m.integer(right)


def _check_printf(m: Meter, template: Any, values: Any) -> None:
    text = template if isinstance(template, str) else template.decode("latin-1")
    m.step(len(text) >> 2)
    size = m.measure(values)
    if isinstance(template, Markup):
        size *= _ESCAPED
    total = len(text)
    for width, precision, kind in _conversions(text):
        m.step(4)
        for digits in (width, precision):
            if digits == "*":
                _check_star(values)
                total += MAX_WIDTH
            elif digits:
                if len(digits) > 6 or int(digits) > MAX_WIDTH:
                    raise BoundExceededError(f"it formats to more than {MAX_WIDTH} columns")
                total += int(digits)
        if kind != "%":
            total += size
    m.fits(total)


def _conversions(text: str) -> Iterator[tuple[str, str, str]]:
    """Width, precision and kind of every ``%`` conversion; keys may hold pairs of parentheses."""
    place = text.find("%") + 1
    while place:
        if text.startswith("(", place):
            place = _key_end(text, place + 1)
        match = _PRINTF.match(text, place)
        if match is None:
            return
        yield match[1], match[2] or "", match[3]
        place = text.find("%", match.end()) + 1


def _key_end(text: str, place: int) -> int:
    depth = 1
    for match in _PARENTHESIS.finditer(text, place):
        depth += 1 if match[0] == "(" else -1
        if not depth:
            return match.end()
    return len(text)


def _check_star(values: Any) -> None:
    for value in values if isinstance(values, tuple) else (values,):
        if isinstance(value, int) and abs(value) > MAX_WIDTH:
            raise BoundExceededError(f"it formats to more than {MAX_WIDTH} columns")


def concatenate(m: Meter, values: tuple[Any, ...]) -> str:
    """``a ~ b ~ c``."""
    return m.concat([value if type(value) is str else m.text(value) for value in values])


def text(m: Meter, value: Any) -> str:
    """What ``{{ value }}`` prints."""
    if type(value) is str:
        return value
    if type(value) is Undefined:
        return ""
    return m.text(value)


def flat(m: Meter, value: Any) -> Any:
    """An operand of a comparison, its size paid for."""
    kind = type(value)
    if kind is str:
        if len(value) > 1024:
            m.step(len(value) >> 9)
    elif kind not in _NUMBERS and value is not None:
        m.step(m.measure(value) >> 5)
    return value


def contains(m: Meter, item: Any, container: Any) -> bool:
    """``item in container``."""
    kind = type(container)
    if kind is dict:
        return m.key(item) in container
    if kind is str:
        if type(item) is str:
            m.search(len(container), len(item))
    elif kind is list or kind is tuple:
        if type(item) is str:
            m.step((len(container) * (16 + (len(item) >> 6))) >> 6)
        elif type(item) in _NUMBERS or item is None:
            m.step(len(container) >> 3)
        else:
            m.step((m.measure(item) * len(container) + m.measure(container)) >> 5)
    else:
        m.key(item)
        if kind is range:
            m.step(len(container) >> 3)
        elif isinstance(container, (str, bytes)):
            m.search(len(container), len(item) if isinstance(item, (str, bytes)) else 1)
        elif kind in _SIZED or isinstance(container, Mapping):
            m.step((m.measure(item) * 8 + m.measure(container)) >> 5)
        else:
            weight = 2 + (m.measure(item) >> 5)
            return any(other is item or other == item for other in iterate(m, container, weight))
    # Where the container is none, Python raises the error it should.
    return bool(item in container)  # pyright: ignore[reportOperatorIssue]


def attribute(env: Any, obj: Any, name: str) -> Any:
    """``obj.name`` for a public name that no mapping has as a method."""
    kind = type(obj)
    if kind is dict:
        value = obj.get(name, MISSING)
        return Undefined(obj=obj, name=name) if value is MISSING else value
    if kind is TemplateNamespace:
        value = namespace_data(obj).get(name, MISSING)
        return Undefined(obj=obj, name=name) if value is MISSING else value
    if kind is LoopContext and name in LOOP_NAMES:
        return getattr(obj, name)
    return env.getattr(obj, name)


def item(m: Meter, env: Any, obj: Any, key: Any) -> Any:
    """``obj[key]``."""
    kind = type(obj)
    if kind is dict:
        if type(key) is str:
            value = obj.get(key, MISSING)
            if value is not MISSING:
                return value
            if key not in DICT_NAMES and key[:1] != "_":
                return Undefined(obj=obj, name=key)
    elif kind is list and type(key) is int:
        try:
            return obj[key]
        except IndexError:
            return env.undefined(obj=obj, name=key)
    m.key(key)
    return env.getitem(obj, key)


def sliced(m: Meter, obj: Any, start: Any, stop: Any, step: Any) -> Any:
    """``obj[start:stop:step]``."""
    value = obj[start:stop:step]
    if isinstance(value, (str, bytes)):
        return m.made(value)
    if isinstance(value, (list, tuple)):
        return m.listed(value)
    return value


class Metered:
    """A long sequence, paid for while it is gone through; a loop may still ask its length."""

    __slots__ = ("_meter", "_values", "_weight")

    def __init__(self, m: Meter, values: Any, weight: int) -> None:
        self._meter = m
        self._values = values
        self._weight = weight

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return _metered(self._meter, self._values, self._weight)


def _metered(m: Meter, values: Iterable[Any], weight: int) -> Iterator[Any]:
    paid = 0
    for value in values:
        if not paid:
            m.step(_BLOCK * weight)
            paid = _BLOCK
        paid -= 1
        yield value


def iterate(m: Meter, values: Any, weight: int) -> Any:
    """What a loop goes through: ``weight`` steps for every turn, before it is taken."""
    kind = type(values)
    if kind in _SIZED or kind is range:
        length = len(values)
        if length > 4 * _BLOCK:
            return Metered(m, values, weight)
        m.steps -= length * weight
        if m.steps < 0:
            m.step(0)
        return values
    if kind is Undefined:
        return values
    m.step(weight)
    return _metered(m, values, weight)  # what cannot be gone through fails there, as in jinja2


def iterate_lazily(m: Meter, values: Any, weight: int) -> Any:
    """The same for a loop that may break off: it does not pay for all at once."""
    kind = type(values)
    if kind in _SIZED or kind is range:
        return Metered(m, values, weight)
    return iterate(m, values, weight)


def spread(m: Meter, values: Any) -> list[Any]:
    """The values of ``f(*values)``."""
    return m.listed(list(iterate(m, values, 1)))  # type: ignore[no-any-return]


def spread_named(m: Meter, values: Any) -> Any:
    """The values of ``f(**values)``."""
    if isinstance(values, Mapping):
        m.step(len(values))
        m.take(8 * len(values))
    return values


def key(m: Meter, value: Any) -> Any:
    """A key of a mapping that the template writes out."""
    return value if type(value) is str else m.key(value)
