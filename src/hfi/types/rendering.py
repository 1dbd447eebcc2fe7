"""How the values of chats, texts, models and calls show themselves in a notebook, as HTML.

Pure functions from values to text. The values' ``_repr_html_`` methods import this module when a
notebook asks for one, so that nobody else pays for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hfi.types.explanation import shortened
from hfi.types.html import (
    Cell,
    box,
    card,
    escape,
    facts,
    figure,
    folded,
    grid,
    link,
    plain,
    preformatted,
    table,
)
from hfi.types.markdown import to_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfi.types.chat import AssistantMessage, ChatCompletion
    from hfi.types.explanation import Explanation
    from hfi.types.media import Image
    from hfi.types.meta import CallMeta
    from hfi.types.models import ModelInfo, ModelList
    from hfi.types.text import TextGeneration
    from hfi.types.usage import Usage

__all__ = [
    "answer_facts",
    "completion_html",
    "explanation_html",
    "image_caption",
    "image_html",
    "images_html",
    "model_html",
    "models_html",
    "text_html",
]

_HUB = "https://huggingface.co/"
_LONGEST_COMMAND = 100_000  # characters; one with a picture in it has more than a page should


# -- answers ---------------------------------------------------------------------------------------


def completion_html(
    completion: ChatCompletion, *, note: str | None = None, is_open: bool = False
) -> str:
    """A chat's answer: its Markdown, the reasoning folded away, and a quiet line of facts.

    Args:
        completion: The answer, or what there is of it.
        note: What to say in place of the finish reason.
        is_open: Whether the answer is still being made: reasoning is then shown until text comes.
    """
    choices = completion.choices
    parts = []
    for choice in choices:
        if len(choices) > 1:
            parts.append(facts(f"Choice {choice.index}", None if note else choice.finish_reason))
        parts.append(_message_html(choice.message, is_open))
    ended = note or _ending(completion.finish_reason if len(choices) == 1 else None)
    return box(*parts, facts(*answer_facts(completion), ended))


def text_html(generation: TextGeneration, *, note: str | None = None) -> str:
    """A generated text as it is, and a quiet line of facts."""
    ended = note or _ending(generation.finish_reason)
    return box(plain(generation.text), facts(*answer_facts(generation), ended))


def answer_facts(answer: ChatCompletion | TextGeneration) -> list[str | None]:
    """Who answered, in how many tokens and seconds, and how many tokens a second."""
    meta, usage = answer.meta, answer.usage
    return [
        answer.model,
        answer.provider,
        _tokens(usage),
        None if meta.total is None else f"{_seconds(meta.total)} s",
        _speed(usage, meta),
        None if meta.attempts <= 1 else f"{meta.attempts} attempts",
        None if not meta.resumes else f"taken up again {meta.resumes}x",
        None if not meta.trimmed else f"{len(meta.trimmed)} messages left out",
    ]


def _message_html(message: AssistantMessage, is_open: bool) -> str:
    parts = []
    if message.reasoning:
        thinking = is_open and not message.content
        summary = "Thinking ..." if thinking else "Reasoning"
        parts.append(folded(summary, to_html(message.reasoning), is_open=thinking))
    if message.content:
        parts.append(to_html(message.content))
    if message.refusal:
        parts.append(plain(f"Refused: {message.refusal}"))
    calls = [f"{call.name}({call.arguments})" for call in message.tool_calls or ()]
    parts += [facts(f"Calls {len(calls)} tool{'s'[: len(calls) > 1]}")] if calls else []
    parts += [preformatted(call) for call in calls]
    return "".join(parts)


def _ending(finish_reason: str | None) -> str | None:
    return "length: cut off at the limit" if finish_reason == "length" else finish_reason


def _tokens(usage: Usage | None) -> str | None:
    if usage is None or usage.completion_tokens is None:
        return None
    before = "" if usage.prompt_tokens is None else f"{usage.prompt_tokens} + "
    return f"{before}{usage.completion_tokens} tokens"


def _speed(usage: Usage | None, meta: CallMeta) -> str | None:
    """Tokens a second, over the time in which they came."""
    made = usage.completion_tokens if usage is not None else None
    if not made or made < 2 or meta.total is None:
        return None
    seconds = meta.total
    if meta.first_token is not None and meta.total - meta.first_token > 0.001:
        made, seconds = made - 1, meta.total - meta.first_token
    return f"{_short(made / seconds)} tokens/s" if seconds > 0 else None


# -- images ----------------------------------------------------------------------------------------


def image_html(image: Image) -> str:
    """A picture with what was asked for and its seed below."""
    picture = (
        f'<img src="{escape(image.data_url())}" alt="{escape(image.prompt)}" '
        'style="max-width:100%;height:auto">'
    )
    return figure(picture, *_image_facts(image))


def image_caption(image: Image) -> str:
    """What stands below a picture, alone."""
    return facts(*_image_facts(image))


def images_html(images: Iterable[Image]) -> str:
    """Pictures side by side, each with its own words below."""
    return grid(image._repr_html_() for image in images)


def _image_facts(image: Image) -> list[str | None]:
    return [
        image.prompt,
        None if image.seed is None else f"seed {image.seed}",
        f"{image.width} x {image.height}" if image.width and image.height else None,
        image.model,
        image.provider,
    ]


# -- models ----------------------------------------------------------------------------------------


def model_html(model: ModelInfo) -> str:
    """A card of what the Hub says of a model."""
    rows: list[tuple[str, object]] = [
        ("task", model.pipeline_tag),
        ("providers", _providers(model)),
        ("context", _count(model.context_length, "tokens")),
        ("parameters", _human(model.parameters)),
        ("downloads", _count(model.downloads, "in 30 days")),
        ("likes", _count(model.likes)),
        ("license", model.license),
        ("access", _access(model)),
        ("library", model.library_name),
        ("made from", ", ".join(model.base_models)),
        ("changed", _day(model.last_modified)),
    ]
    page = f'<div style="margin-top:0.4em">{link(_HUB + model.id, "Page on the Hub")}</div>'
    return card(model.id, rows, page)


def models_html(models: ModelList) -> str:
    """A table of models that a click on a heading sorts."""
    if not len(models):
        return box(plain("No models."), facts(models.reason))
    columns = (
        "model",
        "task",
        "downloads",
        "likes",
        "parameters",
        "providers",
        "access",
        "changed",
    )
    rows = [
        (
            Cell(model.id, model.id, _HUB + model.id),
            Cell(model.pipeline_tag or "", model.pipeline_tag),
            Cell(_count(model.downloads) or "", model.downloads),
            Cell(_count(model.likes) or "", model.likes),
            Cell(_human(model.parameters) or "", model.parameters),
            Cell(len(model.live_providers())),
            Cell(_access(model) or ""),
            Cell(_day(model.last_modified) or "", _day(model.last_modified)),
        )
        for model in models
    ]
    # A column in which nothing stands says nothing.
    kept = [place for place in range(len(columns)) if any(row[place].text != "" for row in rows)]
    shown = table([columns[place] for place in kept], [[row[p] for p in kept] for row in rows])
    many = f"{len(models)} models" if len(models) > 1 else "1 model"
    source = "hfi's own short list" if models.source == "built-in" else None
    return box(shown, facts(many, source, models.reason))


def _providers(model: ModelInfo) -> str:
    live = dict.fromkeys(entry.provider for entry in model.live_providers())
    others = dict.fromkeys(e.provider for e in model.providers if e.provider not in live)
    return ", ".join([*live, *(f"{name} (not live)" for name in others)])


def _access(model: ModelInfo) -> str | None:
    words = [name for name in ("private", "disabled") if getattr(model, name)]
    if model.gated:
        words.insert(0, "gated" if model.gated == "auto" else "gated, granted by hand")
    return ", ".join(words) or None


def _day(moment: Any) -> str | None:
    return None if moment is None else moment.date().isoformat()


# -- calls -------------------------------------------------------------------------------------


def explanation_html(explanation: Explanation) -> str:
    """A card of what a call would do, with prompt, body and headers folded away."""
    more = []
    if explanation.prompt is not None:
        more.append(folded("prompt", preformatted(explanation.prompt)))
    headers = [f"{name}: {value}" for name, value in explanation.headers.items()]
    more.append(folded("headers", preformatted("\n".join(headers))))
    if explanation.payload is not None:
        body = json.dumps(shortened(explanation.payload), ensure_ascii=False, indent=2)
        more.append(folded("payload", preformatted(body)))
    curl = explanation.as_curl()
    if len(curl) <= _LONGEST_COMMAND:
        more.append(folded("as curl", preformatted(curl)))
    return card(f"{explanation.task}: what the call would do", explanation.decisions(), *more)


# -- numbers ---------------------------------------------------------------------------------------


def _short(number: float) -> str:
    """Three figures, and whole numbers from a hundred on."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def _seconds(number: float) -> str:
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def _human(number: int | None) -> str | None:
    if number is None:
        return None
    size = float(number)
    for unit in ("", " k", " M", " B"):
        if size < 999.5:
            return f"{_short(size)}{unit}"
        size /= 1000
    return f"{_short(size)} T"


def _count(number: int | None, of: str = "") -> str | None:
    return None if number is None else f"{number:,} {of}".rstrip()
