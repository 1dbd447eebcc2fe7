"""Whom to ask, and what a server can do: as far as its kind, or it itself, tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.hosts import is_router
from hfi._core.configuration.urls import join_path
from hfi._core.generation.servers import Server, identify, server_root
from hfi._core.observe.masking import masked_options
from hfi._core.outgoing.json_body import encode
from hfi._core.outgoing.option_values import checked
from hfi._core.outgoing.options import check_names, split_options
from hfi._core.request import Request
from hfi.errors import (
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    HFIError,
    ModelNotFoundError,
    ModelNotSupportedError,
    ResponseError,
    ServerError,
)
from hfi.types.options import CallOptions
from hfi.types.servers import ServerHealth, ServerInfo

if TYPE_CHECKING:
    from hfi._core.configuration.config import ClientConfig
    from hfi._core.flows import Flow
    from hfi._core.request import Credential, Response
    from hfi._core.routing import Route

__all__ = [
    "Target",
    "ask_health",
    "ask_info",
    "methods_of",
    "parted",
    "told_count",
    "unable",
    "unserved",
]

_EMBEDS = ("feature_extraction", "sentence_similarity")
_WRITES = ("chat", "text_generation")

# What servers of each kind can; of some it depends on the model and on how they were started.
_METHODS: Mapping[str, tuple[str, ...]] = {
    "tgi": (*_WRITES, "tokenize"),
    "tei": (*_EMBEDS, "rerank", "tokenize"),
    "vllm": (*_WRITES, *_EMBEDS, "rerank", "tokenize"),
    "llama.cpp": (*_WRITES, *_EMBEDS, "rerank", "tokenize"),
    "ollama": (*_WRITES, *_EMBEDS),
    "lm-studio": (*_WRITES, *_EMBEDS),
    "openai": (*_WRITES, *_EMBEDS, "rerank"),
    "unknown": ("text_generation", *_EMBEDS, "rerank"),
}
# TEI serves one model, and tells what that is for.
_TEI_MODELS: Mapping[str, tuple[str, ...]] = {
    "embedding": _EMBEDS,
    "reranker": ("rerank",),
    "classifier": ("text_classification",),
}


@attrs.frozen(kw_only=True)
class Target:
    """A server, and what goes with each request to it."""

    root: str
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    credential: Credential | None = None

    @classmethod
    def of(cls, config: ClientConfig, chat: Route, method: str) -> Target:
        """The server that a chat would go to.

        Raises:
            ConfigurationError: It is no server of the user's own.
        """
        base = chat.url if chat.local else config.base_url
        if base is None or is_router(base):
            raise ConfigurationError(
                f"{method} asks a server of your own, and none is named.",
                hint='Name it: Client(base_url="http://localhost:8080"), or provider="local".',
            )
        headers = {**chat.headers, **config.headers}
        return cls(root=server_root(base), headers=headers, credential=chat.credential)

    def get(self, path: str) -> Request:
        """A GET of a path below the root."""
        url = join_path(self.root, path)
        return Request(method="GET", url=url, headers=self.headers, credential=self.credential)

    def post(self, path: str, body: Mapping[str, Any], task: str) -> Request:
        """A POST of JSON to a path below the root."""
        return Request(
            url=join_path(self.root, path),
            headers={"content-type": "application/json", **self.headers},
            content=encode(body),
            credential=self.credential,
            task=task,
        )


def parted(
    options: Mapping[str, Any], allowed: type, *, arguments: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sorts a call's keywords into its own and what it changes in the client's configuration.

    Raises:
        ConfigurationError: A name is unknown, or a value can be right for no server.
    """
    masked_options(options)
    check_names(options, allowed, arguments=arguments)
    shared = {name: options[name] for name in options if name in CallOptions.__annotations__}
    own = {k: v for k, v in options.items() if k not in shared and v is not None}
    _, changes = split_options(shared, CallOptions)
    if "model" in own:
        changes["model"] = checked("model", own.pop("model"))
    return own, changes


