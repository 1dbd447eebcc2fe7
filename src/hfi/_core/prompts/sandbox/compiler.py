"""From the text of a template to a function that renders it, cached by text."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from jinja2.compiler import generate
from jinja2.environment import Environment
from jinja2.lexer import Lexer

from hfi._core.prompts.meter import MAX_TEMPLATE_CHARS, BoundExceededError, Meter

from . import checks
from .codegen import HELPERS, TemplateCodeGenerator
from .environment import TemplateContext, TemplateEnvironment

_CACHED = 64
_MAX_TOKENS = 40_000
_MAX_DIGITS = 1_300
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\n\\'\"abfnrtvxNuU")


def _valid_escapes(text: str) -> str:
    """A string literal whose unknown escapes (``\\d``) are spelled out.

    Python decodes both to the same text, but warns of the unknown ones.
    """

    def spelled(match: re.Match[str]) -> str:
        octal, char = match.groups()
        if octal:
            return match[0] if int(octal, 8) <= 0xFF else f"\\u{int(octal, 8):04x}"
        return match[0] if char in _KNOWN_ESCAPES else "\\" + match[0]

    return _ESCAPE.sub(spelled, text)


class _BoundedLexer(Lexer):
    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        for count, (line, kind, value) in enumerate(super().tokeniter(*args, **kwargs)):
            if count > _MAX_TOKENS:
                raise BoundExceededError("it has too many parts")
            if kind == "string" and "\\" in value:
                yield line, kind, _valid_escapes(value)
            elif kind in {"integer", "float"} and len(value) > _MAX_DIGITS:
                raise BoundExceededError("it contains a giant number")
            else:
                yield line, kind, value


class _CompilingEnvironment(TemplateEnvironment):
    code_generator_class = TemplateCodeGenerator

    def __init__(self) -> None:
        super().__init__()
        self._bounded_lexer = _BoundedLexer(self)

    @property
    def lexer(self) -> Lexer:
        return self._bounded_lexer


@functools.lru_cache(maxsize=1)
def _environment() -> _CompilingEnvironment:
    return _CompilingEnvironment()


@attrs.frozen
class CompiledTemplate:
    """A template ready to render."""

    root: Callable[..., Iterator[str]] = attrs.field(repr=False)
    blocks: dict[str, Any] = attrs.field(repr=False)
    loop_weight: int

    def render(self, variables: dict[str, Any], meter: Meter) -> str:
        """The prompt. Raises whatever the template raises, or :class:`BoundExceededError`."""
        env = _environment()
        context = TemplateContext(env, {**env.globals, **variables}, None, self.blocks)
        context.meter = meter
        meter.loop_weight = self.loop_weight
        return meter.concat(list(self.root(context)))


@functools.lru_cache(maxsize=_CACHED)
def compile_template(text: str) -> CompiledTemplate:
    """Compile a template, once for each text.

    Raises:
        BoundExceededError: It is too long, too deep, or has too many parts.
        jinja2.TemplateSyntaxError: It is no template.
    """
    if len(text) > MAX_TEMPLATE_CHARS:
        raise BoundExceededError(f"it is longer than {MAX_TEMPLATE_CHARS} characters")
    env = _environment()
    tree = Environment._parse(env, text, None, None)
    loop_weight = checks.prepare(tree)
    source = generate(tree, env, None, None, optimized=False) or ""
    namespace: dict[str, Any] = {**HELPERS, "environment": env}
    exec(compile(source, "<chat template>", "exec"), namespace)  # noqa: S102 - jinja2's own way
    return CompiledTemplate(namespace["root"], namespace["blocks"], loop_weight)
