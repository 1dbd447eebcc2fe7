"""Within its bounds a template gives what jinja2's own sandbox gives."""

# ruff: noqa: E501, SIM905 - templates are told apart best on one line

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest
from jinja2 import ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hfi._core.prompts.rendering import render_template
from hfi.errors import TemplateError

VARIABLES: dict[str, Any] = {
    "s": "Hello, World & <x>\n\ttwo lines",
    "wide": "\u00fcn\u00ef\u2713 \U0001f600 " * 40,
    "e": "",
    "n": 7,
    "f": -2.5,
    "t": True,
    "z": None,
    "l": [3, 1, 2, 3],
    "ls": ["b", "A", "c", "a"],
    "d": {"k": "v", "a": [1, 2], "B": "w"},
    "ld": [{"a": 2, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2}],
    "tu": (1, (2, "x")),
}
FILTERS = """
    abs attr('upper') batch(2)|list batch(3,'x')|list capitalize center center(12) count
    default('D') d('D',true) dictsort dictsort(true) dictsort(by='value') dictsort(reverse=true)
    e escape filesizeformat first float float(1.5) forceescape format(1) format('a','b')
    groupby('a')|list groupby('a')|map('last')|list indent indent(2,true) indent('>_')
    indent(3,blank=true) int int(5) int(base=16) items|list join join(',')
    join(',',attribute='a') last length list lower map('upper')|list map(attribute='a')|list
    map(attribute='a',default=9)|join map('string')|map('length')|sum max min max(attribute='a')
    pprint reject('none')|list rejectattr('b')|list rejectattr('a','equalto',1)|list
    replace('l','L') replace('l','L',1) replace('','-') reverse reverse|list round round(1)
    round(0,'floor') round(1,'ceil') safe safe|string select|list select('string')|list
    select('odd')|list selectattr('b','defined')|list selectattr('a','eq',1)|list
    selectattr('a','>',1)|map(attribute='b')|list slice(2)|list slice(3,'-')|list sort
    sort(reverse=true) sort(attribute='a') sort(case_sensitive=true) string striptags sum
    sum(attribute='a') sum(start=5) title tojson tojson(indent=2) tojson(ensure_ascii=true)
    tojson(sort_keys=true) tojson(separators=(',',':')) trim trim('H') truncate(5)
    truncate(5,true) truncate(8,leeway=0) unique|list unique(attribute='a')|list upper urlencode
    urlize wordcount wordwrap(5) xmlattr last reverse|first
""".split()
METHODS = """
    upper() lower() strip() lstrip() rstrip() strip('H') split() split(',') split('l',1)
    split(maxsplit=1) rsplit('l',1) rsplit() splitlines() splitlines(true) partition('l')
    rpartition('l') replace('l','L') replace('l','L',1) replace('','-') startswith('H')
    startswith(('H','x')) endswith('s') find('l') rfind('l') index('l') rindex('l') count('l')
    center(30) ljust(30) rjust(30,'*') zfill(30) title() capitalize() swapcase() casefold()
    isdigit() isalpha() isupper() isspace() join(['a','b']) join(ls) format(1,2) format(a=1)
    expandtabs(2) encode().decode() encode('ascii','ignore') removeprefix('H') removesuffix('s')
    translate({72:'J'}) translate('x'.maketrans('l','L')) maketrans('ab','cd')
    format_map({'a':1}) items()|list keys()|list values()|list get('k') get('nope')
    get('nope','dflt') get(1) copy() index(3) count(3) fromkeys(['a','b'],0) bit_length()
    is_integer() conjugate() hex() append(1) pop() update({}) clear() sort() insert(0,1) nope()
    nope real k a __class__ _x upper()()
""".split()
TESTS = """
    defined undefined none string number integer float boolean true false mapping iterable
    sequence callable odd even divisibleby(2) lower upper in([1,7,'x']) in('Hello') eq(7) ne(7)
    gt(1) lt(1) ge(7) le(7) sameas(none) escaped filter test equalto('x') greaterthan(2)
    lessthan(2)
""".split()
EXPRESSIONS = """
    {{ s + '!' }} | {{ l + [4] }} | {{ tu + (1,) }} | {{ n + f }} | {{ n - f }} | {{ n * 3 }}
    | {{ 'ab' * 3 }} | {{ 3 * [0] }} | {{ 2 * tu }} | {{ n / 2 }} | {{ n // 2 }} | {{ n % 4 }} | {{ n ** 2 }}
    | {{ 2 ** -1 }} | {{ -n }} | {{ +n }} | {{ not n }} | {{ n ~ s ~ z ~ l ~ undef }} | {{ s ~ ('<'|e) }}
    | {{ ('<'|e) + '<' }} | {{ '<' + ('<'|e) }} | {{ ('<'|e) * 2 }} | {{ ('%s'|safe) % '<' }}
    | {{ ('{}'|safe).format('<') }} | {{ ('a'|safe).join(['<', '>']) }} | {{ ('&lt;'|safe).unescape() }}
    | {{ ('<b>x</b>'|safe).striptags() }} | {{ ('a'|safe).upper() }} | {{ ('a b'|safe).split() }}
    | {{ '%s %r %5d %-3d| %.2f %x %c %%' % ('a', 'b', 1, 2, 1.5, 255, 'z') }} | {{ '%*d' % (5, 1) }}
    | {{ '%(a)s %(b)03d' % {'a': l, 'b': 2} }} | {{ '%(a(b)c)s' % {'a(b)c': 1} }} | {{ '%d' % 'x' }}
    | {{ '{0} {1!r} {a:>5} {b[k]} {c.real:.1f}'.format(1, 'x', a=2, b=d, c=f) }} | {{ '{} {}'.format(1, 2) }}
    | {{ '{:{}}|'.format(1, 4) }} | {{ '{!s:.2}'.format('abc') }} | {{ '{'.format() }} | {{ '{a}'.format() }}
    | {{ 1 < n < 9 }} | {{ 1 < n < 3 }} | {{ s == s }} | {{ l != ls }} | {{ l < [4] }} | {{ 'a' < 'b' }}
    | {{ 'H' in s }} | {{ 'k' in d }} | {{ 3 in l }} | {{ [1] in [[1]] }} | {{ 'x' not in s }} | {{ 1 in z }}
    | {{ 2 in range(3) }} | {{ 'x' in range(3) }} | {{ 1 in l|select }} | {{ 'a' in d.keys() }} | {{ 'a' in undef }}
    | {{ ('a'|safe) in 'abc' }} | {{ 'a' in ('abc'|safe) }} | {{ 1 in d.values()|list }}
    | {{ s[1:4] }} | {{ l[::-1] }} | {{ tu[:1] }} | {{ l[1] }} | {{ l[99] }} | {{ l['x'] }} | {{ d['k'] }}
    | {{ d['nope'] }} | {{ d['keys'] is callable }} | {{ d[1] }} | {{ tu[1][1] }} | {{ s[0] }} | {{ n[0] }}
    | {{ undef[0] }} | {{ undef.x }} | {{ d[l] }} | {{ d[(1, 2)] }} | {{ range(5)[2] }} | {{ range(9)|list }}
    | {{ range(5).count(3) }} | {{ range(5).index(3) }} | {{ (d.keys() - ['k'])|sort }} | {{ range(10**6) }}
    | {{ {'a': 1, 2: 3, (1, 2): 4, none: 5} }} | {{ {n: n} }} | {{ (1,) }} | {{ [[], {}, ()] }}
    | {{ dict(a=1) }} | {{ dict([('x', 1)], y=2) }} | {{ dict(d, z=1) }} | {{ dict([(1,)]) }}
    | {{ dict(**d) }} | {{ dict(**{'if': 1}) }} | {{ namespace(a=1).a }} | {{ namespace(d, q=1).q }}
    | {{ namespace({'x': 2}) }} | {{ cycler(*l).next() }} | {{ cycler() }} | {{ joiner('-') is callable }}
    | {{ lipsum(2, html=false, min=2, max=4)|length > 4 }} | {{ range is callable }} | {{ s() }} | {{ n.real() }}
    | {{ messages|length }} | {{ messages[0].content }} | {{ 0.1 + 0.2 }} | {{ 1e20 }} | {{ 0x1F }} | {{ 1_000 }}
    | {{ 'a' 'b' }} | {{ z or 'o' }} | {{ n and z }} | {{ 'x' if false }} | {{ 'x' if n > 3 else 'y' }}
""".replace("\n", " ")
STATEMENTS = [
    "{% for x in l %}[{{ x }}{{ loop.index }}{{ loop.last }}{{ loop.revindex }}]{% else %}no{% endfor %}",
    "{% for x in l if x > 1 %}{{ x }}/{{ loop.length }}{% endfor %}",
    "{% for x in l|map('string') %}{{ x }}{{ loop.length }}{{ loop.nextitem }}{% endfor %}",
    "{% for x in [] %}{% else %}none{% endfor %}{% for x in undef %}{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }}{{ loop.cycle('a', 'b') }}{{ loop.changed(v) }}{% endfor %}",
    "{% for k, v in d|dictsort %}{{ loop.previtem }}{{ loop.first }}{{ loop.depth }}{% endfor %}",
    "{% for x in range(500) %}{% if x == 3 %}{% continue %}{% elif x == 6 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in range(400) %}{{ x }}{% endfor %}{% for c in s %}{{ c }}-{% endfor %}",
    "{% for x in l|select if x != 2 %}{% if loop.first %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1, [2, [3]]] recursive %}{{ loop.depth }}{{ loop(x) if x is iterable else x }}{% endfor %}",
    "{% for x in [1, [2, 9]] if x != 9 recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}",
    "{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }}{% endfor %}{% for x in 5 %}{% endfor %}",
    "{% set ns = namespace(v=1) %}{% for x in l %}{% set ns.v = ns.v + x %}{% endfor %}{{ ns.v }}{{ ns }}",
    "{% set x = 1 %}{% for i in l %}{% set x = i %}{% endfor %}{{ x }}{% set ns.y = 1 %}",
    "{% macro f(a, b='B') %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1) }}{{ f(1, 2, 3, c=4) }}{{ f.name }}",
    "{% macro f(x) %}<{{ caller(x) }}>{% endmacro %}{% call(q) f(1) %}{{ q }}!{% endcall %}",
    "{% macro f() %}{% endmacro %}{{ f(1) }}",
    "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(9) }}{{ f(*[2]) }}{{ f(**{'n': 1}) }}",
    "{% if n > 3 %}a{% elif z %}b{% else %}c{% endif %}{% if undef %}d{% endif %}",
    "{% with a = 1, b = n %}{{ a + b }}{% endwith %}{{ a }}",
    "{% filter upper %}a{{ s }}{% endfilter %}{% filter replace('a', 'b') %}aa{% endfilter %}",
    "{% set x %}{{ s }}-{% endset %}{{ x|length }}{% set y | trim %} a {% endset %}[{{ y }}]",
    "{% block a %}{{ n }}{% endblock %}{{ self.a() }}{% block b scoped %}{{ s }}{% endblock %}",
    "{% raw %}{{ x }}{% endraw %}{# c #}  {%- if n %}  a\n  {% endif %}\n b  {{- ' c' -}}  d",
    "{% set a, b = [1, 2] %}{{ a }}{{ b }}{% set a, b = 1 %}",
    "{% include 'x' %}",
    "{% if z %}{% include 'x' %}{% import 'x' as y %}{% from 'x' import q %}{% endif %}fine",
    "{% extends 'x' %}",
    r"{{ '\d\n\x41\u00e9\101\777' }}",
    "{% set j = joiner(', ') %}{{ j() }}a{{ j() }}b{% set c = cycler('o', 'e') %}{{ c.next() }}{{ c.current }}{{ c.reset() }}",
    "{% set f = '{}'.format %}{{ f(1) }}{{ ('{}'|attr('format'))(2) }}{{ '{a}'['format_map']({'a': 3}) }}{{ '{}'.format_map(1, 2) }}",
    "{% set u = s.upper %}{{ u() }}{{ d['get']('k') }}{{ (l|attr('count'))(3) }}",
    "{% set ns = namespace(items=1) %}{{ ns.items }}{{ ns.keys }}{{ ns['items'] }}{{ ns.get }}",
    "{% set ns = namespace() %}{{ ns }}{% set ns.x = 1 %}{{ ns }}",
    "{{ [7]|random }}{{ [7]|list|last }}{{ 'ab'|list|reverse|first }}{{ none|map('upper')|list }}",
    "{{ ['x']|join('<'|safe) }}{{ ['<'|safe, 'y']|join }}{{ range(3)|sum }}{{ ['a']|sum(start='b') }}",
    "{{ 1|format(a=1) }}{{ '%s'|format(1, a=2) }}",
    "{{ [1, 1.5, true]|sum }}{{ 'x'|round }}{{ undef|round }}",
    "{{ cycler(1, 2).nope() }}{{ range.nope }}",
    "{{ [3]|map('nope')|list }}",
    "{{ lipsum.x is defined }}{{ (1).nope is defined }}{{ none.x is defined }}",
    "{{ [l]|map('batch', 2)|map('list')|list }}",
    "{{ ls|map('lower')|map('replace', 'a', 'z')|join('-') }}{{ [s]|map(attribute=0)|list }}",
]


