"""What providers are made of, as data: ``Provider``, ``Way``, ``Queue``.

To add a way, add a row to the ``ways`` of the provider's file, under the Hub's name of the task::

    PROVIDER = Provider(
        name="acme",
        base="https://api.acme.example",
        ways={
            "text-to-image": Way(path="/v1/{id}/draw", size="size"),
            "image-to-image": Way(path="/v1/{id}/edit", takes={"image": {"source": {"url": HERE}}}),
        },
    )

The file is called as the provider, with ``_`` for ``-``; there is no list to enter it in. What is
sent is read off the way: ``takes`` says where an input stands, ``renamed``, ``ignored``, ``spread``
and ``size`` what becomes of options, ``fixed`` what is sent besides. What comes back is read by the
task; ``reply`` turns the provider's JSON into the Hub's where they differ, ``fetch`` names the URLs
in it that are downloaded first. A reply that is a ticket has a ``queue``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

__all__ = [
    "HERE",
    "LORA_FILE",
    "LORA_ID",
    "LORA_PAGE",
    "Body",
    "Mark",
    "MediaStyle",
    "Provider",
    "Queue",
    "Way",
    "fill",
]

Template = Mapping[str, object]
Body = Literal["parameters", "flat", "input", "multipart"]
MediaStyle = Literal["data-url", "base64", "raw"]


@attrs.frozen
class Mark:
    """A place in a template, which a value takes."""

    name: str


HERE = Mark("the input")
LORA_FILE = Mark("the URL of the adapter's file on the Hub")
LORA_PAGE = Mark("the URL of the adapter's page on the Hub")
LORA_ID = Mark("the adapter's id on the Hub")


def fill(template: object, values: Mapping[Mark, object]) -> Any:
    """A template with values in the place of its marks."""
    if isinstance(template, Mark):
        return values[template]
    if isinstance(template, Mapping):
        return {name: fill(inner, values) for name, inner in template.items()}
    if isinstance(template, (list, tuple)):
        return [fill(inner, values) for inner in template]
    return template


@attrs.frozen(kw_only=True)
class Queue:
    """How a provider's jobs are asked after. Fields are paths of names into the JSON.

    Attributes:
        status: Where the word for the job's state stands.
        done: The words for "it is there", in lower case.
        failed: The words for "there will be none"; any other word is "not yet".
        error: Where the reason for a failure stands.
        address: Where the URL to ask stands. Only its path is used, behind the base that the
            first request went to: through the router it names the provider's own host, which is
            none of the token's business.
        id: Where the job's id stands.
        path: The path to ask where no URL is told; ``{app}`` is the first two names of the
            provider's id of the model, ``{id}`` the job's.
        poll: What is added to the path for asking after the state.
        result: Whether the result is then fetched from the path itself.
        interval: Seconds before the first question; each next wait is a quarter longer.
        longest: Seconds that no wait exceeds.
    """

    status: tuple[str, ...]
    done: frozenset[str]
    failed: frozenset[str]
    error: tuple[str, ...] = ("error",)
    address: tuple[str, ...] = ()
    id: tuple[str, ...] = ("id",)
    path: str
    poll: str = ""
    result: bool = False
    interval: float = 0.5
    longest: float = 2.0


@attrs.frozen(kw_only=True)
class Way:
    """How one provider is asked for one task.

    Attributes:
        path: Below the provider's base; ``{id}`` is its own id of the model.
        base: Its own API where that differs from the one for chat.
        subdomain: What the router is told of it, in the query ``_subdomain``.
        body: Where the options stand: ``"flat"`` beside the inputs, ``"parameters"`` (Hugging
            Face's ``{"inputs", "parameters"}``), ``"input"`` (with the inputs, in that field), or
            ``"multipart"`` (a form; media are files, options are texts).
        takes: Where each input stands: a template of fields, with ``HERE`` for the value. One that
            is not named stands under its own name; with ``"parameters"`` a lone input is
            ``inputs`` itself.
        media: How media are written into JSON: ``"data-url"`` (a URL is passed on), ``"base64"``,
            or ``"raw"`` (the file is the body, unless there are options: then base64).
        media_types: The provider's names for media types.
        names: What names the model in the body: ``"model"``, ``"version"`` (what stands behind the
            id's colon), or None.
        fixed: Fields that are always sent; an option of that name wins.
        renamed: The provider's names for our options.
        ignored: Options it is known not to take.
        spread: Options that are objects, whose fields are sent in their place.
        size: ``"sides"`` sends width and height, ``"image_size"`` an object of both, ``"size"``
            the text ``"WxH"``.
        lora: The fields that name an adapter, with ``LORA_FILE``, ``LORA_PAGE`` or ``LORA_ID``;
            None where the provider's id of the model says it all.
        build: Makes the whole body out of inputs, options and the provider's id of the model,
            where no data can say it; ``extra_body`` is put over it.
        headers: Headers of the first request.
        accept: What is asked for.
        queue: How the result is waited for; None: it is in the reply.
        fetch: Paths into the reply at which a URL may stand that is downloaded, and replaced by a
            data URL, before the reply is read.
        reply: Turns the provider's JSON into what the Hub's schema of the task says.
        above: Whether a call without media goes to the model above, the id without its last name:
            that is where text alone is taken, but only on the provider's own API, since the router
            knows models by their whole id.
        only: A regular expression; only a model whose id at the provider has it goes this way.
        special: Other ways for some models: by a regular expression that the provider's id of the
            model has; the first that fits.
    """

    path: str
    base: str | None = None
    subdomain: str | None = None
    body: Body = "flat"
    takes: Mapping[str, Template] = attrs.field(factory=dict)
    media: MediaStyle = "data-url"
    media_types: Mapping[str, str] = attrs.field(factory=dict)
    names: Literal["model", "version"] | None = None
    fixed: Mapping[str, object] = attrs.field(factory=dict)
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    ignored: frozenset[str] = frozenset()
    spread: frozenset[str] = frozenset()
    size: Literal["sides", "image_size", "size"] = "sides"
    lora: Template | None = None
    build: Callable[[Mapping[str, Any], Mapping[str, Any], str], dict[str, Any]] | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    accept: str = "application/json"
    queue: Queue | None = None
    fetch: tuple[tuple[str | int, ...], ...] = ()
    reply: Callable[[Any], Any] | None = None
    above: bool = False
    only: str | None = None
    special: Mapping[str, Way] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Provider:
    """One provider.

    Attributes:
        name: As the Hub spells it.
        base: Its own API, for calls with its own key; None where only the router reaches it.
        chat: Its chat route below ``base``; None where none is known.
        text: Its route for text generation below ``base``, OpenAI's; None where none is known.
        ways: Its ways for all other tasks, by the Hub's names of these.
        headers: Headers that its own API wants, names in lower case.
        key_scheme: The scheme of the ``Authorization`` header for its own keys.
        routed: Whether Hugging Face's router takes calls for it.
        dialect: Where its chat API departs from OpenAI's, the name of that departure.
    """

    name: str
    base: str | None = None
    chat: str | None = "/v1/chat/completions"
    text: str | None = None
    ways: Mapping[str, Way] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    key_scheme: str = "Bearer"
    routed: bool = True
    dialect: str = "openai"
