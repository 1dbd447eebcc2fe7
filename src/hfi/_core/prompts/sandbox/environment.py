"""The environment chat templates run in, as transformers sets it up, with every call counted."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension, LoopControlExtension
from jinja2.nodes import EvalContext
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.utils import Cycler, Joiner, generate_lorem_ipsum, pass_context

from hfi._core.prompts.meter import BoundExceededError, Meter

from . import methods, operations
from .filters import FILTERS
from .values import DICT_NAMES, DictFunction, FormatMethod, GuardedFunction, TemplateNamespace

_MAX_RANGE = 100_000
_MAX_FORMAT = 1_000


class GenerationExtension(Extension):
    """``{% generation %}``: marks what the assistant wrote; here it only renders its body.

    The body is a call block, as in transformers: what it sets is not seen outside of it.
    """

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_render", [])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)


class TemplateContext(Context):
    """A context that carries the meter of its render."""

    meter: Meter

    def __init__(self, environment: Any, parent: Any, name: Any, blocks: Any, **_: Any) -> None:
        # What jinja2's own sets, but for an EvalContext of its own: nothing here changes one.
        self.environment = environment
        self.parent = parent
        self.name = name
        self.vars = {}
        self.exported_vars = set()
        self.globals_keys = set()
        self.eval_ctx = environment.eval_context
        self.blocks = {key: [block] for key, block in blocks.items()}

    def derived(self, locals: dict[str, Any] | None = None) -> TemplateContext:  # noqa: A002
        context = super().derived(locals)
        context.meter = self.meter  # type: ignore[attr-defined]
        return context  # type: ignore[return-value]


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """What compiled templates see of the world."""

    context_class = TemplateContext

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[GenerationExtension, LoopControlExtension],
            # The optimizer evaluates what is constant while it compiles, without any bound.
            optimized=False,
            cache_size=0,
        )
        self.eval_context = EvalContext(self, None)
        self.filters = dict(FILTERS)
        self.tests = {**DEFAULT_TESTS, **_TESTS}
        self.globals = {name: GuardedFunction(name, run) for name, run in _GLOBALS.items()}
        self.globals["dict"] = DictFunction(_dict, methods.from_keys)

    def wrap_str_format(self, value: Any) -> Any:
        """``text.format`` as a value that only :func:`call` can call."""
        if (
            isinstance(value, (MethodType, BuiltinMethodType))
            and value.__name__ in {"format", "format_map"}
            and isinstance(value.__self__, str)
        ):
            return FormatMethod(value.__self__, value.__name__ == "format_map")
        return None


def call_method(context: Any, obj: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """``obj.name(*args, **kwargs)``."""
    table = methods.METHODS.get(type(obj))
    if table is not None:
        run = table.get(name)
        if run is not None:
            return run(context.meter, obj, *args, **kwargs)
    env = context.environment
    # A method of mappings that is not in the table (``update``) is refused by the sandbox.
    plain = name not in DICT_NAMES and name[:1] != "_"
    called = operations.attribute(env, obj, name) if plain else env.getattr(obj, name)
    return call(context, called, *args, **kwargs)


def call(context: Any, called: Any, /, *args: Any, **kwargs: Any) -> Any:
    """``called(*args, **kwargs)``: only what is known to be bounded can be called."""
    m = context.meter
    kind = type(called)
    if kind is Macro or kind is LoopContext or kind is BlockReference:
        m.enter()
        try:
            if kind is BlockReference:
                return m.concat(list(called._stack[called._depth](called._context)))
            if kind is LoopContext and args:
                args = (operations.iterate(m, args[0], m.loop_weight), *args[1:])
            return called(*args, **kwargs)
        finally:
            m.depth -= 1
    if kind is GuardedFunction or kind is DictFunction:
        return called._run(m, *args, **kwargs)
    return _call_other(context, called, args, kwargs)


def _call_other(context: Any, called: Any, args: Any, kwargs: Any) -> Any:
    m = context.meter
    if isinstance(called, Undefined):
        return called(*args, **kwargs)
    if isinstance(called, FormatMethod):
        return _call_format(context, called, args, kwargs)
    if isinstance(called, Joiner):
        return called(*args, **kwargs)
    if isinstance(called, (BuiltinMethodType, MethodType)):
        owner = called.__self__
        run = methods.METHODS.get(type(owner), {}).get(called.__name__)
        if run is not None:
            return run(m, owner, *args, **kwargs)
        if isinstance(owner, (Cycler, LoopContext)) and called.__name__ in _OWNED:
            m.step(m.measure([*args, *kwargs.values()]) >> 5)
            return called(*args, **kwargs)
        raise SecurityError(f"a chat template cannot call {called.__name__}()")
    if not callable(called):
        raise TypeError(f"{type(called).__name__!r} object is not callable")
    raise SecurityError(f"a chat template cannot call {type(called).__name__!r} objects")


_OWNED = frozenset({"next", "reset", "cycle", "changed"})


def _call_format(context: Any, called: FormatMethod, args: Any, kwargs: Any) -> str:
    if called.mapping:
        if kwargs or len(args) != 1:
            raise TypeError("format_map() takes exactly one argument and no keywords")
        args, kwargs = (), args[0]
    return methods.formatted(context.meter, context.environment, called.template, args, kwargs)


def _raise_exception(m: Meter, message: Any) -> Any:
    raise TemplateError(m.text(message))


def _strftime_now(m: Meter, format: Any) -> str:  # noqa: A002 - the name templates may use
    if m.now is None:
        raise TypeError("strftime_now() needs a time, and none was given")
    if isinstance(format, str) and len(format) > _MAX_FORMAT:
        raise BoundExceededError("it formats a date by a giant format")
    m.step(8 * len(format) if isinstance(format, str) else 8)
    return m.made(m.now.strftime(format))  # type: ignore[no-any-return]


def _range(m: Meter, *args: Any) -> range:
    for arg in args:
        if isinstance(arg, int) and abs(arg) > 1 << 53:
            raise BoundExceededError("it counts to a giant number")
    numbers = range(*args)
    if len(numbers) > _MAX_RANGE:
        raise OverflowError(
            f"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({_MAX_RANGE})."
        )
    m.step(1)
    return numbers


def _dict(m: Meter, *args: Any, **kwargs: Any) -> dict[Any, Any]:
    if args and not isinstance(args[0], dict):
        pairs = m.listed([tuple(pair) for pair in operations.iterate(m, args[0], 6)])
        for pair in pairs:
            m.key(pair[0]) if pair else None
        args = (pairs, *args[1:])
    return m.listed(dict(*args, **kwargs))  # type: ignore[no-any-return]


def _namespace(m: Meter, *args: Any, **kwargs: Any) -> TemplateNamespace:
    if args or kwargs:
        m.take(8 * (len(kwargs) + 4))
    if args:
        args = (_dict(m, *args),)
    return TemplateNamespace(*args, **kwargs)


def _lipsum(m: Meter, n: Any = 5, html: Any = True, min: Any = 20, max: Any = 100) -> Any:  # noqa: A002
    if isinstance(n, int) and isinstance(max, int):
        words = abs(n) * (abs(max) + 4)
        if words > 10_000:
            raise BoundExceededError("it asks for too much filler text")
        m.step(16 * words)
    return m.made(generate_lorem_ipsum(n, html, min, max))


def _cycler(m: Meter, *items: Any) -> Cycler:
    m.take(8 * len(items) + 32)
    return Cycler(*items)


def _joiner(m: Meter, sep: Any = ", ") -> Joiner:
    m.take(32)
    return Joiner(sep)


_GLOBALS: dict[str, Callable[..., Any]] = {
    "raise_exception": _raise_exception,
    "strftime_now": _strftime_now,
    "range": _range,
    "namespace": _namespace,
    "lipsum": _lipsum,
    "cycler": _cycler,
    "joiner": _joiner,
}


def _compared(name: str) -> Callable[..., Any]:
    test: Callable[..., Any] = DEFAULT_TESTS[name]  # type: ignore[assignment]

    def run(context: Any, value: Any, other: Any, /) -> Any:
        m = context.meter
        return test(operations.flat(m, value), operations.flat(m, other))

    return run


def _cased(name: str) -> Callable[..., Any]:
    def run(context: Any, value: Any, /) -> bool:
        text = context.meter.text(value)
        context.meter.step(len(text) >> 6)
        return bool(getattr(text, name)())

    return run


def _registered(name: str) -> Callable[..., Any]:
    def run(context: Any, value: Any, /) -> bool:
        return context.meter.key(value) in getattr(context.environment, name)

    return run


_COMPARISONS = (
    *("==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan"),
    *("ge", ">=", "<", "lt", "lessthan", "<=", "le"),
)
_TEST_TABLE: dict[str, Callable[..., Any]] = {
    **{name: _compared(name) for name in _COMPARISONS},
    "in": lambda context, value, seq, /: operations.contains(context.meter, value, seq),
    "odd": lambda context, value, /: operations.modulo(context.meter, value, 2) == 1,
    "even": lambda context, value, /: operations.modulo(context.meter, value, 2) == 0,
    "divisibleby": lambda context, value, num, /: operations.modulo(context.meter, value, num) == 0,
    "lower": _cased("islower"),
    "upper": _cased("isupper"),
    "filter": _registered("filters"),
    "test": _registered("tests"),
}
_TESTS = {name: pass_context(run) for name, run in _TEST_TABLE.items()}
