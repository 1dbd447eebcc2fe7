"""The filters of a template, each with its bound.

All of jinja2's filters are here and no other; ``tojson`` is the one transformers gives templates.
Those that only read a value are jinja2's own. The others check what they are about to make, then
do what jinja2's filter does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from jinja2 import filters as jinja_filters
from jinja2.runtime import Undefined
from jinja2.utils import _PassArg, pass_context
from markupsafe import Markup, escape

from hfi._core.prompts.meter import BoundExceededError, Meter

from . import methods
from .operations import _NUMBERS, add, iterate, modulo
from .values import MISSING

_JINJA = jinja_filters.FILTERS
_EXOTIC = 20_000  # characters a filter may take that no chat template needs, such as wordwrap
Filter = Callable[..., Any]


def _original(name: str) -> Filter:
    """jinja2's own filter, called with the context in first place."""
    func = _JINJA[name]
    wants = _PassArg.from_obj(func)
    if wants is _PassArg.context:
        return cast(Filter, func)
    if wants is _PassArg.eval_context:
        return lambda context, *args, **kwargs: func(context.eval_ctx, *args, **kwargs)
    if wants is _PassArg.environment:
        return lambda context, *args, **kwargs: func(context.environment, *args, **kwargs)
    return lambda _, *args, **kwargs: func(*args, **kwargs)


def _string(m: Meter, value: Any) -> Any:
    """A text as it is, anything else printed."""
    return value if isinstance(value, str) else m.text(value)


