"""The bodies of text-generation requests, with a sentence for whatever was adjusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi.errors import ConfigurationError

if TYPE_CHECKING:
    from hfi._core.generation.dialects import TextDialect

__all__ = ["TextBody", "text_body"]

# Options that this client obeys itself, whatever the server.
_OWN = frozenset({"return_full_text"})
_SAMPLES = ("temperature", "top_k", "top_p", "typical_p")
# Fields that stand beside TGI's "parameters"; other extra ones are parameters.
_BESIDE = frozenset({"inputs", "parameters", "stream", "options"})


@attrs.frozen(kw_only=True)
class TextBody:
    """A body, and what was done to get it.

    Attributes:
        payload: The body.
        notes: What was adjusted without changing what was asked for.
        warnings: What was asked for and this server cannot be told.
        own: Parameters that the client added by itself.
    """

    payload: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()


def text_body(
    prompt: str,
    options: Mapping[str, Any],
    dialect: TextDialect,
    *,
    model: str | None,
    stream: bool,
    extra_body: Mapping[str, Any] | None = None,
    without: frozenset[str] = frozenset(),
) -> TextBody:
    """Builds the body of a request.

    Args:
        prompt: What the model goes on from.
        options: As ``split_options`` gives them for ``TextOptions``.
        dialect: What kind of server it is.
        model: The model's name for this server; None leaves it to the server.
        stream: Whether the text is to come as a stream.
        extra_body: Further fields. For TGI those that are not its body's own are parameters.
        without: Parameters that this model is known to refuse.

    Raises:
        ConfigurationError: The options do not fit together, or cannot be sent to this server.
    """
    if not prompt:
        raise ConfigurationError("The prompt is empty.", hint="Give the model a text to go on.")
    _check(options, dialect, stream)
    notes: list[str] = []
    warnings: list[str] = []
    parameters: dict[str, Any] = {}
    for name, value in options.items():
        parameters |= _wire(name, value, dialect, notes, warnings)
    if dialect.nested is None and options.get("do_sample") is False:
        parameters["temperature"] = 0
        notes.append("do_sample=False is sent as temperature 0.")
    own = {n: v for n, v in dialect.fixed.items() if n not in parameters and n not in without}
    parameters |= own
    parameters = {n: v for n, v in parameters.items() if n not in without}
    payload: dict[str, Any] = {dialect.prompt: prompt}
    if dialect.names_model and model is not None:
        payload["model"] = model
    payload |= parameters if dialect.nested is None else {dialect.nested: parameters}
    if stream:
        payload |= {"stream": True}
        payload |= {"stream_options": {"include_usage": True}} if dialect.stream_usage else {}
    return TextBody(
        payload=_with_extra(payload, extra_body, dialect),
        notes=tuple(notes),
        warnings=tuple(warnings),
        own=frozenset(own),
    )


def _check(options: Mapping[str, Any], dialect: TextDialect, stream: bool) -> None:
    """Refuses what no server would take, before it is sent."""
    # Where there is no such option, it is left out with a warning.
    best_of = (options.get("best_of") or 1) if "best_of" in dialect.names else 1
    details = "decoder_input_details" in dialect.names and options.get("decoder_input_details")
    if stream and (best_of > 1 or details):
        name = "best_of" if best_of > 1 else "decoder_input_details"
        raise ConfigurationError(
            f"{name} cannot be had in a stream.", hint="Leave stream=True out, or the option."
        )
    if best_of > 1 and options.get("seed") is not None:
        raise ConfigurationError("best_of and seed exclude each other.", hint="Give one of them.")
    if best_of > 1 and not (options.get("do_sample") or any(map(options.get, _SAMPLES))):
        raise ConfigurationError(
            "best_of compares sampled texts, and nothing is sampled.",
            hint="Add do_sample=True or a temperature.",
        )
    seed = options.get("seed")
    if seed is not None and not 0 <= seed <= dialect.max_seed:
        raise ConfigurationError(
            f"seed must be from 0 to {dialect.max_seed} for this server, not {seed}."
        )


def _wire(
    name: str, value: Any, dialect: TextDialect, notes: list[str], warnings: list[str]
) -> dict[str, Any]:
    """Gives what one option becomes on the wire."""
    if name in _OWN or (name == "decoder_input_details" and not value):
        return {}
    if name == "grammar" and name not in dialect.names:
        return _grammar(value, dialect)
    if name == "temperature" and value == 0 and dialect.greedy != {"temperature": 0}:
        notes.append("temperature=0 is sent as do_sample=False: the server refuses a zero.")
        return dict(dialect.greedy)
    if name in dialect.off and (value == dialect.off[name] or (name == "top_k" and value < 0)):
        notes.append(f"{name}={value:g} keeps all tokens and is not sent: the server refuses it.")
        return {}
    if name == "details" and name not in dialect.names:
        # One alternative is the least that makes these servers tell tokens at all.
        return {dialect.names["top_n_tokens"]: 1} if value else {}
    if name not in dialect.names:
        if name != "do_sample" and value is not False:
            warnings.append(f"{name} is not sent: this kind of server ({dialect.name}) has none.")
        return {}
    return {dialect.names[name]: value}


def _grammar(value: Mapping[str, Any], dialect: TextDialect) -> dict[str, Any]:
    """TGI's ``{"type": "json", "value": schema}`` for llama.cpp; others have no such field."""
    kind, schema = value.get("type"), value.get("value")
    if dialect.name == "llama.cpp" and isinstance(schema, Mapping):
        if kind == "json":
            return {"json_schema": schema}
        if kind == "json_schema" and isinstance(schema.get("schema"), Mapping):
            return {"json_schema": schema["schema"]}
    raise ConfigurationError(
        f"A grammar of type {kind!r} cannot be sent to this kind of server ({dialect.name}).",
        hint="Put the server's own field into extra_body.",
    )


def _with_extra(
    payload: dict[str, Any], extra: Mapping[str, Any] | None, dialect: TextDialect
) -> dict[str, Any]:
    if not extra:
        return payload
    if dialect.nested is None:
        return payload | dict(extra)
    beside = {n: v for n, v in extra.items() if n in _BESIDE and n != dialect.nested}
    given = extra.get(dialect.nested)
    inner = {n: v for n, v in extra.items() if n not in _BESIDE}
    inner |= given if isinstance(given, Mapping) else {}
    return payload | beside | {dialect.nested: {**payload[dialect.nested], **inner}}
