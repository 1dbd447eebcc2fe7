"""What a server is: found out by asking it, and what follows from that, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hfi._core.configuration.urls import join_path, parse_url
from hfi._core.incoming.decode import untyped
from hfi._core.request import Request
from hfi.errors import APIStatusError, APITimeoutError, ResponseError
from hfi.types.settings import Timeout

if TYPE_CHECKING:
    from hfi._core.flows import Flow
    from hfi._core.request import Credential, Response

__all__ = ["ASKING", "KEPT", "KINDS", "Server", "ServerKind", "identify", "server_root"]

ASKING = Timeout(connect=2, first_token=2, between_tokens=2, total=10)
"""Limits of the questions, in seconds: a server that is there answers them at once."""

KEPT = 60.0
"""Seconds that an answer is kept: behind an address on one's own machine the model may change."""


@attrs.frozen(kw_only=True)
class ServerKind:
    """What one kind of server can do.

    Attributes:
        name: Its name.
        text: The dialect of its text route, or None where it has none.
        route: That route, below the server's root.
        chat: The dialect of its chat route.
        adds_bos: Whether it puts the BOS token before a prompt, for models that have one; None: it
            can be asked. Of servers that nobody knows it is not assumed.
        no_bos: What tells it not to, in the request.
        tokenize: Its route that counts tokens, or None.
        tokenize_field: What that calls the text.
        raw: Whether its text route leaves the prompt as it is.
    """

    name: str
    text: str | None = "openai"
    route: str = "/v1/completions"
    chat: str = "openai"
    adds_bos: bool | None = False
    no_bos: Mapping[str, Any] = attrs.field(factory=dict)
    tokenize: str | None = None
    tokenize_field: str = "prompt"
    raw: bool = True


_ROWS = (
    # "inputs" are tokenised with special tokens: router/src/validation.rs.
    ServerKind(
        name="tgi",
        text="tgi",
        route="",
        chat="tgi",
        adds_bos=True,
        tokenize="/tokenize",
        tokenize_field="inputs",
    ),
    # The BOS token is added where the model's metadata says so.
    ServerKind(
        name="llama.cpp",
        text="llama.cpp",
        route="/completion",
        chat="llama.cpp",
        adds_bos=None,
        tokenize="/tokenize",
        tokenize_field="content",
    ),
    ServerKind(
        name="vllm", chat="vllm", no_bos={"add_special_tokens": False}, tokenize="/tokenize"
    ),
    # /v1/completions puts the prompt into the model's own template.
    ServerKind(name="ollama", raw=False),
    ServerKind(name="lm-studio"),
    ServerKind(name="tei", text=None, tokenize="/tokenize", tokenize_field="inputs"),
    ServerKind(name="openai"),
    # An endpoint that answers nothing but inference, with a handler of its own.
    ServerKind(name="unknown", text="tgi", route="", adds_bos=True),
)
KINDS: Mapping[str, ServerKind] = {row.name: row for row in _ROWS}


@attrs.frozen(kw_only=True)
class Server:
    """A server that was asked what it is.

    Attributes:
        kind: What it is.
        root: Its address, without the path of an API.
        model: The model it serves, as it calls it.
        context_length: The most tokens of prompt and answer together.
        chat_template: The template it would apply.
        special_tokens: The special tokens it names.
        told: The JSON by which it was known.
    """

    kind: ServerKind
    root: str
    model: str | None = None
    context_length: int | None = None
    chat_template: str | None = attrs.field(default=None, repr=False)
    special_tokens: Mapping[str, str] = attrs.field(factory=dict)
    told: Mapping[str, Any] = attrs.field(factory=dict, eq=False, repr=False)


# What an address may end in besides the root: the bases and routes of the APIs above.
_ROUTES = (
    "/chat/completions",
    "/completions",
    "/completion",
    "/generate_stream",
    "/generate",
    "/embeddings",
    "/embed",
    "/v1",
)


