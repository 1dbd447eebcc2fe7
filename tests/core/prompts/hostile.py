"""Hostile chat templates, by mechanism; each must end in a TemplateError soon and small."""

# ruff: noqa: E501 - a template is told apart best on one line

from __future__ import annotations

_NS = "{% set ns = namespace(s='x', l=[0], t=(0,), n=2, d={}) %}"

HOSTILE: dict[str, str] = {
    # loops
    "loop-nested-ranges": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "loop-range-too-long": "{% for a in range(10**12) %}{% endfor %}",
    "loop-filtered-away": "{% for a in range(99999) if false %}{% endfor %}" * 200,
    "loop-filter-expensive": "{% for a in range(99999) if (a ~ a ~ a)|upper|lower|length > 99 %}{% endfor %}"
    * 5,
    "loop-over-characters": "{% set s = 'x' * 1000000 %}{% for c in s %}{% for d in s %}{% endfor %}{% endfor %}",
    "loop-length-of-generator": "{% for x in range(99999)|map('string')|map('upper')|map('lower') %}{{ loop.length }}{% for y in range(99999) %}{% endfor %}{% endfor %}",
    "loop-output": "{% for a in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
    "loop-output-reference": "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{{ s }}{% endfor %}",
    "loop-recursive-forever": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "loop-recursive-wide": "{% for x in range(50) recursive %}{{ loop(range(50)) }}{% endfor %}",
    "loop-recursive-filtered": "{% for x in [1] recursive %}{% for i in range(200) %}{{ loop(range(99999)) }}{% endfor %}{% endfor %}",
    "loop-recursive-filtered-out": "{% for x in range(1000) if x < 3 recursive %}{% if loop.depth < 40 %}{{ loop(range(99999)) }}{% endif %}{% endfor %}",
    # macros and blocks
    "macro-forever": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "macro-tree": "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "macro-doubling-output": "{% macro f(n) %}{% if n %}{{ f(n-1) ~ f(n-1) }}{% else %}xxxxxxxxxxxxxxxx{% endif %}{% endmacro %}{{ f(40) }}",
    "macro-caller-forever": "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
    "macro-mutual": "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
    "macro-doubling-argument": "{% macro f(s, n) %}{{ f(s ~ s, n + 1) }}{% endmacro %}{{ f('x', 0) }}",
    "macro-in-loop-body-long": "{% macro f() %}"
    + "{{ 1 }}" * 2000
    + "{% endmacro %}{% for i in range(99999) %}{{ f() }}{% endfor %}",
    "block-forever": "{% block a %}{{ self.a() }}{% endblock %}",
    "block-in-loop": "{% for i in range(99999) %}{{ self.a() }}{% endfor %}{% block a %}"
    + "{{ 1 ~ 2 }}" * 500
    + "{% endblock %}",
    "block-scoped-budget": "{% for i in range(99999) %}{% block a scoped %}{% for j in range(99999) %}{{ i }}{% endfor %}{% endblock %}{% endfor %}",
    "generation-forever": "{% macro f() %}{% generation %}{{ f() }}{% endgeneration %}{% endmacro %}{{ f() }}",
    # repetition and doubling
    "repeat-string": "{{ 'x' * 1000000000 }}",
    "repeat-string-left": "{{ 1000000000 * 'x' }}",
    "repeat-in-set": "{% set s = 'x' * 999999999 %}{{ s|length }}",
    "repeat-in-condition": "{% if 'x' * 999999999 == 'y' %}{% endif %}",
    "repeat-in-argument-default": "{% macro f(a='x' * 999999999) %}{{ a|length }}{% endmacro %}{{ f() }}",
    "repeat-in-dict": "{{ {'a': 'x' * 999999999}|length }}",
    "repeat-list": "{{ ([0] * 1000000000)|length }}",
    "repeat-tuple": "{{ ((0,) * 1000000000)|length }}",
    "repeat-bool": "{{ ('x' * (10**9 * true)) }}",
    "repeat-markup": "{{ ('<' * 1000)|e * 1000000 }}",
    "repeat-bytes": "{{ ('x'.encode() * 1000000000)|length }}",
    "double-add": _NS + "{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "double-tilde": _NS + "{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "double-list": _NS + "{% for i in range(64) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
    "double-tuple": _NS + "{% for i in range(64) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
    "double-plain-sets": "{% set a = 'x' * 999 %}" + "{% set a = a ~ a %}" * 40,
    "double-set-block": "{% set a %}xxxxxxxx{% endset %}"
    + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
    "double-filter-block": _NS
    + "{% for i in range(64) %}{% set ns.s %}{% filter upper %}{{ ns.s }}{{ ns.s }}{% endfilter %}{% endset %}{% endfor %}",
    "double-join": _NS + "{% for i in range(64) %}{% set ns.s = [ns.s, ns.s]|join %}{% endfor %}",
    "double-format": _NS
    + "{% for i in range(64) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
    "double-replace": _NS
    + "{% for i in range(64) %}{% set ns.s = ns.s.replace('x', 'xx') %}{% endfor %}",
    "double-markup": _NS
    + "{% set ns.s = '<'|e %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "double-escape": _NS
    + "{% set ns.s = '&' * 99 %}{% for i in range(64) %}{% set ns.s = ns.s|forceescape|string|replace('a', '&&&&') %}{% endfor %}",
    "double-nested-list": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "double-nested-list-json": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}",
    "double-nested-list-length": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ (ns.l|string)|length }}",
    "double-nested-dict": _NS
    + "{% for i in range(64) %}{% set ns.d = {'a': ns.d, 'b': ns.d} %}{% endfor %}{{ ns.d }}",
    "double-nested-compare": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.l == ns.x }}",
    "double-nested-in": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.l in [ns.x] }}",
    "double-nested-hash": _NS
    + "{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1}|length }}",
    "double-nested-lookup": _NS
    + "{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {}[ns.t] }}",
    "double-nested-unique": _NS
    + "{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ [ns.t]|unique|list|length }}",
    "double-nested-sort": _NS
    + "{% set ns.x = (0,) %}{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ [ns.t, ns.x]|sort|length }}",
    "double-nested-max": _NS
    + "{% set ns.x = (0,) %}{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ [ns.t, ns.x]|max|length }}",
    "double-nested-pprint": _NS
    + "{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|pprint }}",
    "double-nested-format": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ '{}'.format(ns.l) }}",
    "double-nested-percent": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ '%s' % (ns.l,) }}",
    "double-nested-raise": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ raise_exception(ns.l) }}",
    "double-nested-changed": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{% for i in [1, 2] %}{{ loop.changed(ns.l if i == 1 else ns.x) }}{% endfor %}",
    "double-nested-equalto": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ [ns.l]|select('equalto', ns.x)|list }}",
    "double-nested-index": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ [ns.l].index(ns.x) }}",
    "double-nested-subscript-error": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ [0][ns.l] + 1 }}",
    "double-nested-attribute-error": _NS
    + "{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ [{}]|selectattr(ns.l, '>', 1)|list }}",
    "double-nested-filter-name": _NS
    + "{% for i in range(64) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ [1]|map(ns.t)|list }}",
    "double-nested-in-generator": _NS
    + "{% set ns.x = [0] %}{% for i in range(64) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.l in [ns.x]|select }}",
    "tuple-keys": "{% set a = range(300)|list %}{% for i in a %}{% for j in a %}{% if {(i, j): 1} %}{% endif %}{% endfor %}{% endfor %}",
    "double-namespace-repr": "{% set a = namespace(x=1) %}"
    + "{% set a = namespace(x=a, y=a) %}" * 50
    + "{{ a }}",
    "deep-nesting": _NS
    + "{% for i in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
    "deep-tuple-hash": _NS
    + "{% for i in range(90000) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {ns.t: 1} }}",
    "deep-compare": _NS
    + "{% set ns.x = [0] %}{% for i in range(40000) %}{% set ns.l = [ns.l] %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.l == ns.x }}",
    "deep-json": _NS
    + "{% for i in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}",
    # numbers
    "power": "{{ 10 ** (10 ** 10) }}",
    "power-folded": "{{ (9 ** (9 ** 9))|string }}",
    "power-in-set": "{% set x = 2 ** 1000000000 %}",
    "power-chain": _NS + "{% for i in range(64) %}{% set ns.n = ns.n ** 2 %}{% endfor %}",
    "multiply-chain": _NS + "{% for i in range(64) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "add-chain": _NS + "{% for i in range(90000) %}{% set ns.n = ns.n + ns.n %}{% endfor %}",
    "sum-chain": _NS + "{% for i in range(90000) %}{% set ns.n = [ns.n, ns.n]|sum %}{% endfor %}",
    "power-negative-int": "{{ 123|round(-1000000000) }}",
    "round-ceil": "{{ 1|round(1000000000, 'ceil') }}",
    "round-repeat": "{{ ('x' * 9)|round(9, 'ceil') }}",
    "int-literal": "{{ 0x" + "F" * 90000 + " ** 2 }}",
    "int-literal-decimal": "{{ " + "9" * 90000 + " }}",
    "int-parse": "{{ ('f' * 1000000)|int(base=16) }}",
    "int-parse-decimal": "{{ ('9' * 1000000)|int }}",
    "float-parse": "{% set s = '9' * 1000000 %}{% for i in range(99999) %}{{ s|float }}{% endfor %}",
    "int-to-bytes": "{{ (1).to_bytes(1000000000, 'big')|length }}",
    "range-collisions": "{{ range(0, 99999 * 2305843009213693951, 2305843009213693951)|unique|list|length }}",
    "dict-collisions": "{{ {"
    + ", ".join(f"{i * 2305843009213693951}: 1" for i in range(1, 6000))
    + "}|length }}",
    "map-collisions": "{{ '"
    + " ".join(str(i * 2305843009213693951) for i in range(1, 8000))
    + "'.split()|map('int')|unique|list|length }}",
    # formats
    "percent-width": "{{ '%1000000000d' % 1 }}",
    "percent-precision": "{{ '%.1000000000f' % 1.5 }}",
    "percent-star": "{{ '%*d' % (1000000000, 1) }}",
    "percent-star-negative": "{{ '%*d' % (-1000000000, 1) }}",
    "percent-many": "{{ ('%9999d' * 10000) % ((1,) * 10000) }}",
    "percent-mapping": "{{ ('%(a)s' * 10000) % {'a': 'x' * 100000} }}",
    "percent-repr": "{{ '%r' % ('\\x00' * 1900000) ~ ('%a' % ('\\U0001F600' * 1900000)) ~ ('%a' % ('\\U0001F600' * 1900000)) }}",
    "percent-bytes": "{{ 'x%1000000000d'.encode() % 1 }}",
    "percent-is-odd": "{{ '%1000000000d' is odd }}",
    "percent-is-divisibleby": "{{ '%1000000000d' is divisibleby(5) }}",
    "format-filter": "{{ '%1000000000d'|format(1) }}",
    "format-filter-map": "{{ ['%1000000000d']|map('format', 1)|list }}",
    "format-width": "{{ '{:1000000000}'.format(1) }}",
    "format-nested-width": "{{ '{:{}}'.format(1, 1000000000) }}",
    "format-precision": "{{ '{:.1000000000f}'.format(1.5) }}",
    "format-many": "{{ ('{0}' * 100000).format('x' * 1000) }}",
    "format-many-empty": "{{ ('{0}' * 600000).format('') }}",
    "format-padded-many": "{{ ('{0:9999}' * 10000).format(1) }}",
    "format-map": "{{ '{a:1000000000}'.format_map({'a': 1}) }}",
    "format-attr-filter": "{{ ('{:1000000000}'|attr('format'))(1) }}",
    "format-subscript": "{{ '{:1000000000}'['format'](1) }}",
    "format-stored": "{% set f = '{:1000000000}'.format %}{{ f(1) }}",
    "format-markup": "{{ ('{:1000000000}'|safe).format(1) }}",
    "format-class": "{{ '{0.__class__.__mro__}'.format(1) }}{{ raise_exception('x') }}",
    "percent-nested-key": "{{ '%(a(b)9)9999999999d' % {'a(b)9': 1} }}",
    "percent-open-keys": "{{ ('%(' * 900000) % {'a': 1} }}",
    "percent-flags": "{{ ('%' ~ '-' * 900000 ~ '9999999999d') % 1 }}",
    "format-long-spec": "{{ '{:{}}'.format(1, 'x' * 1900000) }}",
    "format-fullwidth-digits": "{{ '{:\uff11\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10}'.format(1) }}",
    # methods of texts
    "method-center": "{{ 'x'.center(1000000000) }}",
    "method-ljust": "{{ 'x'.ljust(1000000000) }}",
    "method-zfill": "{{ 'x'.zfill(1000000000) }}",
    "method-expandtabs": "{{ '\\t'.expandtabs(1000000000) }}",
    "method-expandtabs-many": "{{ ('\\t' * 100000).expandtabs(100000) }}",
    "method-replace": "{{ ('x' * 100000).replace('x', 'x' * 100000) }}",
    "method-replace-empty": "{{ ('x' * 100000).replace('', 'x' * 100000) }}",
    "method-join": "{{ ('x' * 100000).join('x' * 100000) }}",
    "method-join-stored": "{% set j = ('x' * 100000).join %}{{ j('x' * 100000) }}",
    "method-translate": "{{ ('x' * 100000).translate({120: 'x' * 100000}) }}",
    "method-maketrans": "{{ 'x'.maketrans({'x': 'y' * 100000}) and ('x' * 100000).translate('x'.maketrans({'x': 'y' * 100000})) }}",
    "method-split": "{{ ('x ' * 1000000).split()|length }}" * 9,
    "method-split-kept": _NS
    + "{% for i in range(99) %}{% set ns.l = [ns.l, ('\u00e9 ' * 300000).split()] %}{% endfor %}",
    "method-splitlines": _NS
    + "{% for i in range(99) %}{% set ns.l = [ns.l, ('\u0101\\n' * 300000).splitlines()] %}{% endfor %}",
    "method-rfind": "{% set s = 'a' * 1000000 %}{{ s.rfind('b' + 'a' * 400000) }}",
    "method-rsplit": "{% set s = 'a' * 1000000 %}{{ s.rsplit('a' * 200000 + 'b' + 'a' * 200000)|length }}",
    "method-rpartition": "{% set s = 'a' * 1000000 %}{{ s.rpartition('b' + 'a' * 400000)|length }}",
    "method-rindex": "{% set s = 'a' * 1000000 %}{{ s.rindex('a' * 200000 + 'b' + 'a' * 200000) }}",
    "method-count": "{% set s = 'a' * 29000 %}{% for i in range(99999) %}{{ s.count('a' * 49 + 'b' + 'a' * 49) }}{% endfor %}",
    "method-strip-set": "{% set s = '\u0101' * 1000000 %}{% for i in range(999) %}{{ s.strip('bcdefghijklmnopqrstuvwxyz' * 10000 + '\u0101') }}{% endfor %}",
    "method-lstrip-loop": "{% set s = ' ' * 1000000 + 'x' %}{% for i in range(99999) %}{% if s.lstrip() == 'y' %}{% endif %}{% endfor %}",
    "method-in-loop": "{% set s = 'ab' * 900000 %}{% for i in range(99999) %}{% if 'aab' in s %}{% endif %}{% endfor %}",
    "method-compare-loop": "{% set s = 'a' * 1900000 %}{% set t = s ~ 'b' %}{% set u = s ~ 'c' %}{% for i in range(99999) %}{% if t < u and u != t %}{% endif %}{% endfor %}",
    "method-upper-loop": "{% set s = '\u00df' * 900000 %}{% for i in range(99999) %}{% if s.upper() %}{% endif %}{% endfor %}",
    "method-encode-punycode": "{{ ('\u0101\u4e00' * 100000).encode('punycode')|length }}",
    "method-encode-idna": "{{ ('\u0101' * 100000).encode('idna')|length }}",
    "method-encode-namereplace": _NS
    + "{% for i in range(99) %}{% set ns.l = [ns.l, ('\u0101' * 99999).encode('ascii', 'namereplace')] %}{% endfor %}",
    "method-fromkeys": _NS
    + "{% for i in range(999) %}{% set ns.l = [ns.l, {}.fromkeys(range(99999))] %}{% endfor %}",
    "method-slices": "{% set s = 'x' * 1900000 %}{% for i in range(99999) %}{% if s[1:] %}{% endif %}{% endfor %}",
    "method-slices-kept": _NS
    + "{% set s = 'x' * 1900000 %}{% for i in range(9999) %}{% set ns.l = [ns.l, s[i:]] %}{% endfor %}",
    "method-list-slices-kept": _NS
    + "{% set s = [0] * 1900000 %}{% for i in range(9999) %}{% set ns.l = [ns.l, s[i:]] %}{% endfor %}",
    "method-list-copy": _NS
    + "{% set s = [0] * 1900000 %}{% for i in range(9999) %}{% set ns.l = [ns.l, s.copy()] %}{% endfor %}",
    "method-dict-get": "{% for i in range(99999) %}{% for j in range(99999) %}{{ {}.get('x') }}{% endfor %}{% endfor %}",
    # filters
    "filter-center": "{{ 'x'|center(1000000000) }}",
    "filter-indent": "{{ 'x\\ny'|indent(1000000000) }}",
    "filter-indent-first": "{{ 'x'|indent(1000000000, true) }}",
    "filter-indent-number": "{{ 1|indent(1000000000) }}",
    "double-nested-markup": _NS
    + "{% for i in range(64) %}{% set ns.l = ns.l + ns.l %}{% set ns.l = [ns.l, ('<b>' * 5000)|safe] %}{% endfor %}{{ ns.l }}",
    "filter-indent-text": "{{ ('\\nx' * 10000)|indent('x' * 100000) }}",
    "filter-replace": "{{ ('x' * 100000)|replace('x', 'x' * 100000) }}",
    "filter-join": "{{ range(99999)|join('x' * 100000) }}",
    "filter-join-attribute": "{{ ([{'a': 'x' * 100000}] * 10000)|join(attribute='a') }}",
    "filter-tojson-indent": "{{ [1]|tojson(indent=1000000000) }}",
    "filter-tojson-indent-deep": _NS
    + "{% for i in range(300) %}{% set ns.l = [ns.l] * 2 %}{% endfor %}{{ ns.l|tojson(indent=60) }}",
    "filter-tojson-separators": "{{ ([1] * 99999)|tojson(separators=('x' * 100000, ':')) }}",
    "filter-tojson-escapes": "{% for i in range(9999) %}{{ ('\\x00' * 1000000)|tojson|length }}{% endfor %}",
    "filter-tojson-many": "{% set l = [1] * 1900000 %}{% for i in range(999) %}{{ (l|tojson)|length }}{% endfor %}",
    "filter-batch": "{{ [1]|batch(1000000000, 0)|list }}",
    "filter-slice": "{{ [1]|slice(1000000000)|list|length }}",
    "filter-list": "{% for i in range(9999) %}{{ ('x' * 999999)|list|length }}{% endfor %}",
    "filter-list-wide": _NS
    + "{% for i in range(99) %}{% set ns.l = [ns.l, ('\u4e00' * 999999)|list] %}{% endfor %}",
    "filter-map-chain": "{{ range(99999)" + "|map('string')" * 90 + "|list|length }}",
    "filter-map-attribute-path": "{{ range(99999)|map(attribute='"
    + "real." * 9000
    + "real')|list|length }}",
    "filter-select-chain": "{{ range(99999)" + "|select('integer')" * 90 + "|list|length }}",
    "filter-sort-loop": "{% for i in range(99999) %}{{ range(99999)|sort|length }}{% endfor %}",
    "filter-sort-long-keys": "{{ (['x' * 1900000] * 1000)|sort|length }}",
    "filter-groupby": "{% for i in range(99999) %}{{ range(99999)|groupby('real')|length }}{% endfor %}",
    "filter-unique-long": "{{ (['x' * 1900000] * 1000)|unique|list|length }}",
    "filter-sum-lists": "{{ ([[0] * 1000] * 100000)|sum(start=[])|length }}",
    "filter-sum-tuples": "{{ ([(0,) * 1000] * 100000)|sum(start=(0,))|length }}",
    "filter-dictsort": "{% set d = dict.fromkeys(range(9999)) or {} %}{% for i in range(99999) %}{{ {'a': 1, 'b': 2}|dictsort }}{% endfor %}{% for i in range(9999) %}{{ range(99999)|list|length }}{% endfor %}",
    "filter-wordwrap": "{{ ('x' * 1000000)|wordwrap(1) }}",
    "filter-wordwrap-string": "{{ ('x ' * 10000)|wordwrap(1, wrapstring='y' * 100000) }}",
    "filter-urlize": "{{ ('(' * 100000 ~ 'http://x.y/' ~ ')' * 100000)|urlize }}",
    "filter-urlize-loop": "{% for i in range(99999) %}{{ ('http://' ~ 'a.' * 900)|urlize }}{% endfor %}",
    "filter-urlencode": "{{ ('\u4e00' * 1000000)|urlencode }}",
    "filter-striptags": "{{ ('<!---->' * 200000)|striptags }}",
    "filter-striptags-open": "{{ ('<' * 1000000)|striptags }}",
    "filter-xmlattr": "{{ {'a': '&' * 1900000}|xmlattr }}",
    "filter-escape": "{% for i in range(999) %}{{ ('\"' * 300000)|e|length }}{% endfor %}",
    "filter-title": "{% for i in range(999) %}{{ ('x ' * 900000)|title|length }}{% endfor %}",
    "filter-pprint": "{{ (range(99999)|list)|pprint }}",
    "filter-wordcount": "{% for i in range(9999) %}{{ ('x ' * 900000)|wordcount }}{% endfor %}",
    "filter-truncate": "{% for i in range(99999) %}{{ ('x ' * 900000)|truncate(1700000)|length }}{% endfor %}",
    "filter-reverse": "{% set s = 'x' * 1900000 %}{% for i in range(99999) %}{% if s|reverse == 'y' %}{% endif %}{% endfor %}",
    "filter-random": "{% for i in range(99999) %}{% for j in range(99999) %}{{ [1, 2]|random }}{% endfor %}{% endfor %}",
    "filter-first-of-map": "{% for i in range(99999) %}{{ range(99999)|select('equalto', 99998)|first }}{% endfor %}",
    "filter-last": "{% for i in range(99999) %}{{ range(99999)|map('string')|list|last }}{% endfor %}",
    "filter-min-generator": "{% for i in range(99999) %}{{ range(99999)|map('string')|min }}{% endfor %}",
    "filter-length-many": "{{ [" + "range(99999)|list|length," * 900 + "] }}",
    # tests and operators over large values
    "in-range": "{% for i in range(99999) %}{% if 'x' in range(99999) %}{% endif %}{% endfor %}",
    "in-list": "{% set l = range(99999)|list %}{% for i in range(99999) %}{% if 'x' in l %}{% endif %}{% endfor %}",
    "in-list-long-strings": "{% set s = 'x' * 1900000 %}{% set l = [s ~ 'a'] * 9999 %}{% set t = s ~ 'b' %}{% for i in range(99999) %}{% if t in l %}{% endif %}{% endfor %}",
    "in-test": "{% for i in range(99999) %}{{ 'x' is in(range(99999)) }}{% endfor %}",
    "in-values": "{% set d = dict.fromkeys(range(9999)) if false else {'a': 1} %}{% for i in range(99999) %}{% if [i] in ([[0] * 9999] * 9999) %}{% endif %}{% endfor %}",
    "views-difference": "{% set d = {}.fromkeys(range(9999)) %}{% for i in range(99999) %}{{ (d.keys() - d.keys())|length }}{% endfor %}",
    "is-lower": "{% set s = 'x' * 1900000 %}{% for i in range(99999) %}{{ s is lower }}{% endfor %}",
    "spread": "{% for i in range(99999) %}{{ dict(*[[]], **{}) }}{{ cycler(*range(99999)).next() }}{% endfor %}",
    "spread-named": "{% set d = {'a' * 9: 1} %}{% for i in range(99999) %}{{ namespace(**dict.fromkeys(range(9)|map('string'))) if false else cycler(*('x' * 99999)).next() }}{% endfor %}",
    "chain-compare": "{% set s = 'x' * 1900000 %}{% for i in range(99999) %}{{ (s ~ 'a') <= (s ~ 'b') <= (s ~ 'c') }}{% endfor %}",
    # globals
    "global-lipsum": "{{ lipsum(n=1000000) }}",
    "global-lipsum-long": "{{ lipsum(n=1, min=10000000, max=10000001) }}",
    "global-strftime": "{{ strftime_now('%Y' * 1000000) }}",
    "global-strftime-width": "{{ strftime_now('%999999999d' * 200) }}",
    "global-dict": _NS
    + "{% for i in range(999) %}{% set ns.l = [ns.l, dict(range(99999)|map('string')|batch(2))] %}{% endfor %}",
    "global-namespaces": "{% for i in range(99999) %}{% for j in range(99999) %}{% set x = namespace(a=1, b=2) %}{% endfor %}{% endfor %}",
    "global-namespace-cycle": _NS
    + "{% set ns.me = ns %}{% for i in range(99999) %}{{ ns }}{% endfor %}" * 9,
    "global-cycler-chain": "{% set c = cycler('x' * 1000000, 'y' * 999999) %}{% for i in range(99999) %}{{ c.next() }}{% endfor %}",
    "global-raise-giant": "{{ raise_exception('x' * 1000000000) }}",
    "global-raise-large": "{{ raise_exception('x' * 1900000) }}",
    # memory held in small pieces
    "hold-small-strings": _NS
    + "{% for i in range(99999) %}{% set ns.l = [ns.l, 'x' * 999 ~ i] %}{% endfor %}",
    "hold-wide-strings": _NS
    + "{% for i in range(99999) %}{% set ns.l = [ns.l, '\U0001f600' * 999 ~ i] %}{% endfor %}",
    "hold-medium-strings": _NS
    + "{% for i in range(9999) %}{% set ns.l = [ns.l, 'x' * 99999 ~ i] %}{% endfor %}",
    "hold-large-strings": _NS
    + "{% for i in range(999) %}{% set ns.l = [ns.l, 'x' * 1900000 ~ i] %}{% endfor %}",
    "hold-dicts": _NS
    + "{% for i in range(99999) %}{% set ns.l = [ns.l, {'a': {}, 'b': {}, 'c': {}, 'd': {}, 'e': [[], [], [], []]}] %}{% endfor %}"
    * 20,
    "hold-set-variables": "".join(f"{{% set v{i} = 'x' * 1900000 ~ {i} %}}" for i in range(900)),
    "hold-macros": _NS
    + "{% for i in range(99999) %}{% macro f() %}{% endmacro %}{% set ns.l = [ns.l, f] %}{% endfor %}"
    * 9,
    "hold-output": "{% for i in range(99999) %}{{ i ~ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}"
    * 9,
    "hold-undefined": _NS
    + "{% for i in range(99999) %}{% set ns.l = [ns.l, ns.a, ns.b, ns.c, ns.d, ns.e, ns.f] %}{% endfor %}"
    * 9,
    "hold-generators": _NS
    + "{% for i in range(99999) %}{% set ns.l = [ns.l, [1]|map('string'), [1]|select] %}{% endfor %}"
    * 9,
    "hold-grown-list": _NS + "{% for i in range(99999) %}{% set ns.l = ns.l + [i] %}{% endfor %}",
    # escapes from the sandbox
    "escape-class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "escape-class-attr": "{{ (''|attr('__class__')).mro() }}",
    "escape-class-item": "{{ ''['__class__']['__mro__'] }}",
    "escape-globals": "{{ lipsum.__globals__.os }}",
    "escape-globals-macro": "{% macro f() %}{% endmacro %}{{ f.__call__.__globals__ }}",
    "escape-environment": "{% macro f() %}{% endmacro %}{{ f._environment.globals }}",
    "escape-format-map": "{{ '{0.__class__.__init__.__globals__}'.format_map({'0': namespace}) }}{{ raise_exception('x') }}",
    "escape-generator-frame": "{{ ([1]|map('string')).gi_frame.f_globals }}",
    "escape-generator-send": "{{ ([1]|map('string')).send(none) }}",
    "escape-loop-environment": "{% for x in [1] %}{{ loop._iterator.foo }}{% endfor %}",
    "escape-namespace-underscore": "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
    "escape-cycler-init": "{{ cycler.__init__.__globals__ }}",
    "escape-self": "{{ self._TemplateReference__context.environment }}",
    "escape-mutate-messages": "{{ messages.append(1) }}",
    "escape-mutate-dict": "{{ messages[0].update({'a': 1}) }}",
    "escape-map-attr": "{{ ['']|map(attribute='__class__')|map(attribute='mro')|list }}{{ raise_exception('x') }}",
    "escape-include": "{% include '/etc/passwd' %}",
    "escape-import": "{% import 'os' as os %}{{ os }}",
    "escape-extends": "{% extends 'x' %}",
    "long-filter-chain": "{{ range(99999)" + "|map('string')" * 300 + "|list }}",
    # compiling
    "compile-long": "x" * 3_000_000,
    "compile-many-outputs": "{{ x }}" * 60_000,
    "compile-deep-parentheses": "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}",
    "compile-deep-lists": "{{ " + "[" * 20_000 + "]" * 20_000 + " }}",
    "compile-deep-not": "{{ " + "not " * 40_000 + "1 }}",
    "compile-deep-minus": "{{ " + "-" * 90_000 + "1 }}",
    "compile-long-sum": "{{ " + "1+" * 60_000 + "1 }}",
    "compile-long-power": "{{ " + "2**" * 30_000 + "2 }}",
    "compile-long-filters": "{{ x" + "|upper" * 20_000 + " }}",
    "compile-long-attributes": "{{ x" + ".a" * 60_000 + " }}",
    "compile-long-condition": "{{ " + "1 if x else " * 15_000 + "2 }}",
    "compile-deep-ifs": "{% if x %}" * 9_000 + "{% endif %}" * 9_000,
    "compile-deep-fors": "{% for x in y %}" * 5_000 + "{% endfor %}" * 5_000,
    "compile-deep-macros": "".join(f"{{% macro m{i}() %}}" for i in range(3_000))
    + "{% endmacro %}" * 3_000,
    "compile-many-variables-and-ifs": "".join(f"{{% set v{i} = 1 %}}" for i in range(3_500))
    + "{% if x %}{% endif %}" * 3_500,
    "compile-many-elifs": "{% if x %}" + "{% elif x %}{% set y = 1 %}" * 7_000 + "{% endif %}",
    "compile-nested-ifs-with-sets": (
        "{% if x %}" + "".join(f"{{% set v{i} = 1 %}}" for i in range(60))
    )
    * 60
    + "{% endif %}" * 60
    + "{{ raise_exception('x') }}",
    "compile-many-names-in-branches": "".join(f"{{% set v{i} = 1 %}}" for i in range(1_500))
    + "{% if x %}{% endif %}" * 1_500,
    "compile-largest-outputs": "{{ x.a.b }}" * 2_900 + "{{ raise_exception('x') }}",
    "compile-largest-macros": "".join(
        f"{{% macro m{i}(a) %}}{{{{ a }}}}{{% endmacro %}}" for i in range(800)
    )
    + "{{ raise_exception('x') }}",
    "compile-big-literal-list": "{% for i in range(99999) %}{% set l = ["
    + "1," * 20_000
    + "] %}{% endfor %}",
    "compile-constant-folding": "{% if ('a' * 10**9)|length > 1 %}{% endif %}",
    "compile-constant-filter": "{{ 'x'|center(10**9)|length }}",
    "compile-constant-pow-argument": "{{ range(10**(10**10)) }}",
    "compile-includes": "{{ a }}{{ b }}"
    + "".join(f"{{% set v{i} %}}{{{{ i }}}}{{% endset %}}{{% include 'x' %}}" for i in range(600)),
    "compile-scoped-blocks": "".join(
        f"{{% set v{i} = 1 %}}{{% block b{i} scoped %}}{{% endblock %}}" for i in range(500)
    )
    + "{{ raise_exception('x') }}",
    "compile-unclosed": "{% if x %}" * 3_000,
    "compile-unclosed-comment": "{#" * 90_000,
    "compile-unclosed-raw": "{% raw %}" * 20_000,
    "compile-braces": "{" * 190_000,
    "compile-whitespace-tags": ("{%" + " " * 900) * 200,
    "compile-quotes": "{{ " + "'" * 90_001 + " }}",
    "compile-bad-name": "{{ x|" + "a" * 90_000 + " }}",
    "compile-null": "{{ '\\x00' * 10**10 }}",
    "compile-nested-fors-wide": "{% for a in x %}" * 18
    + "{{ a }}" * 3_000
    + "{% endfor %}" * 18
    + "{{ raise_exception('x') }}",
}
