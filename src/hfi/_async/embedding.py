"""Embeddings: find out who is asked, plan, send in parts, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hfi._async.performing import carry_out, prepare
from hfi._async.serving import server_at
from hfi._concurrency import AsyncThreadLock, async_map, async_to_thread
from hfi._core.embeddings.parts import AT_ONCE, PartLimits, Parts, joined, split
from hfi._core.embeddings.servers import (
    at_local,
    explicit_limits,
    has_own_route,
    is_served_here,
    limits_of,
    plan_at_server,
)
from hfi._core.embeddings.similarity import COMPUTED, TOO_LONG, compared, joined_similarities
from hfi._core.embeddings.vectors import completed
from hfi._core.routing import chat_route
from hfi._core.servers.asking import Target, unable, unserved
from hfi._core.tasks.arguments import TaskCall
from hfi._core.tasks.catalogue import task_of
from hfi._core.tasks.embeddings import call_for_rows, text_list
from hfi._core.tasks.explanation import explain_task, sorted_arguments
from hfi._progress import telling
from hfi.errors import ConfigurationError, ContextLengthError, HFIError, ModelNotSupportedError
from hfi.types.embeddings import Embeddings
from hfi.types.results import Results
from hfi.types.settings import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfi._async.tasks import AsyncTaskMethods
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.generation.servers import Server
    from hfi._core.routing import Route
    from hfi._core.tasks.plan import TaskPlan
    from hfi.types.embeddings import Embedding
    from hfi.types.explanation import Explanation

__all__ = ["compare", "explain_compare", "explain_extract", "extract"]

FEATURES, SIMILARITY = "feature_extraction", "sentence_similarity"


@attrs.frozen(kw_only=True)
class Planned:
    """A call, whom it goes to, and what one request of it may hold."""

    plan: TaskPlan
    server: Server | None
    limits: PartLimits

    @property
    def model(self) -> str | None:
        """The model that the server told of itself."""
        return self.server.model if self.server is not None else None


async def extract(
    client: AsyncTaskMethods, text: Any, progress: Any, options: Mapping[str, Any]
) -> Embedding | Embeddings:
    """``feature_extraction``."""
    text = text if isinstance(text, str) else text_list("text", text)
    with telling(progress, 1 if isinstance(text, str) else len(text)) as told:
        planned = await planned_for(client, FEATURES, {"text": text}, options)
        client._warn(planned.plan.warnings)
        if not isinstance(text, str):
            return await extract_all(client, planned, text, told)
        try:
            one: Embedding = await carry_out(client, planned.plan)
        except HFIError as error:
            other = meant(planned, error)
            if other is error:
                raise
            raise other from error
        return completed(one, planned.model)


async def extract_all(
    client: AsyncTaskMethods, planned: Planned, texts: Sequence[str], told: Any = None
) -> Embeddings:
    """The embeddings of a list."""
    parts: Parts[Embeddings] = Parts(len(texts), joined, told)
    await send_all(client, planned, parts, split(texts, planned.limits))
    return parts.result()


async def compare(
    client: AsyncTaskMethods, sentence: Any, others: Any, options: Mapping[str, Any]
) -> Results[float]:
    """``sentence_similarity``."""
    others = text_list("other_sentences", others)
    inputs = {"sentence": sentence, "other_sentences": others}
    planned = await planned_comparison(client, inputs, options)
    client._warn(planned.plan.warnings)
    if not others:
        return Results()
    if planned.plan.call.task.method == FEATURES:
        table = await extract_all(client, planned, [sentence, *others])
        # A tenth of a millisecond each, which adds up.
        alike = await async_to_thread(compared, table)
        return attrs.evolve(alike, inputs=sentence)
    # The sentence itself counts as well.
    limits = attrs.evolve(planned.limits, texts=max(planned.limits.texts - 1, 1))
    parts: Parts[Results[float]] = Parts(len(others), joined_similarities)
    await send_all(client, planned, parts, split(others, limits))
    found = parts.result()
    return attrs.evolve(found, inputs=sentence, model=found.model or planned.model)


async def send_all(
    client: AsyncTaskMethods, planned: Planned, parts: Parts[Any], ranges: Sequence[range]
) -> None:
    """Sends each range of rows; what comes, or fails, is in ``parts`` afterwards."""
    lock = AsyncThreadLock()

    async def send(rows: range) -> None:
        with lock:
            pieces = parts.begin(rows)
        for piece in pieces:
            await send_piece(piece)

    async def send_piece(rows: range) -> None:
        plan = attrs.evolve(planned.plan, call=call_for_rows(planned.plan.call, rows))
        try:
            found = await carry_out(client, plan)
        except HFIError as error:
            with lock:
                again = parts.refused(rows, meant(planned, error))
            for piece in again:
                await send(piece)
            return
        with lock:
            parts.add(rows, completed(found, planned.model))

    most = (client._line.get("limits") or DEFAULT_LIMITS).max_connections
    if len(ranges) > 1:
        await async_map(send, ranges, limit=min(AT_ONCE, most, len(ranges)))
    elif ranges:
        await send(ranges[0])


def meant(planned: Planned, error: HFIError) -> HFIError:
    """What a refusal means, for texts that are no chat and servers that were named."""
    if isinstance(error, ContextLengthError):
        error.hint = TOO_LONG
    if planned.server is None:
        return error
    config, method = planned.plan.config, planned.plan.call.task.method
    return unserved(planned.server, method, error, model=config.model)


async def planned_for(
    client: AsyncTaskMethods, method: str, inputs: Mapping[str, Any], options: Mapping[str, Any]
) -> Planned:
    """Plans a call; a server that was named is asked what it is."""
    call = TaskCall.of(task_of(method), inputs, options)
    config = client._call_config(call.changes)
    if not is_served_here(config):
        plan = await prepare(client, method, inputs, options)
        return Planned(plan=plan, server=None, limits=limits_of(plan.stops, None, plan.config))
    config, server, chat = await server_for(client, config, method)
    return Planned(
        plan=plan_at_server(call, config, server, chat),
        server=server,
        limits=limits_of((), server, config),
    )


async def server_for(
    client: AsyncTaskMethods, config: ClientConfig, method: str
) -> tuple[ClientConfig, Server | None, Route | None]:
    """The configuration that names the server; what it is, unless its address tells enough.

    And where a chat would go, if it is the embedded one.
    """
    local = await client._local_endpoint(config)
    chat = chat_route(config, server=local) if local is not None else None
    config = at_local(config, local)
    if explicit_limits(config) is not None:
        return config, None, chat
    server = await server_at(client, Target.of(config, chat_route(config), method))
    return config, server, chat


async def planned_comparison(
    client: AsyncTaskMethods, inputs: Mapping[str, Any], options: Mapping[str, Any]
) -> Planned:
    """Plans a comparison; one over embeddings where there is nobody to compare sentences."""
    call = TaskCall.of(task_of(SIMILARITY), inputs, options)
    config = client._call_config(call.changes)
    if is_served_here(config):
        _, server, _ = await server_for(client, config, SIMILARITY)
        error = unable(server, SIMILARITY) if server is not None else None
        if error is not None:
            raise error
        if server is None or has_own_route(call.task.name, server):
            return await planned_for(client, SIMILARITY, inputs, options)
        return await planned_embeddings(client, inputs, options)
    try:
        return await planned_for(client, SIMILARITY, inputs, options)
    except (ModelNotSupportedError, ConfigurationError) as refusal:
        try:
            return await planned_embeddings(client, inputs, options)
        except HFIError:
            raise refusal from None


async def planned_embeddings(
    client: AsyncTaskMethods, inputs: Mapping[str, Any], options: Mapping[str, Any]
) -> Planned:
    texts = [inputs["sentence"], *inputs["other_sentences"]]
    planned = await planned_for(client, FEATURES, {"text": texts}, options)
    plan = attrs.evolve(planned.plan, notes=(*planned.plan.notes, COMPUTED))
    return attrs.evolve(planned, plan=plan)


async def explain_extract(
    client: AsyncTaskMethods, first: Any, stream: bool, options: Mapping[str, Any]
) -> Explanation:
    """What ``feature_extraction`` would send first."""
    rest = {name: value for name, value in options.items() if name != "progress"}
    inputs, rest = sorted_arguments(FEATURES, first, stream, rest)
    text = inputs.get("text")
    if not isinstance(text, str):
        inputs["text"] = text_list("text", text)
    return explained(await planned_for(client, FEATURES, inputs, rest), inputs["text"])


async def explain_compare(
    client: AsyncTaskMethods, first: Any, stream: bool, options: Mapping[str, Any]
) -> Explanation:
    """What ``sentence_similarity`` would send first."""
    inputs, rest = sorted_arguments(SIMILARITY, first, stream, options)
    others = inputs["other_sentences"] = text_list(
        "other_sentences", inputs.get("other_sentences", ())
    )
    planned = await planned_comparison(client, inputs, rest)
    over = planned.plan.call.task.method == FEATURES
    return explained(planned, [first, *others] if over else others)


def explained(planned: Planned, texts: Any) -> Explanation:
    plan = planned.plan
    ranges = [] if isinstance(texts, str) else split(texts, planned.limits)
    if len(ranges) > 1:
        note = f"This is the first of {len(ranges)} requests, {AT_ONCE} at a time."
        call = call_for_rows(plan.call, ranges[0])
        plan = attrs.evolve(plan, call=call, notes=(*plan.notes, note))
    told = explain_task(plan)
    return attrs.evolve(told, model=told.model or planned.model)
