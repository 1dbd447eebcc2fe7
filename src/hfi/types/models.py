"""What the Hub knows about a model: ``ModelInfo``, lists of it, and what a prompt needs of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, overload

import attrs

from hfi.types.raw import WireValue

__all__ = ["Gated", "ModelInfo", "ModelList", "PromptFacts", "ProviderMapping"]

Gated = Literal["auto", "manual", False]

_CHAT = "conversational"


def _names(mapping: Mapping[str, str]) -> str:
    # A template may have pages.
    return f"<{', '.join(mapping) or 'none'}>"


@attrs.frozen(kw_only=True)
class ProviderMapping:
    """One provider that serves a model.

    Attributes:
        provider: The provider's name, as ``provider=`` takes it.
        provider_id: The id under which the provider knows the model.
        task: What it serves the model for; ``"conversational"`` is chat.
        status: ``"live"``, ``"staging"``, ``"error"`` (its health check failed), or what a newer
            Hub says; None where it says nothing.
        adapter: ``"lora"`` where the model is an adapter, else None.
        adapter_weights_path: The adapter's file within the model's repository.
        is_model_author: Whether the provider made the model.
        type: ``"single-model"``, ``"tag-filter"``, or None.
    """

    provider: str
    provider_id: str
    task: str | None = None
    status: str | None = None
    adapter: str | None = None
    adapter_weights_path: str | None = None
    is_model_author: bool = False
    type: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the Hub says that it works."""
        return self.status == "live"


