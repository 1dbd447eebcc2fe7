"""Under which id a provider that is called with its own key has a model of the Hub.

Both official clients ask the Hub for it. Here a Hub that cannot tell is no error: who has a key of
the provider's may name models as the provider does, and some of its names look like the Hub's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.credentials import hub_credential, is_own_key, provider_key
from hfi._core.configuration.defaults import CHAT, TEXT
from hfi._core.hub.hub import hub_timeout
from hfi._core.hub.mapping import health, mapping_of
from hfi.errors import HFIError, ModelNotFoundError, PoolTimeoutError

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.routing import Route
    from hfi.types.models import ModelInfo

__all__ = ["KEPT", "Naming", "failure_of", "hub_config", "is_lasting", "naming_key"]

KEPT = 300.0
"""Seconds that an answer is kept, and that the Hub is left alone after it could not tell.

What it told of the model is kept for longer, where all look-ups are.
"""


@attrs.frozen(kw_only=True)
class Naming:
    """What the Hub said.

    Attributes:
        task: What the model is wanted for, by the Hub's name.
        info: The Hub's word on the model, or None.
        failure: Why there is none.
    """

    task: str
    info: ModelInfo | None = None
    failure: str | None = None

    def named(self, route: Route) -> Route:
        """The route, with the provider's own id of its model, or a note on why with the given."""
        model, provider = route.model or "", route.provider
        if self.failure is not None:
            return attrs.evolve(route, notes=(*route.notes, self._as_given(model, self.failure)))
        # An id is one for whatever the provider does with the model.
        tasks = (CHAT, TEXT) if self.task == CHAT else (TEXT, CHAT)
        mapping = mapping_of(self.info, provider, tasks)
        if mapping is None:
            why = f"the Hub does not name {provider} for it"
            return attrs.evolve(route, notes=(*route.notes, self._as_given(model, why)))
        return attrs.evolve(
            route,
            model=mapping.provider_id,
            reason=f"{route.reason} {model} is {mapping.provider_id!r} there, by the Hub's word.",
            warnings=route.warnings + health(model, mapping),
        )

    def _as_given(self, model: str, why: str) -> str:
        return f"The model is named {model!r}, as it was given: {why}."


def hub_config(config: ClientConfig) -> ClientConfig:
    """The configuration to ask the Hub with, which is not shown the provider's key.

    The key may stand where a token of the Hub's is found: ``token=True`` sends that one.
    """
    key, found = provider_key(config), hub_credential(config, config.hub_url)
    if not is_own_key(config, key) or key is None or found is None or found.value != key.value:
        return config
    return attrs.evolve(config, asked=attrs.evolve(config.asked, token=False))


def naming_key(config: ClientConfig, task: str, model: str) -> tuple[Any, ...]:
    """Under what the Hub's word is kept; that it told nothing in a short time is no word for all.

    Args:
        config: What the Hub was asked with.
        task: What the model is wanted for.
        model: Its id.
    """
    credential = hub_credential(config, config.hub_url)
    return "naming", config.hub_url, credential, task, model, hub_timeout(config.timeout)


def failure_of(error: HFIError) -> str:
    """Why there is no word of the Hub's, half a sentence."""
    if isinstance(error, ModelNotFoundError):
        return "the Hub does not know it"
    return f"the Hub could not be asked ({error.message.rstrip('.')})"


def is_lasting(error: HFIError) -> bool:
    """Whether the Hub is left alone for a while: not where the client itself had no connection."""
    return not isinstance(error, PoolTimeoutError)
