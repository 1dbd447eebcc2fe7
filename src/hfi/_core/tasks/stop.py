"""Where one request of a task goes; and servers of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hfi._core.configuration.credentials import base_url_credential
from hfi._core.configuration.hosts import is_hugging_face_host, is_router
from hfi._core.configuration.urls import join_path, parse_url
from hfi._core.providers import find_provider
from hfi._core.providers.way import Way
from hfi._core.routing import Route, billing, offline_error

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.tasks.task import Task
    from hfi.types.models import ProviderMapping

__all__ = ["Stop", "Stops", "endpoint_way", "server_stop"]


@attrs.frozen(kw_only=True)
class Stop:
    """One provider or server to ask.

    Attributes:
        route: Where and with what credential.
        way: How it is talked to.
        base: What its paths stand behind.
        query: What its URLs end with.
        provider_id: Its own id of the model; None leaves the model to the server.
        mapping: The Hub's word on it, where there is one.
    """

    route: Route
    way: Way
    base: str
    query: str = ""
    provider_id: str | None = None
    mapping: ProviderMapping | None = None


@attrs.frozen(kw_only=True)
class Stops:
    """The providers to ask, in order, and why others are not asked, one sentence each."""

    stops: tuple[Stop, ...]
    notes: tuple[str, ...] = ()


def endpoint_way(task: Task) -> Way:
    """The way of an Inference Endpoint, or any server of Hugging Face's toolkit, at its root.

    For tasks that hf-inference does not have it is the same form, with media inside.
    """
    own = find_provider("hf-inference")
    way = None if own is None else own.ways.get(task.name)
    if way is not None:
        return attrs.evolve(way, path="")
    accept = "*/*" if task.gives else "application/json"
    return Way(path="", body="parameters", media="base64", accept=accept)


def server_stop(task: Task, config: ClientConfig, base: str, way: Way | None = None) -> Stop:
    """A server of one's own: OpenAI's route below a base like OpenAI's, else the URL itself.

    An Inference Endpoint takes tasks at its root, which is also meant by a base that ends in
    ``/v1`` where OpenAI has no such task.

    Args:
        task: What for.
        config: The configuration of the call.
        base: The server.
        way: How it is asked, where that is known; its path is put behind the base.

    Raises:
        ConfigurationError: It is no URL.
        OfflineError: The environment forbids the host.
    """
    url = parse_url(base, name="base_url")
    if config.found.offline and not config.explicit_url and is_hugging_face_host(url.host):
        raise offline_error(config.found.offline, url.host)
    path = url.path.rstrip("/")
    target, openai = url.text, task.openai
    if way is not None:
        target = join_path(base, way.path)
    elif openai is not None and path.endswith(openai.path):
        way = openai
    elif path.endswith("/v1"):
        way = openai or endpoint_way(task)
        target = join_path(base, way.path) if openai else _above(base)
    way = way or endpoint_way(task)
    credential, warnings = base_url_credential(config, base)
    headers, bill_warnings = billing(config, is_router(base))
    route = Route(
        url=target,
        credential=credential,
        model=config.model,
        headers={**way.headers, **headers},
        reason=f"{config.base_url_from} names the server.",
        warnings=warnings + bill_warnings,
    )
    return Stop(route=route, way=way, base=base, provider_id=config.model)


def _above(base: str) -> str:
    """The URL above a ``/v1`` at its end."""
    url = parse_url(base, name="base_url")
    return attrs.evolve(url, path=url.path.rstrip("/").removesuffix("/v1")).text
