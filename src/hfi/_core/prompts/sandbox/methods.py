"""The methods a template may call on texts, lists and mappings: each with its bound.

A method that is not listed here cannot be called, whatever Python adds in a later version.
"""

from __future__ import annotations

from _string import formatter_field_name_split  # type: ignore[import-not-found]
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from jinja2.exceptions import SecurityError
from markupsafe import EscapeFormatter, Markup

from hfi._core.prompts.meter import MAX_WIDTH, BoundExceededError, Meter

from .operations import iterate

_SHORT = 256
_CODECS = frozenset(
    {
        *("utf8", "ascii", "latin1", "iso88591", "utf16", "utf16le", "utf16be"),
        *("utf32", "utf32le", "utf32be"),
    }
)
Method = Callable[..., Any]


def _escaped(text: str) -> int:
    return 6 if isinstance(text, Markup) else 1


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (str, bytes, tuple)) else 0


def _linear(name: str, growth: int = 1) -> Method:
    """A method that reads the text once and makes at most ``growth`` times its length."""
    method = getattr(str, name)
    slow = 3 if growth > 1 else 6  # characters beyond ASCII are looked up in tables

    def run(m: Meter, text: str, /, *args: Any, **kwargs: Any) -> Any:
        if len(text) > _SHORT:
            m.step(len(text) >> (6 if text.isascii() else slow))
            m.fits(growth * len(text))
        for arg in args:
            if type(arg) is tuple:  # startswith(("a", "b"))
                m.step((m.measure(arg) >> 6) + len(arg))
        called = method if type(text) is str else getattr(type(text), name)
        value = called(text, *args, **kwargs)
        return m.made(value) if isinstance(value, str) else value

    return run


def _strip(name: str) -> Method:
    method = getattr(str, name)

    def run(m: Meter, text: str, /, chars: Any = None) -> Any:
        if len(text) > 16:
            m.search_back(len(text), _length(chars))
        value = (method if type(text) is str else getattr(type(text), name))(text, chars)
        if value is not text:
            m.made(value)
        return value

    return run


def _search(name: str) -> Method:
    """``find``, ``count`` and their kin."""
    charge = "search_back" if name.startswith("r") else "search"

    def run(m: Meter, text: str, /, sought: Any, *rest: Any) -> Any:
        getattr(m, charge)(len(text), _length(sought) + 1)
        return getattr(text, name)(sought, *rest)

    return run


def _split(name: str) -> Method:
    back = name.startswith("r")

    def run(m: Meter, text: str, /, sep: Any = None, maxsplit: Any = -1) -> Any:
        length = len(text)
        if length > 64:
            (m.search_back if back else m.search)(length, _length(sep) + 1)
            pieces = length // 2 + 1 if sep is None else length // max(_length(sep), 1) + 1
            if pieces > 512 and type(sep) is str and sep:
                pieces = text.count(sep) + 1
            if isinstance(maxsplit, int) and maxsplit >= 0:
                pieces = min(pieces, maxsplit + 1)
            _pieces(m, length, pieces)
        return getattr(text, name)(sep, maxsplit)

    return run


def _pieces(m: Meter, length: int, pieces: int) -> None:
    """Charge a list of texts that were cut out of one: each costs about 60 bytes more."""
    m.step(pieces)
    m.take(length + 16 * pieces)


