"""Asks the Hub under which id a provider that is called with its own key has a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfi._async.metadata import model_info
from hfi._core.naming import KEPT, Naming, failure_key, failure_of, hub_config, is_lasting
from hfi._core.routing import model_for
from hfi.errors import HFIError

if TYPE_CHECKING:
    from hfi._async.base import AsyncBase
    from hfi._core.configuration.config import ClientConfig

__all__ = ["naming"]


async def naming(client: AsyncBase, config: ClientConfig, task: str) -> Naming:
    """What the Hub says of the model; where it cannot say, a call goes on without."""
    model, asking = model_for(config, task) or "", hub_config(config)
    key = failure_key(asking, model)
    failure: str | None = client._lookups.recall(key, KEPT)
    if failure is None:
        try:
            return Naming(task=task, info=await model_info(client, asking, model))
        except HFIError as error:
            failure = failure_of(error)
            if is_lasting(error):
                client._lookups.remember(key, failure)
    return Naming(task=task, failure=failure)
