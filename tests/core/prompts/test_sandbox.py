"""Hostile templates end in a TemplateError, soon and small; honest values pass unharmed."""

# ruff: noqa: E501 - templates and what they give stand side by side

from __future__ import annotations

import contextlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hfi
from hfi._core.prompts.meter import MAX_DEPTH, BoundExceededError, InputSize, Meter
from hfi._core.prompts.rendering import check_template, render_template
from hfi.errors import TemplateError

HERE = Path(__file__).resolve().parent
HOSTILE: dict[str, str] = runpy.run_path(str(HERE / "hostile.py"))["HOSTILE"]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits of a process need POSIX")


def render(template: str, **variables: Any) -> str:
    return render_template(template, "Hi", **variables)


@pytest.fixture(scope="module")
def endings() -> dict[str, dict[str, Any]]:
    """Run all hostile templates, each in a child of its own, and tell how each ended."""
    source = str(Path(hfi.__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([source, *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, str(HERE / "hostile_child.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return {report["name"]: report for report in reports}


def test_the_mechanisms_are_many():
    assert len(HOSTILE) >= 250
    assert len(set(HOSTILE.values())) == len(HOSTILE)


@POSIX
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_ends_in_a_template_error(name: str, endings: dict[str, dict[str, Any]]):
    report = endings[name]
    assert report["ending"] == "TemplateError", report
    assert report["cpu"] < 2, report
    assert report["megabytes"] < 256, report


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "work"),
        ("{{ 'x' * 10 ** 9 }}", "a text of more than"),
        ("{{ 2 ** 99999 }}", "giant number"),
        ("{{ '%99999d' % 1 }}", "columns"),
        ("x" * 200_001, "longer than"),
        ("{{ x }}" * 9_000, "too many parts"),
        ("{{ {}[(1, 2, 3, 4, 5, 6) * 9] }}", "tuples"),
    ],
)
def test_the_error_says_which_bound_was_met(template: str, reason: str):
    with pytest.raises(TemplateError, match=reason) as caught:
        render(template)
    assert caught.value.hint is not None
    assert caught.value.__cause__ is None, "the cause would keep alive what the template built"


def test_endless_recursion_is_told_as_such():
    with pytest.raises(TemplateError, match="calls itself too deeply"):
        render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")


def test_recursion_as_deep_as_honest_schemas_passes():
    text = "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(100) }}"
    assert render(text).startswith("1009998")
    assert MAX_DEPTH > 100


def test_bounds_grow_with_the_conversation():
    long = [{"role": "user", "content": "word " * 200}] * 700
    text = (
        "{% set ns = namespace(out='') %}{% for message in messages %}"
        "{% set ns.out = ns.out + message.role + ': ' + message.content + '\\n' %}"
        "{% endfor %}{{ ns.out }}"
    )
    assert render_template(text, long).count("user: ") == 700


def test_what_is_no_longer_held_is_not_counted():
    text = (
        "{% set ns = namespace(s='') %}{% for i in range(400) %}"
        "{% set ns.s = 'x' * 500000 ~ i %}{% endfor %}{{ ns.s|length }}"
    )
    assert render(text) == "500003"


def test_one_render_does_not_use_up_the_next():
    text = "{% for i in range(60000) %}{% endfor %}done"
    assert [render(text) for _ in range(20)] == ["done"] * 20


def test_a_template_that_is_none_is_told_with_its_line():
    with pytest.raises(TemplateError, match=r"not valid.*line 2"):
        check_template("fine\n{% if %}")


@pytest.mark.parametrize(
    "template",
    ["{{ messages.append(1) }}", "{{ messages[0].update({}) }}", "{{ messages[0].pop('role') }}"],
)
def test_messages_cannot_be_changed(template: str):
    with pytest.raises(TemplateError, match="unsafe"):
        render(template)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 'a' ~ 1 ~ none ~ [1, 'b'] }}", "a1None[1, 'b']"),
        ("{{ [1, 2] + [3] }}{{ (1,) + (2,) }}{{ 'a' * 3 }}{{ [0] * 2 }}", "[1, 2, 3](1, 2)aaa[0, 0]"),
        ("{{ 7 // 2 }}{{ 7 % 4 }}{{ 7 / 2 }}{{ 2 ** 8 }}{{ -3 }}", "333.5256-3"),
        ("{{ '%s-%05.1f' % ('a', 2.5) }}{{ '%(k)s' % {'k': 1} }}", "a-002.51"),
        ("{{ '{0} {a:>3} {1[0]}'.format(1, [2], a=3) }}", "1   3 2"),
        ("{{ '{a}'.format_map({'a': 1}) }}", "1"),
        ("{{ 1 < 2 < 3 }}{{ 'a' in 'abc' }}{{ 4 not in [1] }}", "TrueTrueTrue"),
        ("{{ 'a' in ['a']|select }}{{ 3 in range(9) }}", "TrueTrue"),
        ("{{ dict(a=1) }}{{ dict([('b', 2)]) }}{{ dict.fromkeys(['c'], 3) }}", "{'a': 1}{'b': 2}{'c': 3}"),
        ("{{ 'a,b'.split(',') }}{{ ' x '.strip() }}{{ 'ab'[::-1] }}", "['a', 'b']xba"),
        ("{{ 'abc'|replace('b', 'x') }}{{ [3, 1]|sort }}{{ [1, 1]|unique|list }}", "axc[1, 3][1]"),
        ("{% for k, v in {'a': 1}|items %}{{ k }}{{ v }}{% endfor %}", "a1"),
        ("{% for x in [[1, [2]]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}", "12"),
        ("{% set ns = namespace(a=1) %}{% set ns.b = ns.a + 1 %}{{ ns.b }}{{ ns.c }}", "2"),
        ("{% generation %}{% set x = 1 %}{{ x }}{% endgeneration %}{{ x }}", "1"),
        ("{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "013"),
        ("{{ {'b': '<é>'}|tojson }}{{ [1]|tojson(indent=1) }}", '{"b": "<é>"}[\n 1\n]'),
        (r"{{ '\d' }}{{ '\101' }}", r"\dA"),
        ("{{ [1, 2]|batch(2)|list }}{{ [1, 2, 3]|slice(2)|list }}", "[[1, 2]][[1, 2], [3]]"),
        ("{{ 3 is odd }}{{ 4 is divisibleby(2) }}{{ 'a' is lower }}", "TrueTrueTrue"),
        ("{{ 'x'|attr('upper')() }}{{ 'X'['lower']() }}", "Xx"),
        ("{{ f(*[1], **{'b': 2}) if false else '' }}{{ cycler(*[1, 2]).next() }}", "1"),
        ("{{ '<a>'|e }}{{ ('<a>'|safe).striptags() }}", "&lt;a&gt;"),
        ("{{ [{'a': 1}, {'a': 2}]|map(attribute='a')|sum }}", "3"),
        ("{% call(x) f() %}{{ x }}{% endcall %}{% macro f() %}{% endmacro %}", None),
        ("{% macro f() %}<{{ caller(1) }}>{% endmacro %}{% call(x) f() %}{{ x }}{% endcall %}", "<1>"),
        ("{% block a %}b{% endblock %}{{ self.a() }}", "bb"),
        ("{{ ''.join(['a', 'b']) }}{{ 'a'.encode().decode() }}", "aba"),
    ],
)  # fmt: skip
def test_honest_templates_get_what_jinja_gives(template: str, expected: str | None):
    if expected is None:
        with pytest.raises(TemplateError):
            render(template)
    else:
        assert render(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{% set ns = namespace() %}{% set ns._x = 1 %}",
        "{{ namespace(_x=1) }}",
        "{{ namespace({'__x': 1}) }}",
    ],
)
def test_namespaces_take_no_names_with_an_underscore(template: str):
    with pytest.raises(TemplateError, match="underscore"):
        render(template)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(value=VALUES)
