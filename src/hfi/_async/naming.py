"""Asks the Hub under which id a provider that is called with its own key has a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._async.metadata import model_info
from hfi._core.naming import KEPT, Naming, failure_of, hub_config, is_lasting, naming_key
from hfi._core.routing import model_for
from hfi.errors import HFIError

if TYPE_CHECKING:
    from hfi._async.base import AsyncBase
    from hfi._core.configuration.config import ClientConfig

__all__ = ["naming"]


async def naming(client: AsyncBase, config: ClientConfig, task: str) -> Naming:
    """What the Hub says of the model; where it cannot say, a call goes on without."""
    model, asking = model_for(config, task) or "", hub_config(config)
    key = naming_key(asking, task, model)
    known: Naming | None = client._lookups.recall(key, KEPT)
    if known is not None:
        return known
    try:
        known = Naming(task=task, info=await model_info(client, asking, model))
    except HFIError as error:
        known = Naming(task=task, failure=failure_of(error))
        if not is_lasting(error):
            return known
    client._lookups.remember(key, known)
    return known
