"""The prompt of a chat over text generation: by the model's own template, or by its family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import join_path
from hfi._core.incoming.decode import untyped
from hfi._core.outgoing.payloads import encode
from hfi._core.prompts.families import ModelSigns, choose_family, format_family
from hfi._core.prompts.repair import render_for_model
from hfi._core.request import Request
from hfi.errors import APIStatusError, ConfigurationError, ResponseError, TemplateError
from hfi.types.models import PromptFacts

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.generation.servers import Server, ServerKind
    from hfi._core.request import Credential, Response

__all__ = ["Prompt", "ask_bos", "knows_template", "server_facts", "write_prompt"]

# Of models whose metadata is older than the field that would tell it.
_CONTEXTS = {"gpt2": 1024}


@attrs.frozen(kw_only=True)
class Prompt:
    """A prompt, and how it came about.

    Attributes:
        text: The prompt as it is sent.
        template: What rendered it.
        repairs: What was changed in the messages, one sentence each.
        notes: What else was decided, one sentence each.
        thinking: Whether it ends inside ``<think>``.
        stops: What ends the answer although the server may not know.
        context_length: The most tokens of prompt and answer together, where known.
    """

    text: str = attrs.field(repr=False)
    template: str
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    thinking: bool = False
    stops: tuple[str, ...] = ()
    context_length: int | None = None


def knows_template(server: Server | None) -> bool:
    """Whether the server itself says which template it would apply, or that it has none."""
    return server is not None and server.kind.name == "llama.cpp"


def server_facts(server: Server) -> PromptFacts:
    """What a server tells of the model it serves."""
    templates = {} if server.chat_template is None else {"default": server.chat_template}
    return PromptFacts(
        model=server.model or server.root,
        templates=templates,
        special_tokens=server.special_tokens,
        eos_token=server.special_tokens.get("eos_token"),
        context_length=server.context_length,
        source="/props" if templates else None,
    )


def write_prompt(
    messages: Sequence[Mapping[str, Any]],
    facts: PromptFacts,
    *,
    now: datetime,
    repair: bool = True,
    continue_final_message: bool | str = False,
    adds_bos: bool | None = False,
    variables: Mapping[str, Any] | None = None,
    **inputs: Any,
) -> Prompt:
    """Renders messages as the model was trained on them.

    Args:
        messages: Messages of the wire.
        facts: What is known of the model.
        now: What templates that print the date are told.
        repair: Whether the messages are changed to suit the template, and the prompt the server.
        continue_final_message: Leaves the last message open.
        adds_bos: Whether the server puts the BOS token before the prompt; None where that is only
            likely.
        variables: Variables for the template.
        **inputs: ``tools``, ``documents`` and ``add_generation_prompt``.

    Raises:
        TemplateError: The template refused the messages; or there is none, and ``repair=False``
            forbids a family's form in its place.
    """
    stops: tuple[str, ...] = ()
    if facts.templates or "chat_template" in (variables or {}):
        rendered = render_for_model(
            facts.templates or "",
            messages,
            repair=repair,
            variables=variables,
            continue_final_message=continue_final_message,
            special_tokens=facts.special_tokens,
            now=now,
            **inputs,
        )
        name, text, repairs = rendered.template_name, rendered.text, rendered.repairs
        template = f"{name or 'the one given'} of {facts.model}"
        template += f" ({facts.source})" if facts.source else ""
        bos = facts.special_tokens.get("bos_token")
    elif not repair:
        raise TemplateError(
            f"{facts.model} has no chat template.",
            hint="Without repair=False it gets the prompt of its family.",
        )
    else:
        text, template, bos, repairs = _by_family(messages, facts, continue_final_message, inputs)
        stops = (facts.eos_token,) if facts.eos_token else ()
    notes: tuple[str, ...] = facts.notes
    if repair and bos and _is_doubled(text, bos, adds_bos):
        text = text.removeprefix(bos)
        notes += (f"The server puts {bos} before the prompt itself, so it is left out.",)
    return Prompt(
        text=text,
        template=template,
        repairs=repairs,
        notes=notes,
        thinking=_is_thinking(text, messages, continue_final_message),
        stops=stops,
        context_length=facts.context_length or _CONTEXTS.get(facts.model_type or ""),
    )


def _by_family(
    messages: Sequence[Mapping[str, Any]],
    facts: PromptFacts,
    continued: bool | str,
    inputs: Mapping[str, Any],
) -> tuple[str, str, str | None, tuple[str, ...]]:
    for name in ("tools", "documents"):
        if inputs.get(name):
            raise ConfigurationError(
                f"{facts.model} has no chat template, so there is no form for {name}."
            )
    signs = ModelSigns(model_type=facts.model_type, author=facts.author, eos_token=facts.eos_token)
    family = choose_family(signs)
    text = format_family(signs, messages, continue_final_message=bool(continued))
    template = f"none; the form of the family {family.name!r}. {family.reason}"
    return text, template, family.bos_token, ()


def _is_doubled(text: str, bos: str, adds_bos: bool | None) -> bool:
    """Whether the server's BOS token would come before another."""
    if adds_bos is False or not text.startswith(bos):
        return False
    # A token that opens each turn (SmolLM2's is <|im_start|>) is no mark of the beginning, and the
    # tokenizers of such models add none.
    return adds_bos is True or text.count(bos) == 1


def _is_thinking(text: str, messages: Sequence[Mapping[str, Any]], continued: bool | str) -> bool:
    if continued and messages:
        content = messages[-1].get("content")
        if isinstance(content, str) and "<think>" in content:
            return content.rfind("<think>") > content.rfind("</think>")
    return text.rstrip().endswith("<think>")


def ask_bos(
    server: Server, *, headers: Mapping[str, str], credential: Credential | None
) -> Flow[bool | None]:
    """Asks the server's tokenizer whether it puts a BOS token before a prompt; None if unknown."""
    kind: ServerKind = server.kind
    if kind.tokenize is None or kind.no_bos:
        return kind.adds_bos
    # llama.cpp takes an empty text, TGI does not.
    text = "" if kind.name == "llama.cpp" else "a"
    body = {kind.tokenize_field: text, "add_special": True}
    request = Request(
        url=join_path(server.root, kind.tokenize),
        headers={"content-type": "application/json", **headers},
        content=encode(body),
        credential=credential,
    )
    try:
        response: Response = yield request
        tokens = untyped(response.content)
    except (APIStatusError, ResponseError):
        return None if kind.adds_bos is not False else False
    if isinstance(tokens, dict):
        return bool(tokens.get("tokens"))
    first = tokens[0] if isinstance(tokens, list) and tokens else None
    if not isinstance(first, dict):
        return None
    # A token that stands for none of the text was added.
    return first.get("start") == first.get("stop")