def _text_filter(method: str) -> Filter:
    """A filter that is a method of texts: ``upper``, ``trim``, ``center``, ..."""
    run = methods.STR_METHODS[method]

    def apply(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        m = context.meter
        return run(m, value if type(value) is str else _string(m, value), *args, **kwargs)

    return apply


def _trim(context: Any, value: Any, /, chars: Any = None) -> Any:
    if type(value) is str and chars is None and len(value) < 4096:
        return value.strip()
    return methods.STR_METHODS["strip"](context.meter, _string(context.meter, value), chars)


def _center(context: Any, value: Any, /, width: Any = 80) -> Any:
    return methods.STR_METHODS["center"](context.meter, _string(context.meter, value), width)


def _title(context: Any, value: Any, /) -> Any:
    m = context.meter
    text = _string(m, value)
    m.step(len(text) >> 2)
    m.fits(3 * len(text))
    m.take(16 * len(text))
    return m.made(_original_title(context, text))


def _replace(context: Any, value: Any, /, old: Any, new: Any, count: Any = None) -> Any:
    m = context.meter
    times = -1 if count is None else count
    return methods.replace(m, str(m.text(value)), str(m.text(old)), str(m.text(new)), times)


def _safe(context: Any, value: Any, /) -> Any:
    return context.meter.made(Markup(_string(context.meter, value)))  # noqa: S704 - as jinja2


def _escape(context: Any, value: Any, /) -> Any:
    m = context.meter
    text = _string(m, value)
    m.fits(6 * len(text))
    m.step(len(text) >> 4)
    return m.made(escape(text))


def _force_escape(context: Any, value: Any, /) -> Any:
    return _escape(context, str(context.meter.text(value)))


def _format(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
    if args and kwargs:
        raise TypeError("can't handle positional and keyword arguments at the same time")
    return modulo(context.meter, _string(context.meter, value), kwargs or args)


def _indent(
    context: Any, value: Any, /, width: Any = 4, first: Any = False, blank: Any = False
) -> Any:
    m = context.meter
    if isinstance(width, int):
        m.fits(width)
    if isinstance(value, str):
        size = len(width) if isinstance(width, str) else width
        lines = 1 + sum(map(value.count, "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
        m.step((len(value) >> 4) + lines)
        m.fits(len(value) + lines * (size + 2))
        m.take(16 * lines)
    return m.made(_original_indent(context, value, width, first, blank))


def _join(context: Any, value: Any, /, d: Any = "", attribute: Any = None) -> Any:
    m = context.meter
    if attribute is not None:
        value = _original_map(context, iterate(m, value, 4), attribute=attribute)
    pieces = [item if type(item) is str else m.text(item) for item in iterate(m, value, 2)]
    return methods.join(m, str(m.text(d)), pieces)


def _tojson(
    context: Any,
    value: Any,
    /,
    ensure_ascii: Any = False,
    indent: Any = None,
    separators: Any = None,
    sort_keys: Any = False,
) -> str:
    m = context.meter
    size = m.measure(value)
    m.step(size >> 6)
    if isinstance(indent, (int, str)) and indent:
        width = len(indent) if isinstance(indent, str) else indent
        if width > 64:
            raise BoundExceededError("it indents JSON by more than 64 columns")
        size *= 1 + (width >> 2)
        m.step(size >> 3)
    if separators is not None:
        size += (size >> 3) * m.measure(separators)
    m.fits(size >> 2)
    return m.made(  # type: ignore[no-any-return]
        json.dumps(
            value,
            ensure_ascii=ensure_ascii,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
        )
    )


def _exotic(name: str, quadratic: bool = False) -> Filter:
    """A filter of which no chat template has need: allowed on short values."""
    func = _original(name)

    def apply(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        m = context.meter
        size = sum(map(m.measure, (value, args, kwargs)))
        if size > _EXOTIC:
            raise BoundExceededError(f"it gives the filter {name!r} more than {_EXOTIC} characters")
        m.step(4 * size + (size * size >> 8 if quadratic else 0))
        for arg in (*args, *kwargs.values()):
            if isinstance(arg, int) and abs(arg) > _EXOTIC:
                raise BoundExceededError(f"it gives the filter {name!r} a giant number")
        result = func(context, value, *args, **kwargs)
        return m.made(result) if isinstance(result, str) else result

    return apply


def _round(context: Any, value: Any, /, precision: Any = 0, method: Any = "common") -> Any:
    if type(value) not in _NUMBERS and not isinstance(value, Undefined):
        raise TypeError(f"cannot round {type(value).__name__!r}")
    if isinstance(precision, int) and abs(precision) > 400:
        raise BoundExceededError("it rounds to a giant number of digits")
    return _original_round(context, value, precision, method)


def _int(context: Any, value: Any, /, default: Any = 0, base: Any = 10) -> Any:
    if isinstance(value, str) and len(value) > 4_000:
        raise BoundExceededError("it reads a giant number")
    return context.meter.integer(_original_int(context, value, default, base))


def _float(context: Any, value: Any, /, default: Any = 0.0) -> Any:
    if isinstance(value, str) and len(value) > 4_000:
        raise BoundExceededError("it reads a giant number")
    return _original_float(context, value, default)


def _list(context: Any, value: Any, /) -> Any:
    m = context.meter
    if isinstance(value, str):
        m.fits(len(value))
        m.take(20 * len(value))
    return m.listed(list(iterate(m, value, 1)))


def _sum(context: Any, value: Any, /, attribute: Any = None, start: Any = 0) -> Any:
    m = context.meter
    if attribute is not None:
        value = _original_map(context, iterate(m, value, 4), attribute=attribute)
    if isinstance(start, str):
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    total = start
    for item in iterate(m, value, 2):
        total = add(m, total, item)
    return total


def _reverse(context: Any, value: Any, /) -> Any:
    m = context.meter
    if isinstance(value, str):
        m.step(len(value) >> 6)
        return m.made(value[::-1])
    try:
        return reversed(value)
    except TypeError:
        items = _list(context, value)
        items.reverse()
        return items


def _walk(name: str, weight: int = 4) -> Filter:
    """A filter that goes through its value once, handing each item on or not."""
    func = _original(name)

    def apply(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        m = context.meter
        cost = weight
        for arg in args:
            # A path a.b.c is followed part by part; what is no text, an error would print.
            cost += len(arg) >> 1 if type(arg) is str else m.measure(arg) >> 5
        for arg in kwargs.values():
            cost += m.measure(arg) >> 1
        if value is None or isinstance(value, (Undefined, int, float)):
            return func(context, value, *args, **kwargs)
        return func(context, iterate(m, value, cost), *args, **kwargs)

    return apply


def _compare(name: str) -> Filter:
    """A filter that compares all items: ``sort``, ``min``, ``groupby``, ..."""
    func = _original(name)

    def apply(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        m = context.meter
        if not isinstance(value, (list, tuple, dict, str, range, Undefined)):
            value = m.listed(list(iterate(m, value, 1)))
        if isinstance(value, (list, tuple, dict, str, range)):
            path = m.measure([*args, *kwargs.values()])
            size = len(value) * 24 if isinstance(value, range) else m.measure(value)
            m.fits(size)  # all keys live at once: lower-case copies of the texts
            m.take(size)
            m.step(len(value) * (4 + path) + (size * len(value).bit_length() >> 5))
        result = func(context, value, *args, **kwargs)
        return m.listed(result) if isinstance(result, list) else result

    return apply


def _unique(
    context: Any, value: Any, /, case_sensitive: Any = False, attribute: Any = None
) -> Iterator[Any]:
    m = context.meter
    seen = list(iterate(m, value, 6))
    size = sum(m.measure(item) for item in seen)
    m.fits(size)
    m.take(size)
    if attribute is None:
        for item in seen:
            m.key(item)
    elif len(seen) > 64:
        m.step(len(seen) * (len(seen) >> 4) + len(seen) * (m.measure(attribute) >> 1))
    yield from _original_unique(context, seen, case_sensitive, attribute)


def _chunks(name: str) -> Filter:
    """``batch`` and ``slice``, whose number is the length of a list they make."""
    func = _original(name)

    def apply(context: Any, value: Any, /, count: Any, fill_with: Any = None) -> Iterator[Any]:
        m = context.meter
        if isinstance(count, int):
            if abs(count) > 100_000:
                raise BoundExceededError(f"it gives the filter {name!r} a giant number")
            m.step(4 * abs(count))
            m.take(24 * abs(count))
        yield from func(context, _list(context, value), count, fill_with)

    return apply


def _first(context: Any, value: Any, /) -> Any:
    return _original_first(context, iterate(context.meter, value, 1))


def _items(context: Any, value: Any, /) -> Any:
    if type(value) is dict:
        return iter(value.items())
    return _original("items")(context, value)


def _default(_: Any, value: Any, /, default_value: Any = "", boolean: Any = False) -> Any:
    if isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


def _count(_: Any, value: Any, /) -> int:
    return len(value)


def _truncate(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
    m = context.meter
    if isinstance(value, str):
        m.step(len(value) >> 4)
    result = _original("truncate")(context, value, *args, **kwargs)
    return m.made(result) if isinstance(result, str) else result


def _attr(context: Any, obj: Any, /, name: Any) -> Any:
    if not isinstance(name, str):
        return _original("attr")(context, obj, name)
    context.meter.step(8 + (len(name) >> 6))
    value = _original("attr")(context, obj, name)
    return context.environment.undefined(obj=obj, name=name) if value is MISSING else value


def _dictsort(context: Any, value: Any, /, *args: Any, **kwargs: Any) -> Any:
    if isinstance(value, Mapping):
        m = context.meter
        size = m.measure(value)
        m.fits(size)
        m.take(size)
        m.step(len(value) * 4 + (size * len(value).bit_length() >> 5))
    return _original("dictsort")(context, value, *args, **kwargs)


_original_title = _original("title")
_original_indent = _original("indent")
_original_round = _original("round")
_original_int = _original("int")
_original_float = _original("float")
_original_unique = _original("unique")
_original_first = _original("first")
_original_map = _original("map")

_TABLE: dict[str, Filter] = {
    **{name: _text_filter(name) for name in ("lower", "upper", "capitalize")},
    **dict.fromkeys(("e", "escape"), _escape),
    **dict.fromkeys(("d", "default"), _default),
    **dict.fromkeys(("count", "length"), _count),
    **{name: _walk(name, 8) for name in ("map", "select", "reject", "selectattr", "rejectattr")},
    **{name: _compare(name) for name in ("sort", "min", "max", "groupby")},
    **{name: _chunks(name) for name in ("batch", "slice")},
    **{name: _exotic(name) for name in ("urlencode", "filesizeformat", "wordcount", "xmlattr")},
    **{name: _exotic(name, quadratic=True) for name in ("urlize", "wordwrap", "pprint")},
    **{name: _original(name) for name in ("last", "random")},
    "abs": lambda context, value, /: abs(context.meter.integer(value)),
    "attr": _attr,
    "center": _center,
    "dictsort": _dictsort,
    "first": _first,
    "float": _float,
    "forceescape": _force_escape,
    "format": _format,
    "indent": _indent,
    "int": _int,
    "items": _items,
    "join": _join,
    "list": _list,
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "safe": _safe,
    "string": lambda context, value, /: _string(context.meter, value),
    "striptags": lambda context, value, /: methods.striptags(context.meter, value),
    "sum": _sum,
    "title": _title,
    "tojson": _tojson,
    "trim": _trim,
    "truncate": _truncate,
    "unique": _unique,
}
FILTERS: dict[str, Filter] = {name: pass_context(run) for name, run in _TABLE.items()}
