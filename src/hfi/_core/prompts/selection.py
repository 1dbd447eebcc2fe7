"""Which template of a model is the one to render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hfi.errors import ConfigurationError, TemplateError


def named_templates(template: Any) -> dict[str, str] | str:
    """The template as a text, or as texts by name.

    A list of ``{"name", "template"}``, as tokenizer_config.json holds it, becomes texts by name.
    """
    if isinstance(template, str):
        return template
    pairs: list[tuple[Any, Any]]
    if isinstance(template, Mapping):
        pairs = list(template.items())
    elif isinstance(template, Sequence) and not isinstance(template, bytes):
        if not all(isinstance(entry, Mapping) for entry in template):
            raise _unknown_form(template)
        pairs = [(entry.get("name"), entry.get("template")) for entry in template]
    else:
        raise _unknown_form(template)
    for name, text in pairs:
        if not isinstance(name, str) or not isinstance(text, str):
            raise _unknown_form(template)
    return dict(pairs)


def _unknown_form(template: Any) -> ConfigurationError:
    return ConfigurationError(
        f"The chat template has an unknown form ({type(template).__name__!r}).",
        hint="Pass its text, a mapping of names to texts, or a list of {'name', 'template'}.",
    )


def choose_template(template: Any, *, tools: Any, wanted: str | None = None) -> tuple[str, str]:
    """The name and the text of the template to render, by the rules of transformers.

    ``wanted`` is the name of one of several, or else the text of a template to use instead. With
    none wanted: ``tool_use`` where tools are given (an empty list too), else ``default``. A single
    template has the name ``default``, a text that was handed in has ``""``.

    Raises:
        TemplateError: There are several templates, and none is ``default``.
    """
    templates = named_templates(template)
    if wanted is not None and not isinstance(wanted, str):
        raise ConfigurationError(
            f"chat_template is {type(wanted).__name__!r}, not a name or the text of a template."
        )
    if isinstance(templates, str):
        return ("default", templates) if wanted is None else ("", wanted)
    if wanted is not None:
        return (wanted, templates[wanted]) if wanted in templates else ("", wanted)
    if tools is not None and "tool_use" in templates:
        return "tool_use", templates["tool_use"]
    if "default" in templates:
        return "default", templates["default"]
    raise TemplateError(
        f"The model has several chat templates and none is the default: {sorted(templates)}.",
        hint="Name one of them with chat_template=.",
    )