@attrs.frozen(kw_only=True, slots=False, repr=False)
class ModelInfo(WireValue):
    """A model as the Hub describes it. What the Hub does not say is None, empty or False.

    ``.raw`` is the Hub's reply as it came. A model of a list has fewer facts than one that was
    looked up: no ``config``, templates, special tokens or files.

    Attributes:
        id: ``"org/name"``, the present one where the model was renamed.
        sha: The commit of the revision.
        author: The user or organisation.
        pipeline_tag: The task, such as ``"text-generation"``.
        library_name: Such as ``"transformers"`` or ``"diffusers"``.
        tags: All tags.
        gated: False, or who grants access: ``"auto"`` (at once) or ``"manual"``.
        private: Whether only its owner sees it.
        disabled: Whether the Hub has switched it off.
        warm: Whether at least one provider serves it now.
        downloads: In the last 30 days.
        likes: Number of likes.
        trending_score: The Hub's measure of recent interest.
        created_at: When the repository was made.
        last_modified: When it was last changed.
        config: The Hub's extract of the model's configuration files.
        special_tokens: Texts of the special tokens, by names such as ``"eos_token"``.
        chat_templates: Chat templates by name; a single one is called ``"default"``.
        template_source: The field of the reply that the templates come from, or None.
        providers: Who serves it, in the order of the caller's settings on the Hub.
        context_length: The most tokens of prompt and answer together.
        parameters: The number of parameters.
        mask_token: The token that a fill-mask model fills in.
        base_models: The models it was made from.
        license: The licence's identifier.
        files: The names of the repository's files.
    """

    id: str
    sha: str | None = None
    author: str | None = None
    pipeline_tag: str | None = None
    library_name: str | None = None
    tags: tuple[str, ...] = ()
    gated: Gated = False
    private: bool = False
    disabled: bool = False
    warm: bool = False
    downloads: int | None = None
    likes: int | None = None
    trending_score: float | None = None
    created_at: datetime | None = None
    last_modified: datetime | None = None
    config: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    special_tokens: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    chat_templates: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    template_source: str | None = None
    providers: tuple[ProviderMapping, ...] = ()
    context_length: int | None = None
    parameters: int | None = None
    mask_token: str | None = None
    base_models: tuple[str, ...] = ()
    license: str | None = None
    files: tuple[str, ...] = ()

    def __repr__(self) -> str:
        facts = [repr(self.id)]
        if self.pipeline_tag:
            facts.append(repr(self.pipeline_tag))
        if self.gated:
            facts.append(f"gated={self.gated!r}")
        facts += [name for name in ("private", "disabled") if getattr(self, name)]
        if self.providers:
            facts.append(f"providers={len(self.providers)}")
        return f"ModelInfo({', '.join(facts)})"

    def _repr_html_(self) -> str:
        from hfi.types.rendering import model_html  # noqa: PLC0415 - for notebooks

        return model_html(self)

    @property
    def is_chat(self) -> bool:
        """Whether it is made for conversations: its tag, or a provider's mapping, says so."""
        return _CHAT in self.tags or any(entry.task == _CHAT for entry in self.providers)

    @property
    def model_type(self) -> str | None:
        """The architecture's family, such as ``"llama"``."""
        value = self.config.get("model_type")
        return value if isinstance(value, str) else None

    @property
    def architectures(self) -> tuple[str, ...]:
        """The classes of the model, such as ``"LlamaForCausalLM"``."""
        value = self.config.get("architectures")
        names = value if isinstance(value, list) else [value]
        return tuple(name for name in names if isinstance(name, str))

    @property
    def chat_template(self) -> str | None:
        """The chat template used where none is asked for by name."""
        return self.chat_templates.get("default")

    @property
    def eos_token(self) -> str | None:
        """The token that ends a text."""
        return self.special_tokens.get("eos_token")

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it can be used for: its own task, then those that providers serve it for."""
        named = [self.pipeline_tag, *(entry.task for entry in self.providers)]
        return tuple(dict.fromkeys(task for task in named if task))

    def live_providers(self, task: str | None = None) -> tuple[ProviderMapping, ...]:
        """The providers that work, by the Hub's word, in the caller's order.

        Args:
            task: Only those that serve it for this task; ``"conversational"`` is chat.
        """
        return tuple(
            entry for entry in self.providers if entry.is_live and task in (None, entry.task)
        )


@attrs.frozen(kw_only=True, repr=False)
class ModelList(Sequence[ModelInfo]):
    """Models, in the Hub's order.

    Attributes:
        items: The models.
        source: ``"hub"``, or ``"built-in"`` where the Hub was out of reach and hfi's own short
            list stands in.
        reason: Why the built-in list stands in and what it leaves out; None for ``"hub"``.
    """

    items: tuple[ModelInfo, ...] = ()
    source: Literal["hub", "built-in"] = "hub"
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ModelInfo]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> ModelInfo: ...
    @overload
    def __getitem__(self, index: slice) -> ModelList: ...
    def __getitem__(self, index: int | slice) -> ModelInfo | ModelList:
        if isinstance(index, slice):
            return attrs.evolve(self, items=self.items[index])
        return self.items[index]

    def __repr__(self) -> str:
        shown = ", ".join(model.id for model in self.items[:3])
        more = ", ..." if len(self.items) > 3 else ""
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"<ModelList of {len(self)} from {self.source!r}: {shown}{more}{reason}>"

    def _repr_html_(self) -> str:
        from hfi.types.rendering import models_html  # noqa: PLC0415 - for notebooks

        return models_html(self)


@attrs.frozen(kw_only=True)
class PromptFacts:
    """What is needed of a model to write its prompts.

    Attributes:
        model: The model's id.
        templates: Chat templates by name; empty where the model has none.
        special_tokens: Texts of the special tokens, by name.
        model_type: The architecture's family, such as ``"mistral"``.
        author: The user or organisation.
        eos_token: The token that ends a text.
        context_length: The most tokens of prompt and answer together.
        source: Where the templates come from: a field of the metadata, such as
            ``"config.chat_template_jinja"``, or a file; None where there are none.
        notes: What could not be read, one sentence each.
    """

    model: str
    templates: Mapping[str, str] = attrs.field(factory=dict, repr=_names)
    special_tokens: Mapping[str, str] = attrs.field(factory=dict)
    model_type: str | None = None
    author: str | None = None
    eos_token: str | None = None
    context_length: int | None = None
    source: str | None = None
    notes: tuple[str, ...] = ()