@pytest.fixture(scope="module")
def plain() -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[ext.LoopControlExtension]
    )
    env.filters["tojson"] = lambda x, ensure_ascii=False, **options: json.dumps(
        x, ensure_ascii=ensure_ascii, **options
    )
    return env


def agree(plain: ImmutableSandboxedEnvironment, template: str) -> str | None:
    """What the two give differently, if anything; where jinja2 fails, so must ours."""
    messages = [{"role": "user", "content": "Hi"}]
    try:
        expected = plain.from_string(template).render(messages=messages, **VARIABLES)
    except Exception as error:  # whatever jinja2 or Python raises
        expected = None
        reason = error
    try:
        got = render_template(template, messages, **VARIABLES)
    except TemplateError as error:
        return None if expected is None else f"{template}: failed with {error}"
    if expected is None:
        return f"{template}: gave {got!r}, where jinja2 raised {reason!r}"
    return None if shape(got) == shape(expected) else f"{template}: {got!r}, not {expected!r}"


def shape(text: str) -> str:
    """The text without the addresses and names of objects that nobody prints on purpose."""
    return re.sub(r"(<|&lt;)(generator|bound|built-in|function).*?(>|&gt;)|0x\w+", "", text)


@pytest.mark.filterwarnings("ignore:invalid (escape|octal):DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*invalid (escape|octal):SyntaxWarning")
@pytest.mark.parametrize("name", VARIABLES)
def test_filters_methods_and_tests_of_a_value(plain: ImmutableSandboxedEnvironment, name: str):
    templates = [f"{{{{ {name}|{call} }}}}" for call in FILTERS]
    templates += [f"{{{{ {name}.{call} }}}}" for call in METHODS]
    templates += [f"{{{{ {name} is {call} }}}}{{{{ {name} is not {call} }}}}" for call in TESTS]
    problems = [problem for problem in (agree(plain, text) for text in templates) if problem]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%", "~", "==", "<", "in", "and"])
def test_operators_between_all_kinds(plain: ImmutableSandboxedEnvironment, operator: str):
    pairs = product(VARIABLES, VARIABLES)
    templates = [f"{{{{ {left} {operator} {right} }}}}" for left, right in pairs]
    problems = [problem for problem in (agree(plain, text) for text in templates) if problem]
    assert not problems, "\n".join(problems)


@pytest.mark.filterwarnings("ignore:invalid (escape|octal):DeprecationWarning")
def test_expressions_and_statements(plain: ImmutableSandboxedEnvironment):
    templates = [*EXPRESSIONS.split(" | "), *STATEMENTS]
    problems = [problem for problem in (agree(plain, text) for text in templates) if problem]
    assert not problems, "\n".join(problems)