def server_root(base: str) -> str:
    """Gives the root of the server that ``base`` leads to."""
    url = parse_url(base, name="base_url")
    path = url.path.rstrip("/")
    for route in _ROUTES:
        path = path.removesuffix(route)
    return attrs.evolve(url, path=path).text


def identify(
    root: str, *, headers: Mapping[str, str], credential: Credential | None
) -> Flow[Server]:
    """Asks a server what it is, by GETs that cost it nothing; stops at the first that tells.

    Args:
        root: The server's address.
        headers: Headers of each request.
        credential: What to authorise with.

    Raises:
        APIConnectionError: It cannot be reached.
    """
    questions = dict(_QUESTIONS)
    while questions:
        path = next(iter(questions))
        read = questions.pop(path)
        request = Request(
            method="GET", url=join_path(root, path), headers=headers, credential=credential
        )
        try:
            response: Response = yield request
        except APIStatusError as error:
            if "llama.cpp" in error.headers.get("server", "") and "/props" in questions:
                questions = {"/props": _llamacpp, "/v1/models": _models}
            continue
        except APITimeoutError as error:
            if error.phase == "connect":
                raise
            continue
        body = _decoded(response)
        found = read(body, root)
        if found is not None:
            return attrs.evolve(found, told=body)
    return Server(kind=KINDS["unknown"], root=root)


def _decoded(response: Response) -> Any:
    try:
        return untyped(response.content)
    except ResponseError:
        return response.content.decode("utf-8", "replace")


def _info(body: Any, root: str) -> Server | None:
    if not isinstance(body, dict):
        return None
    if "model_type" in body and "max_batch_tokens" in body:
        return Server(kind=KINDS["tei"], root=root, model=_text(body, "model_id"))
    most = _count(body, "max_input_tokens", "max_input_length")
    total = _count(body, "max_total_tokens")
    if body.get("router") != "text-generation-router" and (most is None or total is None):
        return None
    return Server(kind=KINDS["tgi"], root=root, model=_text(body, "model_id"), context_length=total)


def _llamacpp(body: Any, root: str) -> Server | None:
    if not isinstance(body, dict) or not isinstance(body.get("default_generation_settings"), dict):
        return None
    tokens = {name: _text(body, name) for name in ("bos_token", "eos_token")}
    return Server(
        kind=KINDS["llama.cpp"],
        root=root,
        model=_text(body, "model_alias") or _text(body, "model_path"),
        context_length=_count(body["default_generation_settings"], "n_ctx"),
        chat_template=_text(body, "chat_template"),
        special_tokens={name: text for name, text in tokens.items() if text},
    )


def _ollama(body: Any, root: str) -> Server | None:
    known = isinstance(body, dict) and isinstance(body.get("version"), str)
    return Server(kind=KINDS["ollama"], root=root) if known else None


def _lm_studio(body: Any, root: str) -> Server | None:
    known = isinstance(body, dict) and any(isinstance(body.get(k), list) for k in _LISTS)
    return Server(kind=KINDS["lm-studio"], root=root) if known else None


_LISTS = ("data", "models")


def _models(body: Any, root: str) -> Server | None:
    models = body.get("data") if isinstance(body, dict) else None
    if not isinstance(models, list):
        return None
    model = models[0] if models and isinstance(models[0], dict) else {}
    return Server(
        kind=KINDS.get(_OWNERS.get(str(model.get("owned_by")), "openai"), KINDS["openai"]),
        root=root,
        model=_text(model, "id"),
        context_length=_count(model, "max_model_len"),
    )


_OWNERS = {"vllm": "vllm", "llamacpp": "llama.cpp"}

_Reader = Callable[[Any, str], "Server | None"]
# vLLM tells itself by the owner of its models, where all others are asked last.
_QUESTIONS: Mapping[str, _Reader] = {
    "/info": _info,
    "/props": _llamacpp,
    "/api/version": _ollama,
    "/api/v1/models": _lm_studio,
    "/v1/models": _models,
}


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) and value else None


def _count(body: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None
