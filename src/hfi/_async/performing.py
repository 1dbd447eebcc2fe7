"""Tasks but chat and text generation: read media, look up, plan, send."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.base import notebook_work, retry_policy
from hfi._async.drive import drive
from hfi._async.media import take_media
from hfi._async.metadata import fetch
from hfi._concurrency import async_to_thread
from hfi._core.hub.hub import hub_timeout
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import task_of
from hfi._core.tasks.explanation import explain_task, sorted_arguments
from hfi._core.tasks.making import perform as flow_of
from hfi._core.tasks.making import with_meta
from hfi._core.tasks.plan import plan_task
from hfi._core.tasks.recommended import ask, cache_key, needs_model, recommended
from hfi._core.tasks.routing import needs_mapping, own_ids, wanted_model
from hfi.errors import HFIError, ModelNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfi._async.tasks import AsyncTaskMethods
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.tasks.plan import TaskPlan
    from hfi._core.tasks.task import Task
    from hfi.types.explanation import Explanation
    from hfi.types.models import ModelInfo

__all__ = ["carry_out", "explain_call", "perform", "prepare"]


# The methods that were called before.
_met: set[str] = set()


async def perform(
    client: AsyncTaskMethods,
    method: str,
    inputs: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Any:
    """Does a task once."""
    plan = await prepare(client, method, inputs, options)
    client._warn(plan.warnings)
    return await carry_out(client, plan)


async def explain_call(
    client: AsyncTaskMethods, method: str, first: Any, stream: bool, options: Mapping[str, Any]
) -> Explanation:
    """Says what a call of a task's method would send first.

    Args:
        client: The client.
        method: The name of the method.
        first: Its first argument.
        stream: As for a method that has streams.
        options: All other arguments.

    Raises:
        ConfigurationError: There is no such task, or it has no stream.
        HFIError: As the call itself would.
    """
    await _task(method)
    inputs, rest = sorted_arguments(method, first, stream, options)
    return explain_task(await prepare(client, method, inputs, rest))


async def prepare(
    client: AsyncTaskMethods,
    method: str,
    inputs: Mapping[str, Any],
    options: Mapping[str, Any],
) -> TaskPlan:
    """The plan of a call: its media read, its model known."""
    task = await _task(method)
    call = TaskCall.of(task, await _read(task, inputs), options)
    config = client._call_config(call.changes)
    config, notes = await _with_model(client, task, config)
    plan = plan_task(call, config, await _model_info(client, task, config))
    return attrs.evolve(plan, notes=notes + plan.notes)


async def _task(method: str) -> Task:
    """The task behind a method; the first time its family is imported, which takes a while."""
    if method not in _met:
        await async_to_thread(task_of, method)
        _met.add(method)
    return task_of(method)


async def carry_out(client: AsyncTaskMethods, plan: TaskPlan) -> Any:
    """The result of a planned call, with its facts in ``meta``."""
    first = None
    if plan.call.task.media and plan.is_ready:
        # A large file takes a while to become base64.
        first = await async_to_thread(plan.first)
    with notebook_work(plan.config.on_wait, plan.call.task.gives):
        value, meta = await drive(
            client._transport,
            flow_of(plan, first),
            timeout=plan.config.timeout,
            retry=retry_policy(plan.config),
        )
    return with_meta(value, attrs.evolve(meta, notes=plan.notes))


async def _read(task: Task, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, their media read."""
    read = dict(inputs)
    for name, kind in task.media.items():
        if read.get(name) is not None:
            read[name] = await take_media(read[name], kind, name)
    return read


async def _with_model(
    client: AsyncTaskMethods, task: Task, config: ClientConfig
) -> tuple[ClientConfig, tuple[str, ...]]:
    """The configuration with the model that the Hub recommends, where none is named; and a note."""
    if not needs_model(config):
        return config, ()

    async def work() -> Any:
        return await fetch(client, config, ask(config))

    known: Any = {}
    with suppress(HFIError):
        known = await client._lookups.get(
            cache_key(config), work, refresh=False, seconds=hub_timeout(config.timeout).total
        )
    model, note = recommended(known, task.name)
    return (config if model is None else config.evolve(model=model)), (note,)


async def _model_info(
    client: AsyncTaskMethods, task: Task, config: ClientConfig
) -> ModelInfo | None:
    """The Hub's word on the model, where it is needed."""
    if not needs_mapping(task, config):
        return None
    try:
        return await client._model_info(config, wanted_model(task, config))
    except ModelNotFoundError:
        if not own_ids(config):
            raise
        return None  # the provider's own name for it
