"""The model that the Hub recommends for a task, where a call names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hfi._core.configuration.defaults import DEFAULT_MODELS
from hfi._core.hub.hub import hub_request
from hfi.errors import ResponseError
from hfi.types.raw import beginning, loads

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Response

__all__ = ["ask", "cache_key", "needs_model", "recommended"]

_PATH = "/api/tasks"


def needs_model(config: ClientConfig) -> bool:
    """Whether a call has to find itself a model; a server of one's own has its own."""
    return config.model is None and config.base_url is None and not config.is_local


def cache_key(config: ClientConfig) -> tuple[Any, ...]:
    """What the answer depends on: it is the same for all callers."""
    return "tasks", config.hub_url


def ask(config: ClientConfig) -> Flow[Mapping[str, str]]:
    """Asks the Hub for its tasks, and gives the model that each recommends, by the task's name.

    Of a task's models those of its widget are meant to be run from a page, and kept running for
    that; the other list is a choice of good ones to read about. So the first of the widget's is
    taken, and the first of the others where it has none. (Python's client takes the first kind,
    JavaScript's the second.)

    Raises:
        ResponseError: The reply does not tell tasks.
        OfflineError: The environment forbids the Hub.
    """
    response: Response = yield hub_request(config, _PATH)
    try:
        tasks = loads(response.content)
    except ValueError:
        tasks = None
    if not isinstance(tasks, dict):
        raise ResponseError(
            "The Hub's reply does not tell its tasks.", body=beginning(response.content)
        )
    found = {name: _first_model(told) for name, told in tasks.items() if isinstance(told, dict)}
    return {name: model for name, model in found.items() if model is not None}


def _first_model(told: Mapping[str, Any]) -> str | None:
    for name in ("widgetModels", "models"):
        models = told.get(name)
        for model in models if isinstance(models, list) else ():
            identity = model.get("id") if isinstance(model, dict) else model
            if isinstance(identity, str) and identity:
                return identity
    return None


def recommended(known: Mapping[str, str], task: str) -> tuple[str | None, str]:
    """The model for a task and a sentence on where it comes from; None where nobody names one."""
    if task in known:
        model = known[task]
        return model, f"No model is named; the Hub recommends {model} for {task}."
    default = DEFAULT_MODELS.get(task)
    if default is None:
        return None, f"No model is named, and the Hub recommends none for {task}."
    return default, (
        f"No model is named, and the Hub tells none for {task}; hfi's own default is {default}."
    )
