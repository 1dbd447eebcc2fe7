"""Where and how each provider makes images: data."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["ENDPOINT", "IMAGE_ROUTES", "OPENAI_IMAGES", "ImageRoute"]


@attrs.frozen(kw_only=True)
class ImageRoute:
    """A provider's way from a prompt to an image.

    Attributes:
        provider: As the Hub spells it.
        path: Below the provider's base; ``{id}`` is its own id of the model.
        base: Its own API where that differs from the one for chat.
        subdomain: What the router is told of it, in the query ``_subdomain``.
        body: Where the options stand: ``"flat"`` beside the prompt, ``"parameters"`` (Hugging
            Face's ``{"inputs", "parameters"}``), or ``"input"`` (with the prompt, in that field).
        names_model: Whether the body names the model.
        fixed: Fields that are always sent.
        renamed: The provider's names for our options.
        ignored: Options it is known not to take.
        size: ``"sides"`` sends width and height, ``"image_size"`` an object of both, ``"size"``
            the text ``"WxH"``.
        lora: How an adapter is named: ``"loras-url"``, ``"loras-id"``, ``"lora_weights"``, or None
            where the provider's id of the model says it all.
        headers: Headers of the first request.
        accept: What is asked for.
        queue: How the image is waited for; see ``hfi._core.images.queues``. None: it is in the
            reply.
    """

    provider: str | None
    path: str
    base: str | None = None
    subdomain: str | None = None
    body: str = "flat"
    names_model: bool = False
    fixed: Mapping[str, object] = attrs.field(factory=dict)
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    ignored: frozenset[str] = frozenset()
    size: str = "sides"
    lora: str | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    accept: str = "application/json"
    queue: str | None = None


_B64 = {"response_format": "b64_json"}

_ROWS = (
    ImageRoute(
        provider="deepinfra",
        path="/v1/openai/images/generations",
        names_model=True,
        fixed=_B64,
        size="size",
    ),
    # The queue, not the synchronous route at fal.run: a slow or cold model outlives any gateway's
    # patience, a lost connection loses no image, and the wait can be shown. It costs one request
    # and up to half a second.
    ImageRoute(
        provider="fal-ai",
        path="/{id}",
        base="https://queue.fal.run",
        subdomain="queue",
        size="image_size",
        lora="loras-url",
        queue="fal-ai",
    ),
    ImageRoute(provider="hf-inference", path="/models/{id}", body="parameters", accept="image/png"),
    ImageRoute(
        provider="nscale",
        path="/v1/images/generations",
        names_model=True,
        fixed=_B64,
        ignored=frozenset({"num_inference_steps"}),
        size="size",
    ),
    ImageRoute(
        provider="replicate",
        path="/v1/models/{id}/predictions",
        body="input",
        lora="lora_weights",
        # Holds the reply back for up to a minute.
        headers={"prefer": "wait"},
        queue="replicate",
    ),
    ImageRoute(
        provider="together",
        path="/v1/images/generations",
        names_model=True,
        fixed={"response_format": "base64"},
        renamed={"num_inference_steps": "steps"},
    ),
    ImageRoute(provider="wavespeed", path="/api/v3/{id}", lora="loras-id", queue="wavespeed"),
    ImageRoute(
        provider="zai-org",
        path="/api/paas/v4/async/images/generations",
        names_model=True,
        size="size",
        queue="zai-org",
    ),
)

IMAGE_ROUTES: Mapping[str, ImageRoute] = {row.provider or "": row for row in _ROWS}

ENDPOINT = ImageRoute(provider=None, path="", body="parameters", accept="image/png")
"""An Inference Endpoint, or any server of Hugging Face's toolkit, at its root."""

OPENAI_IMAGES = ImageRoute(
    provider=None, path="/images/generations", names_model=True, fixed=_B64, size="size"
)
"""A server of one's own with OpenAI's image route, where the base URL ends like OpenAI's."""
