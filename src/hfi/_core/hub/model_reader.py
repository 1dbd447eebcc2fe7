"""The Hub's JSON about a model into a ``ModelInfo``; what is missing or wrong is left out.

The Hub's fields vary by route, library and age of the repository, and no caller is helped by a
look-up that fails for one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from hfi.types.models import Gated, ModelInfo, ProviderMapping

__all__ = ["read_model", "read_providers", "read_special_tokens", "read_templates"]

_TOKENS = (
    *("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token"),
    "mask_token",
)
# transformers writes 10**30 for "no limit known".
_MAX_CONTEXT = 10**9


def read_model(value: Mapping[str, Any]) -> ModelInfo | None:
    """Reads one entry of the Hub; None where it names no model."""
    model = _text(value.get("id")) or _text(value.get("modelId"))
    if not model:
        return None
    config, gguf, card = (_object(value.get(name)) for name in ("config", "gguf", "cardData"))
    templates, source = _templates(config, gguf)
    tokens = {**read_special_tokens(gguf), **read_special_tokens(_tokenizer(config))}
    mask_token = _text(value.get("mask_token")) or tokens.get("mask_token")
    if mask_token:
        tokens.setdefault("mask_token", mask_token)
    tags = _texts(value.get("tags"))
    info = ModelInfo(
        id=model,
        sha=_text(value.get("sha")),
        author=_text(value.get("author")) or model.rpartition("/")[0] or None,
        pipeline_tag=_text(value.get("pipeline_tag")),
        library_name=_text(value.get("library_name")),
        tags=tags,
        gated=_gated(value.get("gated")),
        private=value.get("private") is True,
        disabled=value.get("disabled") is True,
        warm=value.get("inference") == "warm",
        downloads=_whole(value.get("downloads")),
        likes=_whole(value.get("likes")),
        trending_score=_number(value.get("trendingScore")),
        created_at=_moment(value.get("createdAt")),
        last_modified=_moment(value.get("lastModified")),
        config=config,
        special_tokens=tokens,
        chat_templates=templates,
        template_source=source,
        providers=read_providers(value.get("inferenceProviderMapping")),
        context_length=read_context_length(gguf, config, _tokenizer(config)),
        parameters=_parameters(value, gguf),
        mask_token=mask_token,
        base_models=_base_models(value, card),
        license=_license(card, tags),
        files=_files(value.get("siblings")),
    )
    object.__setattr__(info, "_source", value)
    return info


def read_providers(value: object) -> tuple[ProviderMapping, ...]:
    """Reads ``inferenceProviderMapping``: a dict by provider of one model, a list in lists."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = ((_object(entry).get("provider"), entry) for entry in value)
    return tuple(
        entry
        for provider, fields in pairs
        if (entry := _provider(_text(provider), fields)) is not None
    )


def _provider(provider: str | None, fields: object) -> ProviderMapping | None:
    entry = _object(fields)
    provider_id = _text(entry.get("providerId"))
    if not provider or not provider_id:
        return None
    return ProviderMapping(
        provider=provider,
        provider_id=provider_id,
        task=_text(entry.get("task")),
        status=_text(entry.get("status")),
        adapter=_text(entry.get("adapter")),
        adapter_weights_path=_text(entry.get("adapterWeightsPath")),
        is_model_author=entry.get("isModelAuthor") is True,
        type=_text(entry.get("type")),
    )


def read_special_tokens(value: Mapping[str, Any]) -> dict[str, str]:
    """Reads the special tokens of a ``tokenizer_config.json`` or ``special_tokens_map.json``.

    Each is a text, an object (``AddedToken``) whose ``content`` is the text, or null.
    """
    named = {name: value.get(name) for name in _TOKENS}
    # Those that only some models have, by names of their own, such as "image_token".
    for extra in ("extra_special_tokens", "model_specific_special_tokens"):
        named.update(_object(value.get(extra)))
    texts = {name: _token(token) for name, token in named.items() if isinstance(name, str)}
    return {name: text for name, text in texts.items() if text is not None}


def _token(value: object) -> str | None:
    return _text(value.get("content") if isinstance(value, Mapping) else value)


def read_templates(value: object) -> dict[str, str]:
    """Reads chat templates by name: a text, a list of ``{"name", "template"}``, or a dict."""
    if isinstance(value, str):
        return {"default": _clean(value)} if value else {}
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list):
        entries = [_object(entry) for entry in value]
        pairs = ((entry.get("name"), entry.get("template")) for entry in entries)
    named = ((_text(name), _text(template)) for name, template in pairs)
    return {name: template for name, template in named if name and template}


def _templates(
    config: Mapping[str, Any], gguf: Mapping[str, Any]
) -> tuple[dict[str, str], str | None]:
    """The templates of the first place that has any, and that place.

    The order is that of the Hub's own pages: a GGUF file holds the one its runtime uses, and a
    ``chat_template.jinja`` wins over the tokenizer's configuration, as it does in transformers.
    """
    places = (
        ("gguf.chat_template", gguf.get("chat_template")),
        ("config.chat_template_jinja", config.get("chat_template_jinja")),
        ("config.tokenizer_config.chat_template", _tokenizer(config).get("chat_template")),
        (
            "config.processor_config.chat_template",
            _object(config.get("processor_config")).get("chat_template"),
        ),
    )
    for place, value in places:
        if templates := read_templates(value):
            return templates, place
    return {}, None


def read_context_length(
    gguf: Mapping[str, Any], config: Mapping[str, Any], tokenizer: Mapping[str, Any]
) -> int | None:
    """The longest context that any of these names, the surest first."""
    named = (
        gguf.get("context_length"),
        config.get("max_position_embeddings"),
        _object(config.get("text_config")).get("max_position_embeddings"),
        tokenizer.get("model_max_length"),
    )
    lengths = (_whole(value) for value in named)
    return next((length for length in lengths if length and 0 < length < _MAX_CONTEXT), None)


def _tokenizer(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(config.get("tokenizer_config"))


def _gated(value: object) -> Gated:
    if value in ("auto", "manual"):
        return "auto" if value == "auto" else "manual"
    # The form before there were two kinds, of which the stricter was the only one.
    return "manual" if value is True else False


def _parameters(value: Mapping[str, Any], gguf: Mapping[str, Any]) -> int | None:
    total = _whole(_object(value.get("safetensors")).get("total"))
    return total if total is not None else _whole(gguf.get("total"))


def _base_models(value: Mapping[str, Any], card: Mapping[str, Any]) -> tuple[str, ...]:
    told = card.get("base_model")
    named = (told,) if isinstance(told, str) else _texts(told)
    models = _object(value.get("baseModels")).get("models")
    entries = models if isinstance(models, list) else []
    ids = (_text(_object(entry).get("id")) for entry in entries)
    return tuple(dict.fromkeys([*named, *(each for each in ids if each)]))


def _license(card: Mapping[str, Any], tags: tuple[str, ...]) -> str | None:
    told = card.get("license")
    named = _texts(told) if isinstance(told, list) else (_text(told),)
    if named and named[0]:
        return named[0]
    return next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), None)


def _files(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else []
    names = (_text(_object(entry).get("rfilename")) for entry in entries)
    return tuple(name for name in names if name)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return _clean(value) if isinstance(value, str) else None


def _clean(value: str) -> str:
    # A lone surrogate can neither be printed nor sent back.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(_clean(entry) for entry in entries if isinstance(entry, str))


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # An integer of more than 308 digits is no count, and overflows in whoever divides it.
    return int(value) if _number(value) is not None and value == int(value) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        # Python 3.10 does not read the "Z".
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
