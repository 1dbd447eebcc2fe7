"""Rendering chat templates: hfi's bounded sandbox against jinja2's own, as transformers uses it.

``python -m benchmarks.templates FOLDER ROUNDS`` prints a JSON list of ratios, one for each template
of the fixtures that both render alike.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

import hfi

NOW = datetime(2025, 3, 14, 15, 9, 26)
SECONDS = 0.004  # that one timing takes at least


def messages(count: int = 10) -> list[dict[str, str]]:
    """A conversation that every template takes: turns that alternate."""
    words = "The weather in the mountains changes within the hour, so take a coat and some bread. "
    return [
        {
            "role": "assistant" if turn % 2 else "user",
            "content": f"{turn}. {words * (1 + turn % 3)}",
        }
        for turn in range(count - 1)
    ] + [{"role": "user", "content": "And tomorrow?"}]


def reference(text: str) -> jinja2.Template:
    """The template, compiled as transformers does it, without any bound."""

    def refuse(message: str) -> None:
        raise jinja2.exceptions.TemplateError(message)

    def to_json(value: Any, ensure_ascii: bool = False, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = to_json
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = NOW.strftime
    return environment.from_string(text)


def seconds(render: Callable[[], str], times: int) -> float:
    """CPU seconds of so many renderings."""
    start = time.process_time()
    for _ in range(times):
        render()
    return time.process_time() - start


def ratio(template: dict[str, Any], turns: list[dict[str, str]], rounds: int) -> float | None:
    """How much longer hfi takes; None where not both render the same."""
    text, tokens = template["chat_template"], template["special_tokens"]

    def ours() -> str:
        return hfi.render_chat_template(text, turns, special_tokens=tokens, now=NOW)

    try:
        compiled = reference(text)

        def theirs() -> str:
            return compiled.render(
                messages=turns, tools=None, documents=None, add_generation_prompt=True, **tokens
            )

        if ours() != theirs():
            return None
    except Exception:  # a template that refuses this conversation, in one way or another
        return None
    times = max(1, int(SECONDS / max(seconds(theirs, 3) / 3, 1e-5)))
    return statistics.median(seconds(ours, times) / seconds(theirs, times) for _ in range(rounds))


def main() -> None:
    """Prints the ratios."""
    turns = messages()
    found = {}
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        template = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(template.get("chat_template"), str):
            measured = ratio(template, turns, int(sys.argv[2]))
            if measured is not None:
                found[path.stem] = measured
    print(json.dumps(found))


if __name__ == "__main__":
    main()
