"""Options of a call: sorted into those that are sent and those that are obeyed, and shown in help.

``lists_options`` is what lets ``help()`` and Shift-Tab list the options of a method that is
written with ``**options``.
"""

from __future__ import annotations

import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from hfi._core.outgoing.option_values import checked
from hfi.errors import ConfigurationError
from hfi.types.options import OPTION_DOCS, CallOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["check_names", "lists_options", "split_options"]

Method = TypeVar("Method", bound="Callable[..., Any]")

# Names that other libraries use for the same thing: the nearest by spelling would mislead.
_OTHER_NAMES = {
    "api_key": "token",
    "function_call": "tool_choice",
    "functions": "tools",
    "max_length": "max_tokens",
    "max_new_tokens": "max_tokens",
    "max_tokens": "max_new_tokens",
    "num_predict": "max_tokens",
    "stop_sequences": "stop",
    "system_prompt": "system",
}
_CLIENT_ONLY = frozenset(
    {"aliases", "base_url", "bill_to", "engine", "event_hooks", "limits", "proxy", "transport"}
    | {"verify"}
)


# Options for which None is a value, "no limit", and not the same as leaving them out.
_NONE_IS_A_VALUE = frozenset({"max_wait", "timeout"})


def split_options(
    options: Mapping[str, Any], allowed: type, *, arguments: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sorts options into those for the wire and those for this client, and drops the absent ones.

    One that is None counts as absent, but for ``timeout`` and ``max_wait``: None is "no limit".

    Args:
        options: What the method was called with.
        allowed: The TypedDict of its options, such as ``ChatOptions``.
        arguments: The method's other arguments, which a misspelt name may have meant.

    Raises:
        ConfigurationError: A name is unknown, or a value can be right for no server.
    """
    check_names(options, allowed, arguments=arguments)
    wire: dict[str, Any] = {}
    call: dict[str, Any] = {}
    for name, value in options.items():
        if value is None and name not in _NONE_IS_A_VALUE:
            continue
        target = call if name in CallOptions.__annotations__ else wire
        target[name] = checked(name, value)
    return wire, call


def check_names(names: Iterable[str], allowed: type, *, arguments: Iterable[str] = ()) -> None:
    """Sees to it that every name is an option of ``allowed``.

    Raises:
        ConfigurationError: One is not; the message names the nearest that is.
    """
    known = allowed.__annotations__
    for name in names:
        if name not in known:
            raise _unknown(name, [*known, *arguments])


def _unknown(name: str, known: list[str]) -> ConfigurationError:
    if name in _CLIENT_ONLY:
        return ConfigurationError(
            f"{name!r} belongs to the client, not to one call.",
            hint=f"Use client.with_options({name}=...) and call that.",
        )
    import difflib  # noqa: PLC0415 - costs 2 ms to import, and only a mistake needs it

    lowered = name.lower()
    other = _OTHER_NAMES.get(lowered)
    nearest = difflib.get_close_matches(lowered, known, n=1)
    near = other if other in known else nearest[0] if nearest else None
    hint = f"Did you mean {near!r}?" if near else None
    if {"extra_body", "max_tokens", "max_new_tokens"} & set(known):
        hint = f"{hint or ''} What only a provider knows goes in extra_body.".lstrip()
    return ConfigurationError(f"There is no option {name!r}.", hint=hint)


def lists_options(
    allowed: type, defaults: Mapping[str, Any] | None = None
) -> Callable[[Method], Method]:
    """Makes a method's signature list the options of ``allowed`` in place of ``**options``.

    Each stands there as keyword-only, with its annotation as text, and with its default: from
    ``defaults``, else None, else ``...`` where None is a value. What each means is added to the
    docstring.
    """

    def decorate(method: Method) -> Method:
        signature = inspect.signature(method)
        kept = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        named = {parameter.name for parameter in kept}
        added = [
            p.replace(default=defaults[p.name]) if defaults and p.name in defaults else p
            for p in _parameters(allowed)
            if p.name not in named
        ]
        method.__signature__ = signature.replace(  # type: ignore[attr-defined]  # read by inspect
            parameters=[*kept, *added]
        )
        # Absent under -OO, where nothing is to be documented.
        if method.__doc__:
            method.__doc__ = _documented(method.__doc__, allowed)
        return method

    return decorate


@cache
def _parameters(allowed: type) -> tuple[inspect.Parameter, ...]:
    shared = CallOptions.__annotations__
    names = allowed.__annotations__
    own_first = [name for name in names if name not in shared] + [n for n in names if n in shared]
    return tuple(
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=... if name in _NONE_IS_A_VALUE else None,
            annotation=_text(names[name]),
        )
        for name in own_first
    )


def _text(annotation: Any) -> str:
    # TypedDict wraps what ``from __future__ import annotations`` left as text in a ForwardRef.
    return annotation if isinstance(annotation, str) else str(annotation.__forward_arg__)


@cache
def _table(allowed: type) -> str:
    # A module of options may say more of its own ones, and other things of shared names.
    own = getattr(sys.modules[allowed.__module__], "OPTION_DOCS", OPTION_DOCS)
    docs = {**OPTION_DOCS, **own}
    lines = [f"{p.name}: {docs[p.name]}" for p in _parameters(allowed)]
    return "\n".join(lines)


def _documented(doc: str, allowed: type) -> str:
    # Python 3.13 strips a docstring's indentation when it compiles, the older ones do not.
    last = doc.rsplit("\n", 1)[-1]
    indent = last if "\n" in doc and not last.strip() else ""
    inner = f"\n{indent}    "
    table = _table(allowed).replace("\n", inner)
    return f"{doc.rstrip()}\n\n{indent}Options:{inner}{table}\n{indent}"