def methods_of(server: Server) -> tuple[str, ...]:
    """The client's methods that a server can answer, as far as it tells."""
    told = server.told.get("model_type")
    if server.kind.name == "tei" and isinstance(told, dict):
        names = [name.lower() for name in told]  # older ones write "Embedding"
        found = tuple(m for name in names for m in _TEI_MODELS.get(name, ()))
        if found:
            return (*found, "tokenize")
    return _METHODS.get(server.kind.name, ())


def unable(server: Server, method: str) -> ModelNotSupportedError | None:
    """The error for a method that the server has not, or None where it may have it."""
    able = methods_of(server)
    if method in able:
        return None
    model = f" and serves {server.model}" if server.model else ""
    return ModelNotSupportedError(
        f"The server at {server.root} is {server.kind.name}{model}: it has no {method}.",
        hint=f"It has {', '.join(able)}.",
    )


def unserved(server: Server, method: str, error: HFIError, *, model: str | None = None) -> HFIError:
    """What a refusal means: a server that has no such route, or was started without it.

    A 404 that names the ``model`` that was asked for is about that.
    """
    absent = isinstance(error, ModelNotFoundError) and error.status_code == 404
    if absent and model and model in str(getattr(error, "body", "")):
        return error
    off = isinstance(error, ServerError) and error.kind == "not_supported_error"
    if not (absent or off):
        return error
    embeds = method in _EMBEDS
    gone = _EMBEDS if embeds else (method,)
    able = [name for name in methods_of(server) if name not in gone]
    hint = f"Servers of its kind have {', '.join(able)}." if able else error.hint
    if embeds and server.kind.name == "llama.cpp":
        hint = "hfi.local.LocalServer(embeddings=True) starts one that has embeddings."
    found = ModelNotSupportedError(
        f"The server at {server.root} ({server.kind.name}) answers no {method} as it was started:"
        f" {error.message}",
        hint=hint,
    )
    found.__cause__ = error
    return found


def told_count(server: Server, *names: str) -> int | None:
    """A number that the server told under one of these names."""
    for name in names:
        value = server.told.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def ask_info(target: Target) -> Flow[ServerInfo]:
    """Asks a server what it is.

    Raises:
        APIConnectionError: It cannot be reached.
    """
    server: Server = yield from identify(
        target.root, headers=target.headers, credential=target.credential
    )
    told = server.told
    version = told.get("version") or told.get("build_info")
    if version is None and server.kind.name == "vllm":
        version = (yield from _json(target, "/version")).get("version")
    return ServerInfo(
        kind=server.kind.name,
        url=server.root,
        model=server.model,
        version=version if isinstance(version, str) else None,
        context_length=server.context_length or told_count(server, "max_input_length"),
        max_batch=told_count(server, "max_client_batch_size"),
        max_concurrent=told_count(server, "max_concurrent_requests", "total_slots"),
        methods=methods_of(server),
        raw=told,
    )


def _json(target: Target, path: str) -> Flow[Mapping[str, Any]]:
    from hfi._core.incoming.decode import untyped  # noqa: PLC0415 - vLLM alone is asked more

    try:
        response: Response = yield target.get(path)
        body = untyped(response.content)
    except (APIStatusError, APITimeoutError, ResponseError):
        return {}
    return body if isinstance(body, dict) else {}


def ask_health(target: Target) -> Flow[ServerHealth]:
    """Asks a server whether it is ready.

    Ollama, LM Studio and others have no route for that: they are ready when they list models.

    Raises:
        APIConnectionError: It cannot be reached.
        APIStatusError: It refuses to say, for a want of authority or otherwise.
    """
    for path in ("/health", "/v1/models"):
        request = target.get(path)
        try:
            response: Response = yield request
        except APIStatusError as error:
            if error.status_code == 503:
                return ServerHealth(ok=False, status=error.message, url=request.url)
            if error.status_code not in (404, 405, 501) or path == "/v1/models":
                raise
            continue
        return ServerHealth(ok=True, status=_status(response), url=request.url)
    raise AssertionError("the last path returns or raises")


def _status(response: Response) -> str | None:
    from hfi._core.incoming.decode import untyped  # noqa: PLC0415 - mostly there is no body

    if not response.content.strip():
        return None
    try:
        body = untyped(response.content)
    except ResponseError:
        return None
    status = body.get("status") if isinstance(body, dict) else None
    return status if isinstance(status, str) else None
