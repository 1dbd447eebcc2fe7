"""What the Hub's mapping of a model says of one provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfi.types.models import ModelInfo, ProviderMapping

__all__ = ["health", "mapping_of"]


def mapping_of(
    info: ModelInfo | None, provider: str | None, tasks: Sequence[str]
) -> ProviderMapping | None:
    """The provider's entry for the first of ``tasks``, else for any of them, or for no task."""
    entries = [entry for entry in (info.providers if info else ()) if entry.provider == provider]
    fitting = [entry for entry in entries if entry.task is None or entry.task in tasks]
    exact = (entry for entry in fitting if entry.task == tasks[0])
    return next(exact, fitting[0] if fitting else None)


def health(model: str, mapping: ProviderMapping | None) -> tuple[str, ...]:
    """A warning where the Hub says that the provider has the model, and that it does not work."""
    if mapping is None or mapping.is_live or mapping.status is None:
        return ()
    return (f"By the Hub's word {model} is not live at {mapping.provider} but {mapping.status!r}.",)
