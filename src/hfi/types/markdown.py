"""Markdown that a model wrote, as HTML that is safe to show.

It is rendered here, by markdown-it-py without HTML, rather than handed to the front end as
Markdown: front ends differ in what HTML they let through, and a text that is escaped beforehand
shows its escapes inside code. Links lead to the web or to mail only, and open when they are
clicked. Images become links: a picture that a page loads by itself tells its server who reads the
answer, and an answer may have been talked into asking for one.

Formulas (``$...$``, ``$$...$$``, ``\\(...\\)``, ``\\[...\\]``) are left as they are written, for
the front end to typeset.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hfi.types.html import escape, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["to_html"]

_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_WEB = ("https://", "http://", "mailto:")
# MathJax 3 knows the first class, older ones the second: a lone dollar sign is money.
_DOLLAR = '<span class="mathjax_ignore tex2jax_ignore">$</span>'

_CODE = (
    "white-space:pre;overflow-x:auto;background:rgba(128,128,128,0.1);border-radius:4px;"
    "padding:0.5em 0.8em;margin:0.5em 0"
)


def to_html(text: str) -> str:
    """Markdown as HTML; the text as it is written where markdown-it-py is not installed."""
    parser = _parser()
    if parser is None:
        return plain(text)
    # A lone surrogate cannot leave the kernel, whose messages are UTF-8.
    html: str = parser.render(text.encode("utf-8", "replace").decode("utf-8"))
    return html


@lru_cache(maxsize=1)
def _parser() -> Any:
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415 - optional
    except ImportError:
        return None
    parser: Any = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # What it forbids by itself is a list of what is known to be bad; this is one of what is good.
    parser.validateLink = _leads_outside
    parser.inline.ruler.before("escape", "formula", _formula)
    alternatives = {"alt": ["paragraph", "blockquote", "list"]}
    parser.block.ruler.before("fence", "formula_block", _formula_block, alternatives)
    for name, rule in (
        ("text", _text),
        ("formula", _formula_html),
        ("formula_block", _formula_html),
        ("image", _image),
        ("link_open", _link_open),
        ("fence", _code),
        ("code_block", _code),
        ("td_open", _cell),
        ("th_open", _cell),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _leads_outside(url: str) -> bool:
    return url.lower().startswith(_WEB)


# -- formulas --------------------------------------------------------------------------------------


def _formula(state: Any, silent: bool) -> bool:
    """An inline rule: takes a formula as one piece, in which nothing is Markdown."""
    source, start = state.src, state.pos
    for opening, closing in _DELIMITERS:
        if not source.startswith(opening, start):
            continue
        inside = start + len(opening)
        end = source.find(closing, inside)
        if end <= inside or (opening == "$" and not _is_formula(source, inside, end)):
            return False
        if not silent:
            state.push("formula", "", 0).content = source[start : end + len(closing)]
        state.pos = end + len(closing)
        return True
    return False


def _is_formula(source: str, inside: int, end: int) -> bool:
    """Tells a formula from sums of money, as Pandoc does."""
    return not (
        source[inside].isspace()
        or source[end - 1].isspace()
        or source[end + 1 : end + 2].isdigit()
        or "\n\n" in source[inside:end]
    )


def _formula_block(state: Any, first: int, last: int, silent: bool) -> bool:
    """A block rule: lines of a formula may look like lists and headings."""
    beginning = state.bMarks[first] + state.tShift[first]
    for opening, closing in _DELIMITERS[:2]:
        if not state.src.startswith(opening, beginning):
            continue
        end = state.src.find(closing, beginning + len(opening))
        line = first
        while line < last and state.eMarks[line] < end:
            line += 1
        whole = end + len(closing)
        if end < 0 or line >= last or state.src[whole : state.eMarks[line]].strip():
            return False
        if not silent:
            token = state.push("formula_block", "", 0)
            token.content, token.block = state.src[beginning:whole], True
            state.line = line + 1
        return True
    return False


# -- rendering -------------------------------------------------------------------------------------


def _text(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    return escape(tokens[index].content).replace("$", _DOLLAR)


def _formula_html(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    content = escape(tokens[index].content)
    return f"<p>{content}</p>\n" if tokens[index].block else content


def _image(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    token = tokens[index]
    name = f"[image: {token.content}]" if token.content else "[image]"
    return f"{_anchor(str(token.attrGet('src')))}{escape(name)}</a>"


def _link_open(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    return _anchor(str(tokens[index].attrGet("href")))


def _code(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    text = escape(tokens[index].content)
    return f'<pre style="{_CODE}"><code style="background:none">{text}</code></pre>\n'


def _cell(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    # Front ends align what says nothing to the right, as suits numbers.
    return f'<{tokens[index].tag} style="{tokens[index].attrGet("style") or "text-align:left"}">'


def _anchor(url: str) -> str:
    # The title tells where a link leads whose text says something else.
    address = escape(url)
    return (
        f'<a href="{address}" title="{address}" target="_blank" rel="noopener noreferrer nofollow">'
    )