def _splitlines(m: Meter, text: str, /, *args: Any, **kwargs: Any) -> Any:
    if len(text) > 64:
        breaks = text.count("\n")
        if not text.isascii() or len(text) > _SHORT:
            breaks = sum(map(text.count, "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
        m.step(len(text) >> 4)
        _pieces(m, len(text), breaks + 1)
    return text.splitlines(*args, **kwargs)


def _partition(name: str) -> Method:
    def run(m: Meter, text: str, /, sep: Any) -> Any:
        (m.search_back if name == "rpartition" else m.search)(len(text), _length(sep) + 1)
        m.take(len(text))
        return getattr(text, name)(sep)

    return run


def _padded(name: str) -> Method:
    """``center``, ``ljust``, ``rjust``, ``zfill``: as wide as their first argument."""

    def run(m: Meter, text: str, /, width: Any, *args: Any) -> Any:
        if isinstance(width, int):
            m.fits(_escaped(text) * width)
        return m.made(getattr(text, name)(width, *args))

    return run


def _expandtabs(m: Meter, text: str, /, tabsize: Any = 8) -> Any:
    if isinstance(tabsize, int):
        m.fits(len(text) + text.count("\t") * max(tabsize, 0))
    m.step(len(text) >> 6)
    return m.made(text.expandtabs(tabsize))


def replace(m: Meter, text: str, /, old: Any, new: Any, count: Any = -1) -> Any:
    """``text.replace(old, new, count)``, its length known before it is made."""
    length = len(text)
    if isinstance(old, str) and isinstance(new, str) and isinstance(count, int):
        m.search(length, len(old) + 1)
        size = len(new) * _escaped(text)
        if size > len(old):
            times = length + 1 if not old else length // len(old)
            if times * size > _SHORT and old:
                times = text.count(old)
            if count >= 0:
                times = min(times, count)
            m.fits(length + times * (size - len(old)))
    return m.made(text.replace(old, new, count))


def join(m: Meter, text: str, /, values: Any) -> Any:
    """``text.join(values)``."""
    items = values
    if type(values) is not list and type(values) is not tuple:
        items = m.listed(list(iterate(m, values, 1)))
    m.step(len(items) >> 2)
    total = len(text) * len(items)
    for item in items:
        total += len(item) if isinstance(item, str) else 0
    m.fits(total * _escaped(text))
    return m.made(text.join(items))


def _translate(m: Meter, text: str, /, table: Any) -> Any:
    if type(table) is not dict:
        raise SecurityError("translate() takes only what maketrans() gives here")
    m.step(len(text) + len(table))
    longest = max((len(v) for v in table.values() if isinstance(v, str)), default=1)
    m.fits(len(text) * max(longest, 1))
    return m.made(text.translate(table))


def _maketrans(m: Meter, text: str, /, *args: Any) -> Any:
    for arg in args:
        m.step((m.measure(arg) if isinstance(arg, Mapping) else _length(arg)) + 1)
    return m.listed(text.maketrans(*args))


def _encode(m: Meter, text: str, /, encoding: Any = "utf-8", errors: Any = "strict") -> Any:
    _check_codec(encoding)
    m.step(len(text) >> 3)
    m.fits(len(text) * (4 if errors == "strict" else 12))
    return m.made(text.encode(encoding, errors))


def _decode(m: Meter, data: bytes, /, encoding: Any = "utf-8", errors: Any = "strict") -> Any:
    _check_codec(encoding)
    m.step(len(data) >> 3)
    m.fits(len(data) * (1 if errors == "strict" else 4))
    return m.made(data.decode(encoding, errors))


def _check_codec(encoding: Any) -> None:
    name = str(encoding)[:64].lower()
    if "".join(filter(str.isalnum, name)) not in _CODECS:
        # Others import modules, or are quadratic (punycode, idna).
        raise SecurityError(f"a chat template cannot use the codec {name!r}")


def _measured(kind: type, name: str) -> Method:
    """A method whose work is bounded by the sizes of the value and its arguments."""
    method = getattr(kind, name)

    def run(m: Meter, value: Any, /, *args: Any) -> Any:
        sought = max(map(m.measure, args), default=0)
        m.step((m.measure(value) + sought * len(value)) >> 4)
        return method(value, *args)

    return run


def _get(m: Meter, mapping: dict[Any, Any], /, *args: Any) -> Any:
    if args and type(args[0]) is not str:
        m.key(args[0])
    return mapping.get(*args)


def _view(name: str) -> Method:
    method = getattr(dict, name)

    def run(_: Meter, mapping: dict[Any, Any], /, *args: Any) -> Any:
        return method(mapping, *args)

    return run


def from_keys(m: Meter, _: Any, /, keys: Any, value: Any = None) -> Any:
    """``dict.fromkeys(keys, value)``."""
    return m.listed(dict.fromkeys([m.key(key) for key in iterate(m, keys, 4)], value))


def _copy(m: Meter, value: Any, /, *args: Any) -> Any:
    return m.listed(value.copy(*args))


def _plain(kind: type, name: str) -> Method:
    method = getattr(kind, name)

    def run(_: Meter, value: Any, /, *args: Any) -> Any:
        return method(value, *args)

    return run


def _unescape(m: Meter, text: Markup, /) -> str:
    m.step(len(text))
    return m.made(text.unescape())  # type: ignore[no-any-return]


def striptags(m: Meter, text: Any) -> str:
    """Text without its tags, by a routine that is quadratic in the number of tags."""
    plain = Markup(m.text(text))  # noqa: S704 - to take tags out of, not to show
    m.step((len(plain) >> 2) + (len(plain) ** 2 >> 12))
    return m.made(plain.striptags())  # type: ignore[no-any-return]


_TESTS = (
    *("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower"),
    *("isnumeric", "isprintable", "isspace", "istitle", "isupper"),
    *("startswith", "endswith", "removeprefix", "removesuffix"),
)
_CASES = ("lower", "upper", "capitalize", "title", "swapcase", "casefold")

STR_METHODS: dict[str, Method] = {
    **{name: _linear(name) for name in _TESTS},
    **{name: _linear(name, growth=3) for name in _CASES},  # German sharp s, ligatures
    **{name: _strip(name) for name in ("strip", "lstrip", "rstrip")},
    **{name: _search(name) for name in ("find", "index", "count", "rfind", "rindex")},
    **{name: _split(name) for name in ("split", "rsplit")},
    **{name: _partition(name) for name in ("partition", "rpartition")},
    **{name: _padded(name) for name in ("center", "ljust", "rjust", "zfill")},
    "splitlines": _splitlines,
    "expandtabs": _expandtabs,
    "replace": replace,
    "join": join,
    "translate": _translate,
    "maketrans": _maketrans,
    "encode": _encode,
}
DICT_METHODS: dict[str, Method] = {
    "get": _get,
    **{name: _view(name) for name in ("items", "keys", "values")},
    "copy": _copy,
    "fromkeys": from_keys,
}
METHODS: dict[type, dict[str, Method]] = {
    str: STR_METHODS,
    dict: DICT_METHODS,
    bytes: {"decode": _decode},
    list: {"copy": _copy, **{name: _measured(list, name) for name in ("count", "index")}},
    tuple: {name: _measured(tuple, name) for name in ("count", "index")},
    range: {name: _measured(range, name) for name in ("count", "index")},
    int: {
        name: _plain(int, name)
        for name in ("bit_length", "conjugate", "as_integer_ratio", "is_integer")
        if hasattr(int, name)  # the last one since Python 3.12
    },
    float: {
        name: _plain(float, name) for name in ("is_integer", "conjugate", "hex", "as_integer_ratio")
    },
    Markup: {
        **STR_METHODS,
        "unescape": _unescape,
        "striptags": striptags,
    },
}
METHODS[bool] = METHODS[int]


class _Formatting(Formatter):
    """``str.format`` for templates: attributes by the sandbox's rules, widths bounded."""

    def __init__(self, m: Meter, env: Any, **options: Any) -> None:
        super().__init__(**options)
        self._meter = m
        self._env = env
        self._length = 0

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        self._meter.step(8 + (len(field_name) >> 2))
        first, _, rest = field_name.partition(".")
        if not rest and "[" not in first:
            return self.get_value(
                int(first) if first.isdecimal() and first.isascii() else first, args, kwargs
            ), first
        return self._walk(field_name, args, kwargs)

    def _walk(self, field_name: str, args: Any, kwargs: Any) -> Any:
        first, rest = formatter_field_name_split(field_name)
        obj = self.get_value(first, args, kwargs)
        for is_attribute, name in rest:
            self._meter.step(4)
            obj = self._env.getattr(obj, name) if is_attribute else self._env.getitem(obj, name)
        return obj, first

    def format_field(self, value: Any, format_spec: str) -> str:
        _check_spec(format_spec)
        self._meter.fits(self._meter.measure(value))
        if not format_spec and not isinstance(self, EscapeFormatter):
            text = self._meter.text(value)
        else:
            text = super().format_field(value, format_spec)
        self._length += len(text)
        self._meter.fits(self._length)
        return text

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion is not None:
            self._meter.fits(10 * self._meter.measure(value))
        return super().convert_field(value, conversion)


class _EscapeFormatting(_Formatting, EscapeFormatter):
    pass


def _check_spec(spec: str) -> None:
    if len(spec) > _SHORT:
        raise BoundExceededError("it formats by a giant specification")
    digits = ""
    for char in spec:
        digits = digits + char if char.isdigit() else ""
        if len(digits) > 6 or (digits.isdecimal() and int(digits) > MAX_WIDTH):
            raise BoundExceededError(f"it formats to more than {MAX_WIDTH} columns")


def formatted(m: Meter, env: Any, template: str, args: Any, kwargs: Any) -> str:
    """``template.format(*args, **kwargs)``."""
    m.step(len(template) >> 3)
    if isinstance(template, Markup):
        formatter: _Formatting = _EscapeFormatting(m, env, escape=template.escape)
    else:
        formatter = _Formatting(m, env)
    return m.made(type(template)(formatter.vformat(template, args, kwargs)))  # type: ignore[no-any-return]