@settings(deadline=None, max_examples=60)
def test_values_print_as_python_prints_them(value: Any):
    assert render("{{ x }}|{{ x|tojson }}", x=value) == (
        f"{value}|{json.dumps(value, ensure_ascii=False)}"
    )


@given(left=VALUES, right=VALUES)
@settings(deadline=None, max_examples=60)
def test_comparisons_are_pythons(left: Any, right: Any):
    text = "{{ a == b }}{{ a != b }}{{ a in [b] }}{{ [a, b] == [a, b] }}"
    assert render(text, a=left, b=right) == f"{left == right}{left != right}{left in [right]}True"


@given(template=st.text(alphabet="{}%#'\"() \n|.-+*~abif for in1", max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_text_renders_or_is_a_template_error(template: str):
    with contextlib.suppress(TemplateError):
        assert isinstance(render(template), str)


def test_the_meter_counts_what_is_alive():
    meter = Meter(InputSize())
    for number in range(200):
        meter.made("x" * 1_000_000 + str(number))  # dropped at once: never more than one alive
    with pytest.raises(BoundExceededError, match="memory"):
        _ = [meter.made("x" * 1_000_000 + str(number)) for number in range(200)]


def test_the_meter_measures_what_printing_would_print():
    meter = Meter(InputSize())
    pair: list[Any] = [0, 0]
    for _ in range(10):
        pair = [pair, pair]
    assert meter.measure(pair) > 2**10 * 24
    nested: list[Any] = []
    for _ in range(500):
        nested = [nested]
    with pytest.raises(BoundExceededError, match="levels deep"):
        meter.measure(nested)
